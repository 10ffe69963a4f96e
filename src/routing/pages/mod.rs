//! Pages of administrators and auditors about routing: the forecast, who assesses what and why, what is short, and the
//! acts that change it, each with the difference shown before it is made.

mod bid;
mod by_bid;
mod eligibility;
mod interest;
mod release;
mod repair;
mod run;
mod shortage;
mod standing;
mod start;
mod words;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    standing::pages(config);
    by_bid::pages(config);
    start::pages(config);
    repair::pages(config);
    run::pages(config);
    bid::pages(config);
    release::pages(config);
    eligibility::pages(config);
    interest::pages(config);
}
