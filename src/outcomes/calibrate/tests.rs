//! The model against an independent implementation, and what must hold of any scores.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn assessed(bid: &str, assessor: &str, score: f64) -> Assessed {
    Assessed { bid: bid.to_owned(), assessor: assessor.to_owned(), score }
}

fn read(csv: &str) -> Vec<Assessed> {
    let row = |line: &str| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().expect("a cell");
        assessed(cell(), cell(), cell().parse().expect("a score"))
    };
    csv.lines().skip(1).map(row).collect()
}

/// What `tests/calibration/reference.py` found with statsmodels, to four digits.
#[track_caller]
fn agrees(csv: &str, expected: &str) {
    let fit = Fit::of(&read(csv));
    let expected: Value = serde_json::from_str(expected).expect("JSON");
    close("leniency's variance", fit.leniency_variance, &expected["leniency_variance"]);
    close("noise's variance", fit.noise_variance, &expected["noise_variance"]);
    assert_eq!(fit.bids.len(), expected["bids"].as_object().expect("bids").len());
    for bid in &fit.bids {
        let expected = &expected["bids"][&bid.bid];
        close(&bid.bid, bid.adjusted, &expected[0]);
        close(&bid.bid, bid.standard_error.expect("an error"), &expected[1]);
    }
    assert_eq!(fit.assessors.len(), expected["assessors"].as_object().expect("assessors").len());
    for assessor in &fit.assessors {
        let expected = &expected["assessors"][&assessor.assessor];
        close(&assessor.assessor, assessor.leniency.expect("a leniency"), &expected[0]);
        match assessor.standard_error {
            Some(error) => close(&assessor.assessor, error, &expected[1]),
            None => assert_eq!(expected[1], Value::Null),
        }
    }
}

#[track_caller]
fn close(what: &str, ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().expect("a number");
    assert!((ours - theirs).abs() <= 0.000_05 * theirs.abs().max(1.0), "{what}: {ours}, not {theirs}");
}

macro_rules! agrees_with_statsmodels {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            agrees(
                include_str!(concat!("../../../tests/data/calibration/", stringify!($name), ".csv")),
                include_str!(concat!("../../../tests/data/calibration/", stringify!($name), ".expected.json")),
            );
        }
    )*};
}

mod calibration_agrees_with_statsmodels {
    use super::agrees;

    agrees_with_statsmodels! { balanced unbalanced planted two_parts no_leniency }
}
