//! The log as the API and the command line show it.

use doorward_store::ids::{DirectoryId, RequestLogId};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::request_log::{self, Named, RequestFilter, RequestRow};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Store, Tx, directory, event};
use serde_json::{Value, json};

use crate::service::diagnose::{Diagnosis, catalogue};
use crate::service::directories::none;
use crate::service::error::{Error, Result};
use crate::service::events::EventObject;
use crate::service::instant;

/// How one request is asked for.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// By its id in the log (`request_…`).
    Id(RequestLogId),
    /// By the id that its answer carried in `x-request-id` (`req_…`), which events carry as well.
    Request(String),
}

impl Wanted {
    /// Reads either form.
    pub fn read(text: &str) -> Self {
        text.parse().map_or_else(|_| Wanted::Request(text.chars().take(64).collect()), Wanted::Id)
    }
}

/// A request of a list.
#[derive(Debug, Clone)]
pub struct Found {
    /// Its id.
    pub id: RequestLogId,
    /// As applications see it.
    pub object: Value,
}

/// A part of a directory's log.
///
/// # Errors
/// [`Error::NotFound`] for the directory, or the database fails.
pub async fn list<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    cursor: Cursor<RequestLogId>,
    filter: RequestFilter,
) -> Result<Slice<Found>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(none)?;
            let slice = request_log::list(tx, &scope, &cursor, &filter)?;
            let found = |row: RequestRow| Ok::<_, Error>(Found { id: row.id, object: object(&scope, &row)? });
            let items = slice.items.into_iter().map(found).collect::<Result<_>>()?;
            Ok(Slice { items, more_before: slice.more_before, more_after: slice.more_after })
        })
        .await
}

/// One request with its headers, its bodies where they are kept, and the events that it caused.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the request, or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: DirectoryId, wanted: Wanted) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(none)?;
            let named = match &wanted {
                Wanted::Id(id) => Named::Id(*id),
                Wanted::Request(id) => Named::Request(id),
            };
            let row = request_log::get(tx, &scope, named)?.ok_or(Error::NotFound { what: "Request" })?;
            let mut shown = object(&scope, &row)?;
            let headers: Vec<(String, String)> = stored(&row.values.headers)?;
            let headers: Vec<Value> =
                headers.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
            put(&mut shown, "headers", Value::Array(headers));
            put(&mut shown, "request_body", json!(row.values.request_body));
            put(&mut shown, "response_body", json!(row.values.response_body));
            put(&mut shown, "events", events(tx, &scope, &row)?);
            Ok(shown)
        })
        .await
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

/// The events that a request caused. Deliveries of each to webhooks belong beside it.
fn events(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &RequestRow) -> Result<Value> {
    let values = &row.values;
    let (Some(after), Some(until)) = (values.events_after, values.events_until) else { return Ok(json!([])) };
    let rows = event::of_request(tx, scope, &values.request_id, after, until)?;
    let objects = rows.into_iter().map(EventObject::new).collect::<Result<Vec<_>>>()?;
    serde_json::to_value(objects).map_err(|error| Error::Internal(error.to_string()))
}

/// The request as applications see it in lists.
fn object(scope: &DirectoryScope, row: &RequestRow) -> Result<Value> {
    let values = &row.values;
    let diagnoses: Vec<Diagnosis> = stored(&values.diagnoses)?;
    let facts: Value = stored(&values.facts)?;
    let at = instant::text(values.started_at);
    let tolerated: Vec<&str> = values.tolerated.split(',').filter(|name| !name.is_empty()).collect();
    let said: Vec<Value> = diagnoses.iter().map(|diagnosis| said(diagnosis, scope.directory_type())).collect();
    Ok(json!({
        "object": "directory_request",
        "id": row.id,
        "request_id": values.request_id,
        "directory_id": values.directory_id,
        "method": values.method,
        "path": values.path,
        "query": values.query,
        "scim_version": values.version,
        "status": values.status,
        "scim_type": values.scim_type,
        "detail": facts["detail"],
        "latency_ms": to_millis(values.latency),
        "user_agent": values.user_agent,
        "address": values.address,
        "credential": values.credential,
        "token_id": values.token_id,
        "tolerated": tolerated,
        "subject_id": values.subject_id,
        "request_bytes": values.request_bytes,
        "response_bytes": values.response_bytes,
        "diagnoses": said,
        "created_at": at,
        "updated_at": at,
    }))
}

fn to_millis(micros: i64) -> f64 {
    // Tenths of a millisecond are as much as anybody reads.
    (micros as f64 / 100.0).round() / 10.0
}

/// A diagnosis in words, with what is needed to say it in other words: its key, its parameters, and whose fields it names.
pub(super) fn said(diagnosis: &Diagnosis, directory_type: &str) -> Value {
    let said = catalogue::say(diagnosis, directory_type);
    json!({
        "id": diagnosis.key,
        "directory_type": directory_type,
        "code": said.code,
        "severity": said.severity,
        "message": said.message,
        "cause": said.cause,
        "fix": said.fix,
        "parameters": diagnosis.parameters,
    })
}

pub(super) fn stored<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Internal(format!("a recorded request is damaged: {error}")))
}
