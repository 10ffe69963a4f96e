//! A table of cells, written as CSV or as a workbook.
//!
//! Invariant: no text becomes a formula, whoever wrote it. In CSV a text that a spreadsheet would
//! take for one begins with an apostrophe (OWASP, "CSV Injection"); in a workbook every text is a
//! string by its type, and stays one when somebody edits it.
//!
//! Must not know: what the cells say.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::clock::Timestamp;
use crate::money::Pence;
use crate::problem::{Problem, Result};

/// One table, its heads first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// At most 31 characters, none of `[]:*?/\`: what a workbook takes as a sheet's name.
    pub name: String,
    pub heads: Vec<String>,
    /// Each as long as `heads`.
    pub rows: Vec<Vec<Cell>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Empty,
    Text(String),
    Whole(i64),
    /// A number with two decimals, in hundredths.
    Hundredths(i64),
}

impl Cell {
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Pounds with two decimals.
    #[must_use]
    pub fn money(amount: Pence) -> Self {
        Self::Hundredths(amount.0)
    }

    #[must_use]
    pub fn optional<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, cell)
    }
}

/// The most characters that a workbook's cell holds.
const LONGEST_TEXT: usize = 32_767;

impl Sheet {
    /// RFC 4180, in UTF-8.
    ///
    /// # Errors
    /// None in practice: it is written to memory.
    pub fn csv(&self) -> Result<Vec<u8>> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        writer.write_record(self.heads.iter().map(|head| guarded(head))).map_err(Problem::internal)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(written)).map_err(Problem::internal)?;
        }
        writer.into_inner().map_err(|error| Problem::internal(error.to_string()))
    }

    /// An Office Open XML workbook with this one sheet, the heads staying in sight.
    ///
    /// # Errors
    /// The table is larger than a workbook can be.
    pub fn xlsx(&self, made_at: Timestamp) -> Result<Vec<u8>> {
        self.workbook(made_at).map_err(Problem::internal)
    }

    fn workbook(&self, made_at: Timestamp) -> std::result::Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let created = ExcelDateTime::from_timestamp(made_at.utc().timestamp())?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&created));
        let page = book.add_worksheet();
        page.set_name(&self.name)?;
        let bold = Format::new().set_bold().set_text_wrap();
        for (head, column) in self.heads.iter().zip(0_u16..) {
            page.write_string_with_format(0, column, head, &bold)?;
            page.set_column_width(column, if head.chars().count() > 12 { 18 } else { 12 })?;
        }
        page.set_freeze_panes(1, 1)?;
        let formats = Formats::new();
        for (row, place) in self.rows.iter().zip(1_u32..) {
            for (cell, column) in row.iter().zip(0_u16..) {
                formats.write(page, place, column, cell)?;
            }
        }
        book.save_to_buffer()
    }
}

struct Formats {
    /// What Excel itself does where somebody types an apostrophe first.
    quoted: Format,
    two_decimals: Format,
}

impl Formats {
    fn new() -> Self {
        Self {
            quoted: Format::new().set_quote_prefix(),
            two_decimals: Format::new().set_num_format("#,##0.00"),
        }
    }

    fn write(
        &self,
        page: &mut Worksheet,
        row: u32,
        column: u16,
        cell: &Cell,
    ) -> std::result::Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => {
                let text: String = text.chars().take(LONGEST_TEXT).collect();
                if looks_like_a_formula(&text) {
                    page.write_string_with_format(row, column, text, &self.quoted)?;
                } else {
                    page.write_string(row, column, text)?;
                }
            }
            Cell::Whole(number) => {
                page.write_number(row, column, nearest(&number.to_string()))?;
            }
            Cell::Hundredths(hundredths) => {
                let number = nearest(&two_decimals(*hundredths));
                page.write_number_with_format(row, column, number, &self.two_decimals)?;
            }
        }
        Ok(())
    }
}

/// The number that a workbook, which knows no other, reads from the same digits.
fn nearest(digits: &str) -> f64 {
    digits.parse().unwrap_or_default()
}

/// As in CSV.
fn written(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => guarded(text),
        Cell::Whole(number) => number.to_string(),
        Cell::Hundredths(hundredths) => two_decimals(*hundredths),
    }
}

/// `-0.05`, `150000.00`.
#[must_use]
pub fn two_decimals(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let whole = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

fn guarded(text: &str) -> String {
    if looks_like_a_formula(text) { format!("'{text}") } else { text.to_owned() }
}

/// Whether a spreadsheet might calculate what it is to show. The wide forms are those of East Asian
/// keyboards, which some programs read as the plain ones; blanks before them some pass over.
fn looks_like_a_formula(text: &str) -> bool {
    const STARTS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(STARTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_gets_an_apostrophe() {
        for hostile in
            ["=1+1", "+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "\n=1", "  =1", "＝1", "=HYPERLINK(\"x\")"]
        {
            assert_eq!(guarded(hostile), format!("'{hostile}"));
        }
        for harmless in ["Calder", "'quoted'", "1-2", "a=b", "", "مهارات", "🚀 Skills", "\"x\""] {
            assert_eq!(guarded(harmless), harmless);
        }
    }

    #[test]
    fn a_workbook_calculates_nothing_that_was_written_as_text() {
        let hostile = ["=1+1", "\t=1", "\r\n@SUM(A1)", "-2+3", "\u{1}=1", "🚀 \u{202e}مهارات", "a\"b'c"];
        let longer_than_a_cell = "=x".repeat(LONGEST_TEXT);
        let texts = hostile.into_iter().chain([longer_than_a_cell.as_str()]);
        let sheet = Sheet {
            name: "scores".to_owned(),
            heads: vec!["=HEAD()".to_owned(), "Amount".to_owned()],
            rows: texts.map(|text| vec![Cell::text(text), Cell::Hundredths(-5)]).collect(),
        };
        let page = unzipped(&sheet, "xl/worksheets/sheet1.xml");
        assert!(!page.contains("<f>") && !page.contains("<f "), "{page}");
        assert_eq!(page.matches(" t=\"s\"").count(), hostile.len() + 3);
        assert_eq!(page.matches("<v>-0.05</v>").count(), hostile.len() + 1);
        let strings = unzipped(&sheet, "xl/sharedStrings.xml");
        assert!(strings.contains("=1+1") && strings.contains("مهارات"), "what was written is not changed");
    }

    fn unzipped(sheet: &Sheet, part: &str) -> String {
        let made_at = Timestamp::from_micros(0).and_then(|at| sheet.xlsx(at).ok()).unwrap_or_default();
        let mut text = String::new();
        let read = zip::ZipArchive::new(std::io::Cursor::new(made_at))
            .and_then(|mut book| Ok(std::io::Read::read_to_string(&mut book.by_name(part)?, &mut text)?));
        assert!(read.is_ok(), "{read:?}");
        text
    }

    #[test]
    fn numbers_are_written_digit_by_digit() {
        let read = [0, 5, -5, 100, 7_933, 15_000_000, i64::MIN].map(two_decimals);
        let expected = ["0.00", "0.05", "-0.05", "1.00", "79.33", "150000.00", "-92233720368547758.08"];
        assert_eq!(read, expected);
    }
}
