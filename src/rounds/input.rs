//! What administrators send about funds and rounds, and what is wrong with it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Fund, PoolMember, Round};
use super::rules::Rules;
use crate::areas::model::AreaTree;
use crate::clock::Timestamp;
use crate::id::FundId;
use crate::problem::{Fault, Problem, Result};

/// The most bids that one assessor may take in a round.
pub(super) const MOST_CAPACITY: u32 = 1_000;
/// The most assessors of one round.
const MOST_ASSESSORS: usize = 10_000;
/// The most characters of a reason.
const LONGEST_REASON: usize = 2_000;

/// A fund, as it is made or changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundInput {
    #[schema(example = "Fast Track Digital Workforce Fund")]
    pub name: String,
    #[serde(default)]
    #[schema(example = "Digital skills for the vacancies of today.")]
    pub description: String,
    /// `GBP`.
    #[serde(default = "sterling")]
    #[schema(example = "GBP")]
    pub currency: String,
    /// Codes of the areas and groups that bids may cover.
    #[schema(example = json!(["E47000001", "lancashire-lep"]))]
    pub areas: Vec<String>,
}

fn sterling() -> String {
    "GBP".to_owned()
}

/// A new round, as a draft: everything but its name may come later.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRound {
    pub fund_id: FundId,
    #[schema(example = "FT1")]
    pub code: String,
    #[schema(example = "Round 1")]
    pub name: String,
    #[serde(default)]
    pub rules: Rules,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-10-01T08:00:00Z")]
    pub opens_at: Option<Timestamp>,
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-01-15T12:00:00Z")]
    pub assessments_due_at: Option<Timestamp>,
}

/// All of a draft round that can change.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundUpdate {
    #[schema(example = "FT1")]
    pub code: String,
    #[schema(example = "Round 1")]
    pub name: String,
    pub rules: Rules,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-10-01T08:00:00Z")]
    pub opens_at: Option<Timestamp>,
    #[serde(default)]
    pub deadline: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-01-15T12:00:00Z")]
    pub assessments_due_at: Option<Timestamp>,
}

/// A later deadline, and why.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    pub deadline: Timestamp,
    /// When assessments are due instead; without it that day stays.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2027-01-15T12:00:00Z")]
    pub assessments_due_at: Option<Timestamp>,
    #[schema(example = "The service was not reachable on the morning of the deadline.")]
    pub reason: String,
}

/// Why a round is cancelled.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancellation {
    #[schema(example = "The funding was withdrawn.")]
    pub reason: String,
}

/// What a round made from another's rules is called.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    #[schema(example = "FT2")]
    pub code: String,
    #[schema(example = "Round 2")]
    pub name: String,
}

/// The assessors of a round: exactly these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    pub assessors: Vec<PoolMember>,
}

/// Assessors to take into a round's pool, as a table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolImport {
    /// Comma-separated values with a line of names first: `email` and, where they are known, `name`, `areas`
    /// (codes or names, with semicolons between them), `capacity`, `minimum`.
    #[schema(
        example = "email,name,areas,capacity,minimum\nsam@example.org,Sam Assessor,E10000017;Blackpool,6,0\n"
    )]
    pub csv: String,
    /// Whether nothing is to be done but to say what would be.
    #[serde(default)]
    pub dry_run: bool,
}

/// Text of one line that ends up in subjects, lists and file names.
fn name_faults(at: &str, name: &str, faults: &mut Vec<Fault>) {
    if name.trim().is_empty() || name.chars().count() > 200 {
        faults.push(Fault::new(at, "give a name of 1 to 200 characters"));
    } else if name.chars().any(char::is_control) {
        faults.push(Fault::new(at, "remove line breaks and control characters"));
    }
}

fn code_faults(code: &str, faults: &mut Vec<Fault>) {
    let plain = code.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !plain || !(2..=6).contains(&code.len()) {
        faults
            .push(Fault::new("/code", "use 2 to 6 upper-case letters and digits: references start with it"));
    }
}

fn date_faults(
    opens_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
    due: Option<Timestamp>,
    faults: &mut Vec<Fault>,
) {
    if let (Some(opens_at), Some(deadline)) = (opens_at, deadline)
        && opens_at >= deadline
    {
        faults.push(Fault::new("/opens_at", "the round must open before its deadline"));
    }
    if let (Some(deadline), Some(due)) = (deadline, due)
        && due <= deadline
    {
        faults.push(Fault::new("/assessments_due_at", "assessments are due after the deadline for bids"));
    }
}

fn refuse(what: &'static str, faults: Vec<Fault>) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(what, faults)) }
}

impl FundInput {
    /// # Errors
    /// `invalid`, with all faults.
    pub fn check(&self, tree: &AreaTree) -> Result<()> {
        let mut faults = Vec::new();
        name_faults("/name", &self.name, &mut faults);
        if self.description.chars().count() > 10_000 {
            faults.push(Fault::new("/description", "use at most 10,000 characters"));
        }
        if self.currency != "GBP" {
            faults.push(Fault::new("/currency", "only \"GBP\" is supported"));
        }
        if self.areas.is_empty() || self.areas.len() > 500 {
            faults.push(Fault::new("/areas", "name 1 to 500 areas or groups"));
        }
        let mut seen = BTreeSet::new();
        for (index, code) in self.areas.iter().enumerate() {
            let at = format!("/areas/{index}");
            if tree.area(code).is_none() && tree.group(code).is_none() {
                faults.push(Fault::new(at, format!("{code:?} is not the code of an area or group")));
            } else if !seen.insert(code) {
                faults.push(Fault::new(at, format!("{code:?} is named twice")));
            }
        }
        refuse("The fund was not saved.", faults)
    }
}

impl NewRound {
    /// What even a draft must have.
    ///
    /// # Errors
    /// `invalid`, with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        code_faults(&self.code, &mut faults);
        name_faults("/name", &self.name, &mut faults);
        date_faults(self.opens_at, self.deadline, self.assessments_due_at, &mut faults);
        refuse("The round was not made.", faults)
    }
}

impl RoundUpdate {
    /// What even a draft must have.
    ///
    /// # Errors
    /// `invalid`, with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        code_faults(&self.code, &mut faults);
        name_faults("/name", &self.name, &mut faults);
        date_faults(self.opens_at, self.deadline, self.assessments_due_at, &mut faults);
        refuse("The round was not changed.", faults)
    }
}

impl Copy {
    /// # Errors
    /// `invalid`, with all faults.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        code_faults(&self.code, &mut faults);
        name_faults("/name", &self.name, &mut faults);
        refuse("The round was not copied.", faults)
    }
}

/// A reason that people will read.
pub fn reason_faults(reason: &str, faults: &mut Vec<Fault>) {
    if reason.trim().is_empty() || reason.chars().count() > LONGEST_REASON {
        faults.push(Fault::new(
            "/reason",
            "give the reason, in 1 to 2,000 characters: it is kept and people read it",
        ));
    }
}

impl Cancellation {
    /// # Errors
    /// `invalid`.
    pub fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        reason_faults(&self.reason, &mut faults);
        refuse("The round was not cancelled.", faults)
    }
}

impl Extension {
    /// Against the round as it stands, at the transaction's time.
    ///
    /// # Errors
    /// `invalid`, with all faults.
    pub fn check(&self, round: &Round, now: Timestamp) -> Result<()> {
        let mut faults = Vec::new();
        reason_faults(&self.reason, &mut faults);
        if self.deadline <= now {
            faults.push(Fault::new(
                "/deadline",
                format!("choose a time in the future; it is now {}", now.london()),
            ));
        } else if let Some(deadline) = round.deadline.filter(|deadline| self.deadline <= *deadline) {
            faults.push(Fault::new(
                "/deadline",
                format!("choose a time after the present deadline, {}", deadline.london()),
            ));
        }
        if self.assessments_due_at.or(round.assessments_due_at).is_some_and(|due| due <= self.deadline) {
            faults.push(Fault::new(
                "/assessments_due_at",
                "assessments are due after the deadline for bids: give a later time",
            ));
        }
        refuse("The deadline was not extended.", faults)
    }
}

impl Pool {
    /// What is wrong with the numbers; who the assessors are is the use case's to ask.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.assessors.len() > MOST_ASSESSORS {
            faults.push(Fault::new("/assessors", "name at most 10,000 assessors"));
        }
        let mut seen = BTreeSet::new();
        for (index, member) in self.assessors.iter().enumerate() {
            let at = format!("/assessors/{index}");
            if member.capacity > MOST_CAPACITY {
                faults.push(Fault::new(format!("{at}/capacity"), "choose 0 to 1,000 bids"));
            }
            if member.minimum > member.capacity {
                faults.push(Fault::new(
                    format!("{at}/minimum"),
                    format!("choose 0 to {}, the capacity", member.capacity),
                ));
            }
            if !seen.insert(member.assessor_id) {
                faults.push(Fault::new(format!("{at}/assessor_id"), "this assessor is named twice"));
            }
        }
        faults
    }
}

impl Round {
    /// What stands between this draft and opening at `now`, all of it.
    #[must_use]
    pub fn opening_faults(&self, fund: &Fund, tree: &AreaTree, now: Timestamp) -> Vec<Fault> {
        let mut faults = self.rules.faults(|code| tree.inside(&fund.areas, code));
        if fund.areas.is_empty() {
            faults.push(Fault::new("/fund_id", "the fund covers no area; add one to the fund"));
        }
        match self.deadline {
            None => faults.push(Fault::new("/deadline", "set the deadline")),
            Some(deadline) if deadline <= now => faults.push(Fault::new(
                "/deadline",
                format!("choose a time in the future; it is now {}", now.london()),
            )),
            Some(_) => {}
        }
        if let (Some(deadline), Some(due)) = (self.deadline, self.assessments_due_at)
            && due <= deadline
        {
            faults.push(Fault::new("/assessments_due_at", "assessments are due after the deadline for bids"));
        }
        faults
    }
}
