//! One text for one JSON value, so that one value has one hash, whoever wrote it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// JSON with sorted names and no spaces: one text for one value.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_sorted(value, &mut text);
    text
}

/// The same text, in pieces, for an object of which the items of one list are handed over one at a time: a
/// large list as a tree of values takes many times the room of its text, and the text itself much.
///
/// A piece is an error where an item cannot be written as JSON.
pub fn canonical_pieces<I: IntoIterator<Item: Serialize>>(
    object: &Value,
    list: &str,
    items: I,
) -> impl Iterator<Item = Result<String, serde_json::Error>> + use<I> {
    let others = object.as_object().into_iter().flatten().filter(|(name, _)| *name != list);
    let (before, after): (Vec<_>, Vec<_>) = others.partition(|(name, _)| name.as_str() < list);
    let mut start = "{".to_owned();
    let in_order: BTreeMap<_, _> = before.into_iter().collect();
    for (index, (name, field)) in in_order.iter().enumerate() {
        write_name(index, name, &mut start);
        write_sorted(field, &mut start);
    }
    write_name(in_order.len(), list, &mut start);
    start.push('[');
    let mut end = "]".to_owned();
    for (name, field) in after.into_iter().collect::<BTreeMap<_, _>>() {
        write_name(1, name, &mut end);
        write_sorted(field, &mut end);
    }
    end.push('}');
    let items = items.into_iter().enumerate().map(|(index, item)| {
        let mut text = if index > 0 { ",".to_owned() } else { String::new() };
        write_sorted(&serde_json::to_value(item)?, &mut text);
        Ok(text)
    });
    std::iter::once(Ok(start)).chain(items).chain(std::iter::once(Ok(end)))
}

fn write_name(index: usize, name: &str, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
    out.push_str(&Value::from(name).to_string());
    out.push(':');
}

fn write_sorted(value: &Value, out: &mut String) {
    match value {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            out.push('{');
            for (index, (name, field)) in sorted.into_iter().enumerate() {
                write_name(index, name, out);
                write_sorted(field, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_sorted(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_handed_over_gives_the_same_text() -> Result<(), serde_json::Error> {
        let in_pieces = |object: &Value, items: &[Value]| {
            canonical_pieces(object, "bids", items).collect::<Result<String, serde_json::Error>>()
        };
        let whole = json!({"z": 1, "bids": [{"b": 2, "a": [1, 2]}, "x"], "a": {"d": 1, "c": null}});
        let items = whole["bids"].as_array().cloned().unwrap_or_default();
        assert_eq!(in_pieces(&whole, &items)?, canonical(&whole));
        let without = json!({"z": 1, "a": {"d": 1, "c": null}});
        assert_eq!(in_pieces(&without, &items)?, canonical(&whole));
        let alone = json!({"bids": []});
        assert_eq!(in_pieces(&alone, &[])?, canonical(&alone));
        Ok(())
    }
}
