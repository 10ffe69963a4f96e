//! Ties that only the panel can settle: its order of the tied bids, best first.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::{Framed, as_reader, comes_back};
use crate::auth::Admin;
use crate::id::{BidId, RoundId};
use crate::outcomes::decide::Blocker;
use crate::outcomes::model::{BidOutcome, NewRuling, RoundOutcomes, Ruling};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::{Fault, Problem, Result};
use crate::rest::{Id, Page, Paging};
use crate::rounds::model::RoundStatus;
use crate::rounds::pages::frame::{RoundFrame, Tab};
use crate::web::form::{Choice, Form};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(settle);
}

#[derive(Template)]
#[template(path = "outcomes/templates/tie.html")]
struct TiePage {
    shell: Shell,
    frame: RoundFrame,
    ties: Vec<Tie>,
    draws: bool,
    standing: Option<StandingOrder>,
    action: String,
    back: String,
    form: Form,
}

/// Equal bids, and the places to be given to them.
struct Tie {
    heading: &'static str,
    bids: Vec<TiedBid>,
    places: Vec<Choice>,
}

struct TiedBid {
    id: BidId,
    /// The name of its field.
    field: String,
    reference: String,
    label: String,
    hint: String,
}

struct StandingOrder {
    bids: Vec<String>,
    reason: String,
    told: String,
    revoke: String,
}

fn ties(outcomes: &RoundOutcomes) -> Vec<Tie> {
    let known: BTreeMap<BidId, &BidOutcome> = outcomes.outcomes.iter().map(|one| (one.bid_id, one)).collect();
    let tie = |point: &crate::outcomes::model::OpenPoint| {
        let heading = match point.blocker {
            Blocker::TieOnFundingLine { .. } => "Tied on the funding line",
            Blocker::TieOnReserveList { .. } => "Tied on the reserve list",
            Blocker::Incomplete { .. }
            | Blocker::Disagreement { .. }
            | Blocker::Split { .. }
            | Blocker::OverrideRefused { .. } => return None,
        };
        let bids = point.bid_ids.iter().filter_map(|id| known.get(id)).map(|one| TiedBid {
            id: one.bid_id,
            field: format!("place.{}", one.bid_id),
            reference: one.detail.reference.clone(),
            label: format!("{}: {}", one.detail.reference, one.detail.title),
            hint: format!(
                "{}{}",
                one.detail.organisation,
                one.score.map(|score| format!(", {score} of 100")).unwrap_or_default()
            ),
        });
        let bids: Vec<TiedBid> = bids.collect();
        let places = (1..=bids.len()).map(|place| Choice::new(place.to_string(), nth(place))).collect();
        Some(Tie { heading, bids, places })
    };
    outcomes.blockers.iter().filter_map(tie).collect()
}

fn nth(place: usize) -> String {
    match place {
        1 => "1st, the best".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        other => format!("{other}th"),
    }
}

/// The order that stands, if one does.
async fn standing(on: &Platform, admin: &Admin, round: RoundId) -> Result<Option<Ruling>> {
    let reader = as_reader(admin)?;
    let mut cursor = None;
    loop {
        let paging = Paging::new(Some(100), cursor.as_deref())?;
        let rulings = ops::rulings(on, &reader, round, paging).await?;
        let page = Page::new(rulings, &paging, |ruling| ruling.id.0);
        let stands =
            |one: &Ruling| one.revoked_at.is_none() && matches!(one.ruling, NewRuling::TieOrder { .. });
        if let Some(found) = page.items.into_iter().find(stands) {
            return Ok(Some(found));
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => return Ok(None),
        }
    }
}

async fn page(on: &Platform, visit: &Visit<Admin>, round: RoundId, form: Form) -> Result<TiePage> {
    let Framed { shell, frame, round, .. } = Framed::load(on, visit, round, Tab::Scores).await?;
    let outcomes = ops::outcomes(on, &as_reader(&visit.who)?, round.id).await?;
    let references: BTreeMap<BidId, &str> =
        outcomes.outcomes.iter().map(|one| (one.bid_id, one.detail.reference.as_str())).collect();
    let standing = standing(on, &visit.who, round.id).await?.map(|ruling| StandingOrder {
        bids: match &ruling.ruling {
            NewRuling::TieOrder { bids, .. } => {
                bids.iter().filter_map(|bid| references.get(bid)).map(|text| (*text).to_owned()).collect()
            }
            NewRuling::Exclude { .. }
            | NewRuling::AcceptShort { .. }
            | NewRuling::AcceptDisagreement { .. }
            | NewRuling::Override { .. } => Vec::new(),
        },
        reason: ruling.ruling.reason().to_owned(),
        told: ruling.ruled_at.london(),
        revoke: format!("/rulings/{}/revoke", ruling.id),
    });
    Ok(TiePage {
        shell,
        frame,
        ties: ties(&outcomes),
        draws: round.rules.draws(),
        standing,
        action: format!("/rounds/{}/tie", round.id),
        back: Tab::Overview.address(round.id),
        form,
    })
}

#[get("/rounds/{id}/tie")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let page = page(&on, &visit, id.0, Form::blank()).await?;
    visit.show(&page)
}

#[post("/rounds/{id}/tie")]
async fn settle(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let outcomes = ops::outcomes(&on, &as_reader(&sent.who)?, id.0).await?;
    if outcomes.status != RoundStatus::Assessing {
        return Ok(see_other(&Tab::Overview.address(id.0)));
    }
    let done = match read(&sent.form, &ties(&outcomes)) {
        Ok(new) => ops::rule(&on, &sent.who, id.0, new, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => {
            Ok(sent.go_saying(&Tab::Overview.address(id.0), "The tied bids stand in the panel's order."))
        }
        Err(problem) if comes_back(&problem) => {
            let page = page(&on, &sent, id.0, sent.form.clone().refused(&problem)).await?;
            sent.show_again(&problem, &page)
        }
        Err(problem) => Err(problem),
    }
}

/// One order of all the ties, each in its own; every place of a tie is given once.
fn read(form: &Form, ties: &[Tie]) -> Result<NewRuling> {
    let (mut bids, mut faults) = (Vec::new(), Vec::new());
    for tie in ties {
        let mut taken = BTreeSet::new();
        let mut placed = Vec::new();
        for bid in &tie.bids {
            let place = form
                .get(&bid.field)
                .parse::<usize>()
                .ok()
                .filter(|place| (1..=tie.bids.len()).contains(place));
            let pointer = format!("/{}", bid.field.replace('.', "/"));
            match place {
                None => faults.push(Fault::new(pointer, format!("choose a place for {}", bid.reference))),
                Some(place) if !taken.insert(place) => {
                    faults.push(Fault::new(
                        pointer,
                        format!("another bid has the place of {}: give each its own", bid.reference),
                    ));
                }
                Some(place) => placed.push((place, bid.id)),
            }
        }
        placed.sort_unstable();
        bids.extend(placed.into_iter().map(|(_, id)| id));
    }
    let reason = form.get("reason").to_owned();
    if reason.trim().is_empty() {
        faults.extend(crate::outcomes::model::reason_fault(&reason));
    }
    if faults.is_empty() {
        Ok(NewRuling::TieOrder { bids, reason })
    } else {
        Err(Problem::invalid("Nothing was ruled.", faults))
    }
}
