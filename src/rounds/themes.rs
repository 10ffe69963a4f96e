//! Themes: what the bids of a round may be about, beside the areas that they cover.
//!
//! A theme's key means the same in every round, because assessors have it in their profiles. A round that announces no
//! themes knows areas alone.
//!
//! Must not know: bids, assessors, HTTP, storage.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::criteria::line_fault;
use crate::problem::Fault;

/// The most themes of a round.
const MOST_THEMES: usize = 50;
/// The most themes of one bid.
pub const MOST_THEMES_OF_A_BID: usize = 3;

/// What a bid may be about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    #[schema(example = "cyber")]
    pub key: String,
    #[schema(example = "Cyber security")]
    pub title: String,
}

/// What is wrong but for the keys, which are judged with those of the other lists.
pub(super) fn theme_faults(themes: &[Theme], faults: &mut Vec<Fault>) {
    if themes.len() > MOST_THEMES {
        faults.push(Fault::new("/rules/themes", format!("announce at most {MOST_THEMES} themes")));
    }
    for (index, theme) in themes.iter().enumerate() {
        faults.extend(line_fault("the title", &theme.title, 100, &format!("/rules/themes/{index}/title")));
    }
}
