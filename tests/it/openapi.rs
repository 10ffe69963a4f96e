//! The document says what the service does, and the service does nothing else.

use std::collections::{BTreeMap, BTreeSet};

use fasttrack::app::{Caller, ROUTES, document};
use serde_json::{Value, json};

use crate::support::App;

/// Each operation with its method and path.
fn operations(document: &Value) -> BTreeMap<(String, String), Value> {
    let mut found = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            found.insert((method.to_uppercase(), path.clone()), operation.clone());
        }
    }
    found
}

#[test]
fn the_document_and_the_table_of_routes_have_the_same_endpoints() {
    let described: BTreeSet<_> = operations(&document::document()).into_keys().collect();
    let tabled: BTreeSet<_> =
        ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    let undescribed: Vec<_> = tabled.difference(&described).collect();
    let untabled: Vec<_> = described.difference(&tabled).collect();
    assert!(undescribed.is_empty(), "in the table but not in the document: {undescribed:#?}");
    assert!(untabled.is_empty(), "in the document but not in the table: {untabled:#?}");
    assert_eq!(tabled.len(), ROUTES.len(), "an endpoint stands in the table twice");
}

#[test]
fn every_operation_is_wholly_described() {
    let document = document::document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut names = BTreeSet::new();
    let mut missing = Vec::new();
    for ((method, path), operation) in operations(&document) {
        let mut lacks = |what: &str, is_there: bool| {
            if !is_there {
                missing.push(format!("{method} {path} lacks {what}"));
            }
        };
        let anyone = ROUTES.iter().any(|route| {
            (route.method, route.path) == (&method, &path) && route.callers.contains(&Caller::Anyone)
        });
        lacks(
            "a name of its own",
            names.insert(operation["operationId"].as_str().unwrap_or_default().to_owned()),
        );
        lacks("a summary", operation["summary"].as_str().is_some_and(|text| !text.is_empty()));
        lacks("one tag", operation["tags"].as_array().is_some_and(|tags| tags.len() == 1));
        lacks(
            "its security",
            operation["security"].as_array().is_some_and(|needs| needs.is_empty() == anyone),
        );
        lacks("problems", operation["responses"]["default"]["$ref"] == "#/components/responses/Problem");
        let succeeds =
            operation["responses"].as_object().unwrap().keys().any(|status| status.starts_with('2'));
        lacks("a success", succeeds);
        let content = operation["requestBody"]["content"].as_object();
        lacks(
            "a body",
            content.is_some() || method == "GET" || path.ends_with("/revoke") || path.ends_with("/invite"),
        );
        let needs = |media: &Value| {
            let name = media["schema"]["$ref"].as_str().unwrap_or_default().rsplit('/').next();
            let schema = &document["components"]["schemas"][name.unwrap_or_default()];
            schema["type"] != "object" || schema["required"].is_array()
        };
        if content.is_some_and(|content| !content.values().any(needs)) {
            lacks("leave to send no body", operation["requestBody"]["required"] == false);
        }
        for media in content.into_iter().flatten().map(|(_, media)| media) {
            lacks("an example", media.get("example").is_some() || media.get("examples").is_some());
        }
        for step in path.split('/').filter_map(|step| step.strip_prefix('{')) {
            let name = step.trim_end_matches('}');
            let found =
                operation["parameters"].as_array().into_iter().flatten().find(|one| one["name"] == name);
            lacks(name, found.is_some_and(|parameter| parameter["in"] == "path"));
        }
    }
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    fn walk<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("$ref").and_then(Value::as_str));
                fields.values().for_each(|value| walk(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let document = document::document();
    let mut references = BTreeSet::new();
    walk(&document, &mut references);
    let broken: Vec<_> = references
        .into_iter()
        .filter(|reference| document.pointer(reference.strip_prefix('#').unwrap_or_default()).is_none())
        .collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_document_is_public_and_the_page_lists_every_operation() {
    let app = App::start();
    let served = app.anyone().get("/api/v1/openapi.json").ok();
    assert_eq!(served.json, document::document());
    let page = app.anyone().get("/docs").ok();
    assert!(page.header("content-type").starts_with("text/html"));
    for route in ROUTES {
        let heading = format!("{} {}", route.method, route.path);
        assert!(page.text.contains(&heading), "{heading} is not on the page");
    }
    for asset in ["http://", "https://", "//"].map(|start| format!("href=\"{start}")) {
        assert!(!page.text.contains(&asset), "the page needs somebody else's asset");
    }
    assert!(!page.text.contains("<script"));
}

#[test]
fn words_in_the_document_are_those_of_the_answers() {
    let document = document::document();
    let words = |name: &str| document["components"]["schemas"][name]["enum"].clone();
    assert_eq!(words("Role"), json!(["admin", "assessor", "member", "auditor"]));
    assert_eq!(words("Severity"), json!(["hard", "soft"]));
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for word in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            // Currencies are written as everybody writes them.
            assert!(word == "GBP" || word == word.to_lowercase(), "{name}: {word}");
        }
    }
}

/// What is wrong with a body that cannot even be read.
const UNREADABLE: [&str; 5] =
    ["unknown field", "missing field", "unknown variant", "invalid type", "did not match"];

#[test]
fn the_service_understands_its_own_examples() {
    let app = App::start();
    let admin = app.admin();
    let (assessor, member) =
        (app.assessor(&admin, "Sam Assessor", &["E47000001"]), app.provider("Calder Skills"));
    let mut wrong = Vec::new();
    for ((method, path), operation) in operations(&document::document()) {
        let Some((media, content)) =
            operation["requestBody"]["content"].as_object().and_then(|all| all.iter().next())
        else {
            continue;
        };
        let callers =
            ROUTES.iter().find(|route| (route.method, route.path) == (&method, &path)).unwrap().callers;
        let caller = match callers[0] {
            Caller::Anyone => app.anyone(),
            Caller::Admin | Caller::Auditor => admin.clone(),
            Caller::Assessor => assessor.clone(),
            Caller::Member => member.clone(),
        };
        let nothing = fasttrack::id::fresh().to_string();
        let address = path.replace("{id}", &nothing).replace("{client_id}", &nothing);
        let example = &content["example"];
        let body = if media == "application/json" {
            example.to_string()
        } else {
            serde_urlencoded::to_string(example.as_object().unwrap().iter().collect::<Vec<_>>()).unwrap()
        };
        let headers = [("Content-Type", media.as_str()), ("If-Match", "\"1\"")];
        let answer = caller.send(&method, &address, &headers, Some(body));
        let unread = UNREADABLE.iter().any(|words| answer.text.contains(words));
        // Of nothing: that is all that may be wrong with it.
        let fine = if path.contains("{id}") { answer.status == 404 } else { answer.status < 500 && !unread };
        if !fine || [401, 403, 405, 415].contains(&answer.status) && !path.contains("token") {
            wrong.push(format!("{method} {path} {example}: {} {}", answer.status, answer.text));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
