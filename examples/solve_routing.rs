//! Solves a routing instance from a file: `cargo run --release --example solve_routing -- INSTANCE.json`.
//!
//! The instance is `{"places": [int], "capacity": [int], "minimum": [int], "pairs": [[bid, assessor, value]]}`; the answer is
//! `{"filled", "total", "seconds", "pairs": [[bid, assessor]]}`, the seconds those of solving alone. The format knows no areas:
//! most places filled, then minimum loads, then the largest total.
#![expect(clippy::print_stdout, reason = "a program whose output is its answer")]

use std::error::Error;
use std::time::Instant;

use fasttrack::routing::solver::{Coverage, Instance, Need, Pair, Purpose, Standing, Supply, solve};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: solve_routing INSTANCE.json")?;
    let instance = parse(&serde_json::from_slice(&std::fs::read(path)?)?)?;
    let start = Instant::now();
    let routing = solve(&instance)?;
    let seconds = start.elapsed().as_secs_f64();
    let pairs: Vec<[u32; 2]> = routing.assigned.iter().map(|one| [one.bid, one.assessor]).collect();
    let worth = routing.worth;
    println!("{}", json!({ "filled": worth.filled, "total": worth.fit, "seconds": seconds, "pairs": pairs }));
    Ok(())
}

/// Keys are padded numbers, so that their order is that of the file.
fn parse(document: &Value) -> Result<Instance, Box<dyn Error>> {
    let bids = numbers(&document["places"])?
        .into_iter()
        .enumerate()
        .map(|(index, places)| Need { key: format!("{index:08}"), places, areas: 0 })
        .collect();
    let assessors = numbers(&document["capacity"])?
        .into_iter()
        .zip(numbers(&document["minimum"])?)
        .enumerate()
        .map(|(index, (capacity, minimum))| Supply { key: format!("{index:08}"), capacity, minimum })
        .collect();
    let pairs = list(&document["pairs"])?.iter().map(pair).collect::<Result<_, _>>()?;
    Ok(Instance { bids, assessors, pairs, coverage: Coverage::default(), purpose: Purpose::Fresh })
}

fn pair(row: &Value) -> Result<Pair, Box<dyn Error>> {
    Ok(Pair {
        bid: number(&row[0])?,
        assessor: number(&row[1])?,
        covers: 0,
        fit: row[2].as_i64().ok_or("a value is a whole number")?,
        standing: Standing::None,
    })
}

fn list(value: &Value) -> Result<&Vec<Value>, Box<dyn Error>> {
    value.as_array().ok_or_else(|| "a list is missing".into())
}

fn numbers(value: &Value) -> Result<Vec<u32>, Box<dyn Error>> {
    list(value)?.iter().map(number).collect()
}

fn number(value: &Value) -> Result<u32, Box<dyn Error>> {
    let number = value.as_u64().ok_or("a count is a whole number")?;
    Ok(u32::try_from(number)?)
}
