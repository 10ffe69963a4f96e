//! Funds: the list, one fund with its rounds, and the form that makes or changes one.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::frame::within_rounds;
use crate::areas;
use crate::areas::model::AreaTree;
use crate::areas::pages::chooser::{Branch, everything};
use crate::auth::{Admin, Reader, Role};
use crate::id::FundId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, IfMatch, Page, Paging, Params};
use crate::rounds::input::FundInput;
use crate::rounds::model::Fund;
use crate::rounds::ops::{self, RoundFilter};
use crate::rounds::pages::list::Line;
use crate::web::form::{Form, field_of};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(list)
        .service(ask_new)
        .service(create)
        .service(show)
        .service(ask_change)
        .service(save_change);
}

#[derive(Template)]
#[template(path = "rounds/templates/funds.html")]
struct FundsPage {
    shell: Shell,
    is_admin: bool,
    funds: Vec<Named>,
    first: String,
    next: String,
}

/// A fund and the names of its areas.
struct Named {
    fund: Fund,
    areas: String,
}

#[derive(Template)]
#[template(path = "rounds/templates/fund.html")]
struct FundPage {
    shell: Shell,
    is_admin: bool,
    named: Named,
    rounds: Vec<Line>,
}

#[derive(Template)]
#[template(path = "rounds/templates/fund_form.html")]
struct FundFormPage {
    shell: Shell,
    form: Form,
    title: &'static str,
    action: String,
    back: String,
    branches: Vec<Branch>,
}

#[derive(Debug, serde::Deserialize)]
struct FundsQuery {
    cursor: Option<String>,
}

async fn tree(on: &Platform) -> Result<AreaTree> {
    Ok(AreaTree::new(areas::ops::list_areas(on).await?, areas::ops::list_groups(on).await?))
}

fn named(tree: &AreaTree, fund: Fund) -> Named {
    let areas: Vec<&str> = fund.areas.iter().map(|code| tree.name(code)).collect();
    Named { areas: areas.join(", "), fund }
}

fn address(id: FundId) -> String {
    format!("/funds/{id}")
}

#[get("/funds")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<FundsQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(50), cursor)?;
    let page = Page::new(ops::list_funds(&on, &visit.who, paging).await?, &paging, |fund| fund.id.0);
    let tree = tree(&on).await?;
    visit.show(&FundsPage {
        shell: within_rounds(visit.shell()),
        is_admin: visit.who.role == Some(Role::Admin),
        funds: page.items.into_iter().map(|fund| named(&tree, fund)).collect(),
        first: cursor.map(|_| "/funds".to_owned()).unwrap_or_default(),
        next: page.next_cursor.map(|cursor| format!("/funds?cursor={cursor}")).unwrap_or_default(),
    })
}

#[get("/funds/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<FundId>) -> Result<HttpResponse> {
    let fund = ops::read_fund(&on, &visit.who, id.0).await?;
    let filter = RoundFilter { fund: Some(fund.id), status: None };
    let paging = Paging::new(Some(100), None)?.newest_first(true);
    let rounds = ops::list_rounds(&on, &visit.who, filter, paging).await?;
    let tree = tree(&on).await?;
    visit.show(&FundPage {
        shell: within_rounds(visit.shell()).under("Funds", "/funds"),
        is_admin: visit.who.role == Some(Role::Admin),
        rounds: rounds
            .iter()
            .take(100)
            .map(|round| Line::of_round(round, vec![round.code.clone()]))
            .collect(),
        named: named(&tree, fund),
    })
}

/// The form of a new fund, or of one that is there.
async fn form_page(
    on: &Platform,
    visit: &Visit<Admin>,
    known: Option<&Fund>,
    form: Form,
) -> Result<FundFormPage> {
    let shell = within_rounds(visit.shell()).under("Funds", "/funds");
    let branches = everything(&tree(on).await?);
    Ok(match known {
        None => FundFormPage {
            shell,
            form,
            title: "Make a fund",
            action: "/funds/new".to_owned(),
            back: "/funds".to_owned(),
            branches,
        },
        Some(fund) => FundFormPage {
            shell: shell.under(fund.name.clone(), address(fund.id)),
            form,
            title: "Change the fund",
            action: format!("{}/change", address(fund.id)),
            back: address(fund.id),
            branches,
        },
    })
}

fn typed(form: &Form) -> Result<FundInput> {
    form.reading().text("/name").text("/description").list("/areas").done()
}

/// The form again, where what was typed is wrong; any other refusal as it is.
async fn again(
    on: &Platform,
    sent: &Sent<Admin>,
    known: Option<&Fund>,
    problem: Problem,
) -> Result<HttpResponse> {
    let form = sent.form.clone();
    let form = match problem.kind() {
        // Each area that is named has a fault of its own; the boxes have one place for all.
        Kind::Invalid => form.refused_as(&problem, |pointer| {
            Some(field_of(pointer).split('.').next().unwrap_or_default().to_owned())
        }),
        Kind::AlreadyExists => form.fault_at("name", problem.detail()),
        Kind::WrongState => form.fault_at("areas", problem.detail()),
        Kind::Stale => form.set("version", known.map_or(0, |fund| fund.version).to_string()).fault_at(
            "",
            "Somebody else changed the fund after you opened this page. Save again to put what you typed in its place",
        ),
        _ => return Err(problem),
    };
    sent.show_again(&problem, &form_page(on, sent, known, form).await?)
}

#[get("/funds/new")]
async fn ask_new(on: web::Data<Platform>, visit: Visit<Admin>) -> Result<HttpResponse> {
    visit.show(&form_page(&on, &visit, None, Form::blank()).await?)
}

#[post("/funds/new")]
async fn create(on: web::Data<Platform>, sent: Sent<Admin>) -> Result<HttpResponse> {
    let making = match typed(&sent.form) {
        Ok(input) => ops::create_fund(&on, &sent.who, input, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match making {
        Ok(fund) => Ok(sent.go_saying(&address(fund.id), "The fund is made. Its first round can follow.")),
        Err(problem) => again(&on, &sent, None, problem).await,
    }
}

#[get("/funds/{id}/change")]
async fn ask_change(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<FundId>) -> Result<HttpResponse> {
    let fund = ops::read_fund(&on, &visit.who, id.0).await?;
    let mut form = Form::blank()
        .with("version", fund.version.to_string())
        .with("name", fund.name.clone())
        .with("description", fund.description.clone());
    for code in &fund.areas {
        form = form.with("areas", code.clone());
    }
    visit.show(&form_page(&on, &visit, Some(&fund), form).await?)
}

#[post("/funds/{id}/change")]
async fn save_change(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<FundId>) -> Result<HttpResponse> {
    let fund = ops::read_fund(&on, &sent.who, id.0).await?;
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    let changing = match typed(&sent.form) {
        Ok(input) => ops::update_fund(&on, &sent.who, id.0, version, input).await,
        Err(problem) => Err(problem),
    };
    match changing {
        Ok(_) => Ok(sent.go_saying(&address(fund.id), "The fund is changed.")),
        Err(problem) => again(&on, &sent, Some(&fund), problem).await,
    }
}
