//! The API's endpoints of mail.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::EmailKind;
use super::model::{Email, EmailSummary, Resend};
use super::ops;
use super::outbox::{EmailStatus, Filter};
use crate::auth::{Admin, Reader};
use crate::id::{BidId, EmailId, RoundId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Body, Id, Page, Paging, Params, ok};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_emails).service(find_email).service(resend_email);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EmailQuery {
    status: Option<EmailStatus>,
    kind: Option<EmailKind>,
    round_id: Option<RoundId>,
    bid_id: Option<BidId>,
    /// Whether the newest comes first; else the oldest does.
    #[serde(default)]
    newest_first: bool,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The outbox: what was promised, sent, and what failed and why.
#[utoipa::path(tag = "emails", params(EmailQuery), responses((status = 200, body = Page<EmailSummary>)))]
#[get("/emails")]
async fn list_emails(
    on: web::Data<Platform>,
    reader: Reader,
    query: Params<EmailQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let paging = Paging::new(query.limit, query.cursor.as_deref())?.newest_first(query.newest_first);
    let filter = Filter { status: query.status, kind: query.kind, round: query.round_id, bid: query.bid_id };
    let emails = ops::list(&on, &reader, filter, paging).await?;
    Ok(Page::new(emails, &paging, |email| email.id.0).reply(&request))
}

/// One email with its bodies. One-time tokens in its links are not shown.
#[utoipa::path(tag = "emails", params(("id" = EmailId, Path)), responses((status = 200, body = Email)))]
#[get("/emails/{id}")]
async fn find_email(on: web::Data<Platform>, reader: Reader, id: Id<EmailId>) -> Result<HttpResponse> {
    Ok(ok(&ops::find(&on, &reader, id.0).await?))
}

/// Sends an email again that failed, or that was sent and did not arrive. It keeps its Message-ID.
#[utoipa::path(
    tag = "emails",
    params(("id" = EmailId, Path)),
    request_body = Resend,
    responses((status = 200, body = EmailSummary))
)]
#[post("/emails/{id}/resend")]
async fn resend_email(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<EmailId>,
    body: Body<Resend>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::resend(&on, &admin, id.0, body.0).await?))
}
