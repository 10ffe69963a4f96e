//! One schema, two databases: the folders of migrations, the tables that they make, and the
//! tables that the code believes in are the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Integer, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use fasttrack::db::Conn;
use serde_json::json;

use crate::scenario::{FOUR, Scenario};
use crate::support::App;

/// Table, then column, then its SQL type (as the code calls it) and whether it may be null.
type Tables = BTreeMap<String, BTreeMap<String, (String, bool)>>;

fn folder(database: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

/// What comes before the name tells them apart in a database: of two alike, one would never run.
#[test]
fn migrations_have_versions_of_their_own() {
    let names = folder("sqlite");
    let versions: BTreeSet<&str> =
        names.iter().map(|name| name.split_once('_').map_or(name.as_str(), |(version, _)| version)).collect();
    assert_eq!(versions.len(), names.len(), "{names:?}");
}

#[test]
fn migrations_come_in_pairs() {
    assert_eq!(folder("postgres"), folder("sqlite"));
    assert!(!folder("sqlite").is_empty());
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    told: String,
}

/// Takes migrations back, the last first, and makes them anew; gives what a query told before and tells after.
fn again(scenario: &Scenario, steps: &[&str], query: &str) -> (Vec<String>, Vec<String>) {
    let (query, steps) = (query.to_owned(), steps.iter().map(ToString::to_string).collect::<Vec<_>>());
    let done = scenario.app.run(scenario.app.platform.db.write(move |tx| {
        let database = if matches!(tx.conn, Conn::Pg(_)) { "postgres" } else { "sqlite" };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
        let file = |step: &String, name: &str| fs::read_to_string(folder.join(step).join(name)).unwrap();
        let before: Vec<Told> = sql_query(&query).load(tx.conn)?;
        for step in steps.iter().rev() {
            tx.conn.batch_execute(&file(step, "down.sql"))?;
        }
        for step in &steps {
            tx.conn.batch_execute(&file(step, "up.sql"))?;
        }
        let after: Vec<Told> = sql_query(&query).load(tx.conn)?;
        let told = |all: Vec<Told>| all.into_iter().map(|one| one.told).collect();
        Ok((told(before), told(after)))
    }));
    done.expect("the migrations can be taken back and made again")
}

/// What an older release kept is what a new one would have kept: who may assess a bid.
#[test]
fn listings_of_an_older_release_say_who_may_assess_a_bid() {
    let scenario = Scenario::open(&FOUR, |rules| {
        rules["themes"] = json!([{"key": "cyber", "title": "Cyber security"}]);
    });
    let bid = &scenario.bids[0];
    let path = format!("/bids/{}", bid.id);
    let standing = bid.provider.get(&path).ok();
    let mut content = standing.json["content"].clone();
    content["themes"] = json!(["cyber"]);
    content["partners"] = json!([
        {"name": "Zelkova", "registered_number": "09 99-9999"}, {"name": "Aspen", "registered_number": "SC123456"},
    ]);
    bid.provider.put(&path, &standing.etag(), &content).ok();
    bid.provider.post(&format!("{path}/submit"), &json!({})).created();
    let query = "SELECT CAST(themes AS text) || CAST(partner_numbers AS text) AS told \
        FROM bid_listings ORDER BY bid_id, number";
    let (before, after) = again(&scenario, &["2026-11-30-000051_bid_listings_for_routing"], query);
    assert_eq!(before, after);
    assert!(before.iter().any(|told| told.contains("cyber") && told.contains("SC123456")), "{before:?}");
    assert_eq!(before.len(), FOUR.len() + 1, "an earlier version stays listed");
}

#[test]
fn snapshot_of_an_older_release_is_the_text_that_its_hash_is_of() {
    let scenario = Scenario::scored();
    scenario.close().ok();
    let (before, after) = again(
        &scenario,
        &["2026-11-30-000050_snapshot_pieces"],
        "SELECT text AS told FROM snapshot_pieces ORDER BY round_id, number",
    );
    assert_eq!(before.concat(), after.concat());
    assert_eq!(scenario.admin.get(&scenario.at("verify")).ok().json["agrees"], true);
}

/// What `schema.rs` says.
fn believed() -> Tables {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/schema.rs")).unwrap();
    let mut tables = Tables::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix('{').and_then(|line| line.split_once(" (")) {
            table = name.to_owned();
        } else if let Some((column, kind)) = line.strip_suffix(',').and_then(|line| line.split_once(" -> ")) {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let described = (inner.unwrap_or(kind).to_owned(), inner.is_some());
            tables.entry(table.clone()).or_default().insert(column.to_owned(), described);
        }
    }
    assert!(tables.len() > 10, "the tables of schema.rs were read");
    tables
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    in_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Integer)]
    nullable: i32,
}

fn tables(columns: Vec<Column>) -> Tables {
    let mut tables = Tables::new();
    for column in columns {
        tables.entry(column.in_table).or_default().insert(column.name, (column.kind, column.nullable == 1));
    }
    tables
}

fn sqlite() -> Tables {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = SqliteConnection::establish(&folder.path().join("test.db").to_string_lossy()).unwrap();
    let mut names: Vec<_> = self::folder("sqlite").into_iter().collect();
    names.sort();
    for name in names {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite").join(name).join("up.sql");
        conn.batch_execute(&fs::read_to_string(path).unwrap()).expect("the migration runs");
    }
    let columns = sql_query(
        "SELECT t.name AS in_table, c.name AS name, c.type AS kind, \
         CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN 0 ELSE 1 END AS nullable \
         FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%'",
    );
    tables(columns.load(&mut conn).unwrap())
}

fn postgres(url: &str) -> Tables {
    let mut conn = PgConnection::establish(url).unwrap();
    let columns = sql_query(
        "SELECT table_name::text AS in_table, column_name::text AS name, udt_name::text AS kind, \
         CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END AS nullable FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'",
    );
    tables(columns.load(&mut conn).unwrap())
}

/// What the code calls a type, as a database calls it.
fn as_stored(tables: Tables, kind: impl Fn(&str) -> &'static str) -> Tables {
    let column =
        |(name, (was, nullable)): (String, (String, bool))| (name, (kind(&was).to_owned(), nullable));
    tables.into_iter().map(|(table, columns)| (table, columns.into_iter().map(column).collect())).collect()
}

#[test]
fn sqlite_has_the_tables_that_the_code_believes_in() {
    let expected = as_stored(believed(), |kind| match kind {
        "Uid" | "Moment" | "Doc" | "Text" | "Date" => "TEXT",
        "Integer" | "BigInt" | "Bool" => "INTEGER",
        "Binary" => "BLOB",
        other => panic!("a type of schema.rs that this test does not know: {other}"),
    });
    assert_eq!(sqlite(), expected);
}

#[test]
fn postgres_has_the_tables_that_the_code_believes_in() {
    if std::env::var("TEST_DATABASE_URL").is_err() {
        return;
    }
    let app = App::start();
    let expected = as_stored(believed(), |kind| match kind {
        "Uid" => "uuid",
        "Moment" => "timestamptz",
        "Doc" => "jsonb",
        "Text" => "text",
        "Integer" => "int4",
        "BigInt" => "int8",
        "Bool" => "bool",
        "Date" => "date",
        "Binary" => "bytea",
        other => panic!("a type of schema.rs that this test does not know: {other}"),
    });
    assert_eq!(postgres(&app.config.database.url), expected);
}
