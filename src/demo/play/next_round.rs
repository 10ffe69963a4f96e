//! After the round is closed the next one opens, and stays open for a look: a provider has begun a bid in it.

use serde_json::json;

use super::{Cast, Round, Stage, bidding};

pub(super) fn open(stage: &Stage, cast: &mut Cast, closed: &Round) -> anyhow::Result<()> {
    let plan = &stage.sample.plan.next_round;
    stage.move_to(plan.opens);
    let copied = json!({"code": plan.code, "name": plan.name});
    let round = cast.admin.post(&format!("/rounds/{}/copy", closed.id), &copied)?.text("/id")?.to_owned();
    let path = format!("/rounds/{round}");
    let read = cast.admin.get(&path)?;
    let dated = json!({
        "code": plan.code,
        "name": plan.name,
        "rules": read.body.pointer("/rules"),
        "deadline": plan.deadline,
        "assessments_due_at": plan.assessments_due,
    });
    cast.admin.put(&path, &read, &dated)?;
    bidding::fill_pool(stage, cast, &round, |_| true)?;
    cast.admin.post(&format!("{path}/open"), &json!({}))?;
    stage.say(&format!(
        "{} opens with the same rules; the deadline is {}.",
        plan.name,
        plan.deadline.london()
    ));
    if let Some(provider) = cast.providers.first_mut() {
        let begun = provider.post(&format!("{path}/bids"), &plan.begun)?;
        stage.say(&format!("{} begins a bid in it: {}.", provider.name, begun.text("/reference")?));
    }
    Ok(())
}
