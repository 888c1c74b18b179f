//! A stored resource whose directory has declared, since then, what was kept undeclared before.

use serde_json::Value;

use super::Resource;
use crate::Object;
use crate::attr::same_name;
use crate::quirks::Leniency;
use crate::schema::{ResourceType, Schema};
use crate::value::accept_value;

/// The same resource in the spelling of the schema: URNs and names as declared, and values in the form of their type as
/// far as they fit it. What does not fit stays as it is; nothing is lost by declaring.
#[must_use]
pub fn adopt(resource: Resource, resource_type: &ResourceType) -> Resource {
    let known = |urn: &str| resource_type.extension(urn).map(|extension| &extension.schema);
    let mut adopted = Object::new();
    for (key, value) in resource.into_object() {
        let (key, value) = match (known(&key), value) {
            (Some(schema), Value::Object(object)) => (schema.id.clone(), Value::Object(attributes(object, schema))),
            (_, value) => (key, value),
        };
        // Two spellings of one URN were two namespaces; the first one keeps what both have.
        match (adopted.get_mut(&key), value) {
            (Some(Value::Object(first)), Value::Object(second)) => {
                for (name, value) in second {
                    first.entry(name).or_insert(value);
                }
            }
            (_, value) => drop(adopted.insert(key, value)),
        }
    }
    Resource::from_attributes(adopted, resource_type)
}

fn attributes(object: Object, schema: &Schema) -> Object {
    let mut adopted = Object::new();
    for (key, value) in object {
        let Some(attribute) = schema.attributes.iter().find(|attribute| same_name(&attribute.name, &key)) else {
            adopted.insert(key, value);
            continue;
        };
        let fitting = accept_value(attribute, value.clone(), &mut Leniency::tolerant());
        adopted.entry(attribute.name.clone()).or_insert(fitting.ok().flatten().unwrap_or(value));
    }
    adopted
}
