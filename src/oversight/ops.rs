//! Events of the audit trail with the names of whom and what they are about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::audit::{self, Event, Filter};
use crate::auth::Reader;
use crate::db::Conn;
use crate::id::{BidId, FundId, OrganisationId, RoundId, UserId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Paging;
use crate::rounds::model::Round;
use crate::{accounts, bids, rounds};

/// Names by id; what is gone, or was never named, is not in it.
#[derive(Debug, Default)]
pub struct Names {
    pub people: BTreeMap<UserId, String>,
    pub organisations: BTreeMap<OrganisationId, String>,
    /// References; a draft has none that anybody was told.
    pub bids: BTreeMap<BidId, String>,
    pub rounds: BTreeMap<RoundId, String>,
    pub funds: BTreeMap<FundId, String>,
}

/// Events in the page's order, one more than the page holds where there are more, and the names in them.
///
/// # Errors
/// The database's own.
pub async fn list(
    on: &Platform,
    _reader: &Reader,
    filter: Filter,
    paging: Paging,
) -> Result<(Vec<Event>, Names)> {
    on.db
        .read(move |conn| {
            let events = audit::list(conn, &filter, &paging)?;
            let names = Names::of(conn, &events)?;
            Ok((events, names))
        })
        .await
}

/// All rounds, the latest first, to choose from.
///
/// # Errors
/// The database's own.
pub async fn rounds(on: &Platform, reader: &Reader) -> Result<Vec<Round>> {
    let paging = Paging::new(Some(100), None)?.newest_first(true);
    rounds::ops::list_rounds(on, reader, rounds::ops::RoundFilter::default(), paging).await
}

/// The id after `user:` and the like, or the whole.
#[must_use]
pub fn id(text: &str) -> Option<Uuid> {
    text.rsplit(':').next()?.parse().ok()
}

/// An id in an event's detail.
#[must_use]
pub fn within(event: &Event, field: &str) -> Option<Uuid> {
    event.detail.get(field).and_then(Value::as_str).and_then(id)
}

impl Names {
    fn of(conn: &mut Conn, events: &[Event]) -> Result<Self> {
        let (mut people, mut companies, mut sent, mut called, mut programmes) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for event in events {
            people.extend(id(&event.actor).filter(|_| event.actor.starts_with("user:")));
            people.extend(within(event, "assessor_id"));
            companies.extend(within(event, "organisation_id"));
            sent.extend(within(event, "bid_id"));
            called.extend(event.round_id.map(|round| round.0));
            let Some(subject) = id(&event.subject_id) else { continue };
            match event.subject_kind.as_str() {
                "user" | "assessor" => people.insert(subject),
                "organisation" => companies.insert(subject),
                "bid" | "outcome" => sent.insert(subject),
                "round" => called.insert(subject),
                "fund" => programmes.insert(subject),
                _ => false,
            };
        }
        let people: Vec<UserId> = people.into_iter().map(UserId).collect();
        let companies: Vec<OrganisationId> = companies.into_iter().map(OrganisationId).collect();
        let sent: Vec<BidId> = sent.into_iter().map(BidId).collect();
        let people = accounts::ops::people(conn, &people)?;
        let companies = accounts::ops::organisations(conn, &companies)?;
        let sent = bids::ops::received_among(conn, &sent)?;
        let mut names = Self {
            people: people.into_iter().map(|user| (user.id, user.name)).collect(),
            organisations: companies.into_iter().map(|one| (one.id, one.name)).collect(),
            bids: sent.into_iter().map(|bid| (bid.id, bid.reference)).collect(),
            ..Self::default()
        };
        for round in called.into_iter().map(RoundId) {
            names.rounds.insert(round, rounds::ops::load(conn, round)?.name);
        }
        for fund in programmes.into_iter().map(FundId) {
            names.funds.insert(fund, rounds::ops::load_fund(conn, fund)?.name);
        }
        Ok(names)
    }
}
