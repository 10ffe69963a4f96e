//! Areas, groups, and the questions that routing and eligibility ask of the tree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// ONS GSS code.
    #[schema(example = "E07000117")]
    pub code: String,
    #[schema(example = "Burnley")]
    pub name: String,
    /// `country`, `region`, `county`, `combined_authority`, or a kind of district.
    #[schema(example = "non_metropolitan_district")]
    pub kind: String,
    #[schema(example = "E10000017")]
    pub parent_code: Option<String>,
}

/// A named set of areas, such as "Lancashire" as its Local Enterprise Partnership means it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    #[schema(example = "lancashire-lep")]
    pub code: String,
    #[schema(example = "Lancashire")]
    pub name: String,
    #[schema(example = json!(["E10000017", "E06000008", "E06000009"]))]
    pub areas: Vec<String>,
}

/// All areas and groups, by code.
#[derive(Debug, Clone, Default)]
pub struct AreaTree {
    areas: BTreeMap<String, Area>,
    groups: BTreeMap<String, Group>,
}

impl AreaTree {
    #[must_use]
    pub fn new(areas: Vec<Area>, groups: Vec<Group>) -> Self {
        Self {
            areas: areas.into_iter().map(|area| (area.code.clone(), area)).collect(),
            groups: groups.into_iter().map(|group| (group.code.clone(), group)).collect(),
        }
    }

    #[must_use]
    pub fn area(&self, code: &str) -> Option<&Area> {
        self.areas.get(code)
    }

    #[must_use]
    pub fn group(&self, code: &str) -> Option<&Group> {
        self.groups.get(code)
    }

    /// The name of an area or group; the code itself where it is neither.
    #[must_use]
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.areas
            .get(code)
            .map(|area| area.name.as_str())
            .or_else(|| self.groups.get(code).map(|group| group.name.as_str()))
            .unwrap_or(code)
    }

    /// The area itself and those above it, nearest first.
    pub fn line<'a>(&'a self, code: &str) -> impl Iterator<Item = &'a Area> {
        let mut next = self.areas.get(code);
        std::iter::from_fn(move || {
            let here = next?;
            next = here.parent_code.as_deref().and_then(|parent| self.areas.get(parent));
            Some(here)
        })
        // A tree is never this deep; a ring, which no write makes, would never end.
        .take(32)
    }

    /// How many steps above `area` the nearest of `codes` stands that covers it: 0 for the area
    /// itself, `None` where none does. A group is as near as its nearest member.
    #[must_use]
    pub fn steps<'a>(&self, codes: impl IntoIterator<Item = &'a str>, area: &str) -> Option<usize> {
        let line: Vec<&str> = self.line(area).map(|above| above.code.as_str()).collect();
        let step = |code: &str| line.iter().position(|above| *above == code);
        codes
            .into_iter()
            .filter_map(|code| match self.groups.get(code) {
                Some(group) => group.areas.iter().filter_map(|member| step(member)).min(),
                None => step(code),
            })
            .min()
    }

    /// Whether one of `codes` (areas or groups) is `area`, stands above it, or holds it.
    #[must_use]
    pub fn covers<'a>(&self, codes: impl IntoIterator<Item = &'a str>, area: &str) -> bool {
        self.steps(codes, area).is_some()
    }

    /// Whether a code, of an area or a group, lies wholly inside `codes`.
    #[must_use]
    pub fn inside(&self, codes: &[String], code: &str) -> bool {
        let inside = |area: &str| self.covers(codes.iter().map(String::as_str), area);
        match self.groups.get(code) {
            Some(group) => codes.iter().any(|c| c == code) || group.areas.iter().all(|area| inside(area)),
            None => self.areas.contains_key(code) && inside(code),
        }
    }

    /// Whether a bid for `area` touches `code`, an area or a group: either covers the other.
    #[must_use]
    pub fn touches(&self, code: &str, area: &str) -> bool {
        if self.covers([code], area) {
            return true;
        }
        match self.groups.get(code) {
            Some(group) => group.areas.iter().any(|member| self.covers([area], member)),
            None => self.covers([area], code),
        }
    }

    /// The areas right below one, by name; without one, those at the top.
    #[must_use]
    pub fn below(&self, code: Option<&str>) -> Vec<&Area> {
        let mut found: Vec<&Area> =
            self.areas.values().filter(|area| area.parent_code.as_deref() == code).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    pub fn areas(&self) -> impl Iterator<Item = &Area> {
        self.areas.values()
    }

    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }
}

/// What is wrong with an area's code: GSS codes are a capital letter and eight digits.
#[must_use]
pub fn code_fault(code: &str) -> Option<&'static str> {
    let mut letters = code.chars();
    let right = code.len() == 9
        && letters.next().is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|digit| digit.is_ascii_digit());
    (!right).then_some("give the ONS GSS code, a capital letter and eight digits, such as E07000117")
}

/// What is wrong with a group's code. Its lower case keeps it apart from every area's.
#[must_use]
pub fn group_code_fault(code: &str) -> Option<&'static str> {
    let right = (2..=40).contains(&code.len())
        && code.starts_with(|first: char| first.is_ascii_lowercase())
        && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    (!right).then_some(
        "use 2 to 40 lower-case letters, digits and hyphens, a letter first, such as lancashire-lep",
    )
}

/// What is wrong with the word for a kind of area.
#[must_use]
pub fn kind_fault(kind: &str) -> Option<&'static str> {
    let right = (1..=40).contains(&kind.len()) && kind.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    (!right).then_some("use up to 40 lower-case letters and underscores, such as unitary_authority")
}

/// What is wrong with the name of an area or group.
#[must_use]
pub fn name_fault(name: &str) -> Option<&'static str> {
    let right = !name.trim().is_empty() && name.chars().count() <= 200 && !name.chars().any(char::is_control);
    (!right).then_some("give a name of 1 to 200 characters, on one line")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> AreaTree {
        let area = |code: &str, parent: Option<&str>| Area {
            code: code.to_owned(),
            name: code.to_owned(),
            kind: "district".to_owned(),
            parent_code: parent.map(str::to_owned),
        };
        let areas = vec![
            area("nw", None),
            area("lancs", Some("nw")),
            area("burnley", Some("lancs")),
            area("blackpool", Some("nw")),
            area("gm", Some("nw")),
        ];
        let lep = Group {
            code: "lep".to_owned(),
            name: "Lancashire".to_owned(),
            areas: vec!["lancs".to_owned(), "blackpool".to_owned()],
        };
        AreaTree::new(areas, vec![lep])
    }

    #[test]
    fn coverage_comes_from_the_area_one_above_it_or_a_group_that_holds_it() {
        let tree = tree();
        assert_eq!(tree.steps(["burnley"], "burnley"), Some(0));
        assert_eq!(tree.steps(["nw", "lancs"], "burnley"), Some(1));
        assert_eq!(tree.steps(["lep"], "burnley"), Some(1));
        assert_eq!(tree.steps(["lep"], "blackpool"), Some(0));
        assert_eq!(tree.steps(["lep", "burnley"], "gm"), None);
    }

    #[test]
    fn a_group_is_inside_where_all_its_areas_are() {
        let tree = tree();
        assert!(tree.inside(&["nw".to_owned()], "lep"));
        assert!(!tree.inside(&["lancs".to_owned()], "lep"));
        assert!(tree.inside(&["lep".to_owned()], "burnley"));
        assert!(!tree.inside(&["lep".to_owned()], "nw"));
        assert!(!tree.inside(&["nw".to_owned()], "nowhere"));
    }
}
