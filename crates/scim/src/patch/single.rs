//! Attributes with one value, simple and complex.

use serde_json::Value;

use super::apply::clears;
use super::immutable::{denotes_the_same, set_sub, unset_sub};
use super::place::Spot;
use super::{Action, Edit};
use crate::attr::same_name;
use crate::quirks::Leniency;
use crate::schema::Attribute;
use crate::value::accept_value;
use crate::{Error, Object};

/// Applies an edit to an attribute with one value. `add`, `replace` and the merge of 1.1 are the same here.
pub(super) fn apply(container: &mut Object, spot: Spot<'_>, edit: &Edit, leniency: &mut Leniency) -> Result<(), Error> {
    let attribute = spot.attribute;
    let was_inactive = container.get("active") == Some(&Value::Bool(false));
    let value = match (edit.action, &edit.value) {
        (Action::Remove | Action::Delete, _) => None,
        (_, value) => value.clone(),
    };
    let removes = value.is_none();
    match (spot.sub, value) {
        (None, None) => unassign(container, attribute)?,
        (None, Some(value)) if attribute.is_complex() => set_complex(container, attribute, value, leniency)?,
        (None, Some(value)) => set_simple(container, attribute, value, leniency)?,
        (Some(sub), value) => set_part(container, attribute, sub, value, leniency)?,
    }
    let left_open = spot.extension.is_none() && attribute.name == "active" && !container.contains_key("active");
    if left_open && (was_inactive || !removes) {
        // D22. Without a value an account counts as active, so an inactive one would come back to life unnoticed.
        return Err(Error::invalid_value("`active` is true or false and cannot be left open"));
    }
    Ok(())
}

fn set_simple(
    container: &mut Object,
    attribute: &Attribute,
    value: Value,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let Some(value) = accept_value(attribute, value, leniency)? else {
        return unassign(container, attribute);
    };
    match container.get(&attribute.name) {
        Some(old) if denotes_the_same(attribute, old, &value) => {}
        _ => drop(container.insert(attribute.name.clone(), value)),
    }
    Ok(())
}

fn set_complex(
    container: &mut Object,
    attribute: &Attribute,
    value: Value,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    if clears(&value, leniency) {
        return unassign(container, attribute);
    }
    let mut object = parts(container, attribute);
    merge(&mut object, attribute, value, leniency)?;
    put_back(container, attribute, object)
}

fn set_part(
    container: &mut Object,
    attribute: &Attribute,
    sub: &Attribute,
    value: Option<Value>,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let mut object = parts(container, attribute);
    match value.map(|value| accept_value(sub, value, leniency)).transpose()?.flatten() {
        Some(value) => set_sub(&mut object, sub, value)?,
        None => unset_sub(&mut object, sub)?,
    }
    put_back(container, attribute, object)
}

/// Merges the parts a client sent into a complex value; parts sent as null are taken out of it.
pub(super) fn merge(
    object: &mut Object,
    attribute: &Attribute,
    value: Value,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let sent = match &value {
        Value::Object(sent) => Some(sent),
        Value::Array(values) => values.first().and_then(Value::as_object),
        _ => None,
    };
    let names: Vec<String> = sent.map(|sent| sent.keys().cloned().collect()).unwrap_or_default();
    let accepted = match accept_value(attribute, value, leniency)? {
        Some(Value::Object(accepted)) => accepted,
        Some(_) => return Err(Error::invalid_value(format!("`{}` is an object", attribute.name))),
        None => Object::new(),
    };
    for name in names {
        if accepted.keys().any(|key| same_name(key, &name)) {
            continue;
        }
        match attribute.sub(&name) {
            Some(sub) if sub.is_read_only() => {}
            Some(sub) => unset_sub(object, sub)?,
            None => drop(object.shift_remove(&name)),
        }
    }
    for (name, value) in accepted {
        match attribute.sub(&name) {
            Some(sub) => set_sub(object, sub, value)?,
            None => drop(object.insert(name, value)),
        }
    }
    Ok(())
}

fn parts(container: &Object, attribute: &Attribute) -> Object {
    container.get(&attribute.name).and_then(Value::as_object).cloned().unwrap_or_default()
}

fn put_back(container: &mut Object, attribute: &Attribute, object: Object) -> Result<(), Error> {
    if object.is_empty() {
        return unassign(container, attribute);
    }
    container.insert(attribute.name.clone(), Value::Object(object));
    Ok(())
}

/// Takes an attribute away.
pub(super) fn unassign(container: &mut Object, attribute: &Attribute) -> Result<(), Error> {
    if attribute.required {
        return Err(Error::mutability(format!("`{}` is required", attribute.name)));
    }
    container.shift_remove(&attribute.name);
    Ok(())
}
