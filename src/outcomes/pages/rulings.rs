//! What was ruled on a bid, and what can be.

use super::bid::Board;
use crate::outcomes::decide::Outcome;
use crate::outcomes::letters::heading;
use crate::outcomes::model::{NewRuling, Ruling, RulingKind};

/// A ruling, as it is read.
pub(super) struct RulingView {
    pub heading: String,
    pub detail: String,
    pub reason: String,
    pub told: String,
    pub stands: bool,
    pub revoke: String,
}

/// A ruling that can be made.
pub(super) struct RulingAct {
    pub label: &'static str,
    pub hint: &'static str,
    pub address: String,
}

pub(super) fn ruling_view(of: &Board, ruling: &Ruling) -> RulingView {
    let names = of.names();
    let (heading, detail) = match &ruling.ruling {
        NewRuling::Exclude { .. } => ("Excluded".to_owned(), String::new()),
        NewRuling::AcceptShort { .. } => ("Accepted short".to_owned(), String::new()),
        NewRuling::AcceptDisagreement { .. } => ("Disagreement accepted".to_owned(), String::new()),
        NewRuling::Override { outcome, amount_pence, conditions, .. } => {
            let amount = amount_pence.map(|amount| format!(", {amount}")).unwrap_or_default();
            (
                format!("Outcome overridden: {}{amount}", heading(*outcome).to_lowercase()),
                conditions.as_ref().map(|text| format!("Conditions: {text}")).unwrap_or_default(),
            )
        }
        NewRuling::TieOrder { bids, .. } => {
            let place = bids.iter().position(|bid| *bid == of.board.bid_id).map_or(0, |at| at + 1);
            (format!("Tie ordered: {place} of {}", bids.len()), String::new())
        }
    };
    let by = names.get(&ruling.ruled_by).copied().unwrap_or("(unknown)");
    let revoked = ruling.revoked_at.map(|at| format!("; revoked {}", at.london())).unwrap_or_default();
    RulingView {
        heading,
        detail,
        reason: ruling.ruling.reason().to_owned(),
        told: format!("{by}, {}{revoked}", ruling.ruled_at.london()),
        stands: ruling.revoked_at.is_none(),
        revoke: format!("/rulings/{}/revoke", ruling.id),
    }
}

/// What can be ruled on the bid as it stands; one of a kind stands at a time.
pub(super) fn acts(of: &Board) -> Vec<RulingAct> {
    let takes_part = of.board.outcome.as_ref().is_some_and(|one| {
        one.detail.decision.overridden
            || !matches!(one.outcome, Some(Outcome::Ineligible | Outcome::Withdrawn))
    });
    let stands =
        |kind| of.board.rulings.iter().any(|one| one.revoked_at.is_none() && one.ruling.kind() == kind);
    let is_short = of.combined().is_none();
    let is_disputed = of.combined().is_some_and(|all| all.disagreements.iter().any(|one| !one.is_settled()));
    let all = [
        (
            RulingKind::AcceptShort,
            is_short,
            "Accept it short",
            "It is ranked on the assessments that it has.",
            "accept-short",
        ),
        (
            RulingKind::AcceptDisagreement,
            is_disputed,
            "Accept the disagreement",
            "The assessors' scores stand as they are.",
            "accept-disagreement",
        ),
        (
            RulingKind::Override,
            true,
            "Override its outcome",
            "It gets an outcome that you choose, with conditions or a reason, in place of the ranking's.",
            "override",
        ),
        (
            RulingKind::Exclude,
            true,
            "Exclude it",
            "It takes no further part: unsuccessful, without a rank.",
            "exclude",
        ),
    ];
    all.into_iter()
        .filter(|(kind, fits, ..)| takes_part && *fits && !stands(*kind))
        .map(|(_, _, label, hint, place)| RulingAct {
            label,
            hint,
            address: format!("/bids/{}/{place}", of.board.bid_id),
        })
        .collect()
}
