//! Whom and what an event is about, each with the page that it has.

use serde_json::Value;
use uuid::Uuid;

use crate::audit::Event;
use crate::id::{BidId, FundId, OrganisationId, RoundId, UserId};
use crate::oversight::ops::{Names, id, within};
use crate::rounds::pages::frame;

/// A thing's name and the address of its page; empty where it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub name: String,
    pub address: String,
}

impl Named {
    fn new(name: impl Into<String>, address: impl Into<String>) -> Self {
        Self { name: name.into(), address: address.into() }
    }
}

impl Names {
    /// Who did it.
    pub(super) fn actor(&self, event: &Event) -> Named {
        let person = id(&event.actor).and_then(|id| self.person(id));
        match (event.actor.split(':').next(), person) {
            (Some("user"), Some(person)) => person,
            (Some("user"), None) => Named::new("Somebody who is gone", ""),
            (Some("client"), _) => Named::new("A provider's API client", ""),
            _ => Named::new("The service", ""),
        }
    }

    /// What it was done to, if it has a name.
    pub(super) fn subject(&self, event: &Event) -> Option<Named> {
        let subject = id(&event.subject_id);
        match event.subject_kind.as_str() {
            "user" | "assessor" => self.person(subject?),
            "interest" => self.person(within(event, "assessor_id")?),
            "organisation" => {
                let name = self.organisations.get(&OrganisationId(subject?))?;
                Some(Named::new(name.as_str(), format!("/organisations/{}", event.subject_id)))
            }
            "bid" | "outcome" => Some(self.bid(subject?)),
            "assignment" | "assessment" => Some(self.bid(within(event, "bid_id")?)),
            "client" => Some(Named::new(event.detail.get("name").and_then(Value::as_str)?, "")),
            "round" => self.round(RoundId(subject?)),
            "ruling" => self.round(event.round_id?),
            "fund" => {
                let name = self.funds.get(&FundId(subject?))?;
                Some(Named::new(name.as_str(), format!("/funds/{}", event.subject_id)))
            }
            "email" => Some(Named::new("an email", format!("/emails/{}", event.subject_id))),
            "area" | "area_group" => Some(Named::new(event.subject_id.as_str(), "/areas")),
            _ => None,
        }
    }

    /// A round, if it is known.
    pub(super) fn round(&self, round: RoundId) -> Option<Named> {
        let name = self.rounds.get(&round)?;
        Some(Named::new(name.as_str(), frame::address(round)))
    }

    fn person(&self, id: Uuid) -> Option<Named> {
        let name = self.people.get(&UserId(id))?;
        Some(Named::new(name.as_str(), format!("/people/{id}")))
    }

    fn bid(&self, id: Uuid) -> Named {
        match self.bids.get(&BidId(id)) {
            Some(reference) => Named::new(reference.as_str(), format!("/bids/{id}")),
            None => Named::new("a bid that is a draft", ""),
        }
    }
}
