//! `bulkId:x` where the id of a resource belongs that another operation makes (RFC 7644 section 3.7.2).
//!
//! A reference is a whole string, in whatever attribute; the last segment of a `$ref`; or a quoted literal in the path of
//! a PATCH operation. Walks over data use a stack of their own and count depth, so no input can exhaust the thread's.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::DATA_DEPTH;
use crate::attr::same_name;
use crate::{Error, Object};

/// What a reference begins with. No id of a server may hold it (RFC 7643 section 3.1).
pub(super) const PREFIX: &str = "bulkId:";

/// Replaces every reference to a known bulkId by its id, in core and extension attributes alike. References to others
/// stay as they are.
///
/// ```
/// use doorward_scim::{bulk, json};
///
/// let mut patch = json::parse_object(br#"{"Operations": [
///     {"op": "remove", "path": "members[value eq \"bulkId:u\"]"},
///     {"op": "add", "path": "members", "value": [{"value": "bulkId:v", "$ref": "../Users/bulkId:v"}]}]}"#)?;
/// let ids = [("u", "id-1"), ("v", "id-2")].map(|(name, id)| (name.to_owned(), id.to_owned()));
/// bulk::substitute(&mut patch, &ids.into());
/// assert_eq!(patch["Operations"][0]["path"], "members[value eq \"id-1\"]");
/// assert_eq!(patch["Operations"][1]["value"][0]["value"], "id-2");
/// assert_eq!(patch["Operations"][1]["value"][0]["$ref"], "../Users/id-2");
/// # Ok::<(), doorward_scim::Error>(())
/// ```
pub fn substitute(data: &mut Object, ids: &HashMap<String, String>) {
    let mut waiting: Vec<(&str, &mut Value)> = members(data).collect();
    while let Some((key, value)) = waiting.pop() {
        match value {
            Value::String(text) => {
                if let Some(substituted) = substituted(key, text, ids) {
                    *text = substituted;
                }
            }
            Value::Array(elements) => waiting.extend(elements.iter_mut().map(|element| (key, element))),
            Value::Object(object) => waiting.extend(members(object)),
            _ => {}
        }
    }
}

fn members(object: &mut Object) -> impl Iterator<Item = (&str, &mut Value)> {
    object.iter_mut().map(|(key, value)| (key.as_str(), value))
}

/// Shows every string in the data, with the name of its attribute.
///
/// # Errors
/// `invalidSyntax` when the data is nested deeper than [`DATA_DEPTH`].
pub(super) fn each_text<'d>(data: &'d Object, mut show: impl FnMut(&'d str, &'d str)) -> Result<(), Error> {
    let mut waiting: Vec<(&str, &Value, usize)> = data.iter().map(|(key, value)| (key.as_str(), value, 1)).collect();
    while let Some((key, value, depth)) = waiting.pop() {
        if depth >= DATA_DEPTH && (value.is_array() || value.is_object()) {
            return Err(Error::invalid_syntax(format!(
                "arrays and objects in data are nested more than {DATA_DEPTH} levels deep"
            )));
        }
        match value {
            Value::String(text) => show(key, text),
            Value::Array(elements) => waiting.extend(elements.iter().map(|element| (key, element, depth + 1))),
            Value::Object(object) => waiting.extend(object.iter().map(|(key, value)| (key.as_str(), value, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}

/// The bulkIds that the text of an attribute refers to; usually none or one.
pub(super) fn named<'t>(key: &str, text: &'t str) -> Vec<&'t str> {
    places(key, text).into_iter().map(|(start, end)| text.get(start..end).unwrap_or_default()).collect()
}

/// Where the bulkIds stand in the text of an attribute.
fn places(key: &str, text: &str) -> Vec<(usize, usize)> {
    if text.starts_with(PREFIX) {
        return vec![(PREFIX.len(), text.len())];
    }
    if same_name(key, "$ref") {
        let start = text.rfind('/').map_or(0, |slash| slash + 1);
        let is_reference = text.get(start..).is_some_and(|segment| segment.starts_with(PREFIX));
        return if is_reference { vec![(start + PREFIX.len(), text.len())] } else { Vec::new() };
    }
    // members[value eq "bulkId:x"]
    let mut found = Vec::new();
    if same_name(key, "path") {
        let opening = format!("\"{PREFIX}");
        let mut from = 0;
        while let Some(at) = text.get(from..).and_then(|rest| rest.find(&opening)) {
            let start = from + at + opening.len();
            let Some(length) = text.get(start..).and_then(|rest| rest.find('"')) else { break };
            found.push((start, start + length));
            from = start + length + 1;
        }
    }
    found
}

/// The text with its references replaced; `None` when nothing changes.
fn substituted(key: &str, text: &str, ids: &HashMap<String, String>) -> Option<String> {
    let mut renewed = String::new();
    let mut from = 0;
    for (start, end) in places(key, text) {
        let Some(id) = text.get(start..end).and_then(|name| ids.get(name)) else { continue };
        renewed.push_str(text.get(from..start - PREFIX.len()).unwrap_or_default());
        renewed.push_str(id);
        from = end;
    }
    (from > 0).then(|| renewed + text.get(from..).unwrap_or_default())
}

/// The data without the values that refer to one of `names`: what can be made before the resources of that name exist. A
/// complex value goes as a whole, because one without its `value` says nothing.
///
/// Recursion is as deep as the data, which [`each_text`] has bounded.
pub(super) fn without(mut data: Object, names: &HashSet<&str>) -> Object {
    data.retain(|key, value| !goes(key, value, names));
    data
}

fn goes(key: &str, value: &mut Value, names: &HashSet<&str>) -> bool {
    match value {
        Value::String(text) => refers(key, text, names),
        Value::Array(elements) => {
            elements.retain_mut(|element| !goes(key, element, names));
            false
        }
        Value::Object(object) => {
            let refers_itself =
                object.iter().any(|(key, value)| value.as_str().is_some_and(|text| refers(key, text, names)));
            // The object of an extension holds attributes, each a value of its own.
            if refers_itself && !key.contains(':') {
                return true;
            }
            object.retain(|key, value| !goes(key, value, names));
            false
        }
        _ => false,
    }
}

fn refers(key: &str, text: &str, names: &HashSet<&str>) -> bool {
    named(key, text).iter().any(|name| names.contains(name))
}
