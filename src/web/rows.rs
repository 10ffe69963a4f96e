//! Lists in forms, whose rows are added, taken away and moved by buttons, so that no script is needed.
//!
//! A row's fields are named `list.0.name`, `list.1.name`, … as [`Form::rows`] counts them. Its buttons are
//! named [`ROWS`], with values such as `add:list`, `remove:list:2`, `up:list:2`, `down:list:0`: the page comes back with the rows
//! so changed and everything else as it was typed, and nothing is saved yet.

use super::form::Form;

/// The name of the buttons.
pub const ROWS: &str = "rows";

/// What a button does to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Add,
    Remove(usize),
    Up(usize),
    Down(usize),
}

impl Form {
    /// The form with its rows changed as the button asks, if one of these lists' buttons was pressed. Each
    /// list stands with the field in which one goes on writing after a row was added.
    #[must_use]
    pub fn rows_changed(&self, lists: &[(&str, &str)]) -> Option<Self> {
        let pressed = self.get(ROWS);
        let (list, first, act) =
            lists.iter().find_map(|(list, first)| Some((*list, *first, act(pressed, list)?)))?;
        let rows = self.rows(list);
        let is_there = |row: usize| row < rows;
        match act {
            Act::Add => Some(
                self.clone()
                    .with(&format!("{list}.{rows}"), "")
                    .starting_at(format!("{list}.{rows}.{first}")),
            ),
            Act::Remove(row) if is_there(row) => Some(self.clone().moved(list, |at| match at {
                at if at == row => None,
                at if at > row => Some(at - 1),
                at => Some(at),
            })),
            Act::Up(row) if is_there(row) && row > 0 => Some(self.clone().swapped(list, row - 1)),
            Act::Down(row) if is_there(row + 1) => Some(self.clone().swapped(list, row)),
            Act::Remove(_) | Act::Up(_) | Act::Down(_) => Some(self.clone()),
        }
    }

    /// With a row and the one below it in each other's place.
    fn swapped(self, list: &str, row: usize) -> Self {
        self.moved(list, |at| match at {
            at if at == row => Some(row + 1),
            at if at == row + 1 => Some(row),
            at => Some(at),
        })
    }
}

fn act(pressed: &str, list: &str) -> Option<Act> {
    let mut steps = pressed.split(':');
    let (verb, named, row) = (steps.next()?, steps.next()?, steps.next().and_then(|row| row.parse().ok()));
    match (verb, row) {
        _ if named != list => None,
        ("add", None) => Some(Act::Add),
        ("remove", Some(row)) => Some(Act::Remove(row)),
        ("up", Some(row)) => Some(Act::Up(row)),
        ("down", Some(row)) => Some(Act::Down(row)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(button: &str) -> Vec<String> {
        let form = Form::blank()
            .with("name", "N")
            .with("list.0.a", "one")
            .with("list.1.a", "two")
            .with("list.2.a", "three");
        let changed = form.with(ROWS, button).rows_changed(&[("list", "a")]);
        let changed = changed.unwrap_or_default();
        (0..changed.rows("list")).map(|row| changed.get(&format!("list.{row}.a")).to_owned()).collect()
    }

    #[test]
    fn rows_are_added_removed_and_moved() {
        assert_eq!(pressed("add:list"), ["one", "two", "three", ""]);
        assert_eq!(pressed("remove:list:1"), ["one", "three"]);
        assert_eq!(pressed("up:list:2"), ["one", "three", "two"]);
        assert_eq!(pressed("down:list:0"), ["two", "one", "three"]);
        for nothing in ["up:list:0", "up:list:7", "down:list:2", "remove:list:3"] {
            assert_eq!(pressed(nothing), ["one", "two", "three"], "{nothing}");
        }
    }

    #[test]
    fn another_button_changes_no_rows() {
        for button in ["", "add:other", "remove:list", "up:list:x", "save"] {
            assert!(Form::blank().with(ROWS, button).rows_changed(&[("list", "a")]).is_none(), "{button}");
        }
    }
}
