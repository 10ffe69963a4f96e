//! The story, act by act.

mod assessing;
mod bidding;
mod closing;
mod onwards;
mod people;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::client::{Api, Person};
use super::postbox::Postbox;
use super::report::{Account, Played};
use super::sample::Sample;
use super::terminal::Telling;
use crate::clock::{Clock, Timestamp};

/// What the story is played on.
pub struct Stage {
    sample: Sample,
    api: Arc<Api>,
    clock: Clock,
    postbox: Postbox,
    telling: Telling,
}

impl Stage {
    pub(super) fn new(sample: Sample, address: &str, clock: Clock, outbox: &str, telling: Telling) -> Self {
        let api = Arc::new(Api::new(address, clock.clone()));
        Self { sample, api, clock, postbox: Postbox::new(outbox), telling }
    }

    /// The day is part of the story.
    fn say(&self, line: &str) {
        self.telling.say(&format!("{:>17}  {line}", self.clock.now().london_day()));
    }

    fn move_to(&self, time: Timestamp) {
        self.clock.set(time);
    }

    fn person(&self, name: &str, email: &str) -> Person {
        Person::new(&self.api, name, email, &self.sample.plan.people.password)
    }
}

/// Everybody who can sign in; assessors and providers in the sample's order.
struct Cast {
    admin: Person,
    auditor: Person,
    assessors: Vec<Person>,
    providers: Vec<Person>,
    late: Person,
}

/// The round once it is open, and its bids' ids in the sample's order.
struct Round {
    id: String,
    bids: Vec<String>,
    /// Names of areas and groups, by code.
    areas: BTreeMap<String, String>,
    /// What the service said to the bid that came too late.
    late_refusal: String,
}

/// Plays it all; blocks until the outcome emails are sent.
///
/// # Errors
/// An answer of the service that the story does not expect.
pub fn play(mut stage: Stage, setup_token: &str) -> anyhow::Result<Played> {
    let mut cast = people::gather(&mut stage, setup_token)?;
    let round = bidding::receive(&stage, &mut cast)?;
    assessing::assess(&stage, &mut cast, &round)?;
    let closed = closing::close(&stage, &mut cast, &round)?;
    onwards::go_on(&stage, &mut cast, &round)?;
    stage.telling.done();
    let account =
        |role, person: &Person| Account { role, name: person.name.clone(), email: person.email.clone() };
    let mut accounts = vec![account("administrator", &cast.admin)];
    accounts.extend(cast.assessors.first().map(|person| account("assessor", person)));
    accounts.extend(cast.providers.first().map(|person| account("provider", person)));
    accounts.push(account("auditor", &cast.auditor));
    Ok(Played {
        round_id: round.id,
        received: closed.received,
        rows: closed.rows,
        outcome_emails: closed.outcome_emails,
        verified: closed.verified,
        late_refusal: round.late_refusal,
        accounts,
        password: stage.sample.plan.people.password,
    })
}
