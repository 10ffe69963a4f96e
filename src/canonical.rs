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

/// The same text for an object of which the items of one list are handed over one at a time: a large
/// list as a tree of values takes many times the room of its text.
///
/// # Errors
/// An item cannot be written as JSON.
pub fn canonical_with<T: Serialize>(
    object: &Value,
    list: &str,
    items: &[T],
) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    let mut fields: BTreeMap<&str, Option<&Value>> = BTreeMap::from([(list, None)]);
    let others = object.as_object().into_iter().flatten().filter(|(name, _)| *name != list);
    fields.extend(others.map(|(name, field)| (name.as_str(), Some(field))));
    text.push('{');
    for (index, (name, field)) in fields.into_iter().enumerate() {
        write_name(index, name, &mut text);
        match field {
            Some(field) => write_sorted(field, &mut text),
            None => write_items(items, &mut text)?,
        }
    }
    text.push('}');
    Ok(text)
}

fn write_items<T: Serialize>(items: &[T], out: &mut String) -> Result<(), serde_json::Error> {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write_sorted(&serde_json::to_value(item)?, out);
    }
    out.push(']');
    Ok(())
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
        let whole = json!({"z": 1, "bids": [{"b": 2, "a": [1, 2]}, "x"], "a": {"d": 1, "c": null}});
        let items = whole["bids"].as_array().cloned().unwrap_or_default();
        assert_eq!(canonical_with(&whole, "bids", &items)?, canonical(&whole));
        let without = json!({"z": 1, "a": {"d": 1, "c": null}});
        assert_eq!(canonical_with(&without, "bids", &items)?, canonical(&whole));
        Ok(())
    }
}
