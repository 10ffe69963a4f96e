//! The panel's pages of a round: where it stands, the scores, what is settled, the rehearsal, closing, and the outcomes.
//!
//! Administrators and auditors see every page but those that close; only administrators are shown forms, and only
//! their forms are taken. What a page shows and does, the use cases in `ops` give and do.
//!
//! What a provider sees of its own bids is in `own`.

mod arrivals;
mod bid;
mod closing;
mod decided;
mod dots;
mod downloads;
mod heat;
mod later;
mod moderate;
mod outcomes;
mod overview;
mod own;
mod rehearsal;
mod reopen;
mod rule;
mod rulings;
mod scores;
mod supposing;
mod tie;
mod verify;

use std::ops::Deref;

use actix_web::web;

use crate::auth::{Actor, Admin, Reader, Role};
use crate::id::RoundId;
use crate::outcomes::decide::Outcome;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rounds;
use crate::rounds::model::Round;
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::web::form::field_of;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    overview::pages(config);
    own::pages(config);
    scores::pages(config);
    bid::pages(config);
    moderate::pages(config);
    rule::pages(config);
    reopen::pages(config);
    tie::pages(config);
    rehearsal::pages(config);
    closing::pages(config);
    outcomes::pages(config);
    later::pages(config);
    verify::pages(config);
    downloads::pages(config);
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

/// The proof with which an administrator reads what auditors read too.
///
/// # Errors
/// None in practice: an administrator is a reader.
fn as_reader(admin: &Admin) -> Result<Reader> {
    Reader::try_from(Actor::clone(admin))
}

/// The kind of the tag that says an outcome.
const fn kind_of(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Awarded | Outcome::AwardedWithConditions) => "done",
        Some(Outcome::Reserve) => "now",
        Some(Outcome::Unsuccessful | Outcome::Ineligible | Outcome::Withdrawn) => "",
        None => "soon",
    }
}

/// Whether a form comes back with the refusal on it, rather than the refusal taking the page's place.
fn comes_back(problem: &Problem) -> bool {
    matches!(problem.kind(), Kind::Invalid | Kind::AlreadyExists | Kind::WrongState)
}

/// The field of a fault in an act on a bid. The bid is no field: what is wrong with it is said of the form as a whole.
fn field_of_a_bids_act(pointer: &str) -> Option<String> {
    (pointer != "/bid_id").then(|| field_of(pointer))
}

/// "1 bid", "5 bids".
fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
