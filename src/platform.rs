//! What every use case stands on: the database, and what emails and pages say of the service.

use std::sync::Arc;

use crate::db::Db;
use crate::mail::Site;

/// Clones are cheap and share everything.
#[derive(Clone)]
pub struct Platform {
    pub db: Db,
    pub site: Arc<Site>,
}
