//! A provider's pages of its own bids: the rounds to bid in, a bid written section by section, checking and
//! submitting it, withdrawing it, and reading what was submitted.
//!
//! Where a provider starts, and what became of a bid, is in `outcomes`, which knows more.

mod bid;
mod form;
mod places;
mod reading;
mod rounds;
mod section;
mod submitting;
mod versions;
mod withdrawing;
mod words;
mod work;

use actix_web::web;

pub use rounds::time_left;

pub fn pages(config: &mut web::ServiceConfig) {
    rounds::pages(config);
    bid::pages(config);
    section::pages(config);
    submitting::pages(config);
    withdrawing::pages(config);
    versions::pages(config);
}
