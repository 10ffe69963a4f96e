//! Pages about rounds, for administrators and auditors.
//!
//! [`frame`] is what stands above each page that is about one round, whichever feature the page is of.

mod announced;
mod draft;
mod expertise;
pub mod frame;
mod funds;
mod import;
mod list;
mod new;
mod opening;
mod pool;
mod rules;
mod section;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    list::pages(config);
    new::pages(config);
    funds::pages(config);
    rules::pages(config);
    draft::pages(config);
    opening::pages(config);
    import::pages(config);
    pool::pages(config);
    expertise::pages(config);
}
