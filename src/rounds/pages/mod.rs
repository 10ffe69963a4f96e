//! Pages about rounds, for administrators and auditors.
//!
//! [`frame`] is what stands above each page that is about one round, whichever feature the page is of.

mod announced;
pub mod frame;
mod list;
mod rules;
mod section;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    list::pages(config);
    rules::pages(config);
}
