//! The areas of a fund as boxes to tick: a list for each area or group that the fund names, the areas below
//! it further in.

use crate::areas::model::{Area, AreaTree};
use crate::rounds::model::Fund;

/// One area or group of the fund, and what it holds.
pub(super) struct Place {
    pub name: String,
    pub boxes: Vec<AreaBox>,
}

pub(super) struct AreaBox {
    pub code: String,
    pub label: String,
    /// How many steps below the first ones.
    pub depth: usize,
}

/// The fund's areas, and at the end those of `chosen` that are outside them, so that they can be left out.
pub(super) fn places(tree: &AreaTree, fund: &Fund, chosen: &[String]) -> Vec<Place> {
    let mut places: Vec<Place> = fund.areas.iter().map(|code| place(tree, code)).collect();
    let is_shown = |code: &String| places.iter().any(|place| place.boxes.iter().any(|one| one.code == *code));
    let outside: Vec<AreaBox> = chosen
        .iter()
        .filter(|code| !is_shown(code))
        .map(|code| AreaBox { code: code.clone(), label: tree.name(code).to_owned(), depth: 0 })
        .collect();
    if !outside.is_empty() {
        places.push(Place { name: format!("Outside the areas of {}", fund.name), boxes: outside });
    }
    places
}

fn place(tree: &AreaTree, code: &str) -> Place {
    let mut boxes = Vec::new();
    match tree.group(code) {
        Some(group) => {
            for member in group.areas.iter().filter_map(|code| tree.area(code)) {
                push(tree, member, 0, &mut boxes);
            }
        }
        None => {
            if let Some(area) = tree.area(code) {
                push(tree, area, 0, &mut boxes);
            }
        }
    }
    Place { name: tree.name(code).to_owned(), boxes }
}

fn push(tree: &AreaTree, area: &Area, depth: usize, boxes: &mut Vec<AreaBox>) {
    let mut below: Vec<&Area> =
        tree.areas().filter(|other| other.parent_code.as_deref() == Some(area.code.as_str())).collect();
    below.sort_by(|left, right| left.name.cmp(&right.name));
    let label = if below.is_empty() {
        area.name.clone()
    } else {
        format!("The whole {} of {}", area.kind.replace('_', " "), area.name)
    };
    boxes.push(AreaBox { code: area.code.clone(), label, depth });
    // A ring, which no write makes, would never end.
    if depth < 16 {
        for area in below {
            push(tree, area, depth + 1, boxes);
        }
    }
}
