//! What a PUT makes of the stored resource (RFC 7644 section 3.5.1).

use serde_json::Value;

use super::Resource;
use crate::schema::{Attribute, Mutability, ResourceType, Schema};
use crate::value::same_value;
use crate::{Error, Object};

/// What a PUT makes of the stored resource: everything given replaces, everything left out is cleared, except `active` and
/// immutable attributes, which are kept. A dateTime or binary value that denotes what is stored already keeps its stored
/// spelling, so that an echo changes nothing.
///
/// `incoming` and `active_given` come from [`read`](super::read). The result equals `current` when nothing changes.
///
/// # Errors
/// `mutability` when an immutable attribute would get another value.
///
/// ```
/// use doorward_scim::resource::{Resource, replace};
/// use doorward_scim::schema::ResourceType;
///
/// let user = ResourceType::user();
/// let stored = |text| Resource::from_stored(text);
/// let current = stored(r#"{"schemas":[],"userName":"ada","nickName":"A","active":false}"#)?;
/// let incoming = stored(r#"{"schemas":[],"userName":"ada","active":true}"#)?;
/// let replaced = replace(&current, incoming, false, &user)?;
/// assert_eq!((replaced.get("nickName"), replaced.active()), (None, false));
/// # Ok::<(), doorward_scim::Error>(())
/// ```
pub fn replace(
    current: &Resource,
    incoming: Resource,
    active_given: bool,
    resource_type: &ResourceType,
) -> Result<Resource, Error> {
    let mut next = incoming.into_object();
    if !active_given {
        match current.get("active") {
            Some(active) => next.insert("active".to_owned(), active.clone()),
            None => next.shift_remove("active"),
        };
    }
    settle(current.as_object(), &mut next, &resource_type.schema)?;
    for extension in &resource_type.extensions {
        let urn = &extension.schema.id;
        let Some(before) = current.as_object().get(urn).and_then(Value::as_object) else { continue };
        let after = next.entry(urn.as_str()).or_insert_with(|| Value::Object(Object::new()));
        if let Value::Object(after) = after {
            settle(before, after, &extension.schema).map_err(|error| error.at(urn))?;
        }
    }
    Ok(Resource::from_attributes(next, resource_type))
}

/// Applies the rules of immutable attributes and keeps the stored spelling of equal values.
fn settle(before: &Object, after: &mut Object, schema: &Schema) -> Result<(), Error> {
    for attribute in &schema.attributes {
        let Some(stored) = before.get(&attribute.name) else { continue };
        let given = after.get_mut(&attribute.name);
        match given {
            Some(given) if attribute.mutability == Mutability::Immutable => {
                if !same_value(Some(attribute), stored, given) {
                    return Err(Error::mutability(format!("{} is immutable and has a value", attribute.name)));
                }
                stored.clone_into(given);
            }
            Some(given) => keep_spelling(attribute, stored, given)?,
            None if attribute.mutability == Mutability::Immutable => {
                after.insert(attribute.name.clone(), stored.clone());
            }
            None => {}
        }
    }
    Ok(())
}

fn keep_spelling(attribute: &Attribute, stored: &Value, given: &mut Value) -> Result<(), Error> {
    if let (Value::Object(stored), Value::Object(given)) = (stored, &mut *given) {
        for sub in &attribute.sub_attributes {
            let (Some(stored), Some(given)) = (stored.get(&sub.name), given.get_mut(&sub.name)) else { continue };
            keep_spelling(sub, stored, given)?;
            if sub.mutability == Mutability::Immutable && !same_value(Some(sub), stored, given) {
                return Err(Error::mutability(format!("{}.{} is immutable and has a value", attribute.name, sub.name)));
            }
        }
    } else if attribute.has_several_spellings() && same_value(Some(attribute), stored, given) {
        stored.clone_into(given);
    }
    Ok(())
}
