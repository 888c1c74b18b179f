//! A stored resource as SCIM 2.0 shows it.

use serde_json::Value;

use crate::Object;
use crate::resource::Resource;
use crate::schema::{ENTERPRISE, ResourceType};
use crate::version::Parts;

/// The full resource: what is stored, and what the server knows besides.
pub fn render(stored: &Resource, parts: &Parts<'_>, resource_type: &ResourceType) -> Object {
    let mut object = Object::new();
    for (name, value) in stored.as_object() {
        object.insert(name.clone(), value.clone());
        if name == "schemas" {
            object.insert("id".to_owned(), Value::from(parts.id));
        }
    }
    // A stored document always begins with `schemas`; this line is for one that a hand has changed.
    object.entry("id").or_insert_with(|| Value::from(parts.id));
    if let Some(Value::Object(manager)) = object.get_mut(ENTERPRISE).and_then(|entry| entry.get_mut("manager")) {
        parts.complete_manager(manager);
    }
    for (name, list) in [("members", parts.members()), ("groups", parts.groups())] {
        if let Some(list) = list {
            object.insert(name.to_owned(), list);
        }
    }
    object.insert("meta".to_owned(), Value::Object(parts.meta(&resource_type.name)));
    object
}
