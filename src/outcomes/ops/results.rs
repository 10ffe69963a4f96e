//! A round's results, as reports are made of them: what its outcomes depend on, and what that comes to.

use super::super::evaluate::{Evaluated, evaluate};
use super::super::inputs::Inputs;
use super::super::later;
use super::super::later::model::LaterAct;
use super::super::model::BidOutcome;
use super::super::store;
use super::gather::gather;
use super::verify::snapshot_inputs;
use crate::db::Conn;
use crate::id::RoundId;
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};

/// A round that is being assessed, as it stands, or one that is closed, as it was frozen.
#[derive(Debug, Clone)]
pub struct Results {
    pub round: Round,
    pub inputs: Inputs,
    pub evaluated: Evaluated,
    /// As they were written once the round is closed, provisional before; the ranked first, best
    /// first, then by reference.
    pub outcomes: Vec<BidOutcome>,
    /// Of the snapshot; `None` before the round is closed.
    pub snapshot_sha256: Option<String>,
    /// What was done after closing, in order; the outcomes above stay as they were written.
    pub later_acts: Vec<LaterAct>,
}

/// A round's results, for the features above, in a fixed number of queries.
///
/// # Errors
/// `not-found`; `wrong-state` before assessment starts, and of a cancelled round.
pub fn results(conn: &mut Conn, id: RoundId) -> Result<Results> {
    let round = rounds::ops::load(conn, id)?;
    match round.status {
        RoundStatus::Draft | RoundStatus::Open | RoundStatus::Cancelled => {
            Err(Problem::wrong_state(format!(
                "{} is {}; there is something to report once its assessment has started.",
                round.name, round.status
            )))
        }
        RoundStatus::Assessing => {
            let inputs = gather(conn, round.id)?.inputs;
            let evaluated = evaluate(&inputs).map_err(Problem::internal)?;
            let outcomes = evaluated.outcomes.clone();
            Ok(Results { round, inputs, evaluated, outcomes, snapshot_sha256: None, later_acts: Vec::new() })
        }
        RoundStatus::Closed => closed(conn, round),
    }
}

fn closed(conn: &mut Conn, round: Round) -> Result<Results> {
    let closing = store::find_closing(conn, round.id)?;
    let closing = closing.ok_or_else(|| Problem::internal("a closed round without its snapshot"))?;
    let inputs = snapshot_inputs(conn, round.id)?;
    let evaluated = evaluate(&inputs).map_err(Problem::internal)?;
    let mut outcomes = store::list_outcomes(conn, round.id)?;
    outcomes.sort_by(|left, right| {
        let place = |outcome: &BidOutcome| outcome.rank.unwrap_or(u32::MAX);
        (place(left), &left.detail.reference).cmp(&(place(right), &right.detail.reference))
    });
    let snapshot_sha256 = Some(closing.snapshot_sha256);
    let later_acts = later::ops::list(conn, round.id)?;
    Ok(Results { round, inputs, evaluated, outcomes, snapshot_sha256, later_acts })
}
