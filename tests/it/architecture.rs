//! Who may name whom. The rules are those of `docs/architecture.md`; this reads the source and
//! finds each line that breaks one.

use std::fs;
use std::path::{Path, PathBuf};

/// Each sees only those after it.
const FEATURES: [&str; 9] =
    ["oversight", "reports", "outcomes", "assessments", "routing", "bids", "rounds", "accounts", "areas"];

/// What every feature stands on, and what therefore knows none of them.
const FOUNDATIONS: [&str; 14] = [
    "audit",
    "auth",
    "canonical",
    "clock",
    "config",
    "db",
    "id",
    "mail",
    "money",
    "once",
    "platform",
    "problem",
    "rest",
    "telemetry",
];

/// One source file: its path below `src`, and its code without comments.
struct Source {
    path: String,
    code: String,
}

impl Source {
    /// `bids` of `bids/ops/submit.rs`; `clock` of `clock.rs`.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Whether the file, or a folder it is in, has this name.
    fn is_in(&self, layer: &str) -> bool {
        self.path.split('/').skip(1).any(|part| part.trim_end_matches(".rs") == layer)
    }

    /// All paths of this crate that the code names, as `bids::store`, groups in braces taken apart.
    fn named(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            expand("", &self.code[at + "crate::".len()..], &mut found);
        }
        found
    }
}

/// Reads one path, or a group of paths in braces, into whole paths.
fn expand<'a>(prefix: &str, text: &'a str, found: &mut Vec<String>) -> &'a str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(text.len());
    let (path, mut rest) = text.split_at(end);
    if path.ends_with("::") && rest.starts_with('{') {
        loop {
            rest = expand(&format!("{prefix}{path}"), rest[1..].trim_start(), found).trim_start();
            if !rest.starts_with(',') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
        }
    }
    found.push(format!("{prefix}{path}").trim_end_matches("::").to_owned());
    rest
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths.sort();
    assert!(paths.len() > 30, "the source is where it was thought to be");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a source file");
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let code = lines.collect::<Vec<_>>().join("\n");
        Source { path: path.strip_prefix(&root).unwrap().to_string_lossy().into_owned(), code }
    };
    paths.into_iter().map(read).collect()
}

#[track_caller]
fn none(broken: &[String]) {
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

/// Files that name `library` without being one of those that may.
fn strangers(library: &str, may: impl Fn(&Source) -> bool) -> Vec<String> {
    let names = |source: &Source| {
        source.code.match_indices(library).any(|(at, _)| {
            let before = source.code[..at].chars().next_back();
            let after = &source.code[at + library.len()..];
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '"') && after.starts_with("::")
        })
    };
    sources()
        .into_iter()
        .filter(|source| !may(source) && names(source))
        .map(|source| format!("{} names {library}", source.path))
        .collect()
}

#[test]
fn only_stores_and_the_database_know_sql() {
    // clock and id derive the SQL types of their values; problem turns the database's errors into its own.
    let may = |source: &Source| {
        source.module() == "db"
            || source.is_in("store")
            || ["mail/outbox.rs", "clock.rs", "id.rs", "problem.rs"].contains(&source.path.as_str())
    };
    none(&strangers("diesel", may));
}

#[test]
fn only_the_edge_knows_http() {
    let may = |source: &Source| {
        ["app", "problem", "rest", "auth", "web", "main"].contains(&source.module())
            || source.is_in("api")
            || source.is_in("pages")
    };
    let broken: Vec<String> = sources()
        .into_iter()
        .filter(|source| !may(source))
        .filter(|source| {
            // The runtime is no part of HTTP.
            source
                .code
                .match_indices("actix_web")
                .any(|(at, _)| !source.code[at..].starts_with("actix_web::rt"))
        })
        .map(|source| format!("{} names actix_web", source.path))
        .collect();
    none(&broken);
}

#[test]
fn only_the_transport_knows_smtp() {
    none(&strangers("lettre", |source| source.path == "mail/transport.rs"));
}

#[test]
fn a_feature_sees_only_the_features_below_it() {
    let mut broken = Vec::new();
    for source in sources() {
        let Some(place) = FEATURES.iter().position(|feature| *feature == source.module()) else { continue };
        for path in source.named() {
            let first = path.split("::").next().unwrap_or_default();
            if FEATURES[..place].contains(&first) {
                broken.push(format!("{} names {path}, which is above it", source.path));
            }
            if ["app", "demo", "scheduler"].contains(&first) {
                broken.push(format!("{} names {path}, which starts it", source.path));
            }
        }
    }
    none(&broken);
}

#[test]
fn the_foundations_know_no_feature() {
    let mut broken = Vec::new();
    for source in sources().into_iter().filter(|source| FOUNDATIONS.contains(&source.module())) {
        for path in source.named() {
            let first = path.split("::").next().unwrap_or_default();
            if FEATURES.contains(&first) || ["app", "demo", "scheduler", "web"].contains(&first) {
                broken.push(format!("{} names {path}", source.path));
            }
        }
    }
    none(&broken);
}

#[test]
fn nobody_touches_the_store_of_another() {
    let mut broken = Vec::new();
    for source in sources() {
        for path in source.named() {
            let mut steps = path.split("::");
            let module = steps.next().unwrap_or_default();
            if module != source.module() && module != "db" && steps.any(|step| step == "store") {
                broken.push(format!("{} names {path}", source.path));
            }
        }
    }
    none(&broken);
}

#[test]
fn layers_of_a_feature_look_down_only() {
    const LAYERS: [(&str, &[&str]); 4] = [
        ("model", &["store", "ops", "api", "pages"]),
        ("store", &["ops", "api", "pages"]),
        ("ops", &["api", "pages"]),
        ("api", &["store", "pages"]),
    ];
    let mut broken = Vec::new();
    for source in sources().into_iter().filter(|source| FEATURES.contains(&source.module())) {
        for (layer, above) in LAYERS.iter().filter(|(layer, _)| source.is_in(layer)) {
            for other in *above {
                let named = source.code.contains(&format!("super::{other}::"))
                    || source.code.contains(&format!("super::{other};"))
                    || source.named().iter().any(|path| path.split("::").skip(1).any(|step| step == *other));
                if named {
                    broken.push(format!("{} is of {layer} and names {other}", source.path));
                }
            }
        }
    }
    none(&broken);
}

#[test]
fn a_file_stays_short_enough_to_be_read() {
    // The table of routes, the tables of the schema and the emails' own words are lists, which grow by length alone.
    let lists = ["app.rs", "db/schema.rs"];
    let broken: Vec<String> = sources()
        .into_iter()
        .filter(|source| !lists.contains(&source.path.as_str()))
        .map(|source| {
            (source.code.split("#[cfg(test)]").next().unwrap_or_default().lines().count(), source.path)
        })
        .filter(|(lines, _)| *lines > 400)
        .map(|(lines, path)| format!("{path} has {lines} lines of code; split it by a good name"))
        .collect();
    none(&broken);
}
