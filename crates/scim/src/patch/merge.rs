//! Lists in SCIM 1.1: elements are known by their `value` (section 3.3.2 of the protocol).

use serde_json::Value;

use super::same::Index;
use crate::Error;
use crate::schema::Attribute;

/// Merges each element into the one with the same `value`, and appends the rest. Returns which elements were written.
pub(super) fn merge(list: &mut Vec<Value>, attribute: &Attribute, new: Vec<Value>) -> Result<Vec<usize>, Error> {
    let mut index = Index::new(attribute, list);
    let mut touched = Vec::new();
    for element in new {
        if !index.equal(&element).is_empty() {
            continue;
        }
        let at = target(&index, attribute, &element)?.unwrap_or(list.len());
        match (list.get_mut(at), element) {
            (Some(Value::Object(there)), Value::Object(element)) => {
                there.extend(element);
                if let Some(element) = list.get(at) {
                    index.update(at, element);
                }
            }
            (_, element) => {
                index.push(&element);
                list.push(element);
            }
        }
        touched.push(at);
    }
    Ok(touched)
}

/// The element another one merges into. Where several have its `value`, the `type` decides.
fn target(index: &Index<'_>, attribute: &Attribute, element: &Value) -> Result<Option<usize>, Error> {
    let candidates = index.same_value(element).unwrap_or_default();
    match candidates.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => match several.iter().find(|&&at| index.same_type(at, element)) {
            Some(one) => Ok(Some(*one)),
            None if element.get("type").is_some() => Ok(None),
            None => Err(ambiguous(attribute)),
        },
    }
}

/// Takes each of these elements out of the list: by its `value`, and by all its parts when it has none or when several
/// elements have the same. What is not there is no error; what cannot be told apart is (V1-API-3.3.2-08).
pub(super) fn delete(list: &mut Vec<Value>, attribute: &Attribute, listed: &[Value]) -> Result<(), Error> {
    let index = Index::new(attribute, list);
    let mut goes = vec![false; list.len()];
    for element in listed {
        let found = match index.same_value(element) {
            Some(found) if found.len() > 1 => match index.equal(element) {
                equal if equal.is_empty() => return Err(ambiguous(attribute)),
                equal => equal,
            },
            Some(found) => found,
            None => index.equal(element),
        };
        for at in found {
            if let Some(slot) = goes.get_mut(at) {
                *slot = true;
            }
        }
    }
    let mut goes = goes.into_iter();
    list.retain(|_| !goes.next().unwrap_or_default());
    Ok(())
}

fn ambiguous(attribute: &Attribute) -> Error {
    Error::invalid_value(format!("several values of {} have this value; name all of its parts", attribute.name))
}
