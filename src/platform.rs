//! What every use case stands on: the database, and what emails and pages say of the service,
//! the rules of signing in, and how awards are published.

use std::sync::Arc;

use crate::config::{Accounts, Awards};
use crate::db::Db;
use crate::mail::Site;

/// Clones are cheap and share everything.
#[derive(Clone)]
pub struct Platform {
    pub db: Db,
    pub site: Arc<Site>,
    /// How long sign-ins and links last, and who may register.
    pub accounts: Arc<Accounts>,
    /// How awards are published.
    pub awards: Arc<Awards>,
}
