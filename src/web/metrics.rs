//! `/metrics`, in Prometheus' text format: requests by route pattern, and how the outbox and the
//! pool stand at the moment of asking. Nothing in it is about a person or a bid.

use std::time::Duration;

use actix_web::{HttpResponse, get, web};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
};

use crate::mail::outbox::{self, EmailStatus};
use crate::platform::Platform;
use crate::problem::{Problem, Result};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

/// The measurements of this process.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
    emails: IntGaugeVec,
    connections: IntGaugeVec,
    database: IntGauge,
}

impl Metrics {
    /// # Errors
    /// A metric is registered twice, which no test would let pass.
    pub fn new() -> prometheus::Result<Self> {
        let metrics = Self {
            registry: Registry::new(),
            requests: IntCounterVec::new(
                Opts::new("fasttrack_requests_total", "Requests answered."),
                &["method", "route", "status"],
            )?,
            durations: HistogramVec::new(
                HistogramOpts::new(
                    "fasttrack_request_seconds",
                    "Time until the answer was ready, in seconds.",
                ),
                &["method", "route"],
            )?,
            emails: IntGaugeVec::new(
                Opts::new("fasttrack_emails", "Emails in the outbox, of the whole service."),
                &["status"],
            )?,
            connections: IntGaugeVec::new(
                Opts::new("fasttrack_database_connections", "Connections of this process to the database."),
                &["state"],
            )?,
            database: IntGauge::new(
                "fasttrack_database_up",
                "1 if the database answered this scrape, else 0.",
            )?,
        };
        metrics.registry.register(Box::new(metrics.requests.clone()))?;
        metrics.registry.register(Box::new(metrics.durations.clone()))?;
        metrics.registry.register(Box::new(metrics.emails.clone()))?;
        metrics.registry.register(Box::new(metrics.connections.clone()))?;
        metrics.registry.register(Box::new(metrics.database.clone()))?;
        Ok(metrics)
    }

    /// Counts one answer. `route` is the pattern, never the path.
    pub fn observe(&self, method: &str, route: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[method, route, &status.to_string()]).inc();
        self.durations.with_label_values(&[method, route]).observe(took.as_secs_f64());
    }

    async fn refresh(&self, on: &Platform) {
        let state = on.db.pool_state();
        self.connections.with_label_values(&["open"]).set(state.open.into());
        self.connections.with_label_values(&["idle"]).set(state.idle.into());
        match on.db.read(outbox::counts).await {
            Ok(counts) => {
                self.emails.reset();
                for status in
                    [EmailStatus::Waiting, EmailStatus::Sending, EmailStatus::Sent, EmailStatus::Failed]
                {
                    let count =
                        counts.iter().find(|(counted, _)| *counted == status).map_or(0, |(_, count)| *count);
                    self.emails.with_label_values(&[status.as_str()]).set(count);
                }
                self.database.set(1);
            }
            // A scrape that fails would hide the very thing it should show.
            Err(_) => self.database.set(0),
        }
    }
}

#[get("/metrics")]
async fn show(on: web::Data<Platform>, metrics: web::Data<Metrics>) -> Result<HttpResponse> {
    metrics.refresh(&on).await;
    let mut text = Vec::new();
    TextEncoder::new().encode(&metrics.registry.gather(), &mut text).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}
