//! Where a provider starts: all its bids, from the draft to the outcome; and one bid's outcome.
//!
//! Invariant: nothing here is of another bidder, and nothing of an outcome before the round is closed.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::auth::Member;
use crate::bids;
use crate::bids::model::{BidStatus, BidSummary};
use crate::bids::ops::BidFilter;
use crate::bids::pages::own::time_left;
use crate::clock::Timestamp;
use crate::id::{BidId, RoundId};
use crate::mail::messages::Verdict;
use crate::outcomes::decide::Outcome;
use crate::outcomes::model::{BidderOutcome, CriterionOutcome};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::{Id, Page, Paging, Params};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::ops::RoundFilter;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list).service(show_outcome);
}

#[derive(Template)]
#[template(path = "outcomes/templates/your_bids.html")]
struct YourBidsPage {
    shell: Shell,
    in_progress: Vec<Task>,
    submitted: Vec<Task>,
    decided: Vec<Task>,
    over: Vec<Task>,
    /// Whether a round is open.
    can_bid: bool,
    next: String,
    first: String,
}

impl YourBidsPage {
    fn is_empty(&self) -> bool {
        [&self.in_progress, &self.submitted, &self.decided, &self.over].iter().all(|tasks| tasks.is_empty())
    }
}

struct Task {
    label: String,
    address: String,
    hint: String,
    status: String,
    kind: &'static str,
}

/// The part of the page that a bid stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    InProgress,
    Submitted,
    Decided,
    Over,
}

#[derive(Debug, serde::Deserialize)]
struct ListQuery {
    cursor: Option<String>,
}

#[get("/your-bids")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Member>,
    query: Params<ListQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(100), cursor)?;
    let found = bids::ops::list(&on, &visit.who, BidFilter::default(), None, None, paging).await?;
    let page = Page::new(found, &paging, |bid| bid.id.0);
    let rounds = own_rounds(&on, &visit.who).await?;
    let outcomes = ops::own_outcomes(&on, &visit.who).await?;
    let now = on.db.clock().now();
    let mut shown = YourBidsPage {
        shell: visit.shell(),
        in_progress: Vec::new(),
        submitted: Vec::new(),
        decided: Vec::new(),
        over: Vec::new(),
        can_bid: rounds.values().any(|round| round.accepting(now).is_ok()),
        next: page.next_cursor.map(|cursor| format!("/your-bids?cursor={cursor}")).unwrap_or_default(),
        first: cursor.map(|_| "/your-bids".to_owned()).unwrap_or_default(),
    };
    // The latest first: it has the work.
    for bid in page.items.iter().rev() {
        let Some(round) = rounds.get(&bid.round_id) else { continue };
        let (place, task) = task(bid, round, outcomes.get(&bid.id).copied(), now);
        match place {
            Place::InProgress => shown.in_progress.push(task),
            Place::Submitted => shown.submitted.push(task),
            Place::Decided => shown.decided.push(task),
            Place::Over => shown.over.push(task),
        }
    }
    visit.show(&shown)
}

/// Every round that a member may see, by its id.
async fn own_rounds(on: &Platform, member: &Member) -> Result<BTreeMap<RoundId, Round>> {
    let mut all = BTreeMap::new();
    let mut paging = Paging::new(Some(100), None)?;
    loop {
        let found = rounds::ops::list_rounds(on, member, RoundFilter::default(), paging).await?;
        let before = all.len();
        all.extend(found.into_iter().map(|round| (round.id, round)));
        if all.len() == before {
            return Ok(all);
        }
        paging.after = all.last_key_value().map(|(id, _)| id.0);
    }
}

fn task(bid: &BidSummary, round: &Round, outcome: Option<Outcome>, now: Timestamp) -> (Place, Task) {
    let is_open = round.accepting(now).is_ok();
    let (left, soon) = time_left(round, now);
    let (place, status, kind) = match (outcome, bid.status, round.status) {
        (Some(Outcome::Withdrawn), _, _) => (Place::Over, "Withdrawn".to_owned(), ""),
        (Some(outcome), _, _) => (Place::Decided, named(outcome).to_owned(), kind(outcome)),
        (None, _, RoundStatus::Cancelled) => (Place::Over, "Round cancelled".to_owned(), ""),
        (None, BidStatus::Draft, _) if is_open => (Place::InProgress, format!("Draft · {left}"), soon),
        (None, BidStatus::Withdrawn, _) if is_open => {
            (Place::InProgress, format!("Withdrawn · {left}"), soon)
        }
        (None, BidStatus::Draft, _) => (Place::Over, "Not submitted".to_owned(), ""),
        (None, BidStatus::Withdrawn, _) => (Place::Over, "Withdrawn".to_owned(), ""),
        (None, BidStatus::Submitted, RoundStatus::Assessing) => {
            (Place::Submitted, "Being assessed".to_owned(), "now")
        }
        (None, BidStatus::Submitted, RoundStatus::Draft | RoundStatus::Open | RoundStatus::Closed) => {
            (Place::Submitted, "Submitted".to_owned(), "done")
        }
    };
    let below = if place == Place::Decided { "/outcome" } else { "" };
    let title = bid.title.trim();
    let task = Task {
        label: if title.is_empty() { "Bid without a title" } else { title }.to_owned(),
        address: format!("/your-bids/{}{below}", bid.id),
        hint: format!("{} · {}", bid.reference, round.name),
        status,
        kind,
    };
    (place, task)
}

const fn named(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Awarded => "Awarded",
        Outcome::AwardedWithConditions => "Awarded with conditions",
        Outcome::Reserve => "On the reserve list",
        Outcome::Unsuccessful => "Unsuccessful",
        Outcome::Ineligible => "Not eligible",
        Outcome::Withdrawn => "Withdrawn",
    }
}

/// The look of its tag.
const fn kind(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Awarded | Outcome::AwardedWithConditions => "done",
        Outcome::Reserve => "soon",
        Outcome::Unsuccessful | Outcome::Ineligible | Outcome::Withdrawn => "",
    }
}

#[derive(Template)]
#[template(path = "outcomes/templates/own_outcome.html")]
struct OutcomePage {
    shell: Shell,
    decided: BidderOutcome,
    /// The outcome in a few words: `Awarded £150,000`.
    named: String,
    next_steps: &'static str,
    is_awarded: bool,
}

impl OutcomePage {
    fn has_feedback(&self, one: &CriterionOutcome) -> bool {
        !one.feedback.is_empty() || one.sub_criteria.iter().any(|sub| !sub.feedback.is_empty())
    }
}

#[get("/your-bids/{id}/outcome")]
async fn show_outcome(on: web::Data<Platform>, visit: Visit<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let decided = match ops::outcome_of(&on, &visit.who, id.0).await {
        Ok(decided) => decided,
        // It is one's own, and nothing is decided yet.
        Err(problem) if problem.kind() == Kind::NotFound => {
            let bid = bids::ops::read(&on, &visit.who, id.0).await?;
            return Ok(see_other(&format!("/your-bids/{}", bid.id)));
        }
        Err(problem) => return Err(problem),
    };
    let verdict = verdict(&decided);
    let (named, next_steps) = (verdict.named(), verdict.next_steps());
    let is_awarded = matches!(decided.outcome, Outcome::Awarded | Outcome::AwardedWithConditions);
    let below = format!("/your-bids/{}", decided.bid_id);
    let shell = visit.shell().under("Your bids", "/your-bids").under(decided.reference.clone(), below);
    visit.show(&OutcomePage { shell, named, next_steps, is_awarded, decided })
}

/// The outcome in the words of its letter.
fn verdict(decided: &BidderOutcome) -> Verdict<'_> {
    let amount = decided.amount_pence;
    match decided.outcome {
        Outcome::Awarded => Verdict::Awarded { amount },
        Outcome::AwardedWithConditions => Verdict::AwardedWithConditions {
            amount,
            conditions: decided.conditions.as_deref().unwrap_or_default(),
        },
        Outcome::Reserve => Verdict::Reserve { position: decided.reserve_position.unwrap_or_default() },
        Outcome::Unsuccessful => Verdict::Unsuccessful,
        Outcome::Ineligible => Verdict::Ineligible { reason: &decided.sentence },
        Outcome::Withdrawn => Verdict::Withdrawn,
    }
}
