//! The rows of assessors and their interests.

use std::collections::BTreeMap;

use diesel::prelude::*;

use crate::accounts::model::{AssessorProfile, Interest, Severity};
use crate::clock::Timestamp;
use crate::db::schema::{assessors, interests, organisations, users};
use crate::db::types::Json;
use crate::db::{BATCH, Conn};
use crate::id::{BidId, InterestId, UserId};
use crate::problem::{Problem, Result};
use crate::rest::Paging;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = interests, treat_none_as_default_value = false)]
struct InterestRow {
    id: InterestId,
    assessor_id: UserId,
    severity: Severity,
    registered_number: Option<String>,
    bid_id: Option<BidId>,
    description: String,
    declared_by: String,
    declared_at: Timestamp,
    overridden_at: Option<Timestamp>,
    overridden_reason: Option<String>,
}

/// An assessor, the person, and the employer's number.
type ProfileRow = (
    UserId,
    String,
    String,
    Option<String>,
    Json<Vec<String>>,
    Json<BTreeMap<String, u8>>,
    Option<Timestamp>,
    i32,
);

fn profile(
    (id, email, name, employer_number, areas, themes, disabled_at, version): ProfileRow,
) -> AssessorProfile {
    AssessorProfile {
        id,
        email,
        name,
        employer_number,
        areas: areas.0,
        themes: themes.0,
        disabled: disabled_at.is_some(),
        version,
    }
}

/// The query that every read of profiles starts from.
macro_rules! profiles {
    () => {
        assessors::table
            .inner_join(users::table.on(users::id.eq(assessors::user_id)))
            .left_join(organisations::table.on(organisations::id.nullable().eq(users::organisation_id)))
            .select((
                users::id,
                users::email,
                users::name,
                organisations::registered_number.nullable(),
                assessors::areas,
                assessors::themes,
                users::disabled_at,
                assessors::version,
            ))
            .order(users::id)
    };
}

pub(in crate::accounts) fn insert_assessor(conn: &mut Conn, id: UserId) -> Result<()> {
    diesel::insert_into(assessors::table)
        .values((
            assessors::user_id.eq(id),
            assessors::areas.eq(Json(Vec::<String>::new())),
            assessors::themes.eq(Json(BTreeMap::<String, u8>::new())),
            assessors::version.eq(1),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn find_profile(conn: &mut Conn, id: UserId) -> Result<Option<AssessorProfile>> {
    let row: Option<ProfileRow> = profiles!().filter(users::id.eq(id)).first(conn).optional()?;
    Ok(row.map(profile))
}

pub(in crate::accounts) fn list_profiles(conn: &mut Conn, paging: &Paging) -> Result<Vec<AssessorProfile>> {
    let mut query = profiles!().limit(paging.fetch()).into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(users::id.gt(UserId(after)));
    }
    let rows: Vec<ProfileRow> = query.load(conn)?;
    Ok(rows.into_iter().map(profile).collect())
}

pub(in crate::accounts) fn list_profiles_by_id(
    conn: &mut Conn,
    ids: &[UserId],
) -> Result<Vec<AssessorProfile>> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        let rows: Vec<ProfileRow> = profiles!().filter(users::id.eq_any(batch.to_vec())).load(conn)?;
        found.extend(rows.into_iter().map(profile));
    }
    found.sort_by_key(|profile| profile.id);
    Ok(found)
}

/// The assessors with these addresses.
pub(in crate::accounts) fn list_profiles_by_email(
    conn: &mut Conn,
    emails: &[String],
) -> Result<Vec<AssessorProfile>> {
    let mut found = Vec::new();
    for batch in emails.chunks(BATCH) {
        let rows: Vec<ProfileRow> = profiles!().filter(users::email.eq_any(batch.to_vec())).load(conn)?;
        found.extend(rows.into_iter().map(profile));
    }
    Ok(found)
}

pub(in crate::accounts) fn set_cover(
    conn: &mut Conn,
    id: UserId,
    areas: &[String],
    themes: &BTreeMap<String, u8>,
    version: i32,
) -> Result<()> {
    diesel::update(assessors::table.find(id))
        .set((
            assessors::areas.eq(Json(areas.to_vec())),
            assessors::themes.eq(Json(themes.clone())),
            assessors::version.eq(version),
        ))
        .execute(conn)?;
    Ok(())
}

/// # Errors
/// `invalid`: the interest names a bid that does not exist.
pub(in crate::accounts) fn insert_interest(
    conn: &mut Conn,
    interest: &Interest,
    declared_by: &str,
) -> Result<()> {
    use diesel::result::{DatabaseErrorKind, Error};
    let row = InterestRow {
        id: interest.id,
        assessor_id: interest.assessor_id,
        severity: interest.severity,
        registered_number: interest.registered_number.clone(),
        bid_id: interest.bid_id,
        description: interest.description.clone(),
        declared_by: declared_by.to_owned(),
        declared_at: interest.declared_at,
        overridden_at: interest.overridden_at,
        overridden_reason: interest.overridden_reason.clone(),
    };
    match diesel::insert_into(interests::table).values(row).execute(conn) {
        Ok(_) => Ok(()),
        // The assessor was read in this transaction, so it is the bid that is missing.
        Err(Error::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _)) => {
            Err(Problem::fault("/bid_id", "there is no such bid; give the id of one, or a registered number"))
        }
        Err(error) => Err(error.into()),
    }
}

pub(in crate::accounts) fn find_interest(conn: &mut Conn, id: InterestId) -> Result<Option<Interest>> {
    let row: Option<InterestRow> =
        interests::table.find(id).select(InterestRow::as_select()).first(conn).optional()?;
    Ok(row.map(Interest::from))
}

pub(in crate::accounts) fn list_interests(
    conn: &mut Conn,
    assessor: UserId,
    paging: &Paging,
) -> Result<Vec<Interest>> {
    let query = interests::table.filter(interests::assessor_id.eq(assessor)).select(InterestRow::as_select());
    let mut query = query.order(interests::id).limit(paging.fetch()).into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(interests::id.gt(InterestId(after)));
    }
    let rows: Vec<InterestRow> = query.load(conn)?;
    Ok(rows.into_iter().map(Interest::from).collect())
}

pub(in crate::accounts) fn list_interests_of(conn: &mut Conn, assessors: &[UserId]) -> Result<Vec<Interest>> {
    let mut found = Vec::new();
    for batch in assessors.chunks(BATCH) {
        let query = interests::table.filter(interests::assessor_id.eq_any(batch.to_vec()));
        let rows: Vec<InterestRow> = query.select(InterestRow::as_select()).load(conn)?;
        found.extend(rows.into_iter().map(Interest::from));
    }
    found.sort_by_key(|interest| interest.id);
    Ok(found)
}

pub(in crate::accounts) fn set_overridden(
    conn: &mut Conn,
    id: InterestId,
    at: Timestamp,
    reason: &str,
) -> Result<()> {
    diesel::update(interests::table.find(id))
        .set((interests::overridden_at.eq(at), interests::overridden_reason.eq(reason.to_owned())))
        .execute(conn)?;
    Ok(())
}

impl From<InterestRow> for Interest {
    fn from(row: InterestRow) -> Self {
        Self {
            id: row.id,
            assessor_id: row.assessor_id,
            severity: row.severity,
            registered_number: row.registered_number,
            bid_id: row.bid_id,
            description: row.description,
            declared_at: row.declared_at,
            overridden_at: row.overridden_at,
            overridden_reason: row.overridden_reason,
        }
    }
}
