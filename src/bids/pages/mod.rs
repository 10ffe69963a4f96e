//! Pages of administrators and auditors about the bids that were received.
//!
//! [`frame`] is what stands above each page that is about one bid, whichever feature the page is of.

mod bid;
mod content;
pub mod frame;
mod list;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    list::pages(config);
    bid::pages(config);
}
