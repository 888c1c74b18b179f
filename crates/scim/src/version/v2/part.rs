//! The part of a resource that somebody looks at, as [`render`](super::render()) would show it.

use serde_json::Value;

use crate::Object;
use crate::needed::Needed;
use crate::schema::{ENTERPRISE, ResourceType};
use crate::version::Parts;

/// Adds to what [`Needed::read`] read of a stored resource what the server knows besides, as far as it is looked at.
pub fn render_part(stored: Object, needed: &Needed, parts: &Parts<'_>, resource_type: &ResourceType) -> Object {
    let mut object = stored;
    if needed.names("id") {
        object.insert("id".to_owned(), Value::from(parts.id));
    }
    if let Some(Value::Object(manager)) = object.get_mut(ENTERPRISE).and_then(|entry| entry.get_mut("manager")) {
        parts.complete_manager(manager);
    }
    if needed.names("members")
        && let Some(members) = parts.members()
    {
        object.insert("members".to_owned(), members);
    }
    if needed.names("groups")
        && let Some(groups) = parts.groups()
    {
        object.insert("groups".to_owned(), groups);
    }
    if needed.names("meta") {
        object.insert("meta".to_owned(), Value::Object(parts.meta(&resource_type.name)));
    }
    object
}
