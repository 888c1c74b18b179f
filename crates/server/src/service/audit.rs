//! The audit log: the event log, read for who did what (SEC-54). There is no second record that could tell something else.

use doorward_store::event::EventRow;
use serde_json::{Value, json};

use super::error::{Error, Result};
use super::{audit_changes, instant};

/// The kinds of actors, in the words of the log.
pub const ACTORS: &[&str] = &["scim_auto_sync", "api_key", "operator", "portal", "system"];

/// Checks the kind of an actor that somebody asks for.
///
/// # Errors
/// [`Error::Invalid`] for a word that no record has: an empty answer would be taken for "nothing happened".
pub fn checked_actor(kind: &str) -> Result<String> {
    if ACTORS.contains(&kind) {
        return Ok(kind.to_owned());
    }
    let message = format!("must be one of {}", ACTORS.join(", "));
    Err(Error::Invalid { field: "actor".to_owned(), message })
}

/// A record as people and programs see it. `values` shows the values of personal attributes as well.
///
/// # Errors
/// [`Error::Internal`] when the stored data are no JSON.
pub fn object(row: &EventRow, values: bool) -> Result<Value> {
    let data: Value = serde_json::from_str(&row.data)
        .map_err(|error| Error::Internal(format!("event {} has damaged data: {error}", row.position)))?;
    let origin = &row.origin;
    Ok(json!({
        "object": "audit_event",
        "id": row.id,
        "sequence": row.position,
        "action": row.event_type,
        "actor": { "type": origin.actor, "id": origin.actor_id },
        "target": target(row, &data, values),
        "organization_id": row.organization_id,
        "directory_id": row.directory_id,
        "changes": audit_changes::of(&row.event_type, &data, values),
        "request_id": origin.request_id,
        "context": { "address": origin.address },
        "occurred_at": instant::text(row.created_at),
    }))
}

/// What was acted upon, `null` for what concerns the log itself. A person is named only when values are shown.
fn target(row: &EventRow, data: &Value, values: bool) -> Value {
    let Some(id) = row.subject_id.as_deref() else { return Value::Null };
    let kind = kind_of(id);
    let about = if data.get("group").is_some_and(Value::is_object) { &data["group"] } else { data };
    let name = match kind {
        "directory_user" if !values => &Value::Null,
        "directory_user" => &about["username"],
        _ => &about["name"],
    };
    json!({ "type": kind, "id": id, "name": name })
}

/// The kind of an object, from the prefix of its id.
fn kind_of(id: &str) -> &str {
    match id.rsplit_once('_').map_or(id, |(prefix, _)| prefix) {
        "org" => "organization",
        "token" => "directory_token",
        "we" => "webhook_endpoint",
        prefix => prefix,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_an_object_is_read_from_its_id() {
        assert_eq!(kind_of("directory_user_01"), "directory_user");
        assert_eq!(kind_of("directory_01"), "directory");
        assert_eq!(kind_of("org_01"), "organization");
        assert_eq!(kind_of("role_01"), "role");
        assert!(checked_actor("scim_auto_sync").is_ok() && checked_actor("nobody").is_err());
    }
}
