//! The shell of the pages, and what the service shows beside its API.
//!
//! Pages of a feature stand in its own `pages` and are made of what is here, in the order in which a
//! request meets it: [`visitor`] (who asks, and whether a form is good), [`form`] (what was typed and what was
//! wrong with it; [`rows`] for lists), [`shell`] (the frame around a page), [`page`] (headers, redirects), [`refusals`] (problems as
//! pages) and [`sign_in`] (the page for it, and forms that came too late). `templates/parts.html` has the
//! components.
//!
//! Must not know: any feature.

pub mod about;
pub mod assets;
pub mod cookies;
pub mod docs;
pub mod form;
pub mod health;
pub mod metrics;
pub mod page;
pub mod problems;
pub mod refusals;
pub mod rows;
pub mod shell;
pub mod sign_in;
pub mod typed;
pub mod visitor;
