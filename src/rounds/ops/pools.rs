//! Use cases of a round's pool of assessors.

use std::collections::BTreeMap;

use serde_json::json;

use super::{load, pool, save};
use crate::accounts::model::AssessorProfile;
use crate::areas::model::AreaTree;
use crate::auth::{Admin, Reader};
use crate::db::Conn;
use crate::id::RoundId;
use crate::platform::{Changed, Platform};
use crate::problem::{Fault, Problem, Result};
use crate::rest::IfMatch;
use crate::rounds::input::Pool;
use crate::rounds::model::{PoolMember, Round, RoundStatus};
use crate::rounds::store;
use crate::{accounts, areas, audit};

/// A round's assessors, and the round's version.
///
/// # Errors
/// `not-found`.
pub async fn read_pool(on: &Platform, _reader: &Reader, id: RoundId) -> Result<(i32, Pool)> {
    on.db
        .read(move |conn| {
            let round = load(conn, id)?;
            Ok((round.version, Pool { assessors: pool(conn, id)? }))
        })
        .await
}

/// A round's assessors with who they are, by name.
#[derive(Debug, Clone)]
pub struct PoolLines {
    pub round: Round,
    pub tree: AreaTree,
    pub lines: Vec<(PoolMember, AssessorProfile)>,
}

/// A round's assessors with who they are, by name.
///
/// # Errors
/// `not-found`.
pub async fn pool_lines(on: &Platform, _reader: &Reader, id: RoundId) -> Result<PoolLines> {
    on.db
        .read(move |conn| {
            let round = load(conn, id)?;
            let members: BTreeMap<_, _> =
                pool(conn, id)?.into_iter().map(|member| (member.assessor_id, member)).collect();
            let ids: Vec<_> = members.keys().copied().collect();
            let profiles = accounts::ops::assessors(conn, &ids)?.into_iter();
            let mut lines: Vec<_> =
                profiles.filter_map(|profile| Some((members.get(&profile.id)?.clone(), profile))).collect();
            lines.sort_by_key(|(_, profile)| (profile.name.to_lowercase(), profile.id));
            Ok(PoolLines { round, tree: areas::ops::tree(conn)?, lines })
        })
        .await
}

/// Sets a round's assessors, exactly these. During assessment the routing follows at once: what was accepted stays, offers
/// beyond a capacity are taken back, and empty places are offered.
///
/// # Errors
/// `not-found`; `stale`; `wrong-state`: the round has ended; `invalid`, with all faults.
pub async fn set_pool(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    if_match: IfMatch,
    input: Pool,
) -> Result<(i32, Pool)> {
    set(on, admin, id, if_match, input, false).await
}

/// The same, with the routing left as it is until somebody has looked at the difference and repairs it.
///
/// # Errors
/// As [`set_pool`].
pub async fn set_pool_and_hold_routing(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    if_match: IfMatch,
    input: Pool,
) -> Result<(i32, Pool)> {
    set(on, admin, id, if_match, input, true).await
}

async fn set(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    if_match: IfMatch,
    input: Pool,
    hold_routing: bool,
) -> Result<(i32, Pool)> {
    let (admin, platform) = (admin.clone(), on.clone());
    on.db
        .write(move |tx| {
            let before = load(tx.conn, id)?;
            if_match.check(before.version)?;
            may_change(&before)?;
            let mut faults = input.faults();
            faults.extend(stranger_faults(tx.conn, &input)?);
            if !faults.is_empty() {
                return Err(Problem::invalid("The assessors were not changed.", faults));
            }
            let round = Round { version: before.version + 1, ..before };
            save(tx, &round)?;
            store::set_pool(tx.conn, id, &input.assessors)?;
            audit::record(
                tx,
                &admin,
                "round.assessors_set",
                id,
                Some(id),
                json!({"assessors": input.assessors}),
            )?;
            if !hold_routing {
                platform.changed(tx, &admin, Changed::Round(id), "the round's assessors changed")?;
            }
            Ok((round.version, Pool { assessors: pool(tx.conn, id)? }))
        })
        .await
}

/// Assessors come and go until the round has ended.
pub(super) fn may_change(round: &Round) -> Result<()> {
    match round.status {
        RoundStatus::Draft | RoundStatus::Open | RoundStatus::Assessing => Ok(()),
        RoundStatus::Closed | RoundStatus::Cancelled => Err(Problem::wrong_state(format!(
            "{} is {}; its assessors no longer change.",
            round.name, round.status
        ))),
    }
}

/// Those in the pool who are no assessors, or no longer.
fn stranger_faults(conn: &mut Conn, pool: &Pool) -> Result<Vec<Fault>> {
    let ids: Vec<_> = pool.assessors.iter().map(|member| member.assessor_id).collect();
    let known: BTreeMap<_, _> = accounts::ops::assessors(conn, &ids)?
        .into_iter()
        .map(|profile| (profile.id, profile.disabled))
        .collect();
    let fault = |(index, id)| {
        let detail = match known.get(&id) {
            None => "there is no assessor with this id",
            Some(true) => "this assessor can no longer sign in",
            Some(false) => return None,
        };
        Some(Fault::new(format!("/assessors/{index}/assessor_id"), detail))
    };
    Ok(ids.into_iter().enumerate().filter_map(fault).collect())
}
