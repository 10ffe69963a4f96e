//! Everybody's pages: signing in and out, the links of emails, one's own account.

mod account;
mod links;
mod sign_in;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    links::pages(config);
    sign_in::pages(config);
    account::pages(config);
}
