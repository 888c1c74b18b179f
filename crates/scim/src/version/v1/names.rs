//! The names that differ between the versions: URNs, `managerId`, and what only 2.0 has (chapter 14.3 of the mapping).
//!
//! Namespaces of customers have the same URN in both versions.

use serde_json::Value;

use crate::Object;
use crate::attr::same_name;
use crate::schema::{Attribute, CORE_V1, ENTERPRISE, ENTERPRISE_V1, ResourceType};

/// An attribute path of 1.1, in the words of 2.0.
pub(crate) fn path_to_2_0(path: &str, resource_type: &ResourceType) -> String {
    let qualified = if let Some(rest) = behind(path, ENTERPRISE_V1) {
        format!("{ENTERPRISE}{rest}")
    } else if let Some(rest) = behind(path, CORE_V1) {
        format!("{}{rest}", resource_type.schema.id)
    } else {
        path.to_owned()
    };
    let manager = qualified.rsplit_once('.').filter(|(manager, sub)| {
        same_name(sub, "managerId") && manager.rsplit(':').next().is_some_and(|name| same_name(name, "manager"))
    });
    match manager {
        Some((manager, _)) => format!("{manager}.value"),
        None => qualified,
    }
}

/// What stands behind a URN, with its colon; empty for the URN alone.
fn behind<'p>(path: &'p str, urn: &str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(urn.len())?;
    (same_name(start, urn) && (rest.is_empty() || rest.starts_with(':'))).then_some(rest)
}

/// A body of 1.1, whole or partial, in the words of 2.0. `schemas` may be left out of a request that uses only core
/// attributes (section 5.2), so the core URN is put in.
pub(super) fn body_to_2_0(body: Object, resource_type: &ResourceType) -> Object {
    let mut object = Object::new();
    let mut schemas = None;
    for (key, value) in body {
        if same_name(&key, "schemas") {
            schemas = Some(value);
            continue;
        }
        let key = path_to_2_0(&key, resource_type);
        let value = match value {
            Value::Object(extension) if same_name(&key, ENTERPRISE) => Value::Object(enterprise_to_2_0(extension)),
            manager if names_manager(&key) => manager_to_2_0(manager),
            value => value,
        };
        object.insert(key, value);
    }
    let schemas = match schemas {
        None | Some(Value::Null) => Value::from(vec![resource_type.schema.id.as_str()]),
        Some(Value::Array(uris)) => Value::from_iter(uris.into_iter().map(|uri| match uri {
            Value::String(uri) => Value::from(path_to_2_0(&uri, resource_type)),
            other => other,
        })),
        Some(other) => other,
    };
    object.insert("schemas".to_owned(), schemas);
    object
}

fn names_manager(key: &str) -> bool {
    same_name(key, "manager") || key.rsplit_once(':').is_some_and(|(_, name)| same_name(name, "manager"))
}

fn enterprise_to_2_0(extension: Object) -> Object {
    let rename = |(key, value): (String, Value)| {
        let value = if names_manager(&key) { manager_to_2_0(value) } else { value };
        (key, value)
    };
    extension.into_iter().map(rename).collect()
}

fn manager_to_2_0(manager: Value) -> Value {
    let Value::Object(manager) = manager else { return manager };
    let rename = |(key, value): (String, Value)| {
        let key = if same_name(&key, "managerId") { "value".to_owned() } else { key };
        (key, value)
    };
    Value::Object(manager.into_iter().map(rename).collect())
}

/// A resource as 2.0 shows it, in the words of 1.1.
pub(super) fn resource_to_1_1(object: Object, resource_type: &ResourceType) -> Object {
    let mut renamed = Object::new();
    for (key, value) in object {
        let (key, value) = if key == "schemas" {
            (key, uris_to_1_1(value, resource_type))
        } else if key == "meta" {
            (key, without(value, "resourceType"))
        } else if let Some(extension) = resource_type.extension(&key) {
            let urn = if key == ENTERPRISE { ENTERPRISE_V1.to_owned() } else { key };
            (urn, attributes_to_1_1(value, |name| extension.schema.attribute(name)))
        } else {
            let attribute = resource_type.core_attribute(&key);
            let value = attribute.map_or_else(|| value.clone(), |attribute| value_to_1_1(attribute, value.clone()));
            (key, value)
        };
        renamed.insert(key, value);
    }
    renamed
}

fn uris_to_1_1(schemas: Value, resource_type: &ResourceType) -> Value {
    let Value::Array(uris) = schemas else { return schemas };
    Value::from_iter(uris.into_iter().map(|uri| match uri.as_str() {
        Some(ENTERPRISE) => Value::from(ENTERPRISE_V1),
        Some(core) if core == resource_type.schema.id => Value::from(CORE_V1),
        _ => uri,
    }))
}

fn attributes_to_1_1<'a>(extension: Value, attribute: impl Fn(&str) -> Option<&'a Attribute>) -> Value {
    let Value::Object(object) = extension else { return extension };
    let rename = |(name, value): (String, Value)| {
        let value = match attribute(&name) {
            Some(attribute) => value_to_1_1(attribute, value),
            None => value,
        };
        (name, value)
    };
    Value::Object(object.into_iter().map(rename).collect())
}

/// `$ref` came with 2.0, and a manager is named by `managerId`.
fn value_to_1_1(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::Array(elements) => {
            Value::from_iter(elements.into_iter().map(|element| value_to_1_1(attribute, element)))
        }
        Value::Object(object) => {
            let renames = attribute.name == "manager";
            let kept = object.into_iter().filter(|(name, _)| name != "$ref");
            Value::Object(
                kept.map(
                    |(name, value)| {
                        if renames && name == "value" { ("managerId".to_owned(), value) } else { (name, value) }
                    },
                )
                .collect(),
            )
        }
        simple => simple,
    }
}

fn without(value: Value, name: &str) -> Value {
    match value {
        Value::Object(mut object) => {
            object.shift_remove(name);
            Value::Object(object)
        }
        other => other,
    }
}
