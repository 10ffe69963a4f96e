//! The sentence that says why, for each bid: plain English, as on a public letter.
//!
//! It stands alone, begins with a capital, ends with a full stop, and names no other bid, no
//! assessor and no member of the panel.
//!
//! Must not know: how the outcome was reached; it words what it is given.

use super::combine::{CombinedScore, Incomplete};
use super::decisions::{Missed, Outcome, Override, PaidFrom};
use super::later::model::AwardEnd;
use super::spending::Fate;
use crate::money::Pence;
use crate::rounds::rules::Rules;

/// A bid's place among the ranked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub rank: u32,
    /// Whether others share the rank.
    pub shared: bool,
    /// How many bids are ranked.
    pub of: u32,
    /// Whether the announced draw gave it its place among equals.
    pub drawn: bool,
}

pub(super) fn withdrawn() -> String {
    "Withdrawn by the bidder.".to_owned()
}

pub(super) fn ineligible(reason: &str) -> String {
    sentence(&format!("Not eligible: {}", reason.trim()))
}

pub(super) fn excluded(reason: &str) -> String {
    sentence(&format!("Not considered further: {}", reason.trim()))
}

pub(super) fn incomplete(incomplete: &Incomplete) -> String {
    format!("Not ranked yet: {incomplete} assessments.")
}

pub(super) fn override_refused(place: Option<Place>) -> String {
    sentence(&opening(place, "the decision made outside the ranking cannot stand"))
}

/// "Scored 1.67 for Need and demand, below the threshold of 2."
pub(super) fn missed(missed: &Missed, combined: &CombinedScore) -> String {
    sentence(&missed_parts(missed, combined))
}

fn missed_parts(missed: &Missed, combined: &CombinedScore) -> String {
    let criteria = missed.criteria.iter().map(|criterion| {
        let score = criterion.used.rounded();
        format!("{score} for {}, below the threshold of {}", criterion.title.trim(), criterion.threshold)
    });
    let overall = missed.overall.map(|threshold| {
        let score = combined.score;
        // 59.996 is shown as 60.00; the reader is owed the reason why it is still below 60.
        let before = if score.hundredths() >= i64::from(threshold) * 100 { " before rounding" } else { "" };
        format!("{score} out of 100 overall, below the threshold of {threshold}{before}")
    });
    let parts: Vec<String> = criteria.chain(overall).collect();
    format!("Scored {}", parts.join("; "))
}

/// Why the ranking paid a bid, or did not.
pub(super) fn ranked(
    rules: &Rules,
    place: Place,
    fate: &Fate,
    asked: Pence,
    reserve_position: Option<u32>,
) -> String {
    let reserve = match reserve_position {
        Some(position) => format!("; {} on the reserve list", ordinal(position)),
        None => String::new(),
    };
    let why = match fate {
        Fate::Paid { from, held } => {
            format!("{held} of {} was left, {asked} was asked", pot_name(rules, from))
        }
        Fate::PaidInPart { held } => {
            let least = rules.partial_offer_percent.unwrap_or_default();
            format!(
                "{held} of the general pot was left, {asked} was asked; what was left is offered, {}% of \
                 what was asked, where the round allows an offer of {least}% or more",
                percent(*held, asked)
            )
        }
        Fate::DoesNotFit { held } => {
            format!("{held} of the general pot was left, {asked} was asked{reserve}")
        }
        Fate::Stopped => {
            format!("awards stopped above it, where more was asked than was left{reserve}")
        }
        Fate::Open => "the outcome waits for a tie on the funding line to be decided".to_owned(),
    };
    sentence(&opening(Some(place), &why))
}

/// Whole hundredths, rounded down: what is offered is never more than it is said to be.
fn percent(part: Pence, of: Pence) -> i128 {
    (i128::from(part.0) * 100).checked_div(i128::from(of.0)).unwrap_or_default()
}

/// Why an administrator decided otherwise.
pub(super) fn overridden(
    rules: &Rules,
    place: Option<Place>,
    decision: &Override,
    paid: Option<(&PaidFrom, Pence)>,
    asked: Pence,
) -> String {
    let what = match (decision.outcome, paid) {
        (Outcome::Awarded | Outcome::AwardedWithConditions, Some((from, amount))) => {
            let conditions =
                if decision.outcome == Outcome::AwardedWithConditions { ", with conditions" } else { "" };
            let of_asked =
                if amount == asked { String::new() } else { format!(" of the {asked} that was asked") };
            format!("awarded {amount}{of_asked} from {}{conditions}", pot_name(rules, from))
        }
        (Outcome::Awarded | Outcome::AwardedWithConditions, None) => "to be awarded".to_owned(),
        (Outcome::Reserve, _) => "placed on the reserve list".to_owned(),
        (Outcome::Unsuccessful, _) => "not awarded".to_owned(),
        (Outcome::Ineligible, _) => "found not eligible".to_owned(),
        (Outcome::Withdrawn, _) => "recorded as withdrawn".to_owned(),
    };
    let reason = decision.reason.trim();
    sentence(&opening(place, &format!("{what}, by a decision outside the ranking: {reason}")))
}

/// That an award has ended after closing.
pub(super) fn award_ended(how: AwardEnd, amount: Pence, reason: &str) -> String {
    let what = match how {
        AwardEnd::Declined => "declined",
        AwardEnd::Withdrawn => "given back",
    };
    sentence(&format!("The award of {amount} was {what} by the bidder: {}", reason.trim()))
}

/// Why a bid is promoted from the reserve list after closing.
pub(super) fn promoted(
    rules: &Rules,
    position: Option<u32>,
    from: &PaidFrom,
    held: Pence,
    asked: Pence,
) -> String {
    let place = position.map(|position| format!(", where it was {}", ordinal(position))).unwrap_or_default();
    let pot = pot_name(rules, from);
    sentence(&format!("Promoted from the reserve list{place}; {held} of {pot} was left, {asked} was asked"))
}

/// That an outcome was put right after closing.
pub(super) fn corrected(reason: &str) -> String {
    sentence(&format!("Corrected after closing: {}", reason.trim()))
}

/// "Ranked joint 7th of 18; " and the rest, or the rest alone.
fn opening(place: Option<Place>, rest: &str) -> String {
    match place {
        Some(Place { rank, shared, of, drawn }) => {
            let joint = if shared { "joint " } else { "" };
            let draw = if drawn { " after the announced draw between equals" } else { "" };
            format!("Ranked {joint}{} of {of}{draw}; {rest}", ordinal(rank))
        }
        None => capitalised(rest),
    }
}

fn pot_name(rules: &Rules, from: &PaidFrom) -> String {
    match from {
        PaidFrom::General => "the general pot".to_owned(),
        PaidFrom::Pot(key) => {
            let pot = rules.pots.iter().find(|pot| pot.key == *key);
            format!("the {} pot", pot.map_or(key.as_str(), |pot| pot.name.trim()))
        }
    }
}

/// 1st, 2nd, 3rd, 4th, 11th, 21st.
fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// With one full stop, unless the text brought an ending of its own.
fn sentence(text: &str) -> String {
    if text.ends_with(['.', '?', '!']) { text.to_owned() } else { format!("{text}.") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_read_as_people_say_them() {
        let said: Vec<String> = [1, 2, 3, 4, 10, 11, 12, 13, 21, 22, 101, 111].map(ordinal).into();
        let expected =
            ["1st", "2nd", "3rd", "4th", "10th", "11th", "12th", "13th", "21st", "22nd", "101st", "111th"];
        assert_eq!(said, expected);
    }
}
