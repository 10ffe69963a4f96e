//! How well an assessor fits a bid: how near they are, which of its themes they share, how expert they are in these. Pure.
//!
//! A fit is an integer:
//!
//! - 1,000 for an assessor whose list has one of the bid's areas itself, 300 less for each step that the nearest
//!   listed area stands above it (county, region, country), and never under 1;
//! - 80 more for each of the bid's themes that the assessor shares, and 5 for each point of their expertise in it.
//!
//! A bid has three themes at most and expertise goes to 3, so that a step nearer outweighs all themes, and one theme
//! more all expertise.
//!
//! Must not know: what stands, storage, HTTP, scores.

use std::collections::BTreeMap;

use super::words::{in_words, listed};
use crate::accounts::model::AssessorProfile;
use crate::areas::model::AreaTree;
use crate::bids::model::BidToAssess;
use crate::rounds::themes::Theme;

/// The fit of an assessor whose list has the bid's area itself.
const BEST_FIT: i64 = 1_000;
/// What each step further from the area costs.
pub const STEP: i64 = 300;
/// What a shared theme adds.
const THEME: i64 = 80;
/// What each point of expertise in a shared theme adds.
const EXPERTISE: i64 = 5;

/// How many steps the nearest of `codes` stands above an area; `None`: none of them covers it.
pub fn distance(tree: &AreaTree, codes: &[String], area: &str) -> Option<usize> {
    tree.steps(codes.iter().map(String::as_str), area)
}

/// How well somebody fits an area, so many steps below what they cover.
pub fn nearness(steps: usize) -> i64 {
    let steps = i64::try_from(steps).unwrap_or(i64::MAX).min(BEST_FIT);
    (BEST_FIT - STEP * steps).max(1)
}

/// What sharing a theme adds, with so much expertise in it.
pub fn closeness(expertise: u8) -> i64 {
    THEME + EXPERTISE * i64::from(expertise)
}

/// The themes of a bid that an assessor shares, each with their expertise in it.
pub fn shared(bid: &BidToAssess, profile: &AssessorProfile) -> BTreeMap<String, u8> {
    let known = |key: &String| profile.themes.get(key).map(|expertise| (key.clone(), *expertise));
    bid.themes.iter().filter_map(known).collect()
}

/// A fit in its parts, so that two can be compared in words.
pub struct Fit {
    near: i64,
    close: i64,
}

impl Fit {
    /// `steps`: how far the nearest of the bid's areas is.
    pub fn new(steps: Option<usize>, bid: &BidToAssess, profile: &AssessorProfile) -> Self {
        Self {
            near: nearness(steps.unwrap_or(usize::MAX)),
            close: shared(bid, profile).into_values().map(closeness).sum(),
        }
    }

    /// "one step further from the area", "as near to the area but less versed in its themes": the other, seen from this one.
    /// Of a bid without themes they are not spoken.
    pub fn compared_with(&self, other: &Self, themes: bool) -> String {
        let lost = self.near - other.near;
        let steps = lost.unsigned_abs().div_ceil(STEP.unsigned_abs());
        let noun = if steps == 1 { "step" } else { "steps" };
        let near = match lost {
            0 => "as near to the area".to_owned(),
            1.. => format!("{} {noun} further from the area", in_words(steps)),
            i64::MIN..=-1 => format!("{} {noun} nearer to the area", in_words(steps)),
        };
        if !themes {
            return near;
        }
        match (lost.signum(), (self.close - other.close).signum()) {
            (_, 0) => format!("{near} and as versed in the bid's themes"),
            (-1 | 0, 1) => format!("{near} but less versed in the bid's themes"),
            (_, 1) => format!("{near} and less versed in the bid's themes"),
            (1, _) => format!("{near} but more versed in the bid's themes"),
            (_, _) => format!("{near} and more versed in the bid's themes"),
        }
    }
}

/// "covers Burnley and Pendle; shares the theme Cyber security (expertise 3)".
#[must_use]
pub fn cover(
    tree: &AreaTree,
    announced: &[Theme],
    codes: &[String],
    shared: &BTreeMap<String, u8>,
) -> String {
    let names: Vec<&str> = codes.iter().map(|code| tree.name(code)).collect();
    let areas = format!("covers {}", listed(&names));
    let title = |(key, expertise): (&String, &u8)| {
        let title = announced.iter().find(|theme| theme.key == *key).map_or(key, |theme| &theme.title);
        if *expertise == 0 { title.clone() } else { format!("{title} (expertise {expertise})") }
    };
    let titles: Vec<String> = shared.iter().map(title).collect();
    let titles: Vec<&str> = titles.iter().map(String::as_str).collect();
    match titles[..] {
        [] => areas,
        [one] => format!("{areas}; shares the theme {one}"),
        _ => format!("{areas}; shares the themes {}", listed(&titles)),
    }
}
