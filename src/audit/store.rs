//! The audit trail's rows.

use diesel::prelude::*;
use serde_json::Value;

use super::Event;
use crate::clock::Timestamp;
use crate::db::schema::audit_events;
use crate::db::types::Json;
use crate::db::{Conn, paged};
use crate::id::{AuditId, RoundId};
use crate::problem::Result;
use crate::rest::Paging;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events)]
struct Row {
    id: AuditId,
    at: Timestamp,
    actor: String,
    role: String,
    action: String,
    subject_kind: String,
    subject_id: String,
    round_id: Option<RoundId>,
    detail: Json<Value>,
    request_id: Option<String>,
}

/// Which events: all conditions hold.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub round: Option<RoundId>,
    pub subject: Option<String>,
    pub actor: Option<String>,
    pub action: Option<String>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

pub(super) fn insert(conn: &mut Conn, event: &Event) -> Result<()> {
    let row = Row {
        id: event.id,
        at: event.at,
        actor: event.actor.clone(),
        role: event.role.clone(),
        action: event.action.clone(),
        subject_kind: event.subject_kind.clone(),
        subject_id: event.subject_id.clone(),
        round_id: event.round_id,
        detail: Json(event.detail.clone()),
        request_id: event.request_id.clone(),
    };
    diesel::insert_into(audit_events::table).values(row).execute(conn)?;
    Ok(())
}

/// The events that pass the filter, in the page's order, one more than the page holds where there are more.
///
/// # Errors
/// The database's own.
pub fn list(conn: &mut Conn, filter: &Filter, paging: &Paging) -> Result<Vec<Event>> {
    let query = audit_events::table.select(Row::as_select()).into_boxed();
    let mut query = paged!(query, audit_events::id, AuditId, paging);
    if let Some(round) = filter.round {
        query = query.filter(audit_events::round_id.eq(round));
    }
    if let Some(subject) = &filter.subject {
        query = query.filter(audit_events::subject_id.eq(subject.clone()));
    }
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_events::actor.eq(actor.clone()));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_events::action.eq(action.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_events::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_events::at.lt(until));
    }
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(Event::from).collect())
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            role: row.role,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            round_id: row.round_id,
            detail: row.detail.0,
            request_id: row.request_id,
        }
    }
}
