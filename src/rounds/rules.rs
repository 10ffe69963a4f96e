//! A round's rules: what is asked, how it is scored, and how the money is decided.
//!
//! A draft round may hold incomplete rules; [`Rules::faults`] lists what stands between them and
//! opening. Once the round is open they never change: everything after (routing, combining,
//! deciding) may take a `Rules` whose `faults` came back empty as read.
//!
//! Must not know: bids, assessors, HTTP, storage.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::criteria::{Criterion, Level, Scored, SubCriterion};

use super::criteria::{key_fault, line_fault, words_fault};
use super::themes::{Theme, theme_faults};
use crate::money::Pence;
use crate::problem::Fault;

/// Everything that is announced when a round opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Yes/no eligibility questions; a wrong answer makes the bid ineligible.
    pub gateways: Vec<Gateway>,
    /// Statements that a bidder must confirm.
    pub declarations: Vec<Declaration>,
    /// The questions that are scored; their weights total 100.
    pub criteria: Vec<Criterion>,
    /// What bids may be about, beside their areas. Assessors who share a bid's themes fit it better. None: only areas count.
    pub themes: Vec<Theme>,
    /// Places on each bid, 1 to 10.
    #[schema(example = 3, minimum = 1, maximum = 10)]
    pub assessors_per_bid: u32,
    /// Submitted assessments that a bid needs before it can be ranked, 1 to `assessors_per_bid`.
    #[schema(example = 2, minimum = 1)]
    pub quorum: u32,
    /// Whether reviews are swapped so that who assesses what is connected, and assessors' leniency can be compared.
    pub bridges: bool,
    /// How the assessors' scores of one criterion become one.
    pub combination: Combination,
    /// Whether the combined score decides as it is, or adjusted for its assessors' leniency.
    pub deciding_score: DecidingScore,
    /// The lowest combined score that can be funded, in whole points of 100.
    pub overall_threshold: Option<u32>,
    /// Where assessors differ by more than this, a moderated score is needed.
    pub disagreement: Disagreement,
    /// Keys of criteria: equal combined scores are ordered by these, the first first. Last may stand
    /// `draw`: what is then still equal is ordered by a draw whose seed is committed to at opening.
    pub tie_break: Vec<String>,
    /// All the money of the round.
    #[schema(value_type = i64, example = 300_000_000)]
    pub budget_pence: Pence,
    /// The most that one bid may ask for.
    #[schema(value_type = Option<i64>, example = 18_000_000)]
    pub grant_limit_pence: Option<Pence>,
    /// Money within the budget that is ring-fenced for areas, spent in this order before the general pot.
    pub pots: Vec<Pot>,
    /// What happens when the next bid in the ranking asks for more than is left.
    pub when_next_does_not_fit: NextDoesNotFit,
    /// Where the next bid asks for more than the general pot has left: it is offered what is left, if
    /// that is at least so many hundredths of what it asks for, 1 to 99. Absent: all or nothing.
    #[schema(example = 60)]
    pub partial_offer_percent: Option<u32>,
    /// Whether assessors may see others' scores once the round is closed.
    pub assessors_see_scores_after_close: bool,
    /// Working days in which a bidder may query the outcome.
    pub query_working_days: u32,
    /// Where a query is sent.
    #[schema(example = "fund@example.org")]
    pub query_email: String,
}

/// A yes/no eligibility question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    #[schema(example = "registered")]
    pub key: String,
    #[schema(example = "Is the lead organisation registered in the United Kingdom?")]
    pub question: String,
    /// The answer that keeps the bid eligible.
    #[schema(example = true)]
    pub required_answer: bool,
}

/// A statement that a bidder must confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    #[schema(example = "accurate")]
    pub key: String,
    #[schema(example = "What we have written is accurate to the best of our knowledge.")]
    pub statement: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combination {
    #[default]
    Mean,
    Median,
}

/// `combined`: leniency is shown beside it and decides nothing. `adjusted`: the combined score less
/// the mean leniency of the bid's assessors, to two decimals, half up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidingScore {
    #[default]
    Combined,
    Adjusted,
}

/// The limits past which a bid's assessments ask for moderation. An absent limit never asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Disagreement {
    /// The widest accepted spread between two assessors' own combined scores, in whole points of 100.
    #[schema(example = 25)]
    pub overall_points: Option<u32>,
    /// The widest accepted spread between two scores of one criterion, in levels of its scale.
    #[schema(example = 2)]
    pub criterion_levels: Option<u32>,
    /// Whether it is open while some recommend to fund a bid and some not to.
    pub recommendation: bool,
    /// Whether it is open while some hold a bid to be in scope and some not.
    pub in_scope: bool,
}

/// Money ring-fenced for areas within the round's budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pot {
    #[schema(example = "lancashire")]
    pub key: String,
    #[schema(example = "Lancashire")]
    pub name: String,
    /// Codes of areas or groups; a bid that covers any of them may be paid from this pot.
    #[schema(example = json!(["lancashire-lep"]))]
    pub areas: Vec<String>,
    #[schema(value_type = i64, example = 50_000_000)]
    pub amount_pence: Pence,
    /// Whether what is left of this pot joins the general pot.
    #[serde(default = "yes")]
    pub remainder_to_general_pot: bool,
}

/// `stop`: nothing below it in the ranking is paid from this pot. `skip`: the next that fits is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NextDoesNotFit {
    #[default]
    Stop,
    Skip,
}

/// The most criteria of a round: what exact fractions of 128 bits hold for certain, even where every
/// criterion has a scale of its own length.
const MOST_CRITERIA: usize = 13;

/// What ends a tie-break with a draw.
const DRAW: &str = "draw";

/// The most money of one round, £100 billion, so that no total of amounts passes 64 bits.
pub const MOST_MONEY: Pence = Pence::pounds(100_000_000_000);

fn yes() -> bool {
    true
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            gateways: Vec::new(),
            declarations: Vec::new(),
            criteria: Vec::new(),
            themes: Vec::new(),
            assessors_per_bid: 3,
            quorum: 3,
            bridges: false,
            combination: Combination::Mean,
            deciding_score: DecidingScore::Combined,
            overall_threshold: None,
            disagreement: Disagreement::default(),
            tie_break: Vec::new(),
            budget_pence: Pence::ZERO,
            grant_limit_pence: None,
            pots: Vec::new(),
            when_next_does_not_fit: NextDoesNotFit::Stop,
            partial_offer_percent: None,
            assessors_see_scores_after_close: false,
            query_working_days: 10,
            query_email: String::new(),
        }
    }
}

impl Rules {
    #[must_use]
    pub fn criterion(&self, key: &str) -> Option<&Criterion> {
        self.criteria.iter().find(|criterion| criterion.key == key)
    }

    /// Everything that an assessor gives a score for, in order.
    pub fn scored(&self) -> impl Iterator<Item = Scored<'_>> {
        self.criteria.iter().flat_map(Criterion::scored)
    }

    /// What is scored under this name: `need`, or `delivery.plan`.
    #[must_use]
    pub fn find_scored(&self, name: &str) -> Option<Scored<'_>> {
        let (key, sub) = name.split_once('.').map_or((name, None), |(key, sub)| (key, Some(sub)));
        let criterion = self.criterion(key)?;
        criterion.scored().into_iter().find(|one| one.sub_criterion.map(|sub| sub.key.as_str()) == sub)
    }

    /// Why there is nothing to score under this name, and what there is.
    #[must_use]
    pub fn not_scored(&self, name: &str) -> String {
        let names = |scored: Vec<Scored>| scored.iter().map(Scored::name).collect::<Vec<_>>().join(", ");
        match self.criterion(name) {
            Some(criterion) => {
                let parts = names(criterion.scored());
                format!("\"{name}\" is scored by its sub-criteria: {parts}")
            }
            None => {
                let all = names(self.scored().collect());
                format!("the round has no criterion \"{name}\"; it has {all}")
            }
        }
    }

    /// Whether a draw orders what the tie-break leaves equal.
    #[must_use]
    pub fn draws(&self) -> bool {
        self.tie_break.last().is_some_and(|key| key == DRAW)
    }

    /// What stands between these rules and opening, each with the JSON pointer of its field below
    /// `/rules`. Empty: the rules are complete. `covered` says whether a code is an area or group
    /// inside the fund's areas.
    #[must_use]
    pub fn faults(&self, covered: impl Fn(&str) -> bool) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.criteria_faults(&mut faults);
        self.key_faults(&mut faults);
        theme_faults(&self.themes, &mut faults);
        self.words_faults(&mut faults);
        self.number_faults(&mut faults);
        self.money_faults(&covered, &mut faults);
        faults
    }

    fn criteria_faults(&self, faults: &mut Vec<Fault>) {
        if self.criteria.is_empty() {
            faults.push(Fault::new("/rules/criteria", "add at least one criterion"));
            return;
        }
        if self.criteria.len() > MOST_CRITERIA {
            faults.push(Fault::new(
                "/rules/criteria",
                "use at most 13 criteria, so that scores can be combined exactly",
            ));
        }
        let total: u64 = self.criteria.iter().map(|c| u64::from(c.weight)).sum();
        if total != 100 {
            faults.push(Fault::new(
                "/rules/criteria",
                format!("the weights total {total}; they must total 100"),
            ));
        }
        for (index, criterion) in self.criteria.iter().enumerate() {
            let at = format!("/rules/criteria/{index}");
            criterion.faults(&at, faults);
        }
        for (index, key) in self.tie_break.iter().enumerate() {
            let is_last = index + 1 == self.tie_break.len();
            let fault = match self.criterion(key) {
                _ if key == DRAW && is_last => continue,
                _ if key == DRAW => "a draw leaves no ties, so it stands last".to_owned(),
                Some(_) => continue,
                None => format!("\"{key}\" is not the key of a criterion"),
            };
            faults.push(Fault::new(format!("/rules/tie_break/{index}"), fault));
        }
    }

    fn key_faults(&self, faults: &mut Vec<Fault>) {
        let lists = [
            ("gateways", self.gateways.iter().map(|g| &g.key).collect::<Vec<_>>()),
            ("declarations", self.declarations.iter().map(|d| &d.key).collect()),
            ("criteria", self.criteria.iter().map(|c| &c.key).collect()),
            ("themes", self.themes.iter().map(|t| &t.key).collect()),
            ("pots", self.pots.iter().map(|p| &p.key).collect()),
        ];
        for (list, keys) in lists {
            let mut seen = BTreeSet::new();
            for (index, key) in keys.into_iter().enumerate() {
                let at = format!("/rules/{list}/{index}/key");
                if let Some(detail) = key_fault(key) {
                    faults.push(Fault::new(at, detail));
                } else if list == "criteria" && key == DRAW {
                    faults.push(Fault::new(at, "\"draw\" means the draw in a tie-break; choose another key"));
                } else if !seen.insert(key) {
                    faults.push(Fault::new(at, format!("\"{key}\" is used twice")));
                }
            }
        }
    }

    fn words_faults(&self, faults: &mut Vec<Fault>) {
        let gateways = self.gateways.iter().enumerate().filter_map(|(index, one)| {
            words_fault("the question", &one.question, 500, &format!("/rules/gateways/{index}/question"))
        });
        let declarations = self.declarations.iter().enumerate().filter_map(|(index, one)| {
            let at = format!("/rules/declarations/{index}/statement");
            words_fault("the statement", &one.statement, 2_000, &at)
        });
        let pots = self.pots.iter().enumerate().filter_map(|(index, one)| {
            line_fault("the name", &one.name, 100, &format!("/rules/pots/{index}/name"))
        });
        faults.extend(gateways.chain(declarations).chain(pots));
    }

    fn number_faults(&self, faults: &mut Vec<Fault>) {
        if !(1..=10).contains(&self.assessors_per_bid) {
            faults.push(Fault::new("/rules/assessors_per_bid", "choose 1 to 10"));
        }
        if self.quorum < 1 || self.quorum > self.assessors_per_bid {
            faults.push(Fault::new(
                "/rules/quorum",
                format!("choose 1 to {}, the assessors for each bid", self.assessors_per_bid),
            ));
        }
        if self.deciding_score == DecidingScore::Adjusted {
            if self.combination != Combination::Mean {
                faults.push(Fault::new("/rules/combination", "choose \"mean\": leniency is judged by means"));
            }
            if self.assessors_per_bid < 2 {
                faults.push(Fault::new(
                    "/rules/assessors_per_bid",
                    "choose at least 2: leniency shows only where assessors share bids",
                ));
            }
        }
        if self.overall_threshold.is_some_and(|points| points > 100) {
            faults.push(Fault::new("/rules/overall_threshold", "choose 0 to 100 points"));
        }
        if self.partial_offer_percent.is_some_and(|percent| !(1..=99).contains(&percent)) {
            faults.push(Fault::new("/rules/partial_offer_percent", "choose 1 to 99 per cent, or none"));
        }
        if self.query_working_days > 100 {
            faults.push(Fault::new("/rules/query_working_days", "choose 0 to 100 working days"));
        }
        if !validator::ValidateEmail::validate_email(&self.query_email) {
            faults.push(Fault::new(
                "/rules/query_email",
                "give the email address to which a bidder sends a query",
            ));
        }
    }

    fn money_faults(&self, covered: &impl Fn(&str) -> bool, faults: &mut Vec<Fault>) {
        if self.budget_pence <= Pence::ZERO {
            faults.push(Fault::new("/rules/budget_pence", "give a budget above £0"));
        }
        if self.budget_pence > MOST_MONEY {
            faults.push(Fault::new("/rules/budget_pence", format!("give a budget of at most {MOST_MONEY}")));
        }
        if self.grant_limit_pence.is_some_and(|limit| limit <= Pence::ZERO) {
            faults.push(Fault::new("/rules/grant_limit_pence", "give a limit above £0, or none"));
        }
        let mut ring_fenced: i128 = 0;
        for (index, pot) in self.pots.iter().enumerate() {
            let at = format!("/rules/pots/{index}");
            ring_fenced += i128::from(pot.amount_pence.0);
            if pot.amount_pence <= Pence::ZERO {
                faults.push(Fault::new(format!("{at}/amount_pence"), "give an amount above £0"));
            }
            if pot.areas.is_empty() {
                faults.push(Fault::new(format!("{at}/areas"), "name at least one area or group"));
            }
            for (area, code) in pot.areas.iter().enumerate() {
                if !covered(code) {
                    faults.push(Fault::new(
                        format!("{at}/areas/{area}"),
                        format!("\"{code}\" is not an area or group of this fund"),
                    ));
                }
            }
        }
        if ring_fenced > i128::from(self.budget_pence.0) {
            faults.push(Fault::new("/rules/pots", "the pots total more than the budget"));
        }
    }
}
