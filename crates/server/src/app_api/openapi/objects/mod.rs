//! The objects of the application's API, member by member. Tests compare them with what is served.

mod directories;
mod events;
mod known_users;
mod organizations;
mod roles;
mod webhooks;

use serde_json::{Map, Value, json};

/// Each object: its name, and its members with their types. A type that ends in `?` may be `null`; a name that ends in `?` may be absent.
type Objects = &'static [(&'static str, &'static [(&'static str, &'static str)])];

/// The schemas of all objects.
pub(super) fn schemas() -> Map<String, Value> {
    let all = [
        organizations::OBJECTS,
        directories::OBJECTS,
        known_users::OBJECTS,
        events::OBJECTS,
        roles::OBJECTS,
        webhooks::OBJECTS,
    ]
    .into_iter()
    .flatten();
    all.map(|(name, members)| ((*name).to_owned(), schema(members))).collect()
}

fn schema(members: &[(&str, &str)]) -> Value {
    if members.is_empty() {
        return json!({ "type": "object", "description": "Of a form of its own; see docs/scim.md." });
    }
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let properties: Map<String, Value> =
        members.iter().map(|(name, kind)| (name.trim_end_matches('?').to_owned(), property(kind))).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// The schema of a member with this type.
pub(super) fn property(kind: &str) -> Value {
    if let Some(item) = kind.strip_suffix("[]") {
        return json!({ "type": "array", "items": property(item) });
    }
    let (plain, nullable) = kind.strip_suffix('?').map_or((kind, false), |plain| (plain, true));
    let name = if plain == "time" { "string" } else { plain };
    let kind = if nullable { json!([name, "null"]) } else { json!(name) };
    match plain {
        "time" => json!({ "type": kind, "format": "date-time" }),
        "string" | "boolean" | "integer" | "number" | "object" => json!({ "type": kind }),
        object if nullable => json!({ "oneOf": [super::reference(object), { "type": "null" }] }),
        object => super::reference(object),
    }
}
