//! Use cases of areas.

use serde_json::json;

use super::model::{Area, AreaTree, Group, code_fault, group_code_fault, kind_fault, name_fault};
use super::store;
use crate::audit;
use crate::auth::Admin;
use crate::db::Conn;
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Fault, Problem, Result};

/// The most areas of one group.
const MOST_IN_A_GROUP: usize = 500;

/// All areas and groups.
///
/// # Errors
/// The database's own.
pub fn tree(conn: &mut Conn) -> Result<AreaTree> {
    Ok(AreaTree::new(store::list_areas(conn)?, store::list_groups(conn)?))
}

/// All areas, by code.
///
/// # Errors
/// The database's own.
pub async fn list_areas(on: &Platform) -> Result<Vec<Area>> {
    on.db.read(store::list_areas).await
}

/// All groups, by code.
///
/// # Errors
/// The database's own.
pub async fn list_groups(on: &Platform) -> Result<Vec<Group>> {
    on.db.read(store::list_groups).await
}

/// Adds an area below one that is there, or at the top.
///
/// # Errors
/// `invalid`; `already-exists`.
pub async fn add_area(on: &Platform, admin: &Admin, area: Area, once: Once) -> Result<Area> {
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| {
        let tree = tree(tx.conn)?;
        let mut faults = Vec::new();
        faults.extend(code_fault(&area.code).map(|detail| Fault::new("/code", detail)));
        faults.extend(name_fault(&area.name).map(|detail| Fault::new("/name", detail)));
        faults.extend(kind_fault(&area.kind).map(|detail| Fault::new("/kind", detail)));
        if let Some(parent) = area.parent_code.as_deref().filter(|parent| tree.area(parent).is_none()) {
            faults.push(Fault::new("/parent_code", format!("there is no area {parent:?}; add it first")));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid("The area was not added.", faults));
        }
        if tree.area(&area.code).is_some() {
            return Err(Problem::exists(format!("There is an area {} already.", area.code)));
        }
        store::insert_area(tx.conn, &area)?;
        audit::record(
            tx,
            &admin,
            "area.added",
            &area.code,
            None,
            json!({"name": area.name, "parent_code": area.parent_code}),
        )?;
        Ok(area.clone())
    })
    .await
}

/// Names a set of areas.
///
/// # Errors
/// `invalid`; `already-exists`.
pub async fn add_group(on: &Platform, admin: &Admin, group: Group, once: Once) -> Result<Group> {
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| {
        let tree = tree(tx.conn)?;
        let faults = group_faults(&tree, &group);
        if !faults.is_empty() {
            return Err(Problem::invalid("The group was not added.", faults));
        }
        if tree.group(&group.code).is_some() {
            return Err(Problem::exists(format!("There is a group {} already.", group.code)));
        }
        store::insert_group(tx.conn, &group)?;
        audit::record(
            tx,
            &admin,
            "area_group.added",
            &group.code,
            None,
            json!({"name": group.name, "areas": group.areas}),
        )?;
        // As it will be read: in the order of codes.
        let mut added = group.clone();
        added.areas.sort();
        Ok(added)
    })
    .await
}

fn group_faults(tree: &AreaTree, group: &Group) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(group_code_fault(&group.code).map(|detail| Fault::new("/code", detail)));
    faults.extend(name_fault(&group.name).map(|detail| Fault::new("/name", detail)));
    if group.areas.is_empty() || group.areas.len() > MOST_IN_A_GROUP {
        faults.push(Fault::new("/areas", format!("name 1 to {MOST_IN_A_GROUP} areas")));
    }
    for (index, code) in group.areas.iter().enumerate() {
        if group.areas.iter().take(index).any(|before| before == code) {
            faults.push(Fault::new(
                format!("/areas/{index}"),
                format!("{code:?} is named twice; once is enough"),
            ));
        } else if tree.area(code).is_none() {
            faults.push(Fault::new(
                format!("/areas/{index}"),
                format!("there is no area {code:?}; GET /areas lists them"),
            ));
        }
    }
    faults
}

/// What is wrong with a list of codes of areas or groups, with a pointer to each below `at`.
#[must_use]
pub fn coverage_faults(tree: &AreaTree, at: &str, codes: &[String]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, code) in codes.iter().enumerate() {
        if codes.iter().take(index).any(|before| before == code) {
            faults.push(Fault::new(
                format!("{at}/{index}"),
                format!("{code:?} is named twice; once is enough"),
            ));
        } else if tree.area(code).is_none() && tree.group(code).is_none() {
            let detail =
                format!("there is no area or group {code:?}; GET /areas and /areas/groups list them");
            faults.push(Fault::new(format!("{at}/{index}"), detail));
        }
    }
    faults
}
