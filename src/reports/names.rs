//! What codes and ids are called.

use std::collections::BTreeMap;

use crate::areas::model::AreaTree;
use crate::id::UserId;

#[derive(Debug, Clone, Default)]
pub struct Names {
    tree: AreaTree,
    people: BTreeMap<UserId, String>,
}

impl Names {
    #[must_use]
    pub fn new(tree: AreaTree, people: BTreeMap<UserId, String>) -> Self {
        Self { tree, people }
    }

    #[must_use]
    pub fn tree(&self) -> &AreaTree {
        &self.tree
    }

    #[must_use]
    pub fn area<'a>(&'a self, code: &'a str) -> &'a str {
        self.tree.name(code)
    }

    /// "Burnley; Pendle".
    #[must_use]
    pub fn areas(&self, codes: &[String]) -> String {
        codes.iter().map(|code| self.area(code)).collect::<Vec<_>>().join("; ")
    }

    #[must_use]
    pub fn person(&self, id: UserId) -> &str {
        self.people.get(&id).map_or("(unknown)", String::as_str)
    }
}
