//! Everybody's pages: signing in and out, the links of emails, one's own account. And administrators' and
//! auditors' pages of people.

mod account;
mod links;
mod people;
mod sign_in;
mod words;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    links::pages(config);
    sign_in::pages(config);
    account::pages(config);
    people::pages(config);
}
