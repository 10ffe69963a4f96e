//! The API's endpoints of outcomes.

use actix_web::body::BodyStream;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, ETAG};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use futures_util::stream;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{
    BidScoreboard, BidderOutcome, CloseRequest, Closing, Moderation, NewModeration, NewRuling, Progress,
    Revocation, RoundOutcomes, RoundScores, Ruling, Verification,
};
use super::ops;
use super::record::Record;
use super::what_if::{Supposition, WhatIf};
use crate::auth::{Actor, Admin, Reader};
use crate::canonical::canonical_pieces;
use crate::id::{BidId, RoundId, RulingId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{Body, Create, Id, Page, PageQuery, Params, created, in_pieces, ok};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(progress)
        .service(scores)
        .service(outcomes)
        .service(rule)
        .service(rulings)
        .service(read_ruling)
        .service(revoke)
        .service(close)
        .service(what_if)
        .service(snapshot)
        .service(record)
        .service(verify)
        .service(moderate)
        .service(moderations)
        .service(bid_scores)
        .service(outcome);
    super::later::api::routes(config);
}

/// Where a round stands, and what keeps it from being closed.
#[utoipa::path(tag = "outcomes", params(("id" = RoundId, Path)), responses((status = 200, body = Progress)))]
#[get("/rounds/{id}/progress")]
async fn progress(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::progress(&on, &reader, round.0).await?))
}

/// Every bid's scores: as they stand, or as they were when the round was closed.
#[utoipa::path(tag = "outcomes", params(("id" = RoundId, Path)), responses((status = 200, body = RoundScores)))]
#[get("/rounds/{id}/scores")]
async fn scores(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::scores(&on, &reader, round.0).await?))
}

/// Every bid's outcome: provisional until the round is closed.
#[utoipa::path(tag = "outcomes", params(("id" = RoundId, Path)), responses((status = 200, body = RoundOutcomes)))]
#[get("/rounds/{id}/outcomes")]
async fn outcomes(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::outcomes(&on, &reader, round.0).await?))
}

/// Rules on a bid, or on the order of tied ones, with the reason.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path)),
    request_body = NewRuling,
    responses((status = 201, body = Ruling))
)]
#[post("/rounds/{id}/rulings")]
async fn rule(
    on: web::Data<Platform>,
    admin: Admin,
    round: Id<RoundId>,
    create: Create<NewRuling>,
) -> Result<HttpResponse> {
    let ruling = ops::rule(&on, &admin, round.0, create.input, create.once).await?;
    Ok(created(&format!("/api/v1/rounds/{}/rulings", ruling.round_id), None, &ruling))
}

/// Every ruling on a round's bids, revoked ones too, oldest first.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path), PageQuery),
    responses((status = 200, body = Page<Ruling>))
)]
#[get("/rounds/{id}/rulings")]
async fn rulings(
    on: web::Data<Platform>,
    reader: Reader,
    round: Id<RoundId>,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let rulings = ops::rulings(&on, &reader, round.0, paging).await?;
    Ok(Page::new(rulings, &paging, |ruling| ruling.id.0).reply(&request))
}

/// One ruling, whether it stands or was revoked.
#[utoipa::path(tag = "outcomes", params(("id" = RulingId, Path)), responses((status = 200, body = Ruling)))]
#[get("/rulings/{id}")]
async fn read_ruling(on: web::Data<Platform>, reader: Reader, ruling: Id<RulingId>) -> Result<HttpResponse> {
    Ok(ok(&ops::read_ruling(&on, &reader, ruling.0).await?))
}

/// Takes a ruling back, with the reason; it stays on record.
#[utoipa::path(
    tag = "outcomes",
    operation_id = "revoke_ruling",
    params(("id" = RulingId, Path)),
    request_body = Revocation,
    responses((status = 200, body = Ruling))
)]
#[post("/rulings/{id}/revoke")]
async fn revoke(
    on: web::Data<Platform>,
    admin: Admin,
    ruling: Id<RulingId>,
    revocation: Body<Revocation>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::revoke(&on, &admin, ruling.0, revocation.0).await?))
}

/// Closes a round: decides, freezes, promises the emails. With `dry_run`, shows exactly what that
/// would write and send.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path)),
    request_body = CloseRequest,
    responses((status = 200, body = Closing))
)]
#[post("/rounds/{id}/close")]
async fn close(
    on: web::Data<Platform>,
    admin: Admin,
    round: Id<RoundId>,
    request: Body<CloseRequest>,
) -> Result<HttpResponse> {
    let mut closing = ops::close(&on, &admin, round.0, request.0).await?;
    if closing.dry_run {
        return Ok(ok(&closing));
    }
    // Of a large round the outcomes are tens of megabytes: each is let go of as it is sent.
    let decided = std::mem::take(&mut closing.outcomes);
    let others = serde_json::to_value(&closing).map_err(Problem::internal)?;
    let pieces = canonical_pieces(&others, "outcomes", decided);
    let body = BodyStream::new(stream::iter(pieces.map(|piece| piece.map(web::Bytes::from))));
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, "application/json")).body(body))
}

/// What the outcomes would be under other rules than those announced. Nothing is written.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path)),
    request_body = Supposition,
    responses((status = 200, body = WhatIf))
)]
#[post("/rounds/{id}/what-if")]
async fn what_if(
    on: web::Data<Platform>,
    reader: Reader,
    round: Id<RoundId>,
    supposition: Body<Supposition>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::suppose(&on, &reader, round.0, supposition.0).await?))
}

/// The canonical text of everything that a closed round's outcomes depend on; its SHA-256 is the ETag.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path)),
    responses((status = 200, body = Object, content_type = "application/json"))
)]
#[get("/rounds/{id}/snapshot")]
async fn snapshot(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    let (text, sha256) = ops::snapshot(&on, &reader, round.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((ETAG, format!("\"{sha256}\"")))
        .body(text))
}

/// A closed round's record as a file that `fasttrack verify FILE` checks without the database: the
/// snapshot, the outcomes and the letters, with the hash of each part.
#[utoipa::path(tag = "outcomes", params(("id" = RoundId, Path)), responses((status = 200, body = Record)))]
#[get("/rounds/{id}/record")]
async fn record(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    let (round, record) = ops::record(&on, &reader, round.0).await?;
    let name = format!("attachment; filename=\"{}-record.json\"", round.code);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((ETAG, format!("\"{}\"", record.sha256)))
        .body(in_pieces(record.pieces)))
}

/// Works a closed round's outcomes out again from its snapshot, and says whether they agree.
#[utoipa::path(tag = "outcomes", params(("id" = RoundId, Path)), responses((status = 200, body = Verification)))]
#[get("/rounds/{id}/verify")]
async fn verify(on: web::Data<Platform>, _reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::verify(&on, round.0).await?))
}

/// Moderates a criterion of a bid, with the reason. The assessors' own scores stay.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = BidId, Path)),
    request_body = NewModeration,
    responses((status = 201, body = Moderation))
)]
#[post("/bids/{id}/moderation")]
async fn moderate(
    on: web::Data<Platform>,
    admin: Admin,
    bid: Id<BidId>,
    create: Create<NewModeration>,
) -> Result<HttpResponse> {
    let moderation = ops::moderate(&on, &admin, bid.0, create.input, create.once).await?;
    Ok(created(&format!("/api/v1/bids/{}/moderation", moderation.bid_id), None, &moderation))
}

/// Every moderation of a bid, oldest first; of each criterion the latest stands.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = BidId, Path), PageQuery),
    responses((status = 200, body = Page<Moderation>))
)]
#[get("/bids/{id}/moderation")]
async fn moderations(
    on: web::Data<Platform>,
    reader: Reader,
    bid: Id<BidId>,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let moderations = ops::moderations(&on, &reader, bid.0, paging).await?;
    Ok(Page::new(moderations, &paging, |moderation| moderation.id.0).reply(&request))
}

/// A bid's scores side by side: every submitted assessment with its justifications and its note for the panel, what they
/// come to, and what was settled about the bid.
#[utoipa::path(tag = "outcomes", params(("id" = BidId, Path)), responses((status = 200, body = BidScoreboard)))]
#[get("/bids/{id}/scores")]
async fn bid_scores(on: web::Data<Platform>, reader: Reader, bid: Id<BidId>) -> Result<HttpResponse> {
    Ok(ok(&ops::bid_scores(&on, &reader, bid.0).await?))
}

/// What became of a bid, once its round is closed: its scores, its feedback, how to query it.
#[utoipa::path(tag = "outcomes", params(("id" = BidId, Path)), responses((status = 200, body = BidderOutcome)))]
#[get("/bids/{id}/outcome")]
async fn outcome(on: web::Data<Platform>, actor: Actor, bid: Id<BidId>) -> Result<HttpResponse> {
    Ok(ok(&ops::outcome_of(&on, &actor, bid.0).await?))
}
