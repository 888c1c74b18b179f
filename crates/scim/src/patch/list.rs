//! Attributes with a list of values.

use serde_json::Value;

use super::apply::clears;
use super::create::element_of;
use super::immutable::{set_sub, unset_sub};
use super::place::Spot;
use super::same::Index;
use super::single::{merge, unassign};
use super::{Action, Edit, merge as by_value};
use crate::filter::{Filter, value_matches};
use crate::quirks::{Leniency, Quirk};
use crate::schema::Attribute;
use crate::value::accept_value;
use crate::{Error, Object};

/// Applies an edit to a multi-valued attribute, or to some of its values, or to a part of them.
pub(super) fn apply(container: &mut Object, spot: Spot<'_>, edit: &Edit, leniency: &mut Leniency) -> Result<(), Error> {
    let attribute = spot.attribute;
    let mut list = match container.get(&attribute.name) {
        Some(Value::Array(list)) => list.clone(),
        _ => Vec::new(),
    };
    let touched = match (spot.filter, spot.sub) {
        (None, None) => whole(&mut list, attribute, edit, leniency)?,
        (filter, Some(sub)) => parts(&mut list, attribute, sub, filter, edit, leniency)?,
        (Some(filter), None) => elements(&mut list, attribute, filter, edit, leniency)?,
    };
    settle_primary(&mut list, attribute, &touched)?;
    list.retain(|element| element.as_object().is_none_or(|object| !object.is_empty()));
    if list.is_empty() {
        return unassign(container, attribute);
    }
    container.insert(attribute.name.clone(), Value::Array(list));
    Ok(())
}

/// `emails`: the list itself. Returns which elements were written.
fn whole(
    list: &mut Vec<Value>,
    attribute: &Attribute,
    edit: &Edit,
    leniency: &mut Leniency,
) -> Result<Vec<usize>, Error> {
    match (edit.action, &edit.value) {
        (Action::Add, Some(value)) => Ok(add(list, attribute, accept_list(attribute, value, leniency)?)),
        (Action::Merge, Some(value)) => by_value::merge(list, attribute, accept_list(attribute, value, leniency)?),
        (Action::Delete, Some(value)) => {
            by_value::delete(list, attribute, &accept_each(attribute, value, leniency)?)?;
            Ok(Vec::new())
        }
        (Action::Replace, Some(value)) => {
            *list = accept_list(attribute, value, leniency)?;
            Ok(Vec::new())
        }
        (Action::Remove, Some(value)) => {
            // D12: Entra ID names what goes in the value; without this rule the whole list would go.
            remove_listed(list, attribute, &accept_each(attribute, value, leniency)?);
            Ok(Vec::new())
        }
        (Action::Remove, None) => {
            list.clear();
            Ok(Vec::new())
        }
        (_, None) => Err(Error::invalid_value(format!("`{}` needs a value", attribute.name))),
    }
}

/// Appends what is not there yet. The same value and type once more completes the element that is there, since the same
/// pair is not returned twice (RFC 7643 section 2.4).
fn add(list: &mut Vec<Value>, attribute: &Attribute, new: Vec<Value>) -> Vec<usize> {
    let mut index = Index::new(attribute, list);
    let mut touched = Vec::new();
    for element in new {
        if !index.covering(&element).is_empty() {
            continue;
        }
        let twin = index.same_value(&element).unwrap_or_default().into_iter().find(|&at| index.same_type(at, &element));
        let at = twin.unwrap_or(list.len());
        match (list.get_mut(at), element) {
            (Some(Value::Object(there)), Value::Object(element)) => there.extend(element),
            (_, element) => list.push(element),
        }
        match list.get(at) {
            Some(element) if twin.is_some() => index.update(at, element),
            Some(element) => index.push(element),
            None => {}
        }
        touched.push(at);
    }
    touched
}

fn remove_listed(list: &mut Vec<Value>, attribute: &Attribute, listed: &[Value]) {
    let index = Index::new(attribute, list);
    let mut goes = vec![false; list.len()];
    for element in listed {
        for at in index.covering(element) {
            if let Some(slot) = goes.get_mut(at) {
                *slot = true;
            }
        }
    }
    let mut goes = goes.into_iter();
    list.retain(|_| !goes.next().unwrap_or_default());
}

/// `emails[type eq "work"]`: whole values.
fn elements(
    list: &mut Vec<Value>,
    attribute: &Attribute,
    filter: &Filter,
    edit: &Edit,
    leniency: &mut Leniency,
) -> Result<Vec<usize>, Error> {
    let matches = matching(list, attribute, Some(filter));
    let removes = matches!(edit.action, Action::Remove | Action::Delete);
    let value = match &edit.value {
        Some(value) if !removes && !clears(value, leniency) => value,
        // D21: adding nothing changes nothing.
        _ if edit.action == Action::Add => return Ok(Vec::new()),
        _ => {
            let mut at = 0;
            list.retain(|_| {
                at += 1;
                matches.binary_search(&(at - 1)).is_err()
            });
            return Ok(Vec::new());
        }
    };
    let element = attribute.element();
    let accepted = accept_value(&element, value.clone(), leniency)?;
    if matches.is_empty() {
        return Err(no_target(attribute));
    }
    for &at in &matches {
        match (list.get_mut(at), &accepted) {
            // D11: add merges into each match. D10: replace replaces it.
            (Some(Value::Object(there)), _) if edit.action != Action::Replace => {
                merge(there, &element, value.clone(), leniency)?;
            }
            (Some(slot), Some(accepted)) => accepted.clone_into(slot),
            (Some(slot), None) if edit.action == Action::Replace => *slot = Value::Object(Object::new()),
            _ => {}
        }
    }
    Ok(matches)
}

/// `emails.type` and `emails[type eq "work"].value`: one part of every value, or of some.
fn parts(
    list: &mut Vec<Value>,
    attribute: &Attribute,
    sub: &Attribute,
    filter: Option<&Filter>,
    edit: &Edit,
    leniency: &mut Leniency,
) -> Result<Vec<usize>, Error> {
    let mut matches = matching(list, attribute, filter);
    let value = match &edit.value {
        Some(value) if !matches!(edit.action, Action::Remove | Action::Delete) => {
            accept_value(sub, value.clone(), leniency)?
        }
        _ => None,
    };
    let Some(value) = value else {
        for &at in &matches {
            if let Some(Value::Object(element)) = list.get_mut(at) {
                unset_sub(element, sub)?;
            }
        }
        return Ok(matches);
    };
    if matches.is_empty() {
        let mut element = match filter {
            None => Object::new(),
            Some(filter) => derive(filter, attribute, edit.action, leniency)?,
        };
        element.insert(sub.name.clone(), value.clone());
        matches.push(list.len());
        list.push(Value::Object(element));
    }
    for &at in &matches {
        if let Some(Value::Object(element)) = list.get_mut(at) {
            set_sub(element, sub, value.clone())?;
        }
    }
    Ok(matches)
}

/// The element a path asks for that is not there.
fn derive(filter: &Filter, attribute: &Attribute, action: Action, leniency: &mut Leniency) -> Result<Object, Error> {
    let quirk = if action == Action::Replace { Quirk::ReplaceCreates } else { Quirk::AddCreates };
    match element_of(filter, attribute, leniency)? {
        Some(element) if leniency.allow(quirk) => Ok(element),
        _ => Err(no_target(attribute)),
    }
}

/// Where the elements stand that satisfy the filter; all of them without one.
fn matching(list: &[Value], attribute: &Attribute, filter: Option<&Filter>) -> Vec<usize> {
    let matches = |element: &Value| filter.is_none_or(|filter| value_matches(filter, element, attribute));
    list.iter().enumerate().filter(|(_, element)| matches(element)).map(|(at, _)| at).collect()
}

/// A list to add or to put in place; one value may stand without its brackets (P005).
fn accept_list(attribute: &Attribute, value: &Value, leniency: &mut Leniency) -> Result<Vec<Value>, Error> {
    if clears(value, leniency) {
        return Ok(Vec::new());
    }
    let value = if value.is_array() { value.clone() } else { Value::Array(vec![value.clone()]) };
    match accept_value(attribute, value, leniency)? {
        Some(Value::Array(list)) => Ok(list),
        _ => Ok(Vec::new()),
    }
}

/// Elements that name what goes; unlike a list that is stored they need not be told apart.
fn accept_each(attribute: &Attribute, value: &Value, leniency: &mut Leniency) -> Result<Vec<Value>, Error> {
    let element = attribute.element();
    let listed = match value {
        Value::Array(listed) => listed.as_slice(),
        single => std::slice::from_ref(single),
    };
    let mut accepted = Vec::with_capacity(listed.len());
    for value in listed {
        accepted.extend(accept_value(&element, value.clone(), leniency)?);
    }
    Ok(accepted)
}

/// At most one value is primary; one that was just made so takes it from the others (RFC 7644 section 3.5.2).
fn settle_primary(list: &mut [Value], attribute: &Attribute, touched: &[usize]) -> Result<(), Error> {
    let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
    let mut made = touched.iter().copied().filter(|&at| list.get(at).is_some_and(is_primary));
    let Some(primary) = made.next() else { return Ok(()) };
    if made.any(|at| at != primary) {
        return Err(Error::invalid_value(format!("{}: at most one value can be primary", attribute.name)));
    }
    for (at, element) in list.iter_mut().enumerate() {
        if at != primary
            && is_primary(element)
            && let Some(slot) = element.get_mut("primary")
        {
            *slot = Value::Bool(false);
        }
    }
    Ok(())
}

fn no_target(attribute: &Attribute) -> Error {
    Error::no_target(format!("no value of {} matches the filter", attribute.name))
}
