//! The panel's pages of a round: where it stands, the scores, what is settled, the rehearsal, closing, and the outcomes.
//!
//! Administrators and auditors see every page but those that close; only administrators are shown forms, and only
//! their forms are taken. What a page shows and does, the use cases in `ops` give and do.
//!
//! What a provider sees of its own bids is in `own`.

mod arrivals;
mod overview;
mod own;

use std::ops::Deref;

use actix_web::web;

use crate::auth::{Actor, Role};
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::Round;
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    overview::pages(config);
    own::pages(config);
}

/// A round, and what stands around each page about it.
struct Framed {
    shell: Shell,
    frame: RoundFrame,
    round: Round,
    /// Whether who looks at it may act.
    may_act: bool,
}

impl Framed {
    /// # Errors
    /// `not-found`.
    async fn load<P>(on: &Platform, visit: &Visit<P>, round: RoundId, tab: Tab) -> Result<Self>
    where
        P: Deref<Target = Actor>,
    {
        let round = rounds::ops::read_round(on, &visit.who, round).await?;
        Ok(Self {
            shell: within_rounds(visit.shell()),
            frame: RoundFrame::of(&round, tab),
            may_act: visit.who.role == Some(Role::Admin),
            round,
        })
    }
}

/// "1 bid", "5 bids".
fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
