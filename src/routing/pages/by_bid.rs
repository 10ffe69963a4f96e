//! Who assesses each bid of a round.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::words::{person, status};
use crate::areas::model::AreaTree;
use crate::auth::Reader;
use crate::bids::model::Eligibility;
use crate::bids::pages::frame::BidTab;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, Page, Paging, Params};
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::routing::ops::{self, RoutedBid};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "routing/templates/by_bid.html")]
struct ByBidPage {
    shell: Shell,
    frame: RoundFrame,
    bids: Vec<BidLine>,
    first: String,
    next: String,
}

struct BidLine {
    reference: String,
    title: String,
    address: String,
    areas: String,
    places: Vec<Place>,
    /// What is to be said of the bid as a whole: places that are empty, that it is not assessed.
    tag: Option<(String, &'static str)>,
}

struct Place {
    name: String,
    address: String,
    status: &'static str,
    kind: &'static str,
    /// Whose area the place is; empty for a further place.
    area: String,
}

#[derive(Debug, serde::Deserialize)]
struct ByBidQuery {
    cursor: Option<String>,
}

#[get("/rounds/{id}/routing/bids")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<ByBidQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor;
    let paging = Paging::new(Some(50), cursor.as_deref())?;
    let found = ops::by_bid(&on, &visit.who, id.0, paging).await?;
    let routing = Tab::Routing.address(found.round.id);
    let address = format!("{routing}/bids");
    let page = Page::new(found.bids, &paging, |routed| routed.bid.id.0);
    let places = found.round.rules.assessors_per_bid;
    visit.show(&ByBidPage {
        shell: within_rounds(visit.shell()),
        frame: RoundFrame::of(&found.round, Tab::Routing),
        bids: page.items.iter().map(|routed| bid_line(routed, &found.tree, places)).collect(),
        first: cursor.map(|_| address.clone()).unwrap_or_default(),
        next: page.next_cursor.map(|next| format!("{address}?cursor={next}")).unwrap_or_default(),
    })
}

fn bid_line(routed: &RoutedBid, tree: &AreaTree, places: u32) -> BidLine {
    let bid = &routed.bid;
    let areas: Vec<&str> = bid.areas.iter().map(|code| tree.name(code)).collect();
    let place = |(assignment, name): &(crate::routing::model::Assignment, String)| {
        let (status, kind) = status(assignment.status);
        let area = assignment.area_code.as_deref().map(|code| tree.name(code).to_owned());
        Place {
            name: name.clone(),
            address: person(assignment.assessor_id),
            status,
            kind,
            area: area.unwrap_or_default(),
        }
    };
    let places = usize::try_from(places).unwrap_or(usize::MAX);
    let empty = places.saturating_sub(routed.places.len());
    let tag = match (bid.eligibility, empty) {
        (Eligibility::Ineligible, _) => Some(("Not assessed: ineligible".to_owned(), "")),
        (Eligibility::Unchecked | Eligibility::Eligible, 0) => None,
        (Eligibility::Unchecked | Eligibility::Eligible, 1) => Some(("1 place empty".to_owned(), "bad")),
        (Eligibility::Unchecked | Eligibility::Eligible, many) => {
            Some((format!("{many} places empty"), "bad"))
        }
    };
    BidLine {
        reference: bid.reference.clone(),
        title: bid.title.clone(),
        address: BidTab::Routing.address(bid.id),
        areas: areas.join(", "),
        places: routed.places.iter().map(place).collect(),
        tag,
    }
}
