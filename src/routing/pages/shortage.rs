//! Why places stay empty, as pages show it: the sentence, who is limited by what, and what would fill the places.

use super::words::{number, person};
use crate::routing::shortages::{LimitedAssessor, Shortage};

pub(super) struct ShortageShown {
    pub sentence: String,
    pub remedy: String,
    pub assessors: Vec<Limited>,
}

pub(super) struct Limited {
    pub name: String,
    pub address: String,
    pub load: String,
    pub gives: String,
    pub because: String,
}

impl ShortageShown {
    pub fn all(shortages: &[Shortage]) -> Vec<Self> {
        shortages.iter().map(Self::of).collect()
    }

    fn of(shortage: &Shortage) -> Self {
        Self {
            sentence: shortage.sentence.clone(),
            remedy: shortage.remedy.sentence.clone(),
            assessors: shortage.assessors.iter().map(limited).collect(),
        }
    }
}

fn limited(one: &LimitedAssessor) -> Limited {
    let conflicts = one.conflicted_with.len();
    let because = match (one.full, conflicts) {
        (true, 0) => "Full".to_owned(),
        (false, 0) => "On all these bids that they may take".to_owned(),
        (is_full, many) => {
            let bids = if many == 1 { "1 bid" } else { &format!("{many} bids") };
            format!("{}In conflict with {bids}", if is_full { "Full. " } else { "" })
        }
    };
    Limited {
        name: one.name.clone(),
        address: person(one.id),
        load: format!("{} of {}", number(one.load), number(one.capacity)),
        gives: number(one.gives),
        because,
    }
}
