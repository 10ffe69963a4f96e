//! The rows of areas and groups.

use diesel::prelude::*;

use super::model::{Area, Group};
use crate::db::schema::{area_group_members, area_groups, areas};
use crate::db::{Conn, on_each};
use crate::problem::Result;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = areas, treat_none_as_default_value = false)]
struct AreaRow {
    code: String,
    name: String,
    kind: String,
    parent_code: Option<String>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = area_groups)]
struct GroupRow {
    code: String,
    name: String,
}

#[derive(Queryable, Selectable, Insertable)]
// So that the members are one statement, not one for each on SQLite.
#[diesel(table_name = area_group_members, treat_none_as_default_value = false)]
struct MemberRow {
    group_code: String,
    area_code: String,
}

/// All areas, by code.
pub(super) fn list_areas(conn: &mut Conn) -> Result<Vec<Area>> {
    let rows: Vec<AreaRow> = areas::table.order(areas::code).select(AreaRow::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Area::from).collect())
}

/// All groups with their areas, by code.
pub(super) fn list_groups(conn: &mut Conn) -> Result<Vec<Group>> {
    let rows: Vec<GroupRow> =
        area_groups::table.order(area_groups::code).select(GroupRow::as_select()).load(conn)?;
    let members: Vec<MemberRow> = area_group_members::table
        .order((area_group_members::group_code, area_group_members::area_code))
        .select(MemberRow::as_select())
        .load(conn)?;
    let mut groups: Vec<Group> =
        rows.into_iter().map(|row| Group { code: row.code, name: row.name, areas: Vec::new() }).collect();
    for member in members {
        if let Some(group) = groups.iter_mut().find(|group| group.code == member.group_code) {
            group.areas.push(member.area_code);
        }
    }
    Ok(groups)
}

pub(super) fn insert_area(conn: &mut Conn, area: &Area) -> Result<()> {
    let row = AreaRow {
        code: area.code.clone(),
        name: area.name.clone(),
        kind: area.kind.clone(),
        parent_code: area.parent_code.clone(),
    };
    diesel::insert_into(areas::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn insert_group(conn: &mut Conn, group: &Group) -> Result<()> {
    let row = GroupRow { code: group.code.clone(), name: group.name.clone() };
    diesel::insert_into(area_groups::table).values(row).execute(conn)?;
    let members: Vec<MemberRow> = group
        .areas
        .iter()
        .map(|area| MemberRow { group_code: group.code.clone(), area_code: area.clone() })
        .collect();
    on_each!(conn, conn => diesel::insert_into(area_group_members::table).values(&members).execute(conn))?;
    Ok(())
}

impl From<AreaRow> for Area {
    fn from(row: AreaRow) -> Self {
        Self { code: row.code, name: row.name, kind: row.kind, parent_code: row.parent_code }
    }
}
