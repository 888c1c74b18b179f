//! Lists in SCIM 1.1: plain strings instead of objects, and the `operation` of an element.

use serde_json::Value;

use crate::attr::{excerpt, same_name};
use crate::resource::MemberType;
use crate::schema::{Attribute, ResourceType};
use crate::{Error, Object};

/// An element, and whether it is to be deleted.
pub(super) struct Element {
    pub(super) value: Value,
    pub(super) deletes: bool,
}

/// Takes one element of a list apart.
///
/// A list whose elements have a `value` may hold plain strings instead (section 3.2 of the core schema). `operation`
/// knows one word, `delete`, and is never stored.
pub(super) fn element(attribute: &Attribute, value: Value) -> Result<Element, Error> {
    let mut object = match value {
        Value::String(text) if attribute.sub("value").is_some() => {
            return Ok(Element { value: wrapped(text), deletes: false });
        }
        Value::Object(object) => object,
        value => return Ok(Element { value, deletes: false }),
    };
    let key = object.keys().find(|key| same_name(key, "operation")).cloned();
    let deletes = match key.and_then(|key| object.shift_remove(&key)) {
        None | Some(Value::Null) => false,
        Some(Value::String(operation)) if same_name(&operation, "delete") => true,
        Some(Value::String(other)) => {
            let other = excerpt(&other);
            return Err(Error::invalid_value(format!("{}: unknown operation `{other}`; use delete", attribute.name)));
        }
        Some(_) => return Err(Error::invalid_value(format!("{}: `operation` is the word delete", attribute.name))),
    };
    if attribute.name == "members" {
        canonical_type(&mut object);
    }
    Ok(Element { value: Value::Object(object), deletes })
}

/// Examples of 1.1 print the type of a member as `user` and `group`.
fn canonical_type(member: &mut Object) {
    let kind = member.iter_mut().find(|(key, _)| same_name(key, "type")).map(|(_, kind)| kind);
    if let Some(kind) = kind
        && let Some(known) = kind.as_str().and_then(MemberType::from_name)
    {
        *kind = Value::from(known.name());
    }
}

fn wrapped(text: String) -> Value {
    Value::Object(Object::from_iter([("value".to_owned(), Value::String(text))]))
}

/// The lists of a whole resource in the form of 2.0. An element that says it is to be deleted is not there.
pub(super) fn normalise(body: Object, resource_type: &ResourceType) -> Result<Object, Error> {
    let mut object = Object::new();
    for (key, value) in body {
        let value = match resource_type.core_attribute(&key) {
            Some(attribute) => list(attribute, value)?,
            None => match (resource_type.extension(&key), value) {
                (Some(extension), Value::Object(members)) => {
                    let mut renewed = Object::new();
                    for (key, value) in members {
                        let value = match extension.schema.attribute(&key) {
                            Some(attribute) => list(attribute, value)?,
                            None => value,
                        };
                        renewed.insert(key, value);
                    }
                    Value::Object(renewed)
                }
                (_, value) => value,
            },
        };
        object.insert(key, value);
    }
    Ok(object)
}

fn list(attribute: &Attribute, value: Value) -> Result<Value, Error> {
    let Value::Array(elements) = value else { return Ok(value) };
    if !attribute.multi_valued || !attribute.is_complex() || attribute.is_read_only() {
        return Ok(Value::Array(elements));
    }
    let mut kept = Vec::with_capacity(elements.len());
    for value in elements {
        let element = element(attribute, value)?;
        if !element.deletes {
            kept.push(element.value);
        }
    }
    Ok(Value::Array(kept))
}
