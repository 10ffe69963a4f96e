//! Finding text in a column, in either case.

use diesel::sql_types::Text;

use super::Conn;

diesel::define_sql_function! {
    /// Lower case; SQLite knows that of ASCII only.
    fn lower(text: Text) -> Text;
}

/// What `lower(column)` is LIKE, with `\` as its escape, where the column has this text in it.
#[must_use]
pub fn pattern(conn: &Conn, text: &str) -> String {
    let text = match conn {
        Conn::Pg(_) => text.to_lowercase(),
        Conn::Sqlite(_) => text.to_ascii_lowercase(),
    };
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
