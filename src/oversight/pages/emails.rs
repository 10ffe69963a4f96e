//! The outbox: what waits, what was sent, what failed and why.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::auth::Reader;
use crate::mail::model::EmailSummary;
use crate::mail::ops;
use crate::mail::outbox::{EmailStatus, Filter};
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
#[template(path = "oversight/templates/emails.html")]
struct EmailsPage {
    shell: Shell,
    form: Form,
    statuses: Vec<Choice>,
    emails: Vec<Line>,
    is_filtered: bool,
    first: String,
    next: String,
}

struct Line {
    subject: String,
    hint: String,
    status: &'static str,
    kind: &'static str,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct EmailsQuery {
    #[serde(default)]
    status: String,
    cursor: Option<String>,
}

const STATUSES: [EmailStatus; 4] =
    [EmailStatus::Waiting, EmailStatus::Sending, EmailStatus::Sent, EmailStatus::Failed];

const fn status_in_words(status: EmailStatus) -> (&'static str, &'static str) {
    match status {
        EmailStatus::Waiting => ("Waiting", "soon"),
        EmailStatus::Sending => ("Sending", "now"),
        EmailStatus::Sent => ("Sent", "done"),
        EmailStatus::Failed => ("Failed", "bad"),
    }
}

#[get("/emails")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<EmailsQuery>,
) -> Result<HttpResponse> {
    let Params(EmailsQuery { status, cursor }) = query;
    let paging = Paging::new(Some(50), cursor.as_deref())?.newest_first(true);
    let chosen = STATUSES.into_iter().find(|known| known.as_str() == status);
    let filter = Filter { status: chosen, ..Filter::default() };
    let page = Page::new(ops::list(&on, &visit.who, filter, paging).await?, &paging, |email| email.id.0);
    let asked = ("status", status.as_str());
    let next = page.next_cursor.as_deref();
    visit.show(&EmailsPage {
        shell: visit.shell(),
        is_filtered: !status.is_empty(),
        first: cursor.map(|_| with_query("/emails", &[asked])).unwrap_or_default(),
        next: next.map(|next| with_query("/emails", &[asked, ("cursor", next)])).unwrap_or_default(),
        form: Form::blank().with("status", status.clone()),
        statuses: STATUSES.map(|one| Choice::new(one.as_str(), status_in_words(one).0)).into(),
        emails: page.items.iter().map(Line::of).collect(),
    })
}

impl Line {
    fn of(email: &EmailSummary) -> Self {
        let (status, kind) = status_in_words(email.status);
        let hint =
            format!("To {} at {} · {}", email.recipient_name, email.recipient, email.created_at.london());
        Self { subject: email.subject.clone(), hint, status, kind }
    }
}
