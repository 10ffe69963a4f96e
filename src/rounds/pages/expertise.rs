//! What an assessor knows of the themes that a round announces, chosen by the themes' titles.
//!
//! It is kept in the assessor's profile, where it holds in every round that announces the same themes.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::frame::RoundFrame;
use super::pool::{MemberPath, below, ids};
use crate::accounts::assessors;
use crate::accounts::inputs::AssessorChange;
use crate::accounts::model::{AssessorProfile, MOST_EXPERTISE};
use crate::auth::Admin;
use crate::id::{RoundId, UserId};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::IfMatch;
use crate::rounds::model::Round;
use crate::rounds::ops;
use crate::web::form::{Choice, Form};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(save);
}

#[derive(Template)]
#[template(path = "rounds/templates/expertise.html")]
struct ExpertisePage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    name: String,
    action: String,
    back: String,
    /// A field and a label for each theme.
    themes: Vec<(String, String)>,
    levels: Vec<Choice>,
}

/// The round and the assessor, who is in its pool.
async fn found(
    on: &Platform,
    visit: &Visit<Admin>,
    (round, assessor): (RoundId, UserId),
) -> Result<(Round, AssessorProfile)> {
    let pool = ops::pool_lines(on, &visit.who.reader(), round).await?;
    let line = pool.lines.into_iter().find(|(member, _)| member.assessor_id == assessor);
    let (_, profile) = line.ok_or_else(Problem::not_found)?;
    Ok((pool.round, profile))
}

fn field(key: &str) -> String {
    format!("themes.{key}")
}

fn level(expertise: u8) -> Choice {
    let label = match expertise {
        0 => "Knows it".to_owned(),
        level => format!("Knows it: {level} of {MOST_EXPERTISE}"),
    };
    Choice::new(expertise.to_string(), label)
}

fn page(visit: &Visit<Admin>, round: &Round, profile: &AssessorProfile, form: Form) -> ExpertisePage {
    let (shell, frame) = below(visit, round);
    let back = format!("{}/assessors/{}", super::frame::address(round.id), profile.id);
    let themes = round.rules.themes.iter().map(|theme| (field(&theme.key), theme.title.clone()));
    ExpertisePage {
        shell: shell.under(profile.name.clone(), back.clone()),
        frame,
        form,
        name: profile.name.clone(),
        action: format!("{back}/themes"),
        back,
        themes: themes.collect(),
        levels: (0..=MOST_EXPERTISE).map(level).collect(),
    }
}

#[get("/rounds/{id}/assessors/{assessor}/themes")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, path: MemberPath) -> Result<HttpResponse> {
    let (round, profile) = found(&on, &visit, ids(path)?).await?;
    let form = Form::blank().with("version", profile.version.to_string());
    let known = |form: Form, (key, expertise): (&String, &u8)| form.with(&field(key), expertise.to_string());
    let form = profile.themes.iter().fold(form, known);
    visit.show(&page(&visit, &round, &profile, form))
}

/// The assessor's themes with what was chosen for the round's; those of other rounds stay.
fn chosen(round: &Round, profile: &AssessorProfile, form: &Form) -> BTreeMap<String, u8> {
    let mut themes = profile.themes.clone();
    for theme in &round.rules.themes {
        match form.get(&field(&theme.key)).parse() {
            Ok(expertise) => themes.insert(theme.key.clone(), expertise),
            Err(_) => themes.remove(&theme.key),
        };
    }
    themes
}

#[post("/rounds/{id}/assessors/{assessor}/themes")]
async fn save(on: web::Data<Platform>, sent: Sent<Admin>, path: MemberPath) -> Result<HttpResponse> {
    let (round, profile) = found(&on, &sent, ids(path)?).await?;
    let themes = Some(chosen(&round, &profile, &sent.form));
    let change = AssessorChange { areas: profile.areas.clone(), themes, employer_number: None };
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    match assessors::ops::change(&on, &sent.who, profile.id, version, change).await {
        Ok(_) => {
            let back = page(&sent, &round, &profile, Form::blank()).back;
            Ok(sent.go_saying(&back, "Saved. Offers that are not accepted follow it at once."))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&sent, &round, &profile, form))
        }
        Err(problem) if problem.kind() == Kind::Stale => {
            let told = "Somebody else changed the assessor after you opened this page. Save again to put what you chose in its place";
            let form = sent.form.clone().set("version", profile.version.to_string()).fault_at("", told);
            sent.show_again(&problem, &page(&sent, &round, &profile, form))
        }
        Err(problem) => Err(problem),
    }
}
