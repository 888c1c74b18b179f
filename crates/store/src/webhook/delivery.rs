//! What became of each event at an endpoint.

use crate::error::{Error, Result};
use crate::event::position_of;
use crate::ids::{DeliveryId, EndpointId, EventId, Id, OrganizationId};
use crate::listing::{Conditions, slice};
use crate::many::portions;
use crate::paging::{Cursor, Slice};
use crate::scope::{Authority, SystemScope};
use crate::tx::Tx;
use crate::value::{Param, Row};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The receiver has accepted it.
    Delivered,
    /// It failed and is tried again.
    Retrying,
    /// It failed too often; it is tried again when somebody asks.
    Parked,
    /// Somebody asked; it is about to be tried again.
    Pending,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Delivered, Self::Retrying, Self::Parked, Self::Pending];

    /// The stored word, which is also that of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Retrying => "retrying",
            Self::Parked => "parked",
            Self::Pending => "pending",
        }
    }
}

/// A delivery as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its id; the bits of the event's.
    pub id: DeliveryId,
    /// For example `dsync.user.created`.
    pub event_type: String,
    /// Where it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// The HTTP status of the last answer; `None`: there was none.
    pub response_status: Option<i64>,
    /// How long the last attempt took, in milliseconds.
    pub latency_ms: Option<i64>,
    /// Why the last attempt failed, in a few words.
    pub error: Option<String>,
    /// The beginning of the last answer, where that is switched on.
    pub excerpt: Option<String>,
    /// When it is tried again (Unix microseconds).
    pub next_attempt_at: Option<i64>,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

impl DeliveryRow {
    /// The event that is delivered.
    pub fn event_id(&self) -> EventId {
        EventId::from_bits(self.id.bits())
    }
}

const SELECT: &str = "SELECT id, event_type, state, attempts, response_status, latency_ms, error, excerpt, next_attempt_at, created_at, \
     updated_at FROM webhook_delivery";

fn read(row: &Row<'_>) -> Result<DeliveryRow> {
    let state: String = row.get(2)?;
    let known = State::ALL.into_iter().find(|known| known.as_str() == state);
    Ok(DeliveryRow {
        id: row.get(0)?,
        event_type: row.get(1)?,
        state: known.ok_or_else(|| Error::Corrupt("the state of a delivery".into()))?,
        attempts: row.get(3)?,
        response_status: row.get(4)?,
        latency_ms: row.get(5)?,
        error: row.get(6)?,
        excerpt: row.get(7)?,
        next_attempt_at: row.get(8)?,
        created_at: row.get(9)?,
        updated_at: row.get(10)?,
    })
}

/// A part of the list of an endpoint's deliveries; of one state, when that is given.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    endpoint: &EndpointId,
    state: Option<State>,
    cursor: &Cursor<DeliveryId>,
) -> Result<Slice<DeliveryRow>> {
    if super::get(tx, by, endpoint)?.is_none() {
        return Ok(Slice { items: Vec::new(), more_before: false, more_after: false });
    }
    let mut conditions = Conditions::default();
    let endpoint = conditions.bind(*endpoint);
    conditions.and(&format!("endpoint_id = {endpoint}"));
    if let Some(state) = state {
        let state = conditions.bind(state.as_str());
        conditions.and(&format!("state = {state}"));
    }
    slice(tx, SELECT, "id", conditions, cursor, read)
}

/// The delivery with this id.
///
/// # Errors
/// When the database fails.
pub fn get(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    endpoint: &EndpointId,
    id: &DeliveryId,
) -> Result<Option<DeliveryRow>> {
    if super::get(tx, by, endpoint)?.is_none() {
        return Ok(None);
    }
    tx.query_one(&format!("{SELECT} WHERE endpoint_id = $1 AND id = $2"), &[endpoint, id], read)
}

/// Marks a delivery, or all parked ones, to be tried again. How many.
///
/// # Errors
/// When the database fails.
pub fn ask_again(tx: &mut Tx<'_>, by: &impl Authority, endpoint: &EndpointId, id: Option<DeliveryId>) -> Result<u64> {
    if super::get(tx, by, endpoint)?.is_none() {
        return Ok(0);
    }
    let now = tx.now();
    let set = "UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_attempt_at = $2, updated_at = $2 WHERE endpoint_id = $1";
    match id {
        Some(id) => tx.execute(&format!("{set} AND id = $3 AND state <> 'retrying'"), &[endpoint, &now, &id]),
        None => tx.execute(&format!("{set} AND state = 'parked'"), &[endpoint, &now]),
    }
}

/// Forgets the deliveries of an endpoint whose events are not this organization's, which the endpoint now belongs to: nobody of it may see
/// them, or have them sent once more.
///
/// # Errors
/// When the database fails.
pub fn forget_others(tx: &mut Tx<'_>, by: &impl Authority, endpoint: &EndpointId, own: &OrganizationId) -> Result<u64> {
    if super::get(tx, by, endpoint)?.is_none() {
        return Ok(0);
    }
    tx.execute(
        "DELETE FROM webhook_delivery WHERE endpoint_id = $1 AND NOT EXISTS (SELECT 1 FROM event e \
         WHERE e.position = webhook_delivery.position AND e.organization_id = $2)",
        &[endpoint, own],
    )
}

/// Forgets the deliveries of events that are no longer in the log, up to and with this position: nothing is left to send.
///
/// # Errors
/// When the database fails.
pub fn forget_up_to(tx: &mut Tx<'_>, by: &SystemScope, position: i64) -> Result<u64> {
    let _ = by;
    tx.execute("DELETE FROM webhook_delivery WHERE position <= $1", &[&position])
}

/// Writes what became of deliveries, each of them once.
pub(crate) fn record(tx: &mut Tx<'_>, endpoint: &EndpointId, rows: &[DeliveryRow]) -> Result<()> {
    struct Stored {
        position: i64,
        state: &'static str,
    }
    for portion in portions(rows) {
        let stored: Vec<Stored> = portion
            .iter()
            .map(|row| Stored { position: position_of(&row.event_id()), state: row.state.as_str() })
            .collect();
        let mut params: Vec<&dyn Param> = vec![endpoint];
        let mut values = Vec::with_capacity(portion.len());
        for (row, stored) in portion.iter().zip(&stored) {
            let first = params.len() + 1;
            let all: [&dyn Param; 12] = [
                &row.id,
                &stored.position,
                &row.event_type,
                &stored.state,
                &row.attempts,
                &row.response_status,
                &row.latency_ms,
                &row.error,
                &row.excerpt,
                &row.next_attempt_at,
                &row.created_at,
                &row.updated_at,
            ];
            params.extend(all);
            values.push(format!("($1, {})", crate::many::numbered(first, 12)));
        }
        let sql = format!(
            "INSERT INTO webhook_delivery (endpoint_id, id, position, event_type, state, attempts, response_status, latency_ms, \
             error, excerpt, next_attempt_at, created_at, updated_at) VALUES {} ON CONFLICT (endpoint_id, id) DO UPDATE SET \
             state = excluded.state, attempts = excluded.attempts, response_status = excluded.response_status, \
             latency_ms = excluded.latency_ms, error = excluded.error, excerpt = excluded.excerpt, \
             next_attempt_at = excluded.next_attempt_at, updated_at = excluded.updated_at",
            values.join(", ")
        );
        tx.execute(&sql, &params)?;
    }
    Ok(())
}

/// Forgets an endpoint's delivered deliveries but the newest `keep`. Nothing that still has to arrive is forgotten. How many.
///
/// # Errors
/// When the database fails.
pub fn forget_delivered(tx: &mut Tx<'_>, by: &SystemScope, endpoint: &EndpointId, keep: i64) -> Result<u64> {
    let _ = by;
    let last: Option<String> = tx.query_one(
        "SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'delivered' ORDER BY id DESC LIMIT 1 OFFSET $2",
        &[endpoint, &keep],
        |row| row.get(0),
    )?;
    let Some(last) = last else { return Ok(0) };
    tx.execute(
        "DELETE FROM webhook_delivery WHERE endpoint_id = $1 AND state = 'delivered' AND id <= $2",
        &[endpoint, &last],
    )
}
