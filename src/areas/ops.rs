//! Use cases of areas.

use super::model::AreaTree;
use crate::db::Conn;
use crate::problem::{Problem, Result};

/// All areas and groups.
///
/// # Errors
/// The database's own.
pub fn tree(_conn: &mut Conn) -> Result<AreaTree> {
    Err(Problem::internal("stub"))
}
