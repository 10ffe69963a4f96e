//! One bid's scores side by side: what each assessor gave and why, how far they lie apart, and what the panel has
//! settled about the bid.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::kind_of;
use super::rulings::{RulingAct, RulingView, acts, ruling_view};
use crate::assessments::model::Assessment;
use crate::auth::{Actor, Reader, Role};
use crate::id::{BidId, UserId};
use crate::outcomes::combine::{Combined, CombinedScore, CriterionScore, Disagreed, DisagreedOn, Settled};
use crate::outcomes::letters::heading;
use crate::outcomes::model::{BidScoreboard, Moderation};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{Tab, address, within_rounds};
use crate::rounds::rules::{Criterion, Scored};
use crate::routing::model::AssignmentStatus;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// A bid's scores and its round.
pub(super) struct Board {
    pub board: BidScoreboard,
    pub round: Round,
}

impl Board {
    /// # Errors
    /// `not-found`.
    pub async fn load(on: &Platform, reader: &Reader, bid: BidId) -> Result<Self> {
        let board = ops::bid_scores(on, reader, bid).await?;
        let round = rounds::ops::read_round(on, reader, board.round_id).await?;
        Ok(Self { board, round })
    }

    pub fn address(&self) -> String {
        address_of(self.board.bid_id)
    }

    /// Whether the panel may still settle anything.
    pub fn is_open(&self) -> bool {
        self.round.status == RoundStatus::Assessing
    }

    /// The frame of a page about the bid.
    pub fn shell(&self, shell: Shell) -> Shell {
        within_rounds(shell)
            .under(self.round.name.clone(), address(self.round.id))
            .under("Scores", Tab::Scores.address(self.round.id))
    }

    /// Above the heading of a page about the bid.
    pub fn over(&self) -> String {
        format!("{} · {}", self.board.reference, self.board.organisation)
    }

    pub fn names(&self) -> BTreeMap<UserId, &str> {
        self.board.people.iter().map(|one| (one.id, one.name.as_str())).collect()
    }

    pub fn combined(&self) -> Option<&CombinedScore> {
        match self.board.scored.as_ref().map(|scored| &scored.combined) {
            Some(Combined::Complete(combined)) => Some(combined),
            Some(Combined::Incomplete(_)) | None => None,
        }
    }

    /// One thing that is scored, by its name: `need`, or `delivery.plan`.
    pub fn scored(&self, scored: &Scored) -> CriterionView {
        let (criterion, key) = (scored.criterion, scored.name());
        let names = self.names();
        let name = |id: UserId| names.get(&id).copied().unwrap_or("(unknown)").to_owned();
        let combined = self.combined();
        let of_criterion = |one: &&Moderation| one.criterion == key;
        let moderations: Vec<Moderated> = self
            .board
            .moderations
            .iter()
            .filter(of_criterion)
            .map(|one| Moderated {
                score: labelled(criterion, one.score),
                reason: one.reason.clone(),
                told: format!("{}, {}", name(one.moderated_by), one.moderated_at.london()),
            })
            .rev()
            .collect();
        let all = combined.map(|all| all.criteria.iter().flat_map(CriterionScore::scored));
        let one = all.and_then(|mut all| all.find(|one| one.name == key));
        CriterionView {
            title: scored.title(),
            scale: format!(
                "{}% of the score, from {} to {}",
                scored.effective_weight(),
                criterion.lowest(),
                criterion.highest()
            ),
            used: one.map(|one| one.used.rounded().to_string()).unwrap_or_default(),
            spread: one.map_or(0, |one| one.spread_levels),
            dispute: combined.and_then(|all| dispute(&all.disagreements, &key)),
            given: self
                .board
                .assessments
                .iter()
                .map(|one| given(scored, &one.assessment, one.counts, name(one.assessment.assessor_id)))
                .collect(),
            moderations,
            key,
        }
    }
}

/// Where a bid's scores are.
pub(super) fn address_of(bid: BidId) -> String {
    format!("/bids/{bid}/scores")
}

/// One criterion, and what all gave it.
pub(super) struct CriterionView {
    pub key: String,
    pub title: String,
    pub scale: String,
    /// Empty where the bid has no combined score.
    pub used: String,
    /// Levels between the lowest and the highest.
    pub spread: u32,
    pub dispute: Option<Dispute>,
    pub given: Vec<Given>,
    /// The latest, which stands, first.
    pub moderations: Vec<Moderated>,
}

/// How far assessors lie apart, where that is more than the round accepts.
pub(super) struct Dispute {
    pub told: String,
    pub kind: &'static str,
}

pub(super) struct Given {
    pub assessor: String,
    pub counts: bool,
    /// `4 – Good`.
    pub score: String,
    pub justification: String,
    pub feedback: String,
}

pub(super) struct Moderated {
    pub score: String,
    pub reason: String,
    pub told: String,
}

fn given(scored: &Scored, assessment: &Assessment, counts: bool, assessor: String) -> Given {
    let criterion = scored.criterion;
    let given = assessment.content.scores.get(&scored.name()).cloned().unwrap_or_default();
    Given {
        assessor,
        counts,
        score: given.score.map_or_else(|| "Missing".to_owned(), |score| labelled(criterion, score)),
        justification: given.justification,
        feedback: given.feedback,
    }
}

/// `4 – Good`.
fn labelled(criterion: &Criterion, score: i32) -> String {
    let level = criterion.scale.iter().find(|level| level.score == score);
    level.map_or_else(|| score.to_string(), |level| format!("{score} – {}", level.label))
}

fn dispute(disagreements: &[Disagreed], criterion: &str) -> Option<Dispute> {
    let on = |one: &&Disagreed| matches!(&one.on, DisagreedOn::Criterion(key) if key == criterion);
    disagreements.iter().find(on).map(disputed)
}

fn disputed(one: &Disagreed) -> Dispute {
    let spread = one.spread.rounded();
    let what = match &one.on {
        DisagreedOn::Overall => {
            format!("Totals lie {spread} points apart, more than {}", one.limit)
        }
        DisagreedOn::Criterion(_) => {
            format!("{} levels apart, more than {}", one.spread.numerator(), one.limit)
        }
        DisagreedOn::Recommendation => "Split on whether to fund it".to_owned(),
        DisagreedOn::InScope => "Split on whether it is in scope".to_owned(),
    };
    let (settled, kind) = match one.settled {
        Settled::No => ("to be settled", "soon"),
        Settled::Moderated => ("moderated", "done"),
        Settled::Accepted => ("accepted", "done"),
    };
    Dispute { told: format!("{what}: {settled}"), kind }
}

// ---- the page ---------------------------------------------------------------------------------

#[derive(Template)]
#[template(path = "outcomes/templates/bid_scores.html")]
struct BidScoresPage {
    shell: Shell,
    over: String,
    title: String,
    bid: String,
    may_settle: bool,
    /// `71.20`, `Incomplete, 2 of 3`, or empty before assessment starts.
    score: String,
    rank: String,
    adjusted: String,
    outcome: &'static str,
    kind: &'static str,
    sentence: String,
    conditions: String,
    is_final: bool,
    disputes: Vec<Dispute>,
    criteria: Vec<CriterionView>,
    whole: Vec<Whole>,
    waiting: Vec<Waiting>,
    rulings: Vec<RulingView>,
    acts: Vec<RulingAct>,
}

/// What an assessor said of the bid as a whole.
struct Whole {
    assessor: String,
    counts: bool,
    submitted: String,
    total: String,
    in_scope: &'static str,
    recommendation: &'static str,
    feedback: String,
    private_note: String,
    reopen: String,
}

struct Waiting {
    assessor: String,
    status: &'static str,
}

#[get("/bids/{id}/scores")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<BidId>) -> Result<HttpResponse> {
    let of = Board::load(&on, &visit.who, id.0).await?;
    let actor: &Actor = &visit.who;
    let may_settle = actor.role == Some(Role::Admin) && of.is_open();
    let board = &of.board;
    let decided = board.outcome.as_ref();
    let score = match board.scored.as_ref().map(|scored| &scored.combined) {
        Some(Combined::Complete(combined)) => format!("{} of 100", combined.score),
        Some(Combined::Incomplete(one)) => format!("Incomplete, {} of {}", one.have, one.need),
        None => String::new(),
    };
    let adjusted = board.calibrated.as_ref().map(|one| match one.interval {
        Some(interval) => format!("{}, 95% interval {} to {}", one.adjusted, interval.low, interval.high),
        None => one.adjusted.to_string(),
    });
    let whole_bid = |one: &&Disagreed| !matches!(one.on, DisagreedOn::Criterion(_));
    let disputes =
        of.combined().map(|all| all.disagreements.iter().filter(whole_bid).map(disputed).collect());
    visit.show(&BidScoresPage {
        shell: of.shell(visit.shell()),
        over: of.over(),
        title: board.title.clone(),
        bid: format!("/bids/{}", board.bid_id),
        may_settle,
        score,
        rank: decided.and_then(|one| one.rank).map(|rank| rank.to_string()).unwrap_or_default(),
        adjusted: adjusted.unwrap_or_default(),
        outcome: decided.and_then(|one| one.outcome).map_or("Open", heading),
        kind: kind_of(decided.and_then(|one| one.outcome)),
        sentence: decided.map(|one| one.sentence.clone()).unwrap_or_default(),
        conditions: decided.and_then(|one| one.conditions.clone()).unwrap_or_default(),
        is_final: of.round.status == RoundStatus::Closed,
        disputes: disputes.unwrap_or_default(),
        criteria: of.round.rules.scored().map(|one| of.scored(&one)).collect(),
        whole: whole(&of),
        waiting: waiting(&of),
        rulings: board.rulings.iter().map(|one| ruling_view(&of, one)).rev().collect(),
        acts: if may_settle { acts(&of) } else { Vec::new() },
    })
}

fn whole(of: &Board) -> Vec<Whole> {
    let names = of.names();
    let total = |assessor: UserId| {
        let own = of.combined()?.own_scores.iter().find(|own| own.assessor == assessor.to_string())?;
        Some(own.total.rounded().to_string())
    };
    let of_one = |one: &crate::outcomes::model::SubmittedAssessment| {
        let assessment = &one.assessment;
        let content = &assessment.content;
        Whole {
            assessor: names.get(&assessment.assessor_id).copied().unwrap_or("(unknown)").to_owned(),
            counts: one.counts,
            submitted: assessment.submitted_at.map(crate::clock::Timestamp::london).unwrap_or_default(),
            total: total(assessment.assessor_id).unwrap_or_default(),
            in_scope: match content.in_scope {
                Some(true) => "In scope",
                Some(false) => "Not in scope",
                None => "Not said",
            },
            recommendation: content.recommendation.map_or("None", |one| one.in_words()),
            feedback: content.feedback.clone(),
            private_note: content.private_note.clone(),
            reopen: format!("/assignments/{}/reopen", assessment.assignment_id),
        }
    };
    of.board.assessments.iter().map(of_one).collect()
}

fn waiting(of: &Board) -> Vec<Waiting> {
    let names = of.names();
    let waits = of.board.places.iter().filter_map(|place| {
        let status = match place.status {
            AssignmentStatus::Offered => "Has not answered the offer",
            AssignmentStatus::Accepted => "Is writing",
            AssignmentStatus::Submitted | AssignmentStatus::Declined | AssignmentStatus::Released => {
                return None;
            }
        };
        let assessor = names.get(&place.assessor_id).copied().unwrap_or("(unknown)").to_owned();
        Some(Waiting { assessor, status })
    });
    waits.collect()
}
