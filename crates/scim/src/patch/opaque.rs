//! What no schema describes: attributes of namespaces an administrator invented, and unknown attributes. They are kept
//! as they were sent, so there is nothing to check them against.

use std::collections::HashSet;

use serde_json::Value;

use super::apply::clears;
use super::{Action, Edit, spread};
use crate::attr::same_name;
use crate::quirks::Leniency;
use crate::value::prune;
use crate::{Error, Object};

/// Applies an edit to an undeclared place. `container` is the key of a namespace's object, `None` the resource itself;
/// without `name` the object as a whole is meant.
pub(super) fn apply(
    draft: &mut Object,
    container: Option<&str>,
    name: Option<&str>,
    sub: Option<&str>,
    edit: &Edit,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    let grows = matches!(edit.action, Action::Add | Action::Merge);
    if grows && edit.value.as_ref().is_some_and(|value| value.as_array().is_some_and(Vec::is_empty)) {
        return Ok(());
    }
    let value = match edit.action {
        Action::Remove | Action::Delete => None,
        _ => edit.value.clone().filter(|value| !clears(value, leniency)),
    };
    let Some(urn) = container else {
        return set(draft, name.unwrap_or_default(), sub, value, edit.action);
    };
    let key = spelling(draft, urn);
    let object = match draft.get_mut(&key) {
        Some(Value::Object(object)) => object,
        _ if value.is_none() => return Ok(()),
        _ => {
            draft.insert(key.clone(), Value::Object(Object::new()));
            match draft.get_mut(&key) {
                Some(Value::Object(object)) => object,
                _ => return Ok(()),
            }
        }
    };
    match (name, value) {
        (Some(name), value) => set(object, name, sub, value, edit.action)?,
        (None, None) => object.clear(),
        (None, Some(value)) => {
            for (name, value) in spread::object(value, leniency)? {
                let value = Some(value).filter(|value| !clears(value, leniency));
                set(object, &name, None, value, edit.action)?;
            }
        }
    }
    Ok(())
}

fn set(object: &mut Object, name: &str, sub: Option<&str>, value: Option<Value>, action: Action) -> Result<(), Error> {
    let key = spelling(object, name);
    if let Some(sub) = sub {
        let mut part = match object.get(&key) {
            Some(Value::Object(part)) => part.clone(),
            Some(_) => return Err(Error::invalid_path(format!("`{name}` has no parts"))),
            None => Object::new(),
        };
        set(&mut part, sub, None, value, action)?;
        match prune(Value::Object(part)) {
            Some(part) => drop(object.insert(key, part)),
            None => drop(object.shift_remove(&key)),
        }
        return Ok(());
    }
    match (value.and_then(prune), object.get_mut(&key)) {
        (None, _) => drop(object.shift_remove(&key)),
        (Some(Value::Array(new)), Some(Value::Array(old))) if action != Action::Replace => append(old, new),
        (Some(Value::Object(new)), Some(Value::Object(old))) => old.extend(new),
        (Some(value), _) => drop(object.insert(key, value)),
    }
    Ok(())
}

fn append(list: &mut Vec<Value>, new: Vec<Value>) {
    let mut there: HashSet<String> = list.iter().map(Value::to_string).collect();
    list.extend(new.into_iter().filter(|element| there.insert(element.to_string())));
}

/// The key that is there already in any letter case, or else the name itself.
fn spelling(object: &Object, name: &str) -> String {
    let found = object.keys().find(|key| same_name(key, name));
    found.map_or_else(|| name.to_owned(), Clone::clone)
}
