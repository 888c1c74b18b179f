//! The body of a delivery: the envelope as `GET /events` shows it, [written](ecmascript) so that every SDK can verify it, or a
//! thin one where that is too large (SEC-46).

use bytes::Bytes;
use doorward_store::event::EventRow;
use serde_json::json;

use super::ecmascript;
use crate::service::error::{Error, Result};
use crate::service::events::EventObject;

/// The largest body, in bytes.
pub const LARGEST: usize = 256 * 1024;

/// The body for an event.
///
/// # Errors
/// [`Error::Internal`] when the stored event is damaged.
pub fn body(event: &EventRow) -> Result<Bytes> {
    let whole = envelope(event.clone())?;
    if whole.len() <= LARGEST {
        return Ok(whole);
    }
    let stored: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
    // The same envelope and sequence; what is missing can be asked for by id.
    let thin = json!({
        "object": stored.get("object"),
        "id": event.subject_id.as_deref().or_else(|| stored.get("id")?.as_str()),
        "directory_id": event.directory_id,
        "truncated": true,
    });
    envelope(EventRow { data: thin.to_string(), ..event.clone() })
}

fn envelope(event: EventRow) -> Result<Bytes> {
    let value = serde_json::to_value(EventObject::new(event)?);
    let value = value.map_err(|error| Error::Internal(format!("an event cannot be written: {error}")))?;
    Ok(Bytes::from(ecmascript::stringify(&value)))
}
