//! The OpenAPI 3.1 document: what the handlers say of themselves, and what the table of routes,
//! the extractors and the schemas say for all of them.
//!
//! Invariant: an operation's security is that of [`ROUTES`], every operation names the problem it
//! may answer with, every path parameter is described, and every body has an example.

use actix_web::App;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use super::{Caller, ROUTES, Route};
use crate::problem::{Fault, ProblemBody};

/// The document's frame; its paths come from the handlers.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Fasttrack",
        description = "Bid evaluation for competitive public funds. Times are RFC 3339 in UTC, money is in pence. \
                       Errors are `application/problem+json` (RFC 9457). Lists come in pages: follow `Link` or \
                       `next_cursor`. A POST that creates may carry an `Idempotency-Key`; a PUT carries the `ETag` \
                       that was read, as `If-Match`.",
        license(name = "MIT", identifier = "MIT"),
    ),
    tags(
        (name = "accounts", description = "Signing in; people, organisations, API clients, assessors"),
        (name = "areas", description = "Places with their ONS codes, and named groups of them"),
        (name = "rounds", description = "Funds, and the rounds that call for bids"),
        (name = "bids", description = "Bids: drafts, submission, versions"),
        (name = "routing", description = "Who assesses what, and why"),
        (name = "assessments", description = "Scores and the words for them"),
        (name = "outcomes", description = "Combining, moderating, deciding, closing"),
        (name = "reports", description = "The panel's paper, the score sheet, the awards for publication"),
        (name = "emails", description = "The emails that the service has promised to send"),
        (name = "audit", description = "Who did what, when"),
    ),
    components(schemas(ProblemBody, Fault))
)]
struct Frame;

/// The whole document.
#[must_use]
pub fn document() -> Value {
    let (_, collected) = App::new()
        .into_utoipa_app()
        .openapi(Frame::openapi())
        .service(utoipa_actix_web::scope::scope("/api/v1").configure(super::api))
        .split_for_parts();
    let mut document = serde_json::to_value(collected).unwrap_or_default();
    document["servers"] = json!([{"url": "/"}]);
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of POST /api/v1/token; it lasts fifteen minutes.",
        }
    });
    document["components"]["responses"] = json!({
        "Problem": {
            "description": "Why it was not done. `type` is stable; `errors` points at each fault of the input.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    });
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    for (path, method, operation) in operations_mut(&mut document) {
        complete(operation, &method, &path, &schemas);
    }
    document
}

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

fn operations_mut(document: &mut Value) -> impl Iterator<Item = (String, String, &mut Map<String, Value>)> {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    paths.flat_map(|(path, methods)| {
        methods
            .as_object_mut()
            .into_iter()
            .flatten()
            .filter(|(method, _)| METHODS.contains(&method.as_str()))
            .filter_map(move |(method, operation)| {
                Some((path.clone(), method.clone(), operation.as_object_mut()?))
            })
    })
}

fn complete(operation: &mut Map<String, Value>, method: &str, path: &str, schemas: &Map<String, Value>) {
    if let Some(route) = find(method, path) {
        let anyone = route.callers.contains(&Caller::Anyone);
        operation.insert("security".to_owned(), if anyone { json!([]) } else { json!([{"bearer": []}]) });
        let callers: Vec<&str> = route.callers.iter().map(|caller| caller.name()).collect();
        operation.insert("x-callers".to_owned(), json!(callers));
    }
    add_parameters(operation, method, path);
    if let Some(body) = operation.get_mut("requestBody") {
        add_example(body, schemas);
        // No body stands for `{}`.
        body["required"] = json!(needs_a_field(body, schemas));
    }
    let answers = operation.entry("responses").or_insert_with(|| json!({}));
    answers["default"] = json!({"$ref": "#/components/responses/Problem"});
    for answer in answers.as_object_mut().into_iter().flat_map(Map::values_mut) {
        add_example(answer, schemas);
    }
}

fn find(method: &str, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method.eq_ignore_ascii_case(method) && route.path == path)
}

/// Parameters that extractors read and no handler can forget: those of the path, `If-Match` of a
/// PUT, `Idempotency-Key` of a POST that creates.
fn add_parameters(operation: &mut Map<String, Value>, method: &str, path: &str) {
    let creates =
        method == "post" && operation.get("responses").is_some_and(|answers| answers.get("201").is_some());
    // A key belongs to its caller; of nobody in particular there is none to keep.
    let creates = creates && find(method, path).is_some_and(|route| !route.callers.contains(&Caller::Anyone));
    let described = operation.get("parameters").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_described = |place: &str, name: &str| {
        described.iter().any(|parameter| {
            parameter["in"] == place
                && parameter["name"].as_str().is_some_and(|other| other.eq_ignore_ascii_case(name))
        })
    };
    let mut added = Vec::new();
    for name in path.split('/').filter_map(|step| step.strip_prefix('{')?.strip_suffix('}')) {
        if !is_described("path", name) {
            let schema = if name == "number" {
                json!({"type": "integer", "format": "int32", "minimum": 1})
            } else {
                json!({"type": "string", "format": "uuid"})
            };
            added.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
        }
    }
    if method == "put" && !is_described("header", "If-Match") {
        added.push(json!({
            "name": "If-Match", "in": "header", "required": true, "example": "\"1\"",
            "schema": {"type": "string", "pattern": "^(\\*|\"[0-9]+\")$"},
            "description": "The `ETag` that was read. 428 without it; 412 if it has changed since.",
        }));
    }
    if creates && !is_described("header", "Idempotency-Key") {
        added.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]([ -~]*[!-~])?$"},
            "description": "Names this attempt, so that repeating it gives the first answer again and creates \
                            nothing twice. Kept for 48 hours.",
        }));
    }
    let mut described = described;
    for cursor in described.iter_mut().filter(|parameter| parameter["name"] == "cursor") {
        cursor["schema"] = json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"});
    }
    if !(added.is_empty() && described.is_empty()) {
        let all: Vec<Value> = described.into_iter().chain(added).collect();
        operation.insert("parameters".to_owned(), Value::Array(all));
    }
}

/// Puts an example beside each schema of a body that has none, made of its fields' own.
fn add_example(body: &mut Value, schemas: &Map<String, Value>) {
    for content in
        body.get_mut("content").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
    {
        let shown = content.get("example").is_some() || content.get("examples").is_some();
        if !shown && let Some(schema) = content.get("schema") {
            content["example"] = sample(schema, schemas, 0);
        }
    }
}

fn needs_a_field(body: &Value, schemas: &Map<String, Value>) -> bool {
    let mut contents = body["content"].as_object().into_iter().flat_map(Map::values);
    contents.any(|content| {
        let schema = &content["schema"];
        let schema = referred(schema).and_then(|name| schemas.get(name)).unwrap_or(schema);
        schema["type"] != "object" || schema["required"].as_array().is_some_and(|names| !names.is_empty())
    })
}

/// Schemas may name themselves; no example needs to go deeper.
const DEEPEST: u8 = 16;

/// A value that fits a schema, from the examples in it where there are some.
fn sample(schema: &Value, schemas: &Map<String, Value>, depth: u8) -> Value {
    if depth > DEEPEST {
        return Value::Null;
    }
    let given = schema.get("example").or_else(|| schema.get("examples").and_then(|all| all.get(0)));
    let fixed = || schema.get("const").or_else(|| schema.get("enum").and_then(|all| all.get(0)));
    if let Some(value) = given.or_else(fixed) {
        return value.clone();
    }
    if let Some(name) = referred(schema) {
        return schemas.get(name).map_or(Value::Null, |schema| sample(schema, schemas, depth + 1));
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = Map::new();
        for part in parts {
            match sample(part, schemas, depth + 1) {
                Value::Object(fields) => whole.extend(fields),
                other => return other,
            }
        }
        return Value::Object(whole);
    }
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let choice = choices.iter().find(|choice| choice["type"] != "null");
        return choice.map_or(Value::Null, |choice| sample(choice, schemas, depth + 1));
    }
    match kind(schema) {
        "object" => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let fields = schema["properties"].as_object().into_iter().flatten();
            // What may be left out is shown where there is something to show.
            fields
                .filter(|(name, field)| required.contains(&name.as_str()) || shows(field, schemas, depth + 1))
                .map(|(name, field)| (name.clone(), sample(field, schemas, depth + 1)))
                .collect()
        }
        "array" => match schema.get("items") {
            Some(items) if items.is_object() => json!([sample(items, schemas, depth + 1)]),
            _ => json!([]),
        },
        "string" => match schema["format"].as_str() {
            Some("date-time") => json!("2026-11-30T12:00:00Z"),
            Some("date") => json!("2026-11-30"),
            Some("uuid") => json!("01936f2c-5a00-7000-8000-000000000001"),
            Some("email") => json!("ada@example.org"),
            _ => json!("text"),
        },
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

/// Whether a schema has an example of its own, or of a part of it.
fn shows(schema: &Value, schemas: &Map<String, Value>, depth: u8) -> bool {
    let own = ["example", "examples", "const", "enum"].iter().any(|key| schema.get(key).is_some());
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|list| schema[list].as_array()).flatten();
    let fields = schema["properties"].as_object().into_iter().flat_map(Map::values);
    let referred = referred(schema).and_then(|name| schemas.get(name));
    own || depth <= DEEPEST
        && parts
            .chain(fields)
            .chain(schema.get("items"))
            .chain(referred)
            .any(|part| shows(part, schemas, depth + 1))
}

/// The schema's type, the first where it may also be null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(kind) => kind,
        Value::Array(kinds) => {
            kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null")
        }
        _ if schema.get("properties").is_some() => "object",
        _ => "any",
    }
}

/// The name of the component that a schema refers to.
fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}
