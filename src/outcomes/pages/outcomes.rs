//! A round's outcomes: provisional while it is assessed; once it is closed what was decided, what stands since, and where the
//! record is and is checked.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::decided::{
    AreaRow, Line, MoneyRow, Now, PER_PAGE, Part, areas, counts, in_words, line, money, part, purse,
};
use super::{Framed, kind_of};
use crate::auth::Reader;
use crate::id::{BidId, RoundId};
use crate::outcomes::later::model::{AwardEnd, LaterAct, LaterActs, NewLaterAct, Stands};
use crate::outcomes::model::RoundOutcomes;
use crate::outcomes::ops;
use crate::outcomes::what_if::Supposition;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, Params};
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, address};
use crate::rounds::rules::Rules;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "outcomes/templates/outcomes.html")]
struct OutcomesPage {
    shell: Shell,
    frame: RoundFrame,
    rehearsal: String,
    reports: String,
    view: Option<View>,
    closed: Option<AfterClosing>,
    /// Whether what stands can be changed by who looks at it.
    may_change: bool,
}

struct View {
    counts: Vec<(String, usize)>,
    lines: Vec<Line>,
    part: Part,
    money: Vec<MoneyRow>,
    areas: Vec<AreaRow>,
}

/// What is said of a closed round alone.
struct AfterClosing {
    at: String,
    sha256: String,
    check: String,
    acts: Vec<Act>,
    awarded: String,
    left: String,
    proposal: Option<Proposed>,
    draw: Option<DrawView>,
    record: String,
    snapshot: String,
}

struct Act {
    number: u32,
    heading: String,
    reason: String,
    change: String,
    told: String,
}

struct Proposed {
    reference: String,
    sentence: String,
    address: String,
}

struct DrawView {
    seed: String,
    seed_sha256: String,
}

#[derive(Debug, serde::Deserialize)]
struct Which {
    #[serde(default)]
    page: usize,
}

#[get("/rounds/{id}/outcomes")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<Which>,
) -> Result<HttpResponse> {
    let Framed { shell, frame, round, may_act } = Framed::load(&on, &visit, id.0, Tab::Outcomes).await?;
    let mut page = OutcomesPage {
        shell,
        frame,
        rehearsal: format!("{}/rehearsal", address(round.id)),
        reports: Tab::Reports.address(round.id),
        view: None,
        closed: None,
        may_change: may_act && round.status == RoundStatus::Closed,
    };
    if matches!(round.status, RoundStatus::Assessing | RoundStatus::Closed) {
        let outcomes = ops::outcomes(&on, &visit.who, id.0).await?;
        let announced = ops::suppose(&on, &visit.who, id.0, Supposition::default()).await?.announced;
        let by_area = areas(&announced.by_area, &announced.by_area);
        page.view = Some(view(&round, &outcomes, by_area, query.0.page));
        if round.status == RoundStatus::Closed {
            let acts = ops::later_acts(&on, &visit.who, id.0).await?;
            let sha256 = ops::snapshot_sha256(&on, &visit.who, id.0).await?;
            page.closed = Some(after_closing(&round, &outcomes, acts, sha256));
        }
    }
    visit.show(&page)
}

fn view(round: &Round, outcomes: &RoundOutcomes, areas: Vec<AreaRow>, page: usize) -> View {
    let at = Tab::Outcomes.address(round.id);
    let (first, part) = part(page, outcomes.outcomes.len(), "Bids", |page| format!("{at}?page={page}"));
    // Of several acts on one bid the last says what stands.
    let since: BTreeMap<BidId, &LaterAct> =
        outcomes.later_acts.iter().map(|act| (act.act.bid(), act)).collect();
    let lines = outcomes.outcomes.iter().skip(first).take(PER_PAGE).map(|one| Line {
        now: since.get(&one.bid_id).map(|act| now(&round.rules, &act.now)),
        ..line(&round.rules, one)
    });
    View {
        counts: counts(&outcomes.outcomes),
        lines: lines.collect(),
        part,
        money: outcomes.totals.as_ref().map(money).unwrap_or_default(),
        areas,
    }
}

pub(super) fn now(rules: &Rules, stands: &Stands) -> Now {
    let from = stands.paid_from.as_ref().map(|from| purse(rules, from)).unwrap_or_default();
    Now {
        outcome: in_words(Some(stands.outcome), stands.reserve_position),
        kind: kind_of(Some(stands.outcome)),
        amount: if stands.outcome.is_award() {
            format!("{}{from}", stands.amount_pence)
        } else {
            String::new()
        },
        sentence: stands.sentence.clone(),
    }
}

fn after_closing(round: &Round, outcomes: &RoundOutcomes, acts: LaterActs, sha256: String) -> AfterClosing {
    AfterClosing {
        at: round.closed_at.map(crate::clock::Timestamp::london).unwrap_or_default(),
        sha256,
        check: format!("{}/verify", address(round.id)),
        awarded: acts.awarded_pence.to_string(),
        left: acts.left_pence.to_string(),
        proposal: acts.proposal.map(|one| Proposed {
            address: format!("/bids/{}/after-closing", one.bid_id),
            reference: one.reference,
            sentence: one.now.sentence,
        }),
        acts: acts.acts.iter().map(act).collect(),
        draw: outcomes
            .draw
            .as_ref()
            .map(|draw| DrawView { seed: draw.seed.clone(), seed_sha256: draw.seed_sha256.clone() }),
        record: format!("{}/record.json", Tab::Reports.address(round.id)),
        snapshot: format!("{}/snapshot.json", Tab::Reports.address(round.id)),
    }
}

fn act(act: &LaterAct) -> Act {
    let what = match &act.act {
        NewLaterAct::EndAward { how: AwardEnd::Declined, .. } => "award declined",
        NewLaterAct::EndAward { how: AwardEnd::Withdrawn, .. } => "award withdrawn",
        NewLaterAct::Promote { .. } => "promoted from the reserve list",
        NewLaterAct::Correct { .. } => "outcome corrected",
    };
    let stood = |stands: &Stands| {
        let amount =
            if stands.outcome.is_award() { format!(", {}", stands.amount_pence) } else { String::new() };
        format!("{}{amount}", in_words(Some(stands.outcome), stands.reserve_position))
    };
    Act {
        number: act.number,
        heading: format!("{}: {what}", act.reference),
        reason: act.act.reason().to_owned(),
        change: format!("{} → {}", stood(&act.was), stood(&act.now)),
        told: act.acted_at.london(),
    }
}
