//! The committed draw: the order of equals by a seed that was fixed before any bid was in.
//!
//! At opening the round publishes the SHA-256 of a random seed; at closing it publishes the seed.
//! A bid's ticket is the SHA-256, in lower-case hexadecimal, of the seed's text followed by the
//! bid's reference; of equals the one with the lowest ticket goes first. Anybody can draw again:
//!
//! ```sh
//! for bid in FT1-7K3M-9Q FT1-2B8C-4D; do printf '%s  %s\n' "$(printf %s "$SEED$bid" | sha256sum | cut -c1-64)" $bid; done | sort
//! ```
//!
//! Must not know: storage, scores, money.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::secrets::sha256;

/// A seed and its commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    /// Drawn at random when the round opened, and kept secret until it closed.
    #[schema(example = "q3Xn0b5m1y9mJ2oT8cVYw4rKfL7sZpE6hUaGdNiQxRk")]
    pub seed: String,
    /// SHA-256 of the seed's text: what was published when the round opened.
    pub seed_sha256: String,
}

impl Draw {
    /// Whether the seed is the one that was committed to.
    #[must_use]
    pub fn keeps_its_promise(&self) -> bool {
        sha256(&self.seed) == self.seed_sha256
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn ticket(&self, reference: &str) -> String {
        sha256(format!("{}{reference}", self.seed))
    }

    /// The references, the lowest ticket first.
    #[must_use]
    pub fn order<'a>(&self, references: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut tickets: Vec<(String, &str)> =
            references.map(|reference| (self.ticket(reference), reference)).collect();
        tickets.sort();
        tickets.into_iter().map(|(_, reference)| reference.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_is_by_the_hash_of_seed_and_reference() {
        // printf %s open-sesame | sha256sum, and so on for each ticket.
        let draw = Draw {
            seed: "open-sesame".to_owned(),
            seed_sha256: "d7ecdf25eaf3deba0f2628771dbdd22d4138ab6cf38f91ed02a2ca0dec7c8ab7".to_owned(),
        };
        assert!(draw.keeps_its_promise());
        assert_eq!(
            draw.ticket("FT1-7K3M-9Q"),
            "9fd89340d6fdd8e76c10bcdb0bd6ae6642c1a9edc0144b4cc499e69a1d472163"
        );
        let order = ["FT1-7K3M-9Q", "FT1-2B8C-4D", "FT1-9Z9Z-1A"];
        let expected = ["FT1-9Z9Z-1A", "FT1-2B8C-4D", "FT1-7K3M-9Q"];
        assert_eq!(draw.order(order.into_iter()), expected);
        assert_eq!(draw.order(order.into_iter().rev()), expected);
    }

    #[test]
    fn another_seed_breaks_the_promise() {
        let draw = Draw { seed: "shut".to_owned(), seed_sha256: sha256("open") };
        assert!(!draw.keeps_its_promise());
    }
}
