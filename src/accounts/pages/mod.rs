//! Everybody's pages: registering, signing in and out, the links of emails, one's own account; one's own
//! organisation, for a provider's members; and administrators' and auditors' pages of people.

mod account;
mod assessor;
mod clients;
mod links;
mod organisation;
mod organisations;
mod people;
mod person;
mod register;
mod sign_in;
mod words;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    links::pages(config);
    sign_in::pages(config);
    account::pages(config);
    people::pages(config);
    register::pages(config);
    organisation::pages(config);
    clients::pages(config);
    organisations::pages(config);
    assessor::pages(config);
    person::pages(config);
}
