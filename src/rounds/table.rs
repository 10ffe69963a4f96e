//! A table of assessors as people keep it in a spreadsheet, read line by line: what is right, and of each line
//! that is wrong where it stands, what is wrong and what would be right.
//!
//! Must not know: who there is; that is the use case's to ask.

use std::collections::BTreeMap;

use crate::accounts::inputs::normal_email;
use crate::areas::model::AreaTree;
use crate::problem::Fault;

/// The most lines of one table.
const MOST_LINES: usize = 5_000;

/// The columns that a table may have.
const COLUMNS: [&str; 5] = ["email", "name", "areas", "capacity", "minimum"];

/// One assessor of a table. What a cell leaves empty is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// Of the table, from 1.
    pub line: u64,
    pub email: String,
    pub name: Option<String>,
    pub areas: Option<Vec<String>>,
    pub capacity: Option<u32>,
    pub minimum: Option<u32>,
}

/// What is wrong with a line.
pub(super) fn fault(line: u64, detail: impl std::fmt::Display) -> Fault {
    Fault::new("/csv", format!("line {line}: {detail}"))
}

/// All rows of a table, or everything that is wrong with it.
///
/// # Errors
/// A fault for each cell that cannot be read, each line that is there twice, each column of another name.
pub(super) fn read(text: &str, tree: &AreaTree) -> Result<Vec<Row>, Vec<Fault>> {
    // Spreadsheets put a mark before the first character, and semicolons between cells where commas are in numbers.
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => lines.push(record),
            Err(error) => return Err(vec![Fault::new("/csv", format!("the table cannot be read: {error}"))]),
        }
    }
    let mut lines = lines.into_iter().filter(|record| record.iter().any(|cell| !cell.is_empty()));
    let Some(names) = lines.next() else {
        return Err(vec![Fault::new(
            "/csv",
            "give a table whose first line names its columns: email,name,areas,capacity,minimum",
        )]);
    };
    let columns = columns(&names)?;
    let names = AreaNames::of(tree);
    let (mut rows, mut faults, mut seen) = (Vec::new(), Vec::new(), BTreeMap::new());
    for record in lines {
        let line = record.position().map_or(0, |position| line_at(text, position));
        let cell = |column: &str| {
            let cell = columns.get(column).and_then(|place| record.get(*place)).unwrap_or_default();
            Some(cell).filter(|cell| !cell.is_empty())
        };
        let Some(email) = cell("email").map(normal_email) else {
            faults.push(fault(line, "there is no email address"));
            continue;
        };
        if let Some(before) = seen.insert(email.clone(), line) {
            faults.push(fault(line, format!("{email} stands in line {before} already; keep one of the two")));
        }
        let mut number = |column: &str| {
            let text = cell(column)?;
            let read = text.parse::<u32>().ok().filter(|number| *number <= super::input::MOST_CAPACITY);
            if read.is_none() {
                faults.push(fault(
                    line,
                    format!("{column} is \"{text}\"; give a whole number from 0 to 1,000"),
                ));
            }
            read
        };
        let (capacity, minimum) = (number("capacity"), number("minimum"));
        let areas = cell("areas").map(|cell| names.read(cell, line, &mut faults));
        rows.push(Row { line, email, name: cell("name").map(str::to_owned), areas, capacity, minimum });
    }
    if rows.is_empty() && faults.is_empty() {
        faults.push(Fault::new("/csv", "there is no assessor below the line of names"));
    }
    if rows.len() > MOST_LINES {
        faults.push(Fault::new("/csv", "give at most 5,000 assessors at a time"));
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// The line in which a record stands. Its position is where the one before it ended, which may be in the middle of a
/// line's end or before empty lines.
fn line_at(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let ends = rest.iter().take_while(|byte| b"\r\n".contains(byte)).filter(|byte| **byte == b'\n');
    ends.fold(position.line(), |line, _| line + 1)
}

fn delimiter(text: &str) -> u8 {
    let names = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &u8| names.bytes().filter(|byte| byte == delimiter).count();
    // The comma comes last, because of equals the last is taken.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Where each column stands.
fn columns(names: &csv::StringRecord) -> Result<BTreeMap<String, usize>, Vec<Fault>> {
    let mut columns = BTreeMap::new();
    let mut faults = Vec::new();
    for (place, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let name = name.to_lowercase();
        if !COLUMNS.contains(&name.as_str()) {
            faults.push(fault(
                1,
                format!("there is no column \"{name}\"; the columns are {}", COLUMNS.join(", ")),
            ));
        } else if columns.insert(name.clone(), place).is_some() {
            faults.push(fault(1, format!("the column {name} stands there twice")));
        }
    }
    if !columns.contains_key("email") && faults.is_empty() {
        faults.push(fault(1, "name the columns, email among them: email,name,areas,capacity,minimum"));
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

/// Codes by what people call their areas.
struct AreaNames<'t> {
    tree: &'t AreaTree,
    by_name: BTreeMap<String, Vec<&'t str>>,
}

impl<'t> AreaNames<'t> {
    fn of(tree: &'t AreaTree) -> Self {
        let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let areas = tree.areas().map(|area| (&area.name, area.code.as_str()));
        for (name, code) in areas.chain(tree.groups().map(|group| (&group.name, group.code.as_str()))) {
            by_name.entry(name.to_lowercase()).or_default().push(code);
        }
        Self { tree, by_name }
    }

    fn read(&self, cell: &str, line: u64, faults: &mut Vec<Fault>) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        for written in cell.split([';', '|', '\n']).map(str::trim).filter(|written| !written.is_empty()) {
            match self.code(written) {
                Ok(code) if codes.contains(&code) => {}
                Ok(code) => codes.push(code),
                Err(detail) => faults.push(fault(line, detail)),
            }
        }
        codes
    }

    fn code(&self, written: &str) -> Result<String, String> {
        let exactly = [written.to_owned(), written.to_uppercase(), written.to_lowercase()];
        if let Some(code) =
            exactly.into_iter().find(|code| self.tree.area(code).is_some() || self.tree.group(code).is_some())
        {
            return Ok(code);
        }
        match self.by_name.get(&written.to_lowercase()).map(Vec::as_slice) {
            Some([code]) => Ok((*code).to_owned()),
            Some(codes) => Err(format!(
                "\"{written}\" is the name of {}; write which of them by its code",
                codes.join(" and of ")
            )),
            None => Err(format!(
                "\"{written}\" is no area or group; write a code such as E07000117 or a name such as Burnley, with semicolons between several"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::areas::model::{Area, Group};

    fn tree() -> AreaTree {
        let area = |code: &str, name: &str| Area {
            code: code.to_owned(),
            name: name.to_owned(),
            kind: "county".to_owned(),
            parent_code: None,
        };
        let group = Group {
            code: "lep".to_owned(),
            name: "Lancashire".to_owned(),
            areas: vec!["E10000017".to_owned()],
        };
        AreaTree::new(vec![area("E10000017", "Lancashire"), area("E06000009", "Blackpool")], vec![group])
    }

    fn faults(text: &str) -> Vec<String> {
        let faults = read(text, &tree()).err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.detail).collect()
    }

    #[test]
    fn a_table_is_read_as_spreadsheets_write_it() {
        let row = |line, email: &str, areas: Option<&[&str]>, capacity| Row {
            line,
            email: email.to_owned(),
            name: Some("A, B".to_owned()),
            areas: areas.map(|areas| areas.iter().map(|code| (*code).to_owned()).collect()),
            capacity,
            minimum: None,
        };
        let expected = vec![
            row(2, "a@example.org", Some(&["E06000009", "lep"]), Some(6)),
            row(4, "b@example.org", None, None),
        ];
        let comma = "\u{feff}Email,Name,Areas,Capacity\r\nA@example.org,\"A, B\",blackpool; LEP,6\r\n\r\nb@example.org,\"A, B\"\r\n";
        assert_eq!(read(comma, &tree()), Ok(expected.clone()));
        let semicolon =
            "email;name;areas;capacity\na@example.org;A, B;Blackpool|lep;6\n\nb@example.org;A, B;;\n";
        assert_eq!(read(semicolon, &tree()), Ok(expected));
    }

    #[test]
    fn every_line_that_is_wrong_is_told_with_what_would_be_right() {
        let text = "email,capacity,areas\na@example.org,lots,Lancs\n,3,\na@example.org,-1,Lancashire\n";
        assert_eq!(
            faults(text),
            [
                "line 2: capacity is \"lots\"; give a whole number from 0 to 1,000",
                "line 2: \"Lancs\" is no area or group; write a code such as E07000117 or a name such as Burnley, with semicolons between several",
                "line 3: there is no email address",
                "line 4: a@example.org stands in line 2 already; keep one of the two",
                "line 4: capacity is \"-1\"; give a whole number from 0 to 1,000",
                "line 4: \"Lancashire\" is the name of E10000017 and of lep; write which of them by its code",
            ]
        );
    }

    #[test]
    fn a_table_needs_the_names_of_its_columns() {
        for nothing in ["", "\n \n"] {
            assert!(faults(nothing)[0].starts_with("give a table"), "{nothing:?}");
        }
        assert_eq!(faults("sam@example.org,Sam").len(), 2);
        assert!(faults("name,capacity\nSam,3")[0].contains("email among them"));
        assert_eq!(faults("email,email\n")[0], "line 1: the column email stands there twice");
        assert_eq!(faults("email\n"), ["there is no assessor below the line of names"]);
    }
}
