//! `/health/live`: the process answers. `/health/ready`: it can do its work, so that a load
//! balancer may send it some.

use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{HttpResponse, get, web};
use serde_json::json;

use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(live).service(ready);
}

/// Whether the schema was seen to be this program's. A schema does not go back, so that one look
/// is enough and later probes cost the database no more than an empty transaction.
#[derive(Debug, Default)]
pub struct Schema {
    seen: AtomicBool,
}

#[get("/health/live")]
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "live"}))
}

#[get("/health/ready")]
async fn ready(on: web::Data<Platform>, schema: web::Data<Schema>) -> Result<HttpResponse> {
    if on.db.is_full() {
        return Err(Problem::new(Kind::Unavailable, "The database has no room left to write."));
    }
    if schema.seen.load(Ordering::Relaxed) {
        on.db.read(|_| Ok(())).await?;
    } else if on.db.is_migrated().await? {
        schema.seen.store(true, Ordering::Relaxed);
    } else {
        return Err(Problem::new(
            Kind::Unavailable,
            "The database's tables are not those of this program yet.",
        ));
    }
    Ok(HttpResponse::Ok().json(json!({"status": "ready"})))
}
