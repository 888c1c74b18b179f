//! Attributes that are set once (RFC 7643 section 7), and attributes that may not be missing.

use serde_json::Value;

use crate::schema::{Attribute, Mutability};
use crate::value::same_value;
use crate::{Error, Object};

/// The value an edit must not change, if the attribute has one.
pub(super) fn remember(container: &Object, attribute: &Attribute) -> Option<Value> {
    if attribute.mutability == Mutability::Immutable { container.get(&attribute.name).cloned() } else { None }
}

/// Refuses an edit that changed the remembered value, and one that left a required attribute without value.
pub(super) fn check(container: &mut Object, attribute: &Attribute, before: Option<Value>) -> Result<(), Error> {
    if let Some(before) = before {
        match container.get(&attribute.name) {
            Some(after) if same_value(Some(attribute), &before, after) => {
                container.insert(attribute.name.clone(), before);
            }
            _ => return Err(set_once(attribute)),
        }
    }
    Ok(())
}

/// Refuses to take away a whole object that holds a value set once.
pub(super) fn check_removal(container: &Object, attribute: &Attribute) -> Result<(), Error> {
    if attribute.mutability == Mutability::Immutable && container.contains_key(&attribute.name) {
        return Err(set_once(attribute));
    }
    Ok(())
}

/// Sets a part of a complex value.
pub(super) fn set_sub(object: &mut Object, sub: &Attribute, value: Value) -> Result<(), Error> {
    match object.get(&sub.name) {
        Some(old) if sub.mutability == Mutability::Immutable && !same_value(Some(sub), old, &value) => {
            Err(set_once(sub))
        }
        Some(old) if denotes_the_same(sub, old, &value) => Ok(()),
        _ => {
            object.insert(sub.name.clone(), value);
            Ok(())
        }
    }
}

/// Takes a part out of a complex value.
pub(super) fn unset_sub(object: &mut Object, sub: &Attribute) -> Result<(), Error> {
    if !object.contains_key(&sub.name) {
        return Ok(());
    }
    if sub.mutability == Mutability::Immutable {
        return Err(set_once(sub));
    }
    if sub.required {
        return Err(Error::mutability(format!("`{}` is required", sub.name)));
    }
    object.shift_remove(&sub.name);
    Ok(())
}

/// Whether a new value is the old one in another spelling: the same instant, number or bytes. Letter case is not such a
/// spelling; a name in other letters is another name to whoever reads it.
pub(super) fn denotes_the_same(attribute: &Attribute, old: &Value, new: &Value) -> bool {
    old == new || (attribute.has_several_spellings() && same_value(Some(attribute), old, new))
}

fn set_once(attribute: &Attribute) -> Error {
    Error::mutability(format!("`{}` is set once and cannot be changed", attribute.name))
}
