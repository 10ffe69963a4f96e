//! The pages of bids: administrators' and auditors' of those that were received, and in [`own`] a provider's of its own.
//!
//! [`frame`] is what stands above each page that is about one bid, whichever feature the page is of.

mod bid;
mod content;
pub mod frame;
mod list;
pub mod own;
mod round_acts;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    list::pages(config);
    round_acts::pages(config);
    bid::pages(config);
    own::pages(config);
}
