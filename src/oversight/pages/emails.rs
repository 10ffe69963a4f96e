//! The outbox: what waits, what was sent, what failed and why; one email as it is sent; sending it again.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::auth::{Admin, Reader, Role};
use crate::clock::Timestamp;
use crate::id::{EmailId, RoundId};
use crate::mail::EmailKind;
use crate::mail::model::{Email, EmailSummary, Resend};
use crate::mail::ops;
use crate::mail::outbox::{EmailStatus, Filter};
use crate::oversight;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, Page, Paging, Params};
use crate::web::form::{Choice, Form};
use crate::web::page::with_query;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(resend);
}

#[derive(Template)]
#[template(path = "oversight/templates/emails.html")]
struct EmailsPage {
    shell: Shell,
    form: Form,
    statuses: Vec<Choice>,
    kinds: Vec<Choice>,
    rounds: Vec<Choice>,
    emails: Vec<Line>,
    is_filtered: bool,
    first: String,
    next: String,
}

struct Line {
    subject: String,
    address: String,
    hint: String,
    status: &'static str,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "oversight/templates/email.html")]
struct EmailPage {
    shell: Shell,
    form: Form,
    email: Email,
    address: String,
    what: &'static str,
    status: &'static str,
    kind: &'static str,
    promised: String,
    sent: String,
    next_attempt: String,
    /// Whether it can be sent again, by whoever looks.
    may_resend: bool,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct EmailsQuery {
    status: String,
    kind: String,
    round: String,
    cursor: String,
}

const STATUSES: [EmailStatus; 4] =
    [EmailStatus::Waiting, EmailStatus::Sending, EmailStatus::Sent, EmailStatus::Failed];

const KINDS: [EmailKind; 14] = [
    EmailKind::Confirmation,
    EmailKind::Invitation,
    EmailKind::PasswordReset,
    EmailKind::BidReceived,
    EmailKind::BidWithdrawn,
    EmailKind::DeadlineExtended,
    EmailKind::AssignmentOffered,
    EmailKind::AssignmentReleased,
    EmailKind::AssessmentReminder,
    EmailKind::AssessmentReopened,
    EmailKind::Outcome,
    EmailKind::OutcomeChanged,
    EmailKind::RoundSummary,
    EmailKind::RoundCancelled,
];

const fn status_in_words(status: EmailStatus) -> (&'static str, &'static str) {
    match status {
        EmailStatus::Waiting => ("Waiting", "soon"),
        EmailStatus::Sending => ("Sending", "now"),
        EmailStatus::Sent => ("Sent", "done"),
        EmailStatus::Failed => ("Failed", "bad"),
    }
}

const fn kind_in_words(kind: EmailKind) -> &'static str {
    match kind {
        EmailKind::Confirmation => "Confirming an address",
        EmailKind::Invitation => "Invitation",
        EmailKind::PasswordReset => "Another password",
        EmailKind::BidReceived => "Receipt of a bid",
        EmailKind::BidWithdrawn => "Withdrawal of a bid",
        EmailKind::DeadlineExtended => "Deadline extended",
        EmailKind::AssignmentOffered => "Bids offered to an assessor",
        EmailKind::AssignmentReleased => "Bid taken back from an assessor",
        EmailKind::AssessmentReminder => "Reminder to an assessor",
        EmailKind::AssessmentReopened => "Assessment reopened",
        EmailKind::Outcome => "Outcome of a bid",
        EmailKind::OutcomeChanged => "Changed outcome",
        EmailKind::RoundSummary => "Summary of a closed round",
        EmailKind::RoundCancelled => "Round cancelled",
    }
}

#[get("/emails")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<EmailsQuery>,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let paging = Paging::new(Some(50), cursor)?.newest_first(true);
    let filter = Filter {
        status: STATUSES.into_iter().find(|known| known.as_str() == query.status),
        kind: KINDS.into_iter().find(|known| known.as_str() == query.kind),
        round: query.round.parse().ok().map(RoundId),
        bid: None,
    };
    let page = Page::new(ops::list(&on, &visit.who, filter, paging).await?, &paging, |email| email.id.0);
    let asked =
        [("status", query.status.as_str()), ("kind", query.kind.as_str()), ("round", query.round.as_str())];
    let next = page.next_cursor.map(|cursor| {
        let mut parameters = asked.to_vec();
        parameters.push(("cursor", cursor.as_str()));
        with_query("/emails", &parameters)
    });
    let rounds = oversight::ops::rounds(&on, &visit.who).await?;
    visit.show(&EmailsPage {
        shell: visit.shell(),
        is_filtered: asked.iter().any(|(_, value)| !value.is_empty()),
        first: cursor.map(|_| with_query("/emails", &asked)).unwrap_or_default(),
        next: next.unwrap_or_default(),
        form: asked.into_iter().fold(Form::blank(), |form, (name, value)| form.with(name, value)),
        statuses: STATUSES.map(|one| Choice::new(one.as_str(), status_in_words(one).0)).into(),
        kinds: KINDS.map(|one| Choice::new(one.as_str(), kind_in_words(one))).into(),
        rounds: rounds.iter().map(|round| Choice::new(round.id.to_string(), &round.name)).collect(),
        emails: page.items.iter().map(Line::of).collect(),
    })
}

fn address(id: EmailId) -> String {
    format!("/emails/{id}")
}

impl Line {
    fn of(email: &EmailSummary) -> Self {
        let (status, kind) = status_in_words(email.status);
        let to = format!("To {} at {}", email.recipient_name, email.recipient);
        let hint = match &email.last_error {
            Some(error) => format!("{to} · {} · {error}", email.created_at.london()),
            None => format!("{to} · {}", email.created_at.london()),
        };
        Self { subject: email.subject.clone(), address: address(email.id), hint, status, kind }
    }
}

fn page(visit: &Visit<impl Sized>, is_admin: bool, email: Email, form: Form) -> EmailPage {
    let summary = &email.summary;
    let (status, kind) = status_in_words(summary.status);
    let may_resend = is_admin && matches!(summary.status, EmailStatus::Failed | EmailStatus::Sent);
    EmailPage {
        shell: visit.shell().under("Emails", "/emails"),
        form,
        address: address(summary.id),
        what: kind_in_words(summary.kind),
        status,
        kind,
        promised: summary.created_at.london(),
        sent: summary.sent_at.map(Timestamp::london).unwrap_or_default(),
        next_attempt: summary.next_attempt_at.map(Timestamp::london).unwrap_or_default(),
        may_resend,
        email,
    }
}

#[get("/emails/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<EmailId>) -> Result<HttpResponse> {
    let email = ops::find(&on, &visit.who, id.0).await?;
    visit.show(&page(&visit, visit.who.role == Some(Role::Admin), email, Form::blank()))
}

#[post("/emails/{id}/resend")]
async fn resend(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<EmailId>) -> Result<HttpResponse> {
    let reason = sent.form.get("reason").trim().to_owned();
    let resending = if reason.is_empty() {
        Err(Problem::fault("/reason", "say why, for the audit trail"))
    } else {
        ops::resend(&on, &sent.who, id.0, Resend { reason: Some(reason) }).await
    };
    match resending {
        Ok(_) => Ok(sent.go_saying(&address(id.0), "The email is sent again, with the same Message-ID.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let email = ops::find(&on, &sent.who.reader(), id.0).await?;
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&*sent, true, email, form))
        }
        Err(problem) => Err(problem),
    }
}
