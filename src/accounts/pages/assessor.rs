//! What an administrator keeps of an assessor: areas, themes, employer, and conflicts of interest.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::people::address;
use super::person::{interests, tree};
use crate::accounts::assessors::ops;
use crate::accounts::inputs::{AssessorChange, NewInterest, Override};
use crate::accounts::model::{AssessorProfile, Interest, MOST_EXPERTISE, Severity};
use crate::areas::pages::chooser::{Branch, everything};
use crate::auth::Admin;
use crate::id::{InterestId, UserId};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, IfMatch};
use crate::web::form::{Choice, Form, field_of};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(ask_areas)
        .service(save_areas)
        .service(ask_interest)
        .service(declare)
        .service(ask_override)
        .service(override_interest);
}

#[derive(Template)]
#[template(path = "accounts/templates/assessor_areas.html")]
struct AreasPage {
    shell: Shell,
    form: Form,
    title: String,
    action: String,
    back: String,
    branches: Vec<Branch>,
    levels: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "accounts/templates/interest.html")]
struct InterestPage {
    shell: Shell,
    form: Form,
    title: String,
    action: String,
    back: String,
    severities: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "accounts/templates/override.html")]
struct OverridePage {
    shell: Shell,
    form: Form,
    interest: Interest,
    action: String,
    back: String,
}

fn below(visit: &Visit<Admin>, profile: &AssessorProfile) -> Shell {
    visit.shell().under("People", "/people").under(profile.name.clone(), address(profile.id))
}

async fn areas_page(
    on: &Platform,
    visit: &Visit<Admin>,
    profile: &AssessorProfile,
    form: Form,
) -> Result<AreasPage> {
    let back = address(profile.id);
    let level = |level: u8| {
        let label = match level {
            0 => "Not said".to_owned(),
            level => format!("{level} of {MOST_EXPERTISE}"),
        };
        Choice::new(level.to_string(), label)
    };
    Ok(AreasPage {
        shell: below(visit, profile),
        form,
        title: profile.name.clone(),
        action: format!("{back}/areas"),
        back,
        branches: everything(&tree(on).await?),
        levels: (0..=MOST_EXPERTISE).map(level).collect(),
    })
}

#[get("/people/{id}/areas")]
async fn ask_areas(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    let profile = ops::find(&on, &visit.who, id.0).await?;
    let mut form = Form::blank()
        .with("version", profile.version.to_string())
        .with("employer_number", profile.employer_number.clone().unwrap_or_default());
    for code in &profile.areas {
        form = form.with("areas", code.as_str());
    }
    for (row, (key, expertise)) in profile.themes.iter().enumerate() {
        form = form
            .with(&format!("themes.{row}.key"), key.as_str())
            .with(&format!("themes.{row}.expertise"), expertise.to_string());
    }
    visit.show(&areas_page(&on, &visit, &profile, form).await?)
}

/// What was typed, as the API takes it: themes by their keys.
fn typed(form: &Form) -> Result<AssessorChange> {
    let mut reading = form.reading();
    reading.list("/areas").text("/employer_number").put("/themes", serde_json::json!({}));
    for row in 0..form.rows("themes") {
        let field = |name: &str| form.get(&format!("themes.{row}.{name}")).trim();
        let key = field("key").to_lowercase();
        if key.contains(['/', '~']) {
            return Err(Problem::fault(
                format!("/themes/{row}/key"),
                "use lower-case letters, digits, hyphens or underscores",
            ));
        }
        let expertise: u8 = field("expertise").parse().unwrap_or(0);
        reading.put(&format!("/themes/{key}"), expertise);
    }
    reading.done()
}

/// The field of a fault: areas have one for all, themes one each.
fn field(form: &Form, pointer: &str) -> String {
    let field = field_of(pointer);
    if let Some(key) = field.strip_prefix("themes.") {
        let row = (0..form.rows("themes")).find(|row| {
            form.get(&format!("themes.{row}.key")).trim().to_lowercase() == key || format!("{row}.key") == key
        });
        return row.map(|row| format!("themes.{row}.key")).unwrap_or_default();
    }
    field.split('.').next().unwrap_or_default().to_owned()
}

#[post("/people/{id}/areas")]
async fn save_areas(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    let profile = ops::find(&on, &sent.who, id.0).await?;
    if let Some(form) = sent.form.rows_changed(&[("themes", "key")]) {
        return sent.show(&areas_page(&on, &sent, &profile, form).await?);
    }
    let form = sent.form.clone().without_blank_rows("themes", &["key"]);
    let version = IfMatch::version(form.get("version").parse().unwrap_or(-1));
    let saving = match typed(&form) {
        Ok(change) => ops::change(&on, &sent.who, id.0, version, change).await,
        Err(problem) => Err(problem),
    };
    match saving {
        Ok(_) => Ok(sent.go_saying(&address(id.0), "Saved. Offers that are not accepted follow it at once.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let fields = form.clone();
            let form = form.refused_as(&problem, |pointer| Some(field(&fields, pointer)));
            sent.show_again(&problem, &areas_page(&on, &sent, &profile, form).await?)
        }
        Err(problem) if problem.kind() == Kind::Stale => {
            let told = "Somebody else changed it after you opened this page. Save again to put what you chose in its place";
            let form = form.set("version", profile.version.to_string()).fault_at("", told);
            sent.show_again(&problem, &areas_page(&on, &sent, &profile, form).await?)
        }
        Err(problem) => Err(problem),
    }
}

fn interest_page(visit: &Visit<Admin>, profile: &AssessorProfile, form: Form) -> InterestPage {
    let back = address(profile.id);
    InterestPage {
        shell: below(visit, profile),
        form,
        title: profile.name.clone(),
        action: format!("{back}/interests/new"),
        back,
        severities: vec![
            Choice::new("hard", "Hard").hint("They never get a bid that the organisation takes part in"),
            Choice::new("soft", "Soft")
                .hint("They do not get one, unless an administrator overrides it with a reason"),
        ],
    }
}

#[get("/people/{id}/interests/new")]
async fn ask_interest(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    let profile = ops::find(&on, &visit.who, id.0).await?;
    visit.show(&interest_page(&visit, &profile, Form::blank()))
}

#[post("/people/{id}/interests/new")]
async fn declare(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    let profile = ops::find(&on, &sent.who, id.0).await?;
    let mut reading = sent.form.reading();
    let input = reading
        .needed(&["/registered_number"])
        .chosen(&["/severity"])
        .words("/severity")
        .words("/registered_number")
        .text("/description")
        .done::<NewInterest>();
    let declaring = match input {
        Ok(input) => ops::declare_interest(&on, &sent.who, id.0, input, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match declaring {
        Ok(_) => Ok(sent.go_saying(&address(id.0), "The interest is declared. It is kept for good.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &interest_page(&sent, &profile, form))
        }
        Err(problem) => Err(problem),
    }
}

type InterestPath = web::Path<(String, String)>;

/// The interest that the path names, if it is one of the assessor's that can be overridden.
async fn found(
    on: &Platform,
    visit: &Visit<Admin>,
    path: InterestPath,
) -> Result<(AssessorProfile, Interest)> {
    let (assessor, interest) = path.into_inner();
    let (Ok(assessor), Ok(interest)) = (assessor.parse().map(UserId), interest.parse().map(InterestId))
    else {
        return Err(Problem::not_found());
    };
    let profile = ops::find(on, &visit.who, assessor).await?;
    let all = interests(on, &visit.who, assessor).await?;
    let one = all.into_iter().find(|one| one.id == interest && one.severity == Severity::Soft);
    Ok((profile, one.ok_or_else(Problem::not_found)?))
}

fn override_page(
    visit: &Visit<Admin>,
    profile: &AssessorProfile,
    interest: Interest,
    form: Form,
) -> OverridePage {
    let back = address(profile.id);
    OverridePage {
        shell: below(visit, profile),
        form,
        action: format!("{back}/interests/{}/override", interest.id),
        interest,
        back,
    }
}

#[get("/people/{id}/interests/{interest}/override")]
async fn ask_override(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    path: InterestPath,
) -> Result<HttpResponse> {
    let (profile, interest) = found(&on, &visit, path).await?;
    visit.show(&override_page(&visit, &profile, interest, Form::blank()))
}

#[post("/people/{id}/interests/{interest}/override")]
async fn override_interest(
    on: web::Data<Platform>,
    sent: Sent<Admin>,
    path: InterestPath,
) -> Result<HttpResponse> {
    let (profile, interest) = found(&on, &sent, path).await?;
    let input = Override { reason: sent.form.get("reason").to_owned() };
    match ops::override_interest(&on, &sent.who, interest.id, input).await {
        Ok(_) => Ok(sent.go_saying(
            &address(profile.id),
            "The interest is overridden: it no longer keeps the assessor from those bids.",
        )),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &override_page(&sent, &profile, interest, form))
        }
        Err(problem) => Err(problem),
    }
}
