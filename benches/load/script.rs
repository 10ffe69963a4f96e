//! What the service asked the database for, made repeatable: the statements of one transaction,
//! with the parts that belong to one bid replaced by another's.
//!
//! The same request is watched twice, for two bids. A parameter that was the same both times is
//! the round's or the provider's and stays. In one that differs, each identifier is replaced by one
//! made from the number of the bid at hand; everything else in it stays as it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The statements of one transaction, from BEGIN to its end.
#[derive(Clone)]
pub struct Script {
    pub statements: Vec<Statement>,
}

#[derive(Clone)]
pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Parameter>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Parameter {
    pub value: Option<String>,
    /// PostgreSQL's name of its type.
    pub kind: String,
}

impl Script {
    /// Reads PostgreSQL's log of one request: the transaction with a parameter that names `bid`.
    pub fn read(entries: &[Value], bid: &str) -> Result<Self> {
        let mut open: BTreeMap<i64, Vec<Statement>> = BTreeMap::new();
        for entry in entries {
            let pid = entry["pid"].as_i64().unwrap_or_default();
            let Some(statement) = statement(entry) else { continue };
            let word = statement.sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            if word == "BEGIN" {
                open.insert(pid, vec![statement]);
                continue;
            }
            let ends = word == "COMMIT" || word == "ROLLBACK";
            let Some(statements) = open.get_mut(&pid) else { continue };
            statements.push(statement);
            if ends {
                let statements = open.remove(&pid).unwrap_or_default();
                let names = |p: &Parameter| p.value.as_deref().is_some_and(|value| value.contains(bid));
                if statements.iter().flat_map(|statement| &statement.parameters).any(names) {
                    return Ok(Self { statements });
                }
            }
        }
        bail!("the log has no transaction about bid {bid}")
    }

    /// Replaces what differs between two watched requests, whose bids these are.
    pub fn generalise(mut self, other: &Self, bid: &str) -> Result<Self> {
        if self.statements.len() != other.statements.len() {
            bail!(
                "two requests of one kind sent {} and {} statements",
                self.statements.len(),
                other.statements.len()
            );
        }
        let mut names: BTreeMap<String, usize> = BTreeMap::from([(bid.to_owned(), 0)]);
        let number = bid.rsplit('-').next().and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let reference = reference(number.context("the bid has no number")?);
        for (statement, twin) in self.statements.iter_mut().zip(&other.statements) {
            if statement.sql != twin.sql {
                bail!("two requests of one kind sent different statements:\n{}\n{}", statement.sql, twin.sql);
            }
            for (parameter, twin) in statement.parameters.iter_mut().zip(&twin.parameters) {
                if parameter.value != twin.value
                    && let Some(value) = &mut parameter.value
                {
                    *value = with_places(value, &mut names).replace(&reference, REFERENCE);
                }
            }
        }
        Ok(self)
    }

    /// As a script of pgbench. Submissions count on by the sequence `bench_number`, which costs
    /// pgbench one small statement more than the service; readings choose at random.
    pub fn for_pgbench(&self, drafts: u64) -> String {
        let mut script = if self.writes() {
            "SELECT nextval('bench_number') AS n \\gset\n".to_owned()
        } else {
            format!("\\set n random(0, {})\n", drafts - 1)
        };
        for statement in &self.statements {
            let sql = fill(statement, |parameter| match &parameter.value {
                None => "NULL".to_owned(),
                Some(value) => {
                    // pgbench reads a colon and a word as a variable of its own, in quotes too.
                    let literal = quoted(value).replace(':', "' || chr(58) || '");
                    let text = pieces(&literal).fold(literal.clone(), |text, (place, kind)| {
                        let number = "lpad(to_hex(:n::bigint), 12, '0')";
                        text.replace(&place, &format!("{}' || {number} || '", prefix(kind)))
                    });
                    let text = text.replace(REFERENCE, "LD1-' || :n::bigint || '");
                    format!("({text})::{}", parameter.kind)
                }
            });
            let _written = writeln!(script, "{};", sql.replace('\n', " "));
        }
        script
    }

    /// As statements of SQLite for bid number `n`.
    pub fn for_sqlite(&self, n: u64) -> String {
        let mut script = String::new();
        for statement in &self.statements {
            let sql = match statement.sql.split_whitespace().next() {
                Some("BEGIN") if self.writes() => "BEGIN IMMEDIATE".to_owned(),
                Some("BEGIN") => "BEGIN".to_owned(),
                Some("SELECT") if statement.sql.contains("now()") => continue,
                _ => fill(statement, |parameter| match &parameter.value {
                    None => "NULL".to_owned(),
                    Some(value) => {
                        let value = pieces(value).fold(value.clone(), |text, (place, kind)| {
                            text.replace(&place, &format!("{}{n:012x}", prefix(kind)))
                        });
                        let value = value.replace(REFERENCE, &reference(n));
                        match parameter.kind.as_str() {
                            "integer" | "bigint" => value,
                            // SQLite's rows hold times in another form; which one does not matter here.
                            "timestamp with time zone" => "'2026-11-23T12:00:00.000000Z'".to_owned(),
                            _ => quoted(&value),
                        }
                    }
                })
                .replace("DEFAULT", "NULL"),
            };
            script.push_str(&listed(sql));
            script.push_str(";\n");
        }
        script
    }

    /// The same on another database: each of `theirs` becomes the one of `ours` in its place.
    pub fn with_names(mut self, theirs: &[String], ours: &[String]) -> Self {
        let values =
            self.statements.iter_mut().flat_map(|s| &mut s.parameters).filter_map(|p| p.value.as_mut());
        for value in values {
            for (theirs, ours) in theirs.iter().zip(ours) {
                *value = value.replace(theirs.as_str(), ours);
            }
        }
        self
    }

    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        self.statements.iter().any(|statement| statement.sql.starts_with("INSERT"))
    }
}

fn statement(entry: &Value) -> Option<Statement> {
    let message = entry["message"].as_str()?;
    if let Some(sql) = message.strip_prefix("statement: ") {
        return Some(Statement { sql: sql.to_owned(), parameters: Vec::new() });
    }
    let (_, sql) = message.strip_prefix("execute ")?.split_once(": ")?;
    let parameters = entry["detail"].as_str().map(parameters).unwrap_or_default();
    Some(Statement { sql: sql.to_owned(), parameters })
}

/// Reads `Parameters: $1 = 'it''s', $2 = NULL`.
fn parameters(detail: &str) -> Vec<Parameter> {
    let mut rest = detail.split_once("$1 = ").map_or("", |(_, rest)| rest);
    let mut found = Vec::new();
    while !rest.is_empty() {
        let value = if let Some(after) = rest.strip_prefix('\'') {
            let (value, after) = unquoted(after);
            rest = after;
            Some(value)
        } else {
            rest = rest.strip_prefix("NULL").unwrap_or_default();
            None
        };
        found.push(Parameter { value, kind: String::new() });
        rest = rest.split_once(" = ").map_or("", |(_, rest)| rest);
    }
    found
}

fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                letters.next();
                value.push('\'');
            }
            '\'' => return (value, &text[at + 1..]),
            other => value.push(other),
        }
    }
    (value, "")
}

fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// Puts `{{kind}}` where an identifier stood: 0 is the bid's own.
fn with_places(value: &str, names: &mut BTreeMap<String, usize>) -> String {
    let mut text = value.to_owned();
    let mut at = 0;
    while at + 36 <= text.len() {
        let candidate = text.get(at..at + 36).filter(|piece| piece.parse::<uuid::Uuid>().is_ok());
        match candidate.map(str::to_owned) {
            Some(id) => {
                let next = names.len();
                let place = format!("{{{{{}}}}}", names.entry(id).or_insert(next));
                text.replace_range(at..at + 36, &place);
                at += place.len();
            }
            None => at += 1,
        }
    }
    text
}

/// The places in a text, and their kinds.
fn pieces(text: &str) -> impl Iterator<Item = (String, usize)> + use<> {
    let found: Vec<usize> = (0..32).filter(|kind| text.contains(&format!("{{{{{kind}}}}}"))).collect();
    found.into_iter().map(|kind| (format!("{{{{{kind}}}}}"), kind))
}

/// PostgreSQL's `= ANY('{a,b}')` as SQLite's `IN ('a','b')`.
fn listed(sql: String) -> String {
    match sql.split_once("= ANY('{").and_then(|(before, rest)| Some((before, rest.split_once("}')")?))) {
        Some((before, (items, after))) => {
            let items = items.replace('"', "").replace(',', "','");
            listed(format!("{before}IN ('{items}'){after}"))
        }
        None => sql,
    }
}

/// Stands where the bid's reference stood.
const REFERENCE: &str = "{{reference}}";

/// The reference of bid number `n`.
fn reference(n: u64) -> String {
    format!("LD1-{n}")
}

/// The identifier of kind `kind` and number `n` is this and `n` in twelve hexadecimal digits.
pub fn prefix(kind: usize) -> String {
    format!("{kind:08x}-0000-7000-8000-")
}

/// The statement with its parameters in place of `$1`, `$2`, …
fn fill(statement: &Statement, literal: impl Fn(&Parameter) -> String) -> String {
    let mut sql = String::with_capacity(statement.sql.len() * 2);
    let mut rest = statement.sql.as_str();
    while let Some((before, after)) = rest.split_once('$') {
        sql.push_str(before);
        let digits = after.chars().take_while(char::is_ascii_digit).count();
        let parameter = after[..digits].parse::<usize>().ok().and_then(|k| statement.parameters.get(k - 1));
        match parameter {
            Some(parameter) => sql.push_str(&literal(parameter)),
            None => {
                sql.push('$');
                sql.push_str(&after[..digits]);
            }
        }
        rest = &after[digits..];
    }
    sql.push_str(rest);
    sql
}

impl Script {
    /// Asks PostgreSQL for the parameters' types: `types` prepares a statement and gives them.
    pub fn typed(mut self, mut types: impl FnMut(&str) -> Result<Vec<String>>) -> Result<Self> {
        for statement in self.statements.iter_mut().filter(|statement| !statement.parameters.is_empty()) {
            let kinds = types(&statement.sql).with_context(|| statement.sql.clone())?;
            for (parameter, kind) in statement.parameters.iter_mut().zip(kinds) {
                parameter.kind = kind;
            }
        }
        Ok(self)
    }
}
