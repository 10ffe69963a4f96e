//! An instance as it is kept with its run, so that the run can be replayed. Pure.
//!
//! The text lists facts, not pairs: who covers which area and how well, what stands, who is barred. Runs
//! of the first version listed every pair, and are read as well. Their routing may have been another
//! of the same worth: the run says which version of the solver made it.
//!
//! Must not know: storage, HTTP.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::instance::{Plan, number, route, solver_purpose};
use super::model::RunPurpose;
use super::solver::{Checked, Coverage, Instance, Need, Pair, Routing, Standing, Supply};
use crate::problem::{Problem, Result};

/// As it is read. Arrays, because there are many of them.
#[derive(Deserialize)]
struct Written {
    purpose: RunPurpose,
    #[serde(default)]
    bridges: bool,
    /// Key, places, codes of the areas.
    bids: Vec<(String, u32, Vec<String>)>,
    /// Key, capacity, minimum.
    assessors: Vec<(String, u32, u32)>,
    /// Bid, assessor, covers, fit, standing: 0 nothing, 1 offered, 2 fixed.
    pairs: Vec<(u32, u32, u64, i64, u8)>,
    /// By area code, those who cover it: assessor, fit. None in runs that listed every pair.
    coverage: Option<BTreeMap<String, Vec<(u32, i64)>>>,
    /// Bid, assessor.
    #[serde(default)]
    barred: Vec<(u32, u32)>,
    /// For each bid the keys of its themes; none in rounds without themes.
    #[serde(default)]
    themes: Vec<Vec<String>>,
    /// By theme, those who share it: assessor, what that adds to their fit.
    #[serde(default)]
    sharing: BTreeMap<String, Vec<(u32, i64)>>,
}

/// The canonical text of a plan's instance.
///
/// # Errors
/// `internal`: the text cannot be written.
pub(super) fn text(plan: &Plan) -> Result<String> {
    serde_json::to_string(&Writing(plan)).map_err(Problem::internal)
}

/// A plan as [`Written`] is read, straight from what it holds: there may be very many bids.
struct Writing<'p>(&'p Plan);

impl Serialize for Writing<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let plan = self.0;
        let Instance { bids, assessors, pairs, coverage, purpose: _ } = &plan.instance;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("purpose", &plan.purpose)?;
        if plan.bridges {
            map.serialize_entry("bridges", &true)?;
        }
        let bids = Each(|| {
            bids.iter().zip(0..).map(|(bid, at)| (&bid.key, bid.places, Each(move || plan.areas_of(at))))
        });
        map.serialize_entry("bids", &bids)?;
        let assessors = Each(|| assessors.iter().map(|one| (&one.key, one.capacity, one.minimum)));
        map.serialize_entry("assessors", &assessors)?;
        map.serialize_entry("pairs", &Each(|| pairs.iter().map(pair)))?;
        let codes = plan.area_codes.iter().zip(&coverage.assessors);
        map.serialize_entry("coverage", &codes.collect::<BTreeMap<_, _>>())?;
        map.serialize_entry("barred", &coverage.barred)?;
        if !plan.theme_keys.is_empty() {
            let themes = |at| Each(move || plan.themes_of(at));
            map.serialize_entry("themes", &Each(|| (0..number(plan.instance.bids.len())).map(themes)))?;
            let keys = plan.theme_keys.iter().zip(&coverage.sharing);
            map.serialize_entry("sharing", &keys.collect::<BTreeMap<_, _>>())?;
        }
        map.end()
    }
}

fn pair(pair: &Pair) -> (u32, u32, u64, i64, u8) {
    let standing = match pair.standing {
        Standing::None => 0,
        Standing::Offered => 1,
        Standing::Fixed => 2,
    };
    (pair.bid, pair.assessor, pair.covers, pair.fit, standing)
}

/// A list that is made while it is written.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

impl Written {
    fn coverage(&mut self) -> Coverage {
        let Some(by_code) = self.coverage.take() else { return Coverage::default() };
        let sharing = std::mem::take(&mut self.sharing);
        Coverage {
            areas: numbered(&by_code, self.bids.iter().map(|(_, _, codes)| codes)),
            assessors: by_code.into_values().collect(),
            themes: numbered(&sharing, self.themes.iter()),
            sharing: sharing.into_values().collect(),
            barred: std::mem::take(&mut self.barred),
        }
    }
}

/// For each bid its names, as their places among the lists.
fn numbered<'n>(
    lists: &BTreeMap<String, Vec<(u32, i64)>>,
    bids: impl Iterator<Item = &'n Vec<String>>,
) -> Vec<Vec<u32>> {
    let index: BTreeMap<&str, u32> = lists.keys().map(String::as_str).zip(0..).collect();
    bids.map(|names| names.iter().filter_map(|name| index.get(name.as_str()).copied()).collect()).collect()
}

/// A kept instance, read again.
pub(super) struct Kept {
    pub instance: Instance,
    /// For each bid, the codes behind the bits of `covers`.
    pub areas: Vec<Vec<String>>,
    bridges: bool,
}

impl Kept {
    /// # Errors
    /// `internal`: the text is not one that this program wrote.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut written: Written = serde_json::from_str(text).map_err(Problem::internal)?;
        let standing = |standing| match standing {
            0 => Ok(Standing::None),
            1 => Ok(Standing::Offered),
            2 => Ok(Standing::Fixed),
            other => Err(Problem::internal(format!("{other} is no standing"))),
        };
        let pair = |(bid, assessor, covers, fit, stands)| {
            Ok(Pair { bid, assessor, covers, fit, standing: standing(stands)? })
        };
        let need = |(key, places, areas): &(String, u32, Vec<String>)| Need {
            key: key.clone(),
            places: *places,
            areas: number(areas.len()),
        };
        let supply = |(key, capacity, minimum)| Supply { key, capacity, minimum };
        let coverage = written.coverage();
        Ok(Self {
            instance: Instance {
                bids: written.bids.iter().map(need).collect(),
                assessors: written.assessors.into_iter().map(supply).collect(),
                pairs: written.pairs.into_iter().map(pair).collect::<Result<_>>()?,
                coverage,
                purpose: solver_purpose(written.purpose),
            },
            areas: written.bids.into_iter().map(|(_, _, areas)| areas).collect(),
            bridges: written.bridges,
        })
    }

    /// Routes it again.
    ///
    /// # Errors
    /// `internal`: it makes no sense.
    pub(super) fn route(&self) -> Result<Routing> {
        let checked = Checked::new(&self.instance).map_err(Problem::internal)?;
        Ok(route(&checked, self.bridges)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_the_first_version_can_be_replayed() -> Result<()> {
        let text = r#"{"purpose":"fresh","bids":[["b",1,["E07000117"]]],"assessors":[["a",1,0],["c",1,0]],
            "pairs":[[0,0,1,700,0],[0,1,1,1000,0]]}"#;
        let routing = Kept::parse(text)?.route()?;
        assert_eq!(routing.assigned.iter().map(|one| (one.bid, one.assessor)).collect::<Vec<_>>(), [(0, 1)]);
        Ok(())
    }
}
