//! Taking assessors into a round's pool from a table: all of it or nothing.

use std::collections::BTreeMap;

use serde_json::json;

use super::pools::may_change;
use super::{load, pool, save};
use crate::accounts::assessors::ops::{Known, known_by_address, set_areas};
use crate::accounts::inputs::read_person;
use crate::accounts::joining::ops::invite_assessor;
use crate::accounts::model::AssessorProfile;
use crate::auth::Admin;
use crate::db::{Conn, Tx};
use crate::id::{RoundId, UserId};
use crate::once::Once;
use crate::platform::{Changed, Platform};
use crate::problem::{Fault, Problem, Result};
use crate::rounds::input::PoolImport;
use crate::rounds::model::{ImportAct, Imported, ImportedLine, PoolMember, Round};
use crate::rounds::store;
use crate::rounds::table::{self, Row, fault};
use crate::{areas, audit};

/// Takes the assessors of a table into a round's pool: those who are there get what the table says, those whom nobody
/// knows are invited. Whoever the table does not name stays as they are. With `dry_run`, says what would be done.
///
/// # Errors
/// `not-found`; `wrong-state`: the round has ended; `invalid`, with a fault for each line that is wrong.
pub async fn import_pool(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    input: PoolImport,
    once: Once,
) -> Result<Imported> {
    if input.dry_run {
        return on.db.read(move |conn| Ok(Plan::make(conn, id, &input.csv)?.told(true))).await;
    }
    let (platform, admin) = (on.clone(), admin.clone());
    once.write(&on.db, admin.who, move |tx| {
        let plan = Plan::make(tx.conn, id, &input.csv)?;
        plan.carry_out(tx, &platform, &admin)?;
        Ok(plan.told(false))
    })
    .await
}

/// What an import comes to.
struct Plan {
    round: Round,
    pool: BTreeMap<UserId, PoolMember>,
    steps: Vec<Step>,
}

struct Step {
    line: ImportedLine,
    /// Whom there is; `None`: to be invited.
    assessor: Option<AssessorProfile>,
}

impl Plan {
    fn make(conn: &mut Conn, id: RoundId, csv: &str) -> Result<Self> {
        let refused = |faults| Problem::invalid("Nothing was imported.", faults);
        let round = load(conn, id)?;
        may_change(&round)?;
        let rows = table::read(csv, &areas::ops::tree(conn)?).map_err(refused)?;
        let emails: Vec<String> = rows.iter().map(|row| row.email.clone()).collect();
        let known = known_by_address(conn, &emails)?;
        let pool: BTreeMap<_, _> =
            self::pool(conn, id)?.into_iter().map(|member| (member.assessor_id, member)).collect();
        let (mut steps, mut faults) = (Vec::new(), Vec::new());
        for row in rows {
            match step(&row, known.get(&row.email), &pool) {
                Ok(step) => steps.push(step),
                Err(details) => faults.extend(details.into_iter().map(|detail| fault(row.line, detail))),
            }
        }
        if faults.is_empty() { Ok(Self { round, pool, steps }) } else { Err(refused(faults)) }
    }

    fn told(&self, dry_run: bool) -> Imported {
        Imported { lines: self.steps.iter().map(|step| step.line.clone()).collect(), dry_run }
    }

    fn carry_out(&self, tx: &mut Tx<'_>, on: &Platform, admin: &Admin) -> Result<()> {
        let changing = self.steps.iter().filter(|step| step.line.act != ImportAct::Unchanged);
        let mut pool = self.pool.clone();
        let (mut counted, mut moved) = (0, Vec::new());
        for step in changing {
            counted += 1;
            let line = &step.line;
            let assessor_id = match &step.assessor {
                Some(profile) => profile.id,
                None => invite_assessor(tx, on, admin, &line.email, &line.name)?,
            };
            let stand = step.assessor.as_ref().map_or(&[][..], |profile| &profile.areas);
            if let Some(areas) = line.areas.as_ref().filter(|areas| areas.as_slice() != stand) {
                set_areas(tx, admin, assessor_id, areas)?;
                moved.push(assessor_id);
            }
            let member = PoolMember { assessor_id, capacity: line.capacity, minimum: line.minimum };
            pool.insert(assessor_id, member);
        }
        if counted == 0 {
            return Ok(());
        }
        let pool: Vec<PoolMember> = pool.into_values().collect();
        save(tx, &Round { version: self.round.version + 1, ..self.round.clone() })?;
        store::set_pool(tx.conn, self.round.id, &pool)?;
        let detail = json!({"assessors": pool, "imported": counted});
        audit::record(tx, admin, "round.assessors_set", self.round.id, Some(self.round.id), detail)?;
        on.changed(tx, admin, Changed::Round(self.round.id), "the round's assessors changed")?;
        let what = "an assessor's areas or themes changed";
        moved.into_iter().try_for_each(|assessor| on.changed(tx, admin, Changed::Assessor(assessor), what))
    }
}

/// What a row comes to, or everything that is wrong with it.
fn step(row: &Row, known: Option<&Known>, pool: &BTreeMap<UserId, PoolMember>) -> Result<Step, Vec<String>> {
    let mut faults = Vec::new();
    let assessor = match known {
        None => None,
        Some(Known::Assessor(profile)) => {
            if profile.disabled {
                faults.push(format!(
                    "{} can no longer sign in; enable them first, or leave the line out",
                    row.email
                ));
            }
            Some(profile)
        }
        Some(Known::Other(role)) => {
            faults.push(format!(
                "{} is here with the role {role}, and an address has one role; give another address",
                row.email
            ));
            return Err(faults);
        }
    };
    let name = match assessor {
        Some(profile) => profile.name.clone(),
        None => match read_person(&row.email, row.name.as_deref().unwrap_or_default()) {
            Ok((_, name)) => name,
            Err(found) => {
                faults.extend(found.into_iter().map(|Fault { pointer, detail }| match pointer.as_str() {
                    "/name" => format!("nobody has the address {} yet, so {detail}", row.email),
                    _ => format!("\"{}\" is no email address; {detail}", row.email),
                }));
                String::new()
            }
        },
    };
    let member = assessor.and_then(|profile| pool.get(&profile.id));
    let capacity = row.capacity.or(member.map(|member| member.capacity));
    let minimum = row.minimum.or(member.map(|member| member.minimum)).unwrap_or(0);
    match capacity {
        None => faults.push("give a capacity: the most bids at one time, such as 6".to_owned()),
        Some(capacity) if minimum > capacity => {
            faults.push(format!(
                "the minimum, {minimum}, is above the capacity, {capacity}; give 0 to {capacity}"
            ));
        }
        Some(_) => {}
    }
    let (true, Some(capacity)) = (faults.is_empty(), capacity) else { return Err(faults) };
    let has_areas =
        row.areas.as_ref().is_none_or(|areas| assessor.is_some_and(|profile| profile.areas == *areas));
    let act = match (assessor, member) {
        (None, _) => ImportAct::Invited,
        (Some(_), None) => ImportAct::Added,
        (Some(_), Some(member)) if has_areas && member.capacity == capacity && member.minimum == minimum => {
            ImportAct::Unchanged
        }
        (Some(_), Some(_)) => ImportAct::Changed,
    };
    let line = ImportedLine {
        line: row.line,
        email: row.email.clone(),
        name,
        areas: row.areas.clone(),
        capacity,
        minimum,
        act,
    };
    Ok(Step { line, assessor: assessor.cloned() })
}
