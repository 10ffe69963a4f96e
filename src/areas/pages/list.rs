//! All areas and groups, to read.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::chooser::{Branch, everything};
use crate::areas::model::{AreaTree, Group};
use crate::areas::ops;
use crate::auth::{Reader, Role};
use crate::platform::Platform;
use crate::problem::Result;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "areas/templates/list.html")]
struct AreasPage {
    shell: Shell,
    is_admin: bool,
    groups: Vec<Named>,
    branches: Vec<Branch>,
}

/// A group and the names of its areas.
struct Named {
    group: Group,
    areas: String,
}

#[get("/areas")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>) -> Result<HttpResponse> {
    let (areas, groups) = (ops::list_areas(&on).await?, ops::list_groups(&on).await?);
    let tree = AreaTree::new(areas, groups.clone());
    let named = |group: Group| {
        let areas: Vec<&str> = group.areas.iter().map(|code| tree.name(code)).collect();
        Named { areas: areas.join(", "), group }
    };
    visit.show(&AreasPage {
        shell: visit.shell().under("Rounds", "/rounds"),
        is_admin: visit.who.role == Some(Role::Admin),
        branches: everything(&tree).into_iter().filter(|branch| tree.area(&branch.code).is_some()).collect(),
        groups: groups.into_iter().map(named).collect(),
    })
}
