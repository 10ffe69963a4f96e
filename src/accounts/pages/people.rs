//! The list of people.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::words::{ROLES, role_in_words, standing};
use crate::accounts::model::{User, UserFilter};
use crate::accounts::ops;
use crate::auth::{Reader, Role};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Page, Paging, Params};
use crate::web::form::{Choice, Form};
use crate::web::page::with_query;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list);
}

#[derive(Template)]
#[template(path = "accounts/templates/people.html")]
struct PeoplePage {
    shell: Shell,
    form: Form,
    roles: Vec<Choice>,
    people: Vec<Line>,
    is_filtered: bool,
    first: String,
    next: String,
}

struct Line {
    name: String,
    hint: String,
    status: &'static str,
    kind: &'static str,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PeopleQuery {
    #[serde(default)]
    role: String,
    #[serde(default)]
    q: String,
    cursor: Option<String>,
}

#[get("/people")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<PeopleQuery>,
) -> Result<HttpResponse> {
    let Params(PeopleQuery { role, q, cursor }) = query;
    let paging = Paging::new(Some(50), cursor.as_deref())?;
    let chosen = ROLES.into_iter().find(|known| known.as_str() == role);
    let text = Some(q.trim().to_owned()).filter(|text| !text.is_empty());
    let filter = UserFilter { role: chosen, organisation: None, text };
    let page = Page::new(ops::list_users(&on, &visit.who, filter, paging).await?, &paging, |user| user.id.0);
    let asked = [("role", role.as_str()), ("q", q.as_str())];
    let next = page.next_cursor.as_deref();
    visit.show(&PeoplePage {
        shell: visit.shell(),
        is_filtered: !role.is_empty() || !q.is_empty(),
        first: cursor.map(|_| with_query("/people", &asked)).unwrap_or_default(),
        next: next
            .map(|next| with_query("/people", &[asked[0], asked[1], ("cursor", next)]))
            .unwrap_or_default(),
        form: Form::blank().with("role", role.clone()).with("q", q.clone()),
        roles: ROLES.map(|role: Role| Choice::new(role.as_str(), role_in_words(role))).into(),
        people: page.items.iter().map(Line::of).collect(),
    })
}

impl Line {
    fn of(user: &User) -> Self {
        let (status, kind) = standing(user);
        let hint = format!("{} · {}", role_in_words(user.role), user.email);
        Self { name: user.name.clone(), hint, status, kind }
    }
}
