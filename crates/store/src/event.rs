//! The event log. Positions are gap-free and equal the order of commits, on both databases and across nodes (REL-7).

use std::collections::HashMap;

use crate::error::Result;
use crate::ids::{DirectoryId, EventId, Id, LOW_BITS, OrganizationId, uuid_v7};
use crate::listing::Conditions;
use crate::many;
use crate::origin::StoredOrigin;
use crate::paging::Order;
use crate::scope::{Authority, DirectoryScope};
use crate::tx::Tx;
use crate::value::Row;

/// A stored event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its place in the log, from 1, without gaps.
    pub position: i64,
    /// Its id.
    pub id: EventId,
    /// For example `dsync.user.created`.
    pub event_type: String,
    /// Whose event it is; `None` for what concerns the whole installation.
    pub organization_id: Option<OrganizationId>,
    /// The directory, when there is one.
    pub directory_id: Option<DirectoryId>,
    /// The object that changed: its id with prefix.
    pub subject_id: Option<String>,
    /// The `data` of the event as JSON text.
    pub data: String,
    /// Unix microseconds.
    pub created_at: i64,
    /// Who caused it.
    pub origin: StoredOrigin,
}

/// Which events a list holds.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Only events with a higher position.
    pub after: Option<i64>,
    /// Only events with a lower position.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
    /// Oldest or newest first.
    pub order: Order,
    /// Only these types; empty: all.
    pub types: Vec<String>,
    /// Only events of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Only events of this directory.
    pub directory_id: Option<DirectoryId>,
    /// Only events of this instant or later (Unix microseconds).
    pub range_start: Option<i64>,
    /// Only events before this instant (Unix microseconds).
    pub range_end: Option<i64>,
    /// Only what this kind of actor did: a word of [`Actor::kind`](crate::Actor::kind).
    pub actor: Option<String>,
    /// Only what this credential or job did.
    pub actor_id: Option<String>,
    /// Only what was done to this object: its id with prefix.
    pub subject_id: Option<String>,
    /// Only what was done with this request.
    pub request_id: Option<String>,
}

/// The position that an event's id carries; whether there is such an event is another question.
pub fn position_of(id: &EventId) -> i64 {
    (id.bits() as u64 & LOW_BITS).cast_signed()
}

/// The id of the event at `position`, minted at `micros`.
pub(crate) fn id_at(position: i64, micros: i64) -> EventId {
    EventId::from_bits(uuid_v7(micros, position.unsigned_abs()))
}

/// The columns that [`read`] reads.
pub(crate) const COLUMNS: &str = "e.position, e.event_type, e.organization_id, e.directory_id, e.subject_id, e.data, e.created_at, \
     e.actor, e.actor_id, e.request_id, e.address";

pub(crate) fn read(row: &Row<'_>) -> Result<EventRow> {
    let (position, created_at): (i64, i64) = (row.get(0)?, row.get(6)?);
    Ok(EventRow {
        position,
        id: id_at(position, created_at),
        event_type: row.get(1)?,
        organization_id: row.get(2)?,
        directory_id: row.get(3)?,
        subject_id: row.get(4)?,
        data: row.get(5)?,
        created_at,
        origin: StoredOrigin::from_stored(
            row.get(7)?,
            row.get(8)?,
            row.get(9)?,
            row.get::<Option<String>>(10)?.as_deref(),
        )?,
    })
}

/// The organization of a directory, also of one that is gone: by the index on organizations its events are found.
pub(crate) fn owner(tx: &mut Tx<'_>, directory: &DirectoryId) -> Result<Option<OrganizationId>> {
    let live = tx.query_one("SELECT organization_id FROM directory WHERE id = $1", &[directory], |row| row.get(0))?;
    if live.is_some() {
        return Ok(live);
    }
    tx.query_one(
        "SELECT organization_id FROM event WHERE subject_id = $1 ORDER BY position LIMIT 1",
        &[&directory.to_string()],
        |row| row.get(0),
    )
}

/// Events, in the wanted order.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority, query: &EventQuery) -> Result<Vec<EventRow>> {
    let mut conditions = Conditions::default();
    if let Some(organization) = by.organization_id() {
        let organization = conditions.bind(organization);
        conditions.and(&format!("organization_id = {organization}"));
    }
    if let Some(directory) = query.directory_id {
        let organization = owner(tx, &directory)?;
        let directory = conditions.bind(directory);
        conditions.and(&format!("directory_id = {directory}"));
        if let Some(organization) = organization {
            let organization = conditions.bind(organization);
            conditions.and(&format!("organization_id = {organization}"));
        }
    }
    if let Some(organization) = query.organization_id {
        let organization = conditions.bind(organization);
        conditions.and(&format!("organization_id = {organization}"));
    }
    let bounds = [
        (query.after, "position >"),
        (query.before, "position <"),
        (query.range_start, "created_at >="),
        (query.range_end, "created_at <"),
    ];
    for (bound, comparison) in bounds {
        if let Some(bound) = bound {
            let bound = conditions.bind(bound);
            conditions.and(&format!("{comparison} {bound}"));
        }
    }
    let texts = [
        (&query.actor, "actor ="),
        (&query.actor_id, "actor_id ="),
        (&query.subject_id, "subject_id ="),
        (&query.request_id, "request_id ="),
    ];
    for (text, comparison) in texts {
        if let Some(text) = text {
            let text = conditions.bind(crate::key::without_nul(text));
            conditions.and(&format!("{comparison} {text}"));
        }
    }
    if query.actor.as_deref().is_some_and(|actor| actor != "scim_auto_sync") {
        // So that both planners see that the index on what administrators do has it.
        conditions.and("actor <> 'scim_auto_sync'");
    }
    if !query.types.is_empty() {
        let types = conditions.bind_all(query.types.iter().map(|name| crate::key::without_nul(name)));
        conditions.and(&format!("event_type IN ({types})"));
    }
    let direction = if query.order == Order::Ascending { "ASC" } else { "DESC" };
    let limit = conditions.bind(query.limit.max(0));
    let sql = format!(
        "SELECT position, event_type, organization_id, directory_id, subject_id, data, created_at, actor, actor_id, request_id, \
         address FROM event{} ORDER BY position {direction} LIMIT {limit}",
        conditions.text()
    );
    tx.query(&sql, &conditions.params(), read)
}

/// The events that a request of the directory caused, oldest first, at most 1,000. They lie after one position and not after another,
/// which the request's record tells: nothing finds them by the request alone.
///
/// # Errors
/// When the database fails.
pub fn of_request(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    request_id: &str,
    after: i64,
    until: i64,
) -> Result<Vec<EventRow>> {
    tx.query(
        "SELECT position, event_type, organization_id, directory_id, subject_id, data, created_at, actor, actor_id, request_id, \
         address FROM event WHERE organization_id = $1 AND position > $3 AND position <= $4 AND request_id = $5 \
         AND directory_id = $2 ORDER BY position LIMIT 1000",
        &[&scope.organization_id, &scope.directory_id, &after, &until, &request_id],
        read,
    )
}

/// Who caused the object's last event of a type, and when (Unix microseconds).
///
/// # Errors
/// When the database fails.
pub fn last_of_type(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    subject_id: &str,
    event_type: &str,
) -> Result<Option<EventRow>> {
    tx.query_one(
        "SELECT position, event_type, organization_id, directory_id, subject_id, data, created_at, actor, actor_id, request_id, \
         address FROM event WHERE subject_id = $2 AND directory_id = $1 AND event_type = $3 ORDER BY position DESC LIMIT 1",
        &[&scope.directory_id, &subject_id, &event_type],
        read,
    )
}

/// The last events' positions of these objects (ids with prefix) of the directory; objects without events are missing.
///
/// # Errors
/// When the database fails.
pub fn last_positions(tx: &mut Tx<'_>, scope: &DirectoryScope, subject_ids: &[String]) -> Result<HashMap<String, i64>> {
    let mut positions = HashMap::with_capacity(subject_ids.len());
    for (wanted, params) in many::wanted(&[&scope.directory_id], subject_ids) {
        let sql = format!(
            "{wanted} SELECT w.key, (SELECT e.position FROM event e WHERE e.subject_id = w.key AND e.directory_id = $1 \
             ORDER BY e.position DESC LIMIT 1) FROM wanted w"
        );
        let found = tx.query(&sql, &params, |row| Ok((row.get::<String>(0)?, row.get::<Option<i64>>(1)?)))?;
        positions.extend(found.into_iter().filter_map(|(subject, position)| Some((subject, position?))));
    }
    Ok(positions)
}

/// The position of the object's last event, 0 when it has none.
///
/// # Errors
/// When the database fails.
pub fn last_position(tx: &mut Tx<'_>, scope: &DirectoryScope, subject_id: &str) -> Result<i64> {
    let found = tx.query_one(
        "SELECT position FROM event WHERE subject_id = $2 AND directory_id = $1 ORDER BY position DESC LIMIT 1",
        &[&scope.directory_id, &subject_id],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or_default())
}

/// The position of the last event of all, 0 when there is none.
///
/// # Errors
/// When the database fails.
pub fn head(tx: &mut Tx<'_>, by: &impl Authority) -> Result<i64> {
    let _ = by;
    let found = tx.query_one("SELECT value FROM counter WHERE name = 'event'", &[], |row| row.get(0))?;
    Ok(found.unwrap_or_default())
}
