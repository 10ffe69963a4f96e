//! An assessor's pages: the assignments, the declaration of interest, scoring one criterion at a
//! time, checking and submitting.

mod list;
mod offer;
mod scoring;
mod submitting;
mod work;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    list::pages(config);
    offer::pages(config);
    scoring::pages(config);
    submitting::pages(config);
}
