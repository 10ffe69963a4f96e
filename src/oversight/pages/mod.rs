//! The pages of emails and of the audit trail.

mod audit;
mod emails;
mod names;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    audit::pages(config);
    emails::pages(config);
}
