//! Adding an area, and naming a group of them.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::chooser::{Branch, everything, kind_in_words};
use crate::areas::model::{Area, AreaTree, Group};
use crate::areas::ops;
use crate::auth::Admin;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::web::form::{Choice, Form, field_of};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask_group).service(add_group).service(ask_area).service(add_area);
}

/// The kinds that the United Kingdom's statistics know, beside those that are here already.
const KINDS: [&str; 8] = [
    "country",
    "region",
    "combined_authority",
    "county",
    "unitary_authority",
    "metropolitan_district",
    "non_metropolitan_district",
    "london_borough",
];

#[derive(Template)]
#[template(path = "areas/templates/group.html")]
struct GroupPage {
    shell: Shell,
    form: Form,
    branches: Vec<Branch>,
}

#[derive(Template)]
#[template(path = "areas/templates/area.html")]
struct AreaPage {
    shell: Shell,
    form: Form,
    kinds: Vec<Choice>,
    parents: Vec<Choice>,
}

fn shell(visit: &Visit<Admin>) -> Shell {
    visit.shell().under("Rounds", "/rounds").under("Areas and groups", "/areas")
}

async fn tree(on: &Platform) -> Result<AreaTree> {
    Ok(AreaTree::new(ops::list_areas(on).await?, Vec::new()))
}

async fn group_page(on: &Platform, visit: &Visit<Admin>, form: Form) -> Result<GroupPage> {
    Ok(GroupPage { shell: shell(visit), form, branches: everything(&tree(on).await?) })
}

#[get("/areas/groups/new")]
async fn ask_group(on: web::Data<Platform>, visit: Visit<Admin>) -> Result<HttpResponse> {
    visit.show(&group_page(&on, &visit, Form::blank()).await?)
}

#[post("/areas/groups/new")]
async fn add_group(on: web::Data<Platform>, sent: Sent<Admin>) -> Result<HttpResponse> {
    let input = sent.form.reading().text("/code").text("/name").list("/areas").done::<Group>();
    let adding = match input {
        Ok(input) => ops::add_group(&on, &sent.who, input, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match adding {
        Ok(_) => Ok(sent.go_saying("/areas", "The group is named, and can be chosen wherever an area can.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            // Each area that is named has a fault of its own; the boxes have one place for all.
            let field =
                |pointer: &str| Some(field_of(pointer).split('.').next().unwrap_or_default().to_owned());
            let form = sent.form.clone().refused_as(&problem, field);
            sent.show_again(&problem, &group_page(&on, &sent, form).await?)
        }
        Err(problem) if problem.kind() == Kind::AlreadyExists => {
            let form = sent.form.clone().fault_at("code", problem.detail());
            sent.show_again(&problem, &group_page(&on, &sent, form).await?)
        }
        Err(problem) => Err(problem),
    }
}

async fn area_page(on: &Platform, visit: &Visit<Admin>, form: Form) -> Result<AreaPage> {
    let tree = tree(on).await?;
    let kinds: BTreeSet<&str> = tree.areas().map(|area| area.kind.as_str()).chain(KINDS).collect();
    let mut parents: Vec<&Area> = tree.areas().collect();
    parents.sort_by(|a, b| (&a.name, &a.code).cmp(&(&b.name, &b.code)));
    let parent = |area: &Area| {
        Choice::new(
            &area.code,
            format!("{} ({}, {})", area.name, kind_in_words(&area.kind).to_lowercase(), area.code),
        )
    };
    Ok(AreaPage {
        shell: shell(visit),
        form,
        kinds: kinds.into_iter().map(|kind| Choice::new(kind, kind_in_words(kind))).collect(),
        parents: parents.into_iter().map(parent).collect(),
    })
}

#[get("/areas/new")]
async fn ask_area(on: web::Data<Platform>, visit: Visit<Admin>) -> Result<HttpResponse> {
    visit.show(&area_page(&on, &visit, Form::blank()).await?)
}

#[post("/areas/new")]
async fn add_area(on: web::Data<Platform>, sent: Sent<Admin>) -> Result<HttpResponse> {
    let mut reading = sent.form.reading();
    let input = reading.text("/code").text("/name").text("/kind").words("/parent_code").done::<Area>();
    let adding = match input {
        Ok(input) => ops::add_area(&on, &sent.who, input, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match adding {
        Ok(_) => Ok(sent.go_saying("/areas", "The area is added.")),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::AlreadyExists) => {
            let mut form = sent.form.clone().refused(&problem);
            if problem.kind() == Kind::AlreadyExists {
                form = form.fault_at("code", problem.detail());
            }
            sent.show_again(&problem, &area_page(&on, &sent, form).await?)
        }
        Err(problem) => Err(problem),
    }
}
