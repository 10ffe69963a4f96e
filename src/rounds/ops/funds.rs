//! Use cases of funds.

use serde_json::json;

use super::{load_fund, seen_by};
use crate::auth::{Actor, Admin};
use crate::id::FundId;
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{IfMatch, Paging};
use crate::rounds::input::FundInput;
use crate::rounds::model::Fund;
use crate::rounds::store;
use crate::{areas, audit};

/// Makes a fund.
///
/// # Errors
/// `invalid`; `already-exists`: another fund has its name.
pub async fn create_fund(on: &Platform, admin: &Admin, input: FundInput, once: Once) -> Result<Fund> {
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| {
        input.check(&areas::ops::tree(tx.conn)?)?;
        if store::fund_is_named(tx.conn, &input.name, None)? {
            return Err(Problem::exists("Another fund has this name."));
        }
        let fund = Fund {
            id: FundId::fresh(),
            name: input.name.clone(),
            description: input.description.clone(),
            currency: input.currency.clone(),
            areas: input.areas.clone(),
            created_at: tx.now,
            version: 1,
        };
        store::insert_fund(tx.conn, &fund)?;
        audit::record(
            tx,
            &admin,
            "fund.created",
            fund.id,
            None,
            json!({"name": fund.name, "areas": fund.areas}),
        )?;
        Ok(fund)
    })
    .await
}

/// Changes a fund. Its areas stay while bids are written or assessed in one of its rounds: they
/// are part of what that round announced.
///
/// # Errors
/// `not-found`; `stale`; `invalid`; `already-exists`; `wrong-state`.
pub async fn update_fund(
    on: &Platform,
    admin: &Admin,
    id: FundId,
    if_match: IfMatch,
    input: FundInput,
) -> Result<Fund> {
    let admin = admin.clone();
    on.db
        .write(move |tx| {
            let before = load_fund(tx.conn, id)?;
            if_match.check(before.version)?;
            input.check(&areas::ops::tree(tx.conn)?)?;
            if store::fund_is_named(tx.conn, &input.name, Some(id))? {
                return Err(Problem::exists("Another fund has this name."));
            }
            if before.areas != input.areas && store::fund_is_in_use(tx.conn, id)? {
                return Err(Problem::wrong_state(
                    "The fund's areas cannot change while one of its rounds is open or being assessed.",
                ));
            }
            let fund = Fund {
                name: input.name.clone(),
                description: input.description.clone(),
                currency: input.currency.clone(),
                areas: input.areas.clone(),
                version: before.version + 1,
                ..before.clone()
            };
            store::set_fund(tx.conn, &fund)?;
            let detail = json!({"before": before, "after": fund});
            audit::record(tx, &admin, "fund.updated", id, None, detail)?;
            Ok(fund)
        })
        .await
}

/// The funds that the caller may see: all, or those of the rounds that the caller may see.
///
/// # Errors
/// The database's own.
pub async fn list_funds(on: &Platform, actor: &Actor, paging: Paging) -> Result<Vec<Fund>> {
    let seen = seen_by(actor);
    on.db.read(move |conn| store::list_funds(conn, seen, &paging)).await
}

/// A fund that the caller may see.
///
/// # Errors
/// `not-found`.
pub async fn read_fund(on: &Platform, actor: &Actor, id: FundId) -> Result<Fund> {
    let seen = seen_by(actor);
    on.db.read(move |conn| store::find_seen_fund(conn, seen, id)?.ok_or_else(Problem::not_found)).await
}
