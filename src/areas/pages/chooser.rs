//! Areas to choose from, as boxes to tick: wide ones at once, those inside them one step further.
//!
//! A template shows them with `areas/templates/chooser.html`; the form's field then holds every ticked code.

use std::collections::BTreeSet;

use crate::areas::model::{Area, AreaTree, Group};
use crate::web::form::Form;

/// An area or group to tick, and the areas inside it.
#[derive(Debug, Clone)]
pub struct Branch {
    pub code: String,
    pub name: String,
    /// What it is.
    pub hint: String,
    pub inside: Vec<Twig>,
}

/// An area inside another.
#[derive(Debug, Clone)]
pub struct Twig {
    pub code: String,
    pub name: String,
    /// How many steps below the branch, from 0.
    pub depth: usize,
}

impl Branch {
    /// Whether an area inside it is ticked, and is therefore to be seen.
    #[must_use]
    pub fn is_opened(&self, form: &Form, field: &str) -> bool {
        self.inside.iter().any(|twig| form.has(field, &twig.code))
    }
}

/// Everything that can be chosen.
#[must_use]
pub fn everything(tree: &AreaTree) -> Vec<Branch> {
    let groups = tree.groups().map(|group| Branch { inside: Vec::new(), ..of_group(tree, group) });
    let mut branches: Vec<Branch> = groups.collect();
    for top in tree.below(None) {
        branches.push(Branch { inside: Vec::new(), ..of_area(tree, top) });
        branches.extend(tree.below(Some(&top.code)).into_iter().map(|area| of_area(tree, area)));
    }
    branches
}

/// What can be chosen inside these areas and groups.
#[must_use]
pub fn within(tree: &AreaTree, codes: &[String]) -> Vec<Branch> {
    let branch = |code: &String| match (tree.group(code), tree.area(code)) {
        (Some(group), _) => Some(of_group(tree, group)),
        (None, Some(area)) => Some(of_area(tree, area)),
        (None, None) => None,
    };
    // An area has one box, however often it lies inside another.
    let mut seen: BTreeSet<String> = codes.iter().cloned().collect();
    let once = |mut branch: Branch| {
        branch.inside.retain(|twig| seen.insert(twig.code.clone()));
        branch
    };
    codes.iter().filter_map(branch).map(once).collect()
}

fn of_area(tree: &AreaTree, area: &Area) -> Branch {
    let mut inside = Vec::new();
    below(tree, &area.code, 0, &mut inside);
    Branch { code: area.code.clone(), name: area.name.clone(), hint: kind_in_words(&area.kind), inside }
}

fn of_group(tree: &AreaTree, group: &Group) -> Branch {
    let mut inside = Vec::new();
    for area in group.areas.iter().filter_map(|code| tree.area(code)) {
        inside.push(Twig { code: area.code.clone(), name: area.name.clone(), depth: 0 });
        below(tree, &area.code, 1, &mut inside);
    }
    let hint = format!("Group of {} areas", group.areas.len());
    Branch { code: group.code.clone(), name: group.name.clone(), hint, inside }
}

fn below(tree: &AreaTree, code: &str, depth: usize, found: &mut Vec<Twig>) {
    for area in tree.below(Some(code)) {
        found.push(Twig { code: area.code.clone(), name: area.name.clone(), depth });
        below(tree, &area.code, depth + 1, found);
    }
}

/// A kind of area as people say it: `Unitary authority`.
#[must_use]
pub fn kind_in_words(kind: &str) -> String {
    let words = kind.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> AreaTree {
        let area = |code: &str, parent: Option<&str>| Area {
            code: code.to_owned(),
            name: code.to_owned(),
            kind: "unitary_authority".to_owned(),
            parent_code: parent.map(str::to_owned),
        };
        let areas = vec![
            area("nation", None),
            area("region", Some("nation")),
            area("county", Some("region")),
            area("town", Some("county")),
        ];
        let group =
            Group { code: "group".to_owned(), name: "group".to_owned(), areas: vec!["county".to_owned()] };
        AreaTree::new(areas, vec![group])
    }

    fn told(branches: &[Branch]) -> Vec<(String, Vec<(String, usize)>)> {
        let inside =
            |branch: &Branch| branch.inside.iter().map(|twig| (twig.code.clone(), twig.depth)).collect();
        branches.iter().map(|branch| (branch.code.clone(), inside(branch))).collect()
    }

    fn some(code: &str, inside: &[(&str, usize)]) -> (String, Vec<(String, usize)>) {
        (code.to_owned(), inside.iter().map(|(code, depth)| ((*code).to_owned(), *depth)).collect())
    }

    #[test]
    fn wide_areas_come_first_and_those_inside_them_below() {
        let region = some("region", &[("county", 0), ("town", 1)]);
        assert_eq!(told(&everything(&tree())), [some("group", &[]), some("nation", &[]), region]);
        assert_eq!(kind_in_words("unitary_authority"), "Unitary authority");
    }

    #[test]
    fn an_area_has_one_box() {
        let codes = ["group".to_owned(), "county".to_owned(), "gone".to_owned()];
        assert_eq!(told(&within(&tree(), &codes)), [some("group", &[("town", 1)]), some("county", &[])]);
    }
}
