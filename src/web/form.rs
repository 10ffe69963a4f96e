//! Forms: what was typed, what was wrong with it, and both again on the page.
//!
//! A field is named as the JSON pointer of the API's body is written, with dots for strokes:
//! `criteria.0.weight` stands for `/criteria/0/weight`. So [`Reading`] makes of a posted form the same
//! body type that the API takes, one validation judges both, and each fault finds its way back to the
//! field that it is about.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::typed;
use crate::problem::{Fault, Kind, Problem, Result};
use crate::rest::parse;

/// The field with the token that shows where a form comes from.
pub const CSRF: &str = "csrf";
/// The field whose value makes a form that is sent twice take effect once.
pub const ONCE: &str = "once";

/// Fields in the order of the page, with repeats, and the faults found with them.
#[derive(Debug, Clone, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    faults: Vec<FieldFault>,
    told: Option<String>,
    /// The field in which one goes on writing when the page comes up.
    start: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The field's name, which is its element's id; empty for the form as a whole.
    pub field: String,
    /// A sentence without its stop.
    pub detail: String,
}

/// One of the things that a field can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }

    /// With a line of explanation below it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

impl From<Vec<(String, String)>> for Form {
    fn from(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::default() }
    }
}

impl Form {
    #[must_use]
    pub fn blank() -> Self {
        Self::default()
    }

    /// A form as it was posted; line ends as the API has them.
    ///
    /// # Errors
    /// `malformed`: a NUL character, which no keyboard makes.
    pub(super) fn typed(fields: Vec<(String, String)>) -> Result<Self> {
        if fields.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(Problem::new(Kind::Malformed, "A field has a NUL character; remove it."));
        }
        // Browsers send every line end as two characters, which no count on the page includes.
        let fields = fields.into_iter().map(|(name, value)| (name, value.replace("\r\n", "\n")));
        Ok(Self::from(fields.collect::<Vec<_>>()))
    }

    /// With one more field, such as what is stored already.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// With a field of another value.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.with(name, value)
    }

    /// What was typed; empty where nothing was.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Whether a box or a radio button of this value is chosen.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|(known, typed)| known == name && typed == value)
    }

    /// Every value of a field.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many rows there are of a list whose fields are `name.0.…`, `name.1.…`.
    #[must_use]
    pub fn rows(&self, name: &str) -> usize {
        let row = |field: &str| {
            let rest = field.strip_prefix(name)?.strip_prefix('.')?;
            rest.split('.').next()?.parse::<usize>().ok().filter(|row| *row < 1_000)
        };
        self.fields.iter().filter_map(|(field, _)| row(field)).max().map_or(0, |last| last + 1)
    }

    /// With the rows of a list at other places: `to` gives a row's new place, or none where it goes.
    #[must_use]
    pub(super) fn moved(mut self, list: &str, to: impl Fn(usize) -> Option<usize>) -> Self {
        let placed = |(name, value): (String, String)| {
            let row = name.strip_prefix(list).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| {
                let (row, field) = rest.split_once('.').unwrap_or((rest, ""));
                Some((row.parse::<usize>().ok()?, field))
            });
            match row {
                None => Some((name, value)),
                Some((row, field)) => to(row).map(|row| (format!("{list}.{row}.{field}"), value)),
            }
        };
        self.fields = self.fields.into_iter().filter_map(placed).collect();
        self
    }

    /// Without the rows of a list in which none of these fields has anything, at which the others move up.
    #[must_use]
    pub fn without_blank_rows(self, list: &str, fields: &[&str]) -> Self {
        let is_kept = |row: usize| {
            fields.iter().any(|field| !self.get(&format!("{list}.{row}.{field}")).trim().is_empty())
        };
        let kept: Vec<usize> = (0..self.rows(list)).filter(|row| is_kept(*row)).collect();
        self.moved(list, |row| kept.iter().position(|one| *one == row))
    }

    /// With the field in which one goes on writing.
    #[must_use]
    pub fn starting_at(self, field: impl Into<String>) -> Self {
        Self { start: field.into(), ..self }
    }

    /// Whether one goes on writing in this field.
    #[must_use]
    pub fn starts_at(&self, name: &str) -> bool {
        self.start == name
    }

    /// What tells whether it was made of the same: a hash of its fields.
    #[must_use]
    pub fn mark(&self) -> String {
        crate::auth::secrets::sha256(self.content())
    }

    /// The key that makes it take effect once: the one it came with, or a new one.
    #[must_use]
    pub fn once(&self) -> String {
        match self.get(ONCE) {
            "" => crate::id::fresh().to_string(),
            key => key.to_owned(),
        }
    }

    /// All that a person decided: the fields without the token, in one text.
    #[must_use]
    pub(super) fn content(&self) -> String {
        serde_urlencoded::to_string(self.kept()).unwrap_or_default()
    }

    /// What may be held of it: everything but the token and passwords.
    #[must_use]
    pub(super) fn kept(&self) -> Vec<(String, String)> {
        let may = |name: &str| name != CSRF && !name.contains("password");
        self.fields.iter().filter(|(name, _)| may(name)).cloned().collect()
    }

    /// What a person would recognise of it: text fields, as people call them.
    #[must_use]
    pub(super) fn shown(&self) -> Vec<(String, String)> {
        let is_typed = |name: &str, value: &str| {
            ![ONCE, "seen", "version", "next", "then"].contains(&name) && !value.trim().is_empty()
        };
        let label = |name: &str| typed::sentence(&name.replace(['.', '_'], " "));
        let kept = self.kept().into_iter().filter(|(name, value)| is_typed(name, value));
        kept.map(|(name, value)| (label(&name), value)).collect()
    }

    // ---- faults -------------------------------------------------------------------------------

    /// With the faults of a refusal, each at the field of its pointer.
    #[must_use]
    pub fn refused(self, problem: &Problem) -> Self {
        self.refused_as(problem, |pointer| Some(field_of(pointer)))
    }

    /// As [`Form::refused`], for a form whose fields have other names than the API's body: `field`
    /// gives the name for a pointer, or none where the form has no such field.
    #[must_use]
    pub fn refused_as(mut self, problem: &Problem, field: impl Fn(&str) -> Option<String>) -> Self {
        let faults = problem.faults().iter().map(|fault| FieldFault {
            field: field(&fault.pointer).unwrap_or_default(),
            detail: typed::sentence(&fault.detail),
        });
        self.faults = faults.collect();
        self.told = Some(problem.detail().to_owned());
        self
    }

    /// With one more fault.
    #[must_use]
    pub fn fault_at(mut self, field: &str, detail: &str) -> Self {
        self.faults.push(FieldFault { field: field.to_owned(), detail: typed::sentence(detail) });
        self
    }

    /// What is wrong with a field, if something is.
    #[must_use]
    pub fn fault(&self, name: &str) -> Option<&str> {
        self.faults.iter().find(|fault| fault.field == name).map(|fault| fault.detail.as_str())
    }

    #[must_use]
    pub fn faults(&self) -> &[FieldFault] {
        &self.faults
    }

    /// Whether it comes back to be corrected.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.told.is_some() || !self.faults.is_empty()
    }

    /// What the refusal said as a whole.
    #[must_use]
    pub fn told(&self) -> Option<&str> {
        self.told.as_deref()
    }

    /// Begins to make an API body of it.
    #[must_use]
    pub fn reading(&self) -> Reading<'_> {
        self.reading_into(Value::Object(Map::new()))
    }

    /// Begins to make an API body of it and of what this body has already.
    #[must_use]
    pub fn reading_into(&self, body: Value) -> Reading<'_> {
        Reading { form: self, body, faults: Vec::new() }
    }
}

/// The field of a JSON pointer.
#[must_use]
pub fn field_of(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".").replace("~1", "/").replace("~0", "~")
}

/// Makes of a form the body that the API would be sent. Each call names a field as the API's body
/// does, by its JSON pointer, and says what is typed there; what is left empty is left out.
#[derive(Debug)]
pub struct Reading<'f> {
    form: &'f Form,
    body: Value,
    faults: Vec<Fault>,
}

impl Reading<'_> {
    fn typed(&self, pointer: &str) -> String {
        self.form.get(&field_of(pointer)).trim().to_owned()
    }

    /// Puts a value where the pointer leads, for what no field says.
    pub fn put(&mut self, pointer: &str, value: impl Into<Value>) -> &mut Self {
        typed::put(&mut self.body, pointer, value.into());
        self
    }

    fn read<T: Into<Value>>(&mut self, pointer: &str, read: impl Fn(&str) -> Result<T, String>) -> &mut Self {
        let text = self.typed(pointer);
        if text.is_empty() {
            return self;
        }
        match read(&text) {
            Ok(value) => self.put(pointer, value),
            Err(detail) => {
                self.faults.push(Fault::new(pointer, detail));
                self
            }
        }
    }

    /// Text, which may be empty.
    pub fn text(&mut self, pointer: &str) -> &mut Self {
        let text = self.form.get(&field_of(pointer)).to_owned();
        self.put(pointer, text)
    }

    /// Text, or a choice from a list, that is left out where it is empty.
    pub fn words(&mut self, pointer: &str) -> &mut Self {
        self.read(pointer, |text| Ok(text.to_owned()))
    }

    /// A whole number.
    pub fn whole(&mut self, pointer: &str) -> &mut Self {
        self.read(pointer, typed::whole)
    }

    /// Asks for something in each of these.
    pub fn needed(&mut self, pointers: &[&str]) -> &mut Self {
        self.missing(pointers, "fill in")
    }

    /// Asks for a choice in each of these.
    pub fn chosen(&mut self, pointers: &[&str]) -> &mut Self {
        self.missing(pointers, "choose")
    }

    fn missing(&mut self, pointers: &[&str], verb: &str) -> &mut Self {
        let empty = pointers.iter().filter(|pointer| self.typed(pointer).is_empty());
        let faults: Vec<Fault> = empty.map(|pointer| Fault::new(*pointer, asked(verb, pointer))).collect();
        self.faults.extend(faults);
        self
    }

    /// How many: a whole number that is not below zero.
    pub fn count(&mut self, pointer: &str) -> &mut Self {
        self.read(pointer, |text| {
            typed::whole(text).and_then(|count| {
                u32::try_from(count)
                    .map_err(|_| format!("give a number from 0 up, such as 12, instead of \"{text}\""))
            })
        })
    }

    /// An amount in pounds, as pence.
    pub fn money(&mut self, pointer: &str) -> &mut Self {
        self.read(pointer, typed::pence)
    }

    /// A box: whether it is ticked.
    pub fn flag(&mut self, pointer: &str) -> &mut Self {
        let is_ticked = self.form.has(&field_of(pointer), "true");
        self.put(pointer, is_ticked)
    }

    /// Radio buttons of `true` and `false`.
    pub fn yes_no(&mut self, pointer: &str) -> &mut Self {
        self.read(pointer, |text| match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err("choose yes or no".to_owned()),
        })
    }

    /// Every box that is ticked, every line of a list.
    pub fn list(&mut self, pointer: &str) -> &mut Self {
        let field = field_of(pointer);
        let values: Vec<Value> =
            self.form.all(&field).filter(|value| !value.is_empty()).map(Value::from).collect();
        self.put(pointer, values)
    }

    /// A day, from the fields `.day`, `.month` and `.year`.
    pub fn date(&mut self, pointer: &str) -> &mut Self {
        self.of_parts(pointer, &["day", "month", "year"], |parts| {
            typed::date(parts).map(|day| day.to_string())
        })
    }

    /// An instant, from the fields `.day`, `.month`, `.year` and `.time`, on London's clocks.
    pub fn moment(&mut self, pointer: &str) -> &mut Self {
        self.of_parts(pointer, &["day", "month", "year", "time"], |parts| {
            typed::moment(parts).map(|moment| moment.to_string())
        })
    }

    fn of_parts(
        &mut self,
        pointer: &str,
        names: &[&str],
        read: impl Fn(&[String]) -> Result<String, String>,
    ) -> &mut Self {
        let parts: Vec<String> = names.iter().map(|name| self.typed(&format!("{pointer}/{name}"))).collect();
        if parts.iter().all(String::is_empty) {
            return self;
        }
        match read(&parts) {
            Ok(value) => self.put(pointer, value),
            Err(detail) => {
                self.faults.push(Fault::new(pointer, detail));
                self
            }
        }
    }

    /// The body, parsed as the API parses it.
    ///
    /// # Errors
    /// `invalid`, with a pointer to each fault: what is not a number, a date, an amount; or what the
    /// body's own type refuses.
    pub fn done<T: DeserializeOwned>(&mut self) -> Result<T> {
        if !self.faults.is_empty() {
            return Err(Problem::invalid("Nothing was changed.", std::mem::take(&mut self.faults)));
        }
        let body = serde_json::to_vec(&self.body).map_err(Problem::internal)?;
        parse(&body).map_err(at_the_missing_field)
    }
}

/// What is to be done with an empty field, by its name: `choose the assessor` for `/assessor_id`.
fn asked(verb: &str, pointer: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or_default();
    let name = name.trim_end_matches("_id").trim_end_matches("_pence").replace('_', " ");
    format!("{verb} the {name}")
}

/// Serde points to the object in which a field is missing; on a page the fault belongs to the field.
fn at_the_missing_field(problem: Problem) -> Problem {
    let missing = |fault: &Fault| {
        let name = fault.detail.strip_prefix("missing field `")?.split('`').next()?;
        Some(Fault::new(format!("{}/{name}", fault.pointer), asked("fill in", name)))
    };
    let faults: Vec<Fault> =
        problem.faults().iter().map(|fault| missing(fault).unwrap_or_else(|| fault.clone())).collect();
    problem.with_faults(faults)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Body {
        name: String,
        rows: Vec<Row>,
        areas: Vec<String>,
        is_open: bool,
        grant_pence: Option<i64>,
        starts_on: Option<String>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Row {
        weight: u32,
    }

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form::from(pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<Vec<_>>())
    }

    fn read(form: &Form) -> Result<Body> {
        let mut reading = form.reading();
        reading.text("/name").list("/areas").flag("/is_open").money("/grant_pence").date("/starts_on");
        for row in 0..form.rows("rows") {
            reading.whole(&format!("/rows/{row}/weight"));
        }
        reading.done()
    }

    #[test]
    fn a_form_becomes_the_body_that_the_api_takes() -> Result<()> {
        let typed = form(&[
            ("name", "A"),
            ("areas", "E1"),
            ("areas", "E2"),
            ("is_open", "true"),
            ("grant_pence", "£1,500.50"),
            ("starts_on.day", "1"),
            ("starts_on.month", "2"),
            ("starts_on.year", "2027"),
            ("rows.0.weight", "60"),
            ("rows.1.weight", "40"),
        ]);
        let body = read(&typed)?;
        assert_eq!(body.rows, [Row { weight: 60 }, Row { weight: 40 }]);
        assert_eq!((body.areas.len(), body.is_open, body.grant_pence), (2, true, Some(150_050)));
        assert_eq!(body.starts_on.as_deref(), Some("2027-02-01"));
        Ok(())
    }

    #[test]
    fn a_fault_finds_its_field() {
        let typed = form(&[("name", "A"), ("rows.0.weight", "many"), ("grant_pence", "x")]);
        let problem = read(&typed).err();
        let refused = problem.map(|problem| typed.refused(&problem)).unwrap_or_default();
        assert!(refused.fault("rows.0.weight").is_some_and(|fault| fault.starts_with("Give a whole number")));
        assert!(refused.fault("grant_pence").is_some());
        assert_eq!(refused.get("rows.0.weight"), "many");
    }

    #[test]
    fn a_missing_field_is_the_one_to_fill_in() {
        let refused = form(&[]);
        let problem = refused.reading().done::<Row>().err();
        let refused = problem.map(|problem| refused.refused(&problem)).unwrap_or_default();
        assert_eq!(refused.fault("weight"), Some("Fill in the weight"));
    }

    #[test]
    fn neither_token_nor_password_is_held() {
        let typed = form(&[(CSRF, "t"), ("new_password", "secret"), ("note", "kept")]);
        assert_eq!(typed.kept(), [("note".to_owned(), "kept".to_owned())]);
    }
}
