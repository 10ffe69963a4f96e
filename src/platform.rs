//! What every use case stands on: the database, and what emails and pages say of the service,
//! the rules of signing in, how awards are published, and what follows from a change.
//!
//! Features see only those below them, yet what one below changes may have to be followed by one above: an interest that is
//! declared during assessment takes an assessor off a bid. So the one below announces it, in its own transaction, with
//! [`Platform::changed`]; who follows is said where the program is put together, in `app`.

use std::sync::Arc;

use crate::auth::Actor;
use crate::config::{Accounts, Awards};
use crate::db::{Db, Tx};
use crate::id::{RoundId, UserId};
use crate::mail::Site;
use crate::problem::Result;

/// Clones are cheap and share everything.
#[derive(Clone)]
pub struct Platform {
    pub db: Db,
    pub site: Arc<Site>,
    /// How long sign-ins and links last, and who may register.
    pub accounts: Arc<Accounts>,
    /// How awards are published.
    pub awards: Arc<Awards>,
    pub follow: Follow,
}

/// Of whom or what something changed on which the routing of a round may hang.
#[derive(Debug, Clone, Copy)]
pub enum Changed {
    /// An assessor's areas, themes, employer or interests, or whether they can sign in.
    Assessor(UserId),
    /// A round's assessors, or whether its bids may be funded.
    Round(RoundId),
}

/// Does what follows from a change, in its transaction. The text says what was done.
pub type Follow = fn(&mut Tx<'_>, &Site, &Actor, Changed, &str) -> Result<()>;

impl Platform {
    /// Announces a change, within its transaction and once all of it is written.
    ///
    /// # Errors
    /// What follows cannot be done, and so neither can the change.
    pub fn changed(&self, tx: &mut Tx<'_>, actor: &Actor, changed: Changed, what: &str) -> Result<()> {
        (self.follow)(tx, &self.site, actor, changed, what)
    }
}
