//! Where an award is spent, by ONS GSS codes.

use serde::Serialize;
use utoipa::ToSchema;

use crate::areas::model::AreaTree;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = BeneficiaryLocation)]
pub struct Place {
    #[schema(example = "Burnley")]
    pub name: String,
    #[schema(example = "GB")]
    pub country_code: &'static str,
    #[schema(example = "E07000117")]
    pub geo_code: String,
    /// The kind of area, in the ONS's abbreviation; absent where the standard has none for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "NMD")]
    pub geo_code_type: Option<&'static str>,
}

/// The places of a bid, a group as the areas in it, each once.
#[must_use]
pub fn places(tree: &AreaTree, codes: &[String]) -> Vec<Place> {
    let mut named: Vec<&String> = Vec::new();
    for code in codes {
        let members = tree.group(code).map_or(std::slice::from_ref(code), |group| &group.areas);
        for member in members {
            if !named.contains(&member) {
                named.push(member);
            }
        }
    }
    let place = |code: &String| Place {
        name: tree.name(code).to_owned(),
        country_code: "GB",
        geo_code: code.clone(),
        geo_code_type: kind(code),
    };
    named.into_iter().map(place).collect()
}

/// From the entity part of a GSS code (ONS, Register of Geographic Codes).
fn kind(code: &str) -> Option<&'static str> {
    match code.get(..3)? {
        "E92" | "W92" | "S92" | "N92" => Some("CTRY"),
        "E12" => Some("RGN"),
        "E10" => Some("CTY"),
        "E06" | "W06" => Some("UA"),
        "E07" => Some("NMD"),
        "E08" => Some("MD"),
        "E09" => Some("LONB"),
        _ => None,
    }
}
