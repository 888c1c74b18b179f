//! What became of events at a webhook endpoint, and how somebody has them sent once more.

use doorward_store::event::position_of;
use doorward_store::ids::{DeliveryId, EndpointId, EventId, ReplayId};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::Authority;
use doorward_store::webhook::delivery::{self, DeliveryRow, State};
use doorward_store::webhook::lane::{self, Lane, TEST_EVENT};
use doorward_store::webhook::standing::{self, Standing};
use doorward_store::webhook::{self, EndpointRow};
use doorward_store::{Lane as WriteLane, NewEvent, Store, Tx};
use serde_json::{Map, Value, json};

use super::error::{Error, Result};
use super::webhooks::{announce, none};
use super::{events, instant};

/// How long after one test the next can be asked for, in microseconds (SEC-46).
const BETWEEN_TESTS: i64 = 5_000_000;

/// Deliveries of an endpoint, of one state if that is given.
///
/// # Errors
/// [`Error::NotFound`] for the endpoint.
pub async fn list<A>(
    store: &Store,
    by: &A,
    endpoint: EndpointId,
    state: Option<State>,
    cursor: Cursor<DeliveryId>,
) -> Result<Slice<DeliveryRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            webhook::get(tx, &by, &endpoint)?.ok_or_else(none)?;
            Ok(delivery::list(tx, &by, &endpoint, state, &cursor)?)
        })
        .await
}

/// One delivery of an endpoint.
///
/// # Errors
/// [`Error::NotFound`] for the endpoint or the delivery.
pub async fn get<A>(store: &Store, by: &A, endpoint: EndpointId, id: DeliveryId) -> Result<DeliveryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            webhook::get(tx, &by, &endpoint)?.ok_or_else(none)?;
            delivery::get(tx, &by, &endpoint, &id)?.ok_or(Error::NotFound { what: "Delivery" })
        })
        .await
}

/// Where an endpoint stands: up to which event everything is done, and what waits.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn standing<A>(store: &Store, by: &A, endpoint: EndpointId) -> Result<Standing>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let row = webhook::get(tx, &by, &endpoint)?.ok_or_else(none)?;
            Ok(standing::of(tx, &by, &row)?)
        })
        .await
}

/// Sends a test event to an endpoint and to no other; its id.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] when it is disabled, [`Error::TooOften`] soon after the last one.
pub async fn test<A>(store: &Store, by: &A, endpoint: EndpointId) -> Result<EndpointRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(WriteLane::Any, move |tx| {
            let mut row = enabled(tx, &by, &endpoint)?;
            let now = tx.now();
            if row.tested_at.is_some_and(|last| now - last < BETWEEN_TESTS) {
                return Err(Error::TooOften("an endpoint can be tested every 5 seconds"));
            }
            row.tested_at = Some(now);
            let row = webhook::update(tx, &by, &row)?;
            let event = NewEvent {
                event_type: TEST_EVENT,
                organization_id: row.organization_id,
                directory_id: None,
                subject_id: Some(row.id.to_string()),
                data: json!({ "object": "webhook_endpoint", "id": row.id, "endpoint_url": row.url }),
            };
            tx.emit(by.origin(), event)?;
            Ok(row)
        })
        .await
}

/// Has a delivery tried again now, whatever became of it.
///
/// # Errors
/// [`Error::NotFound`] for the endpoint or the delivery, [`Error::Invalid`] when the endpoint is disabled.
pub async fn retry<A>(store: &Store, by: &A, endpoint: EndpointId, id: DeliveryId) -> Result<DeliveryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(WriteLane::Any, move |tx| {
            let row = enabled(tx, &by, &endpoint)?;
            let found = delivery::get(tx, &by, &endpoint, &id)?.ok_or(Error::NotFound { what: "Delivery" })?;
            if found.state == State::Retrying {
                // It is the next of its lane, and stays that.
                lane::hasten(tx, &by, &endpoint)?;
            } else {
                delivery::ask_again(tx, &by, &endpoint, Some(id))?;
                lane::begin(tx, &by, &endpoint, Lane::Retry, (0, None))?;
            }
            let row = webhook::update(tx, &by, &row)?;
            announce(tx, &by, "webhook_endpoint.retried", &row, about(&row, "delivery_id", json!(id)))?;
            delivery::get(tx, &by, &endpoint, &id)?.ok_or(Error::NotFound { what: "Delivery" })
        })
        .await
}

/// Has all parked deliveries tried again now, in the order of their events; how many.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] when the endpoint is disabled.
pub async fn retry_parked<A>(store: &Store, by: &A, endpoint: EndpointId) -> Result<u64>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(WriteLane::Any, move |tx| {
            let row = enabled(tx, &by, &endpoint)?;
            let count = delivery::ask_again(tx, &by, &endpoint, None)?;
            if count > 0 {
                lane::begin(tx, &by, &endpoint, Lane::Retry, (0, None))?;
                let row = webhook::update(tx, &by, &row)?;
                announce(tx, &by, "webhook_endpoint.retried", &row, about(&row, "deliveries", json!(count)))?;
            }
            Ok(count)
        })
        .await
}

/// A part of the log that is sent once more.
#[derive(Debug, Clone)]
pub struct Replay {
    /// Its id.
    pub id: ReplayId,
    /// The endpoint.
    pub endpoint_id: EndpointId,
    /// Only events with a higher position.
    pub after: i64,
    /// The last position.
    pub until: i64,
}

/// Sends the events after one, up to and with another (else up to what was sent until now), once more and in order. New events are not
/// held up by it.
///
/// # Errors
/// [`Error::NotFound`], [`Error::Invalid`] when the endpoint is disabled or an event is not of this log.
pub async fn replay<A>(
    store: &Store,
    by: &A,
    endpoint: EndpointId,
    after: Option<EventId>,
    until: Option<EventId>,
) -> Result<Replay>
where
    A: Authority + Clone + Send + 'static,
{
    let place = async |field, id: Option<EventId>| match id {
        Some(id) => events::position_of(store, by, field, id).await.map(Some),
        None => Ok(None),
    };
    let (after, until) = (place("after", after).await?.unwrap_or(0), place("until", until).await?);
    let by = by.clone();
    store
        .write(WriteLane::Any, move |tx| {
            let row = enabled(tx, &by, &endpoint)?;
            let until = until.unwrap_or(row.scanned).min(row.scanned);
            if after >= until {
                let message = "must be an event before the last one that was sent".to_owned();
                return Err(Error::Invalid { field: "after".to_owned(), message });
            }
            let replay = Replay { id: tx.mint(), endpoint_id: endpoint, after, until };
            lane::begin(tx, &by, &endpoint, Lane::Replay(replay.id), (after, Some(until)))?;
            let row = webhook::update(tx, &by, &row)?;
            announce(tx, &by, "webhook_endpoint.replayed", &row, about(&row, "replay", replay_object(&replay)))?;
            Ok(replay)
        })
        .await
}

/// The delivery as applications see it.
pub fn object(endpoint: EndpointId, row: &DeliveryRow) -> Value {
    json!({
        "object": "webhook_delivery",
        "id": row.id,
        "webhook_endpoint_id": endpoint,
        "event_id": row.event_id(),
        "event": row.event_type,
        "sequence": position_of(&row.event_id()),
        "state": row.state.as_str(),
        "attempts": row.attempts,
        "response_status": row.response_status,
        "latency_ms": row.latency_ms,
        "error": row.error,
        "response_excerpt": row.excerpt,
        "next_attempt_at": row.next_attempt_at.map(instant::text),
        "created_at": instant::text(row.created_at),
        "updated_at": instant::text(row.updated_at),
    })
}

/// The replay as applications see it.
pub fn replay_object(replay: &Replay) -> Value {
    json!({
        "object": "webhook_replay",
        "id": replay.id,
        "webhook_endpoint_id": replay.endpoint_id,
        "after_sequence": replay.after,
        "until_sequence": replay.until,
    })
}

fn about(row: &EndpointRow, key: &str, value: Value) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("object".to_owned(), json!("webhook_endpoint"));
    data.insert("id".to_owned(), json!(row.id));
    data.insert(key.to_owned(), value);
    data
}

fn enabled(tx: &mut Tx<'_>, by: &impl Authority, id: &EndpointId) -> Result<EndpointRow> {
    let row = webhook::lock(tx, by, id)?.ok_or_else(none)?;
    if row.disabled.is_some() {
        let message = "is disabled; set it to enabled first".to_owned();
        return Err(Error::Invalid { field: "status".to_owned(), message });
    }
    Ok(row)
}
