//! `/docs` and `/api/v1/openapi.json`: the API for people and for machines, from one document.
//!
//! Both are rendered once, when the server starts. The page has no script and no asset of anybody
//! else's, so that it can be read without a network.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use anyhow::Context;
use askama::Template;
use serde_json::{Map, Value};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show).service(openapi);
}

/// Both renderings.
pub struct Docs {
    json: web::Bytes,
    html: web::Bytes,
}

impl Docs {
    /// From the OpenAPI document; `base` is where people reach the service.
    ///
    /// # Errors
    /// The page cannot be rendered.
    pub fn new(document: &Value, base: &str) -> anyhow::Result<Self> {
        let html = page(document, base).render().context("the page /docs cannot be rendered")?;
        Ok(Self { json: serde_json::to_vec(document)?.into(), html: html.into() })
    }
}

#[get("/docs")]
async fn show(docs: web::Data<Docs>) -> HttpResponse {
    kept_briefly("text/html; charset=utf-8", docs.html.clone())
}

#[get("/api/v1/openapi.json")]
async fn openapi(docs: web::Data<Docs>) -> HttpResponse {
    kept_briefly("application/json", docs.json.clone())
}

fn kept_briefly(kind: &'static str, body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(body)
}

#[derive(Template)]
#[template(path = "web/templates/docs.html")]
struct Page {
    title: String,
    description: String,
    version: String,
    base: String,
    groups: Vec<Group>,
    schemas: Vec<Schema>,
}

/// The operations of one tag.
struct Group {
    name: String,
    description: String,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    path: String,
    anchor: String,
    summary: String,
    description: String,
    callers: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    answers: Vec<Answer>,
    curl: String,
}

struct Parameter {
    name: String,
    place: String,
    required: bool,
    kind: Kind,
    description: String,
}

struct Body {
    kind: Kind,
    example: String,
}

struct Answer {
    status: String,
    description: String,
    schemas: Vec<String>,
}

struct Schema {
    name: String,
    description: String,
    kind: Kind,
    fields: Vec<Field>,
}

struct Field {
    name: String,
    required: bool,
    kind: Kind,
    description: String,
}

/// A type in a few words, and the schemas that it names.
#[derive(Default)]
struct Kind {
    label: String,
    schemas: Vec<String>,
}

fn page(document: &Value, base: &str) -> Page {
    let mut groups: Vec<Group> = items(&document["tags"])
        .map(|tag| Group {
            name: text(&tag["name"]),
            description: text(&tag["description"]),
            operations: Vec::new(),
        })
        .collect();
    for (path, methods) in fields(&document["paths"]) {
        for (method, operation) in fields(methods) {
            let tag = text(&operation["tags"][0]);
            let found = describe(method, path, operation, base);
            match groups.iter_mut().find(|group| group.name == tag) {
                Some(group) => group.operations.push(found),
                None => groups.push(Group { name: tag, description: String::new(), operations: vec![found] }),
            }
        }
    }
    groups.retain(|group| !group.operations.is_empty());
    Page {
        title: text(&document["info"]["title"]),
        description: text(&document["info"]["description"]),
        version: text(&document["info"]["version"]),
        base: base.to_owned(),
        groups,
        schemas: fields(&document["components"]["schemas"])
            .map(|(name, schema)| component(name, schema))
            .collect(),
    }
}

fn describe(method: &str, path: &str, operation: &Value, base: &str) -> Operation {
    let method = method.to_ascii_uppercase();
    let content = fields(&operation["requestBody"]["content"]).next();
    let body = content.map(|(_, content)| Body {
        kind: kind(&content["schema"]),
        example: serde_json::to_string_pretty(&content["example"]).unwrap_or_default(),
    });
    let callers: Vec<String> = items(&operation["x-callers"]).map(text).collect();
    let parameters = items(&operation["parameters"]).map(|parameter| Parameter {
        name: text(&parameter["name"]),
        place: text(&parameter["in"]),
        required: parameter["required"] == true,
        kind: kind(&parameter["schema"]),
        description: text(&parameter["description"]),
    });
    let answers = fields(&operation["responses"]).map(|(status, answer)| {
        let schema = fields(&answer["content"]).next().map(|(_, content)| kind(&content["schema"]));
        let problem = status == "default";
        Answer {
            status: if problem { "Otherwise".to_owned() } else { status.clone() },
            description: if problem { "a problem".to_owned() } else { text(&answer["description"]) },
            schemas: if problem { vec!["Problem".to_owned()] } else { schema.unwrap_or_default().schemas },
        }
    });
    Operation {
        anchor: format!("{method}{}", path.replace(['/', '{', '}'], "-")),
        summary: text(&operation["summary"]),
        description: text(&operation["description"]),
        callers: callers.join(", "),
        parameters: parameters.collect(),
        answers: answers.collect(),
        curl: curl(&method, path, operation, content, base),
        body,
        method,
        path: path.to_owned(),
    }
}

/// A line that works once the token and the ids are filled in.
fn curl(
    method: &str,
    path: &str,
    operation: &Value,
    content: Option<(&String, &Value)>,
    base: &str,
) -> String {
    let mut line = format!("curl -s -X {method} '{base}{path}'");
    if items(&operation["security"]).next().is_some() {
        line.push_str(" \\\n  -H \"Authorization: Bearer $TOKEN\"");
    }
    if items(&operation["parameters"]).any(|parameter| parameter["name"] == "If-Match") {
        line.push_str(" \\\n  -H 'If-Match: \"1\"'");
    }
    match content {
        Some((media, content)) if media == "application/x-www-form-urlencoded" => {
            for (name, value) in fields(&content["example"]).filter(|(_, value)| !value.is_null()) {
                line.push_str(&format!(" \\\n  -d '{name}={}'", text(value)));
            }
        }
        Some((media, content)) => {
            let quoted = content["example"].to_string().replace('\'', r"'\''");
            line.push_str(&format!(" \\\n  -H 'Content-Type: {media}' \\\n  -d '{quoted}'"));
        }
        None => {}
    }
    line
}

fn component(name: &str, schema: &Value) -> Schema {
    let required: Vec<String> = items(&schema["required"]).map(text).collect();
    let fields = fields(&schema["properties"]).map(|(name, field)| Field {
        name: name.clone(),
        required: required.contains(name),
        kind: kind(field),
        description: text(&field["description"]),
    });
    Schema {
        name: name.to_owned(),
        description: text(&schema["description"]),
        kind: kind(schema),
        fields: fields.collect(),
    }
}

fn kind(schema: &Value) -> Kind {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return Kind { label: String::new(), schemas: vec![name.to_owned()] };
    }
    for (list, words) in [("oneOf", "one of"), ("anyOf", "any of"), ("allOf", "all of")] {
        if let Some(choices) = schema[list].as_array() {
            let kinds: Vec<Kind> = choices.iter().map(kind).collect();
            let labels: Vec<&str> =
                kinds.iter().map(|kind| kind.label.as_str()).filter(|label| !label.is_empty()).collect();
            let label = format!("{words}: {}", labels.join(", "));
            return Kind { label, schemas: kinds.into_iter().flat_map(|kind| kind.schemas).collect() };
        }
    }
    let words: Vec<String> = items(&schema["enum"]).map(text).collect();
    if !words.is_empty() {
        return Kind { label: words.join(" | "), schemas: Vec::new() };
    }
    let types: Vec<String> = match &schema["type"] {
        Value::Array(types) => types.iter().map(text).collect(),
        one => vec![text(one)],
    };
    let label = types.join(" or ");
    if types.iter().any(|kind| kind == "array") {
        let inner = kind(&schema["items"]);
        let label = format!("{label} of {}", inner.label).trim_end().to_owned();
        return Kind { label, schemas: inner.schemas };
    }
    let label = match schema["format"].as_str() {
        Some(format) => format!("{label} ({format})"),
        None => label,
    };
    Kind { label, schemas: Vec::new() }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> <&Map<String, Value> as IntoIterator>::IntoIter {
    static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NONE).iter()
}
