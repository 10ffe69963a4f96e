//! The rounds that are open for bids, what each asks for, and the start of a bid.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::places::{Place, places};
use super::work::address;
use crate::accounts;
use crate::auth::Member;
use crate::bids::model::{BidContent, BidSummary, Contact};
use crate::bids::ops::{self, BidFilter};
use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{Id, Page, Paging, Params};
use crate::rounds::model::{Fund, Round, RoundStatus};
use crate::rounds::ops::RoundFilter;
use crate::rounds::rules::NextDoesNotFit;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};
use crate::{areas, rounds};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(begin);
}

/// How long bids are taken, and the look of its tag: `12 days left`.
#[must_use]
pub fn time_left(round: &Round, now: Timestamp) -> (String, &'static str) {
    let left = round.deadline.and_then(|deadline| Some((deadline, now.left_until(deadline)?)));
    match left {
        None => ("Closed for bids".to_owned(), ""),
        Some((deadline, left)) => {
            let kind = match now.days_until(deadline) {
                ..=2 => "bad",
                3..=7 => "soon",
                _ => "now",
            };
            (format!("{left} left"), kind)
        }
    }
}

#[derive(Template)]
#[template(path = "bids/templates/own/rounds.html")]
struct RoundsPage {
    shell: Shell,
    rounds: Vec<OpenRound>,
    next: String,
    first: String,
}

struct OpenRound {
    name: String,
    fund: String,
    address: String,
    deadline: String,
    left: String,
    kind: &'static str,
    budget: String,
}

#[derive(Debug, serde::Deserialize)]
struct ListQuery {
    cursor: Option<String>,
}

#[get("/open-rounds")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Member>,
    query: Params<ListQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(50), cursor)?;
    let filter = RoundFilter { status: Some(RoundStatus::Open), ..RoundFilter::default() };
    let found = rounds::ops::list_rounds(&on, &visit.who, filter, paging).await?;
    let funds = rounds::ops::list_funds(&on, &visit.who, Paging::new(Some(100), None)?).await?;
    let page = Page::new(found, &paging, |round| round.id.0);
    let now = on.db.clock().now();
    let open = page.items.iter().filter(|round| round.accepting(now).is_ok());
    let of_fund = |round: &Round| funds.iter().find(|fund| fund.id == round.fund_id);
    visit.show(&RoundsPage {
        shell: visit.shell(),
        rounds: open
            .map(|round| open_round(round, of_fund(round).map_or("", |fund| &fund.name), now))
            .collect(),
        next: page.next_cursor.map(|cursor| format!("/open-rounds?cursor={cursor}")).unwrap_or_default(),
        first: cursor.map(|_| "/open-rounds".to_owned()).unwrap_or_default(),
    })
}

fn open_round(round: &Round, fund: &str, now: Timestamp) -> OpenRound {
    let (left, kind) = time_left(round, now);
    OpenRound {
        name: round.name.clone(),
        fund: fund.to_owned(),
        address: format!("/open-rounds/{}", round.id),
        deadline: round.deadline.map(Timestamp::london).unwrap_or_default(),
        left,
        kind,
        budget: round.rules.budget_pence.to_string(),
    }
}

#[derive(Template)]
#[template(path = "bids/templates/own/round.html")]
struct RoundPage {
    shell: Shell,
    round: Round,
    fund: Fund,
    places: Vec<Place>,
    own: Vec<OwnBid>,
    is_open: bool,
    left: String,
    kind: &'static str,
    /// Makes the button take effect once.
    once: String,
}

struct OwnBid {
    label: String,
    address: String,
    status: String,
    kind: &'static str,
    hint: String,
}

impl OwnBid {
    fn of(bid: &BidSummary) -> Self {
        use crate::bids::model::BidStatus::{Draft, Submitted, Withdrawn};
        let (status, kind) = match bid.status {
            Draft => ("Draft", "now"),
            Submitted => ("Submitted", "done"),
            Withdrawn => ("Withdrawn", ""),
        };
        let title = bid.title.trim();
        Self {
            label: if title.is_empty() { "Bid without a title" } else { title }.to_owned(),
            address: address(bid.id),
            status: status.to_owned(),
            kind,
            hint: bid.reference.clone(),
        }
    }
}

impl RoundPage {
    /// What happens when the money does not reach for the next bid, in the words of an announcement.
    fn when_money_is_short(&self) -> &'static str {
        match self.round.rules.when_next_does_not_fit {
            NextDoesNotFit::Stop => "Where the next bid asks for more than is left, funding ends there.",
            NextDoesNotFit::Skip => {
                "Where the next bid asks for more than is left, the next that fits is funded."
            }
        }
    }
}

#[get("/open-rounds/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Member>, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &visit.who, id.0).await?;
    let fund = rounds::ops::read_fund(&on, &visit.who, round.fund_id).await?;
    let filter = BidFilter { round: Some(round.id), ..BidFilter::default() };
    let own = ops::list(&on, &visit.who, filter, None, None, Paging::new(Some(100), None)?).await?;
    let tree = on.db.read(areas::ops::tree).await?;
    let now = on.db.clock().now();
    let (left, kind) = time_left(&round, now);
    visit.show(&RoundPage {
        shell: visit.shell().under("Open rounds", "/open-rounds"),
        places: places(&tree, &fund, &[]),
        own: own.iter().map(OwnBid::of).collect(),
        is_open: round.accepting(now).is_ok(),
        left,
        kind,
        once: crate::id::fresh().to_string(),
        round,
        fund,
    })
}

/// Starts a bid. Its lead contact is the person who starts it, until they name another.
#[post("/open-rounds/{id}/bids")]
async fn begin(on: web::Data<Platform>, sent: Sent<Member>, id: Id<RoundId>) -> Result<HttpResponse> {
    let session = sent.visitor.session.as_ref();
    let session = session.ok_or_else(|| Problem::internal("a member of a page without a session"))?;
    let person = accounts::ops::find_user(&on, &sent.who, session.user).await?;
    let content = BidContent {
        lead_contact: Some(Contact { name: person.name, email: person.email, phone: None }),
        ..BidContent::default()
    };
    let bid = ops::create(&on, &sent.who, id.0, content, sent.once.clone()).await?;
    Ok(see_other(&address(bid.id)))
}
