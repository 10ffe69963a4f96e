//! What every use case stands on: the database, and what emails and pages say of the service,
//! and the rules of signing in.

use std::sync::Arc;

use crate::config::Accounts;
use crate::db::Db;
use crate::mail::Site;

/// Clones are cheap and share everything.
#[derive(Clone)]
pub struct Platform {
    pub db: Db,
    pub site: Arc<Site>,
    /// How long sign-ins and links last, and who may register.
    pub accounts: Arc<Accounts>,
}
