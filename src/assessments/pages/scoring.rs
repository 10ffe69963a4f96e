//! Scoring, one part at a time: the bid's answer beside what is asked, the scale, and the words.
//!
//! A form holds the mark of what it was made of. Where somebody, in another tab perhaps, has changed
//! the same part since, nothing is overwritten: both texts are shown, and the person decides.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde_json::json;

use super::work::{Step, Work, recommendations, shell};
use crate::assessments::model::{CriterionScore, LONGEST_JUSTIFICATION, LONGEST_NOTE, Recommendation};
use crate::assessments::ops::{self, PartSaved};
use crate::assessments::parts::{Overall, Part};
use crate::auth::Assessor;
use crate::bids::rules::word_count;
use crate::id::AssignmentId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::ok;
use crate::rounds::rules::{Criterion, Scored};
use crate::web::form::{Choice, Form, field_of};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show_criterion).service(save_criterion).service(show_overall).service(save_overall);
}

/// What all parts' pages show.
struct PartFrame {
    steps: Vec<Step>,
    /// Which of the steps this is.
    place: usize,
    address: String,
    reference: String,
    title: String,
    /// When this draft was last saved, if it was.
    saved: String,
}

#[derive(Template)]
#[template(path = "assessments/templates/criterion.html")]
struct CriterionPage {
    shell: Shell,
    frame: PartFrame,
    criterion: Criterion,
    answer: String,
    words: usize,
    levels: Vec<Choice>,
    questions: Vec<Question>,
    form: Form,
    /// Whether another tab has saved this part meanwhile.
    is_elsewhere: bool,
    /// Characters of a text.
    most: String,
}

/// What is given one score on a criterion's page: the criterion, or one of its sub-criteria.
struct Question {
    /// Of a sub-criterion.
    title: Option<String>,
    guidance: String,
    /// "20% of the score".
    weight: String,
    /// What its fields' names begin with: nothing, or `plan.`.
    prefix: String,
    /// What another tab has saved of it meanwhile.
    elsewhere: CriterionScore,
}

impl Question {
    fn field(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

#[derive(Template)]
#[template(path = "assessments/templates/overall.html")]
struct OverallPage {
    shell: Shell,
    frame: PartFrame,
    form: Form,
    scope: Vec<Choice>,
    recommendations: Vec<Choice>,
    elsewhere: Option<Overall>,
    /// Characters of a text.
    most: String,
}

/// The part that an address names.
#[derive(Debug, Clone)]
enum Which {
    Criterion(Criterion),
    Overall,
}

impl Which {
    /// # Errors
    /// `not-found`: the round has no such criterion.
    fn criterion(work: &Work, key: &str) -> Result<Self> {
        let found = work.criteria.iter().find(|one| one.key == key);
        found.cloned().map(Self::Criterion).ok_or_else(Problem::not_found)
    }

    /// The part as it stands.
    fn standing(&self, work: &Work) -> Part {
        let blank = match self {
            Self::Criterion(one) => Part::blank(one),
            Self::Overall => Part::Overall(Overall::default()),
        };
        blank.counterpart(work.content())
    }

    /// The part as it was typed, judged as the API judges it.
    fn typed(&self, form: &Form) -> Result<Part> {
        let mut reading = form.reading();
        match self {
            Self::Criterion(one) => {
                for scored in one.scored() {
                    let at = scored.sub_criterion.map(|sub| format!("/{}", sub.key)).unwrap_or_default();
                    reading.whole(&format!("{at}/score"));
                    reading.text(&format!("{at}/justification")).text(&format!("{at}/feedback"));
                }
                if one.sub_criteria.is_empty() {
                    return Ok(Part::Criterion(BTreeMap::from([(one.key.clone(), reading.done()?)])));
                }
                let given: BTreeMap<String, CriterionScore> = reading.done()?;
                let named = given.into_iter().map(|(sub, score)| (format!("{}.{sub}", one.key), score));
                Ok(Part::Criterion(named.collect()))
            }
            Self::Overall => {
                reading.yes_no("/in_scope").words("/recommendation");
                Ok(Part::Overall(reading.text("/feedback").text("/private_note").done()?))
            }
        }
    }

    /// A fault's field on this page; faults of the API stand below `/scores/NAME`.
    fn field(&self, pointer: &str) -> String {
        let on_page = |scored: Scored| {
            let field = pointer.strip_prefix(&format!("/scores/{}/", scored.name()))?;
            Some(format!("{}{field}", prefix(&scored)))
        };
        match self {
            Self::Criterion(one) => {
                one.scored().into_iter().find_map(on_page).unwrap_or_else(|| field_of(pointer))
            }
            Self::Overall => field_of(pointer),
        }
    }

    fn place(&self, work: &Work) -> usize {
        let all = work.criteria.len();
        match self {
            Self::Criterion(one) => {
                work.criteria.iter().position(|other| other.key == one.key).unwrap_or(all)
            }
            Self::Overall => all,
        }
    }
}

/// What the names of the fields of one score begin with: nothing, or `plan.`.
fn prefix(scored: &Scored) -> String {
    scored.sub_criterion.map(|sub| format!("{}.", sub.key)).unwrap_or_default()
}

fn questions(criterion: &Criterion, elsewhere: &BTreeMap<String, CriterionScore>) -> Vec<Question> {
    let question = |scored: Scored| Question {
        title: scored.sub_criterion.map(|sub| sub.title.clone()),
        guidance: scored.sub_criterion.map(|sub| sub.guidance.clone()).unwrap_or_default(),
        weight: format!("{}% of the score", scored.effective_weight()),
        prefix: prefix(&scored),
        elsewhere: elsewhere.get(&scored.name()).cloned().unwrap_or_default(),
    };
    criterion.scored().into_iter().map(question).collect()
}

/// A part as the fields of its form.
fn fields(part: &Part) -> Result<Form> {
    let form = Form::blank().with("seen", part.mark()?);
    Ok(match part {
        Part::Criterion(given) => given.iter().fold(form, |form, (name, given)| {
            let prefix = name.split_once('.').map(|(_, sub)| format!("{sub}.")).unwrap_or_default();
            let score = given.score.map(|score| score.to_string()).unwrap_or_default();
            form.with(&format!("{prefix}score"), score)
                .with(&format!("{prefix}justification"), given.justification.clone())
                .with(&format!("{prefix}feedback"), given.feedback.clone())
        }),
        Part::Overall(given) => form
            .with("in_scope", given.in_scope.map(|yes| yes.to_string()).unwrap_or_default())
            .with("recommendation", given.recommendation.map(Recommendation::as_str).unwrap_or_default())
            .with("feedback", given.feedback.clone())
            .with("private_note", given.private_note.clone()),
    })
}

/// The page of a part. `elsewhere`: what another tab has saved meanwhile.
fn page(
    visit: &Visit<Assessor>,
    status: StatusCode,
    work: &Work,
    which: &Which,
    form: Form,
    elsewhere: Option<Part>,
) -> Result<HttpResponse> {
    let saved = (work.assessment.version > 0)
        .then(|| format!("Last saved at {}", work.assessment.updated_at.london()));
    let frame = PartFrame {
        steps: work.steps(),
        place: which.place(work),
        address: work.address(),
        reference: work.view.bid.reference.clone(),
        title: work.view.bid.title.clone(),
        saved: saved.unwrap_or_default(),
    };
    let shell = shell(visit).under(work.view.bid.reference.clone(), work.address());
    match which {
        Which::Criterion(criterion) => {
            let levels = criterion.scale.iter();
            let answer = work.answer(&criterion.key).to_owned();
            let elsewhere = elsewhere.and_then(|part| match part {
                Part::Criterion(given) => Some(given),
                Part::Overall(_) => None,
            });
            let is_elsewhere = elsewhere.is_some();
            let page = CriterionPage {
                shell,
                frame,
                words: word_count(&answer),
                answer,
                levels: levels
                    .map(|level| Choice::new(level.score.to_string(), level.label.clone()))
                    .collect(),
                questions: questions(criterion, &elsewhere.unwrap_or_default()),
                criterion: criterion.clone(),
                form,
                is_elsewhere,
                most: LONGEST_JUSTIFICATION.to_string(),
            };
            visit.show_as(status, &page)
        }
        Which::Overall => {
            let elsewhere = elsewhere.and_then(|part| match part {
                Part::Overall(given) => Some(given),
                Part::Criterion(_) => None,
            });
            let scope = vec![Choice::new("true", "Yes"), Choice::new("false", "No")];
            let recommendations = recommendations();
            let most = LONGEST_NOTE.to_string();
            visit
                .show_as(status, &OverallPage { shell, frame, form, scope, recommendations, elsewhere, most })
        }
    }
}

fn show(visit: &Visit<Assessor>, work: &Work, which: &Which) -> Result<HttpResponse> {
    if !work.is_open() {
        // What is submitted is read, not written.
        return Ok(see_other(&work.address()));
    }
    page(visit, StatusCode::OK, work, which, fields(&which.standing(work))?, None)
}

async fn save(on: &Platform, sent: &Sent<Assessor>, work: Work, which: &Which) -> Result<HttpResponse> {
    let id = work.view.assignment.id;
    let saving = match which.typed(&sent.form) {
        Ok(part) => ops::save_part(on, &sent.who, id, sent.form.get("seen"), part).await,
        Err(problem) => Err(problem),
    };
    match saving {
        Ok(PartSaved::Saved(assessment)) => {
            let work = Work { assessment, ..work };
            saved(sent, &work, which)
        }
        Ok(PartSaved::ChangedElsewhere(_)) if sent.by_script => {
            Err(Problem::new(Kind::Stale, "It was changed in another tab or window."))
        }
        Ok(PartSaved::ChangedElsewhere(assessment)) => {
            let work = Work { assessment, ..work };
            let standing = which.standing(&work);
            let form = sent.form.clone().set("seen", standing.mark()?);
            page(sent, StatusCode::PRECONDITION_FAILED, &work, which, form, Some(standing))
        }
        Err(problem) if problem.kind() == Kind::Invalid && !sent.by_script => {
            let form = sent.form.clone().refused_as(&problem, |pointer| Some(which.field(pointer)));
            page(sent, StatusCode::UNPROCESSABLE_ENTITY, &work, which, form, None)
        }
        Err(problem) => Err(problem),
    }
}

/// On to where the button leads.
fn saved(sent: &Sent<Assessor>, work: &Work, which: &Which) -> Result<HttpResponse> {
    if sent.by_script {
        let told = format!("Saved at {}", work.assessment.updated_at.london_time());
        return Ok(ok(&json!({"seen": which.standing(work).mark()?, "told": told})));
    }
    let steps = work.steps();
    let place = which.place(work);
    let step =
        |place: Option<usize>| place.and_then(|place| steps.get(place)).map(|step| step.address.clone());
    Ok(match sent.form.get("then") {
        "next" => see_other(&step(Some(place + 1)).unwrap_or_else(|| format!("{}/check", work.address()))),
        "back" => see_other(&step(place.checked_sub(1)).unwrap_or_else(|| work.address())),
        "list" => see_other(&work.address()),
        _ => sent.go_saying(&step(Some(place)).unwrap_or_else(|| work.address()), "Saved."),
    })
}

type CriterionPath = web::Path<(String, String)>;

async fn criterion_of(on: &Platform, assessor: &Assessor, path: CriterionPath) -> Result<(Work, Which)> {
    let (id, key) = path.into_inner();
    let id = id.parse().map(AssignmentId).map_err(|_| Problem::not_found())?;
    let work = Work::load(on, assessor, id).await?;
    let which = Which::criterion(&work, &key)?;
    Ok((work, which))
}

#[get("/assignments/{id}/criteria/{key}")]
async fn show_criterion(
    on: web::Data<Platform>,
    visit: Visit<Assessor>,
    path: CriterionPath,
) -> Result<HttpResponse> {
    let (work, which) = criterion_of(&on, &visit.who, path).await?;
    show(&visit, &work, &which)
}

#[post("/assignments/{id}/criteria/{key}")]
async fn save_criterion(
    on: web::Data<Platform>,
    sent: Sent<Assessor>,
    path: CriterionPath,
) -> Result<HttpResponse> {
    let (work, which) = criterion_of(&on, &sent.who, path).await?;
    save(&on, &sent, work, &which).await
}

#[get("/assignments/{id}/overall")]
async fn show_overall(
    on: web::Data<Platform>,
    visit: Visit<Assessor>,
    id: crate::rest::Id<AssignmentId>,
) -> Result<HttpResponse> {
    show(&visit, &Work::load(&on, &visit.who, id.0).await?, &Which::Overall)
}

#[post("/assignments/{id}/overall")]
async fn save_overall(
    on: web::Data<Platform>,
    sent: Sent<Assessor>,
    id: crate::rest::Id<AssignmentId>,
) -> Result<HttpResponse> {
    let work = Work::load(&on, &sent.who, id.0).await?;
    save(&on, &sent, work, &Which::Overall).await
}
