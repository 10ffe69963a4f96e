//! Who takes part: the first administrator, those who are invited, those who register.

use serde_json::json;

use super::{Cast, Stage};
use crate::demo::client::Person;
use crate::demo::sample::{Assessor, Bid};

pub(super) fn gather(stage: &mut Stage, setup_token: &str) -> anyhow::Result<Cast> {
    stage.telling.now("people join");
    let mut admin = set_up(stage, setup_token)?;
    let (assessors, auditor) = invite(stage, &mut admin)?;
    let (providers, late) = register(stage)?;
    let mut cast = Cast { admin, auditor, assessors, providers, late };
    stage.say(&format!(
        "{} sets up the service and invites {} assessors and an auditor; {} providers register.",
        cast.admin.name,
        cast.assessors.len(),
        cast.providers.len() + 1,
    ));
    declare_interests(stage, &mut cast)?;
    Ok(cast)
}

fn set_up(stage: &Stage, setup_token: &str) -> anyhow::Result<Person> {
    let people = &stage.sample.plan.people;
    let mut admin = stage.person(&people.admin.name, &people.admin.email);
    let first = json!({
        "token": setup_token, "email": admin.email, "name": admin.name, "password": people.password,
    });
    admin.id = stage.api.post("/setup", &first)?.text("/id")?.to_owned();
    Ok(admin)
}

/// All are invited before the first answers, so that nobody waits for the mail worker.
fn invite(stage: &mut Stage, admin: &mut Person) -> anyhow::Result<(Vec<Person>, Person)> {
    let mut assessors = Vec::new();
    for assessor in &stage.sample.assessors {
        assessors.push(invited(stage, admin, assessor)?);
        stage.telling.step();
    }
    let told = &stage.sample.plan.people.auditor;
    let auditor = stage.person(&told.name, &told.email);
    admin.post("/users", &json!({"email": auditor.email, "name": auditor.name, "role": "auditor"}))?;
    for person in assessors.iter().chain([&auditor]) {
        let token = stage.postbox.token(&person.email)?;
        person.answer_invitation(&token)?;
    }
    Ok((assessors, auditor))
}

fn invited(stage: &Stage, admin: &mut Person, assessor: &Assessor) -> anyhow::Result<Person> {
    let user = json!({"email": assessor.email, "name": assessor.name, "role": "assessor"});
    let mut person = stage.person(&assessor.name, &assessor.email);
    person.id = admin.post("/users", &user)?.text("/id")?.to_owned();
    let path = format!("/assessors/{}", person.id);
    let read = admin.get(&path)?;
    admin.put(&path, &read, &json!({"areas": assessor.areas, "themes": assessor.themes}))?;
    Ok(person)
}

fn register(stage: &mut Stage) -> anyhow::Result<(Vec<Person>, Person)> {
    let mut people = Vec::new();
    for bid in stage.sample.bids.iter().chain([&stage.sample.late_bid]) {
        people.push(registered(stage, bid)?);
    }
    for person in &mut people {
        let token = stage.postbox.token(&person.email)?;
        stage.api.post("/registrations/confirm", &json!({"token": token}))?;
        stage.telling.step();
    }
    let late = people.pop().ok_or_else(|| anyhow::anyhow!("the sample has no providers"))?;
    Ok((people, late))
}

fn registered(stage: &Stage, bid: &Bid) -> anyhow::Result<Person> {
    let person = stage.person(&bid.contact.name, &bid.contact.email);
    let registration = json!({
        "organisation": {"name": bid.provider.name, "registered_number": bid.provider.registered_number},
        "name": person.name,
        "email": person.email,
        "password": stage.sample.plan.people.password,
    });
    stage.api.post("/registrations", &registration)?;
    Ok(person)
}

/// Assessors declare their own; the administrator decides on the soft ones.
fn declare_interests(stage: &Stage, cast: &mut Cast) -> anyhow::Result<()> {
    for (assessor, person) in stage.sample.assessors.iter().zip(&mut cast.assessors) {
        let Some(interest) = &assessor.interest else { continue };
        let provider = &stage.sample.bid(&interest.provider)?.provider;
        let declared = json!({
            "severity": interest.severity,
            "registered_number": provider.registered_number,
            "description": interest.description,
        });
        let declared = person.post(&format!("/assessors/{}/interests", person.id), &declared)?;
        stage
            .say(&format!("{} declares a {} interest in {}.", person.name, interest.severity, provider.name));
        if let Some(reason) = &interest.overridden {
            let path = format!("/interests/{}/override", declared.text("/id")?);
            cast.admin.post(&path, &json!({"reason": reason}))?;
            stage.say(&format!("The administrator overrides it: {reason}"));
        }
    }
    Ok(())
}
