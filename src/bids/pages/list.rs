//! The bids of a round: filtered, searched and sorted, all of it in the address.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::frame::{address, eligibility, status};
use crate::areas::model::AreaTree;
use crate::auth::Reader;
use crate::bids::model::{BidOrder, BidStatus, BidSummary, Eligibility};
use crate::bids::ops::{self, BidFilter, Browsed};
use crate::id::RoundId;
use crate::money::grouped;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, Page, Paging, Params};
use crate::rounds::model::{Fund, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::web::form::{Choice, Form};
use crate::web::page::with_query;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list);
}

#[derive(Template)]
#[template(path = "bids/templates/list.html")]
struct ListPage {
    shell: Shell,
    frame: RoundFrame,
    address: String,
    form: Form,
    statuses: Vec<Choice>,
    eligibilities: Vec<Choice>,
    areas: Vec<Choice>,
    /// How many there are in all.
    told: String,
    columns: Vec<Column>,
    lines: Vec<Line>,
    is_filtered: bool,
    /// Whether bids can still come in.
    is_open: bool,
    first: String,
    next: String,
}

/// A column's heading, with where it sorts the list anew.
struct Column {
    label: &'static str,
    /// Empty where nothing is sorted by it.
    address: String,
    /// As `aria-sort` has it; empty where the list is sorted by another.
    sorted: &'static str,
    is_number: bool,
}

struct Line {
    address: String,
    reference: String,
    title: String,
    organisation: String,
    areas: String,
    amount: String,
    at: String,
    tags: Vec<(&'static str, &'static str)>,
}

/// What stands in the address; a value that is none of a field's choices filters nothing.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct ListQuery {
    q: String,
    status: String,
    eligibility: String,
    area: String,
    sort: String,
    cursor: Option<String>,
}

const STATUSES: [BidStatus; 2] = [BidStatus::Submitted, BidStatus::Withdrawn];
const ELIGIBILITIES: [(Eligibility, &str); 3] = [
    (Eligibility::Unchecked, "Not decided"),
    (Eligibility::Eligible, "Eligible"),
    (Eligibility::Ineligible, "Ineligible"),
];
const ORDERS: [BidOrder; 6] = [
    BidOrder::Reference,
    BidOrder::Organisation,
    BidOrder::Smallest,
    BidOrder::Largest,
    BidOrder::Oldest,
    BidOrder::Newest,
];

impl ListQuery {
    fn filter(&self) -> BidFilter {
        let text = self.q.trim();
        BidFilter {
            status: STATUSES.into_iter().find(|known| known.as_str() == self.status),
            eligibility: ELIGIBILITIES
                .iter()
                .map(|(one, _)| *one)
                .find(|one| one.as_str() == self.eligibility),
            text: (!text.is_empty()).then(|| text.to_owned()),
            ..BidFilter::default()
        }
    }

    fn order(&self) -> BidOrder {
        ORDERS.into_iter().find(|known| known.as_str() == self.sort).unwrap_or(BidOrder::Reference)
    }

    fn is_filtered(&self) -> bool {
        [&self.q, &self.status, &self.eligibility, &self.area].iter().any(|field| !field.is_empty())
    }

    /// The list's address with another order or another part of it.
    fn address(&self, at: &str, sort: &str, cursor: &str) -> String {
        let fields = [
            ("q", self.q.as_str()),
            ("status", &self.status),
            ("eligibility", &self.eligibility),
            ("area", &self.area),
            ("sort", sort),
            ("cursor", cursor),
        ];
        with_query(at, &fields)
    }
}

#[get("/rounds/{id}/bids")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<ListQuery>,
) -> Result<HttpResponse> {
    let query = query.0;
    let paging = Paging::new(Some(25), query.cursor.as_deref())?;
    let area = Some(query.area.clone()).filter(|area| !area.is_empty());
    let found = ops::browse(&on, &visit.who, id.0, query.filter(), area, query.order(), paging).await?;
    let Browsed { round, fund, tree, received, drafts, bids } = found;
    let page = Page::new(bids, &paging, |bid| bid.id.0);
    let address = Tab::Bids.address(round.id);
    let form = ["q", "status", "eligibility", "area", "sort"]
        .into_iter()
        .zip([&query.q, &query.status, &query.eligibility, &query.area, &query.sort])
        .fold(Form::blank(), |form, (name, value)| form.with(name, value.clone()));
    visit.show(&ListPage {
        shell: within_rounds(visit.shell()),
        frame: RoundFrame::of(&round, Tab::Bids),
        form,
        statuses: STATUSES.map(|one| Choice::new(one.as_str(), status(one).0)).into(),
        eligibilities: ELIGIBILITIES.map(|(one, label)| Choice::new(one.as_str(), label)).into(),
        areas: areas(&tree, &fund),
        told: told(received, drafts),
        columns: columns(&query, &address),
        lines: page.items.iter().map(|bid| line(bid, &tree)).collect(),
        is_filtered: query.is_filtered(),
        is_open: round.status == RoundStatus::Open,
        first: query.cursor.as_ref().map(|_| query.address(&address, &query.sort, "")).unwrap_or_default(),
        next: page.next_cursor.map(|next| query.address(&address, &query.sort, &next)).unwrap_or_default(),
        address,
    })
}

/// The fund's areas and groups, and the areas in them.
fn areas(tree: &AreaTree, fund: &Fund) -> Vec<Choice> {
    let groups = tree.groups().filter(|group| tree.inside(&fund.areas, &group.code));
    let groups = groups.map(|group| Choice::new(group.code.clone(), format!("{} (group)", group.name)));
    let areas = tree.areas().filter(|area| tree.inside(&fund.areas, &area.code));
    let areas = areas.map(|area| Choice::new(area.code.clone(), area.name.clone()));
    let mut choices: Vec<Choice> = groups.chain(areas).collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    choices
}

fn told(received: usize, drafts: usize) -> String {
    let number = |count: usize| grouped(u64::try_from(count).unwrap_or(u64::MAX));
    let received = match received {
        1 => "1 bid was received".to_owned(),
        many => format!("{} bids were received", number(many)),
    };
    match drafts {
        0 => format!("{received}."),
        1 => format!("{received}; 1 more was begun and not submitted."),
        many => format!("{received}; {} more were begun and not submitted.", number(many)),
    }
}

fn columns(query: &ListQuery, at: &str) -> Vec<Column> {
    let order = query.order();
    let sorted_by = |label, up: BidOrder, down: Option<BidOrder>, first: BidOrder, is_number| {
        let sorted = if order == up {
            "ascending"
        } else if Some(order) == down {
            "descending"
        } else {
            ""
        };
        // A column that the list is sorted by turns it round.
        let next = match down {
            Some(down) if order == up => down,
            Some(down) if order == down => up,
            Some(_) | None => first,
        };
        Column { label, address: query.address(at, next.as_str(), ""), sorted, is_number }
    };
    let plain = |label| Column { label, address: String::new(), sorted: "", is_number: false };
    vec![
        sorted_by("Reference", BidOrder::Reference, None, BidOrder::Reference, false),
        sorted_by("Organisation", BidOrder::Organisation, None, BidOrder::Organisation, false),
        plain("Areas"),
        sorted_by("Asks for", BidOrder::Smallest, Some(BidOrder::Largest), BidOrder::Largest, true),
        sorted_by("Submitted", BidOrder::Oldest, Some(BidOrder::Newest), BidOrder::Newest, false),
    ]
}

fn line(bid: &BidSummary, tree: &AreaTree) -> Line {
    let areas: Vec<&str> = bid.areas.iter().map(|code| tree.name(code)).collect();
    let withdrawn = Some(status(bid.status)).filter(|_| bid.status == BidStatus::Withdrawn);
    let decided = Some(eligibility(bid.eligibility)).filter(|(word, _)| !word.is_empty());
    Line {
        address: address(bid.id),
        reference: bid.reference.clone(),
        title: bid.title.clone(),
        organisation: bid.organisation_name.clone(),
        areas: shortened(&areas),
        amount: bid.amount_requested_pence.map(|amount| amount.to_string()).unwrap_or_default(),
        at: bid
            .submitted_at
            .map(|at| format!("{}, {}", at.london_day(), at.london_time()))
            .unwrap_or_default(),
        tags: withdrawn.into_iter().chain(decided).collect(),
    }
}

/// The first few names, and how many more there are.
fn shortened(names: &[&str]) -> String {
    const MOST: usize = 4;
    match names.len().checked_sub(MOST) {
        Some(more) if more > 1 => format!("{} and {more} more", names[..MOST].join(", ")),
        Some(_) | None => names.join(", "),
    }
}
