//! Pages of areas and groups, and the boxes in which other pages' forms have areas chosen.

pub mod chooser;
mod list;
mod new;

use actix_web::web;

pub fn pages(config: &mut web::ServiceConfig) {
    list::pages(config);
    new::pages(config);
}
