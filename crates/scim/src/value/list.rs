//! The list of a multi-valued attribute.

use std::collections::HashMap;

use serde_json::Value;

use super::accept::accept_single;
use super::format::{bytes, is_one_der_sequence};
use super::is_unassigned;
use super::same::comparison_form;
use crate::attr::same_name;
use crate::json::kind_of;
use crate::quirks::{Leniency, Quirk};
use crate::schema::Attribute;
use crate::text::fold;
use crate::{Error, Object};

/// Checks every element, at most one of them primary, and merges elements with the same value and type.
pub(super) fn accept_list(
    attribute: &Attribute,
    value: Value,
    leniency: &mut Leniency,
) -> Result<Option<Value>, Error> {
    let elements = match value {
        Value::Array(elements) => elements,
        Value::String(text) if text.is_empty() && leniency.allow(Quirk::EmptyStringClears) => return Ok(None),
        single if leniency.allow(Quirk::SingleForArray) => vec![single],
        other => {
            let (name, kind) = (&attribute.name, kind_of(&other));
            return Err(Error::invalid_value(format!("{name} must be an array, not {kind}")));
        }
    };
    let mut accepted = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let place = || format!("{}[{index}]", attribute.name);
        if is_unassigned(&element) {
            continue;
        }
        if is_blank_element(attribute, &element) && leniency.allow(Quirk::EmptyStringClears) {
            continue;
        }
        let Some(element) = accept_single(attribute, element, leniency).map_err(|error| error.at(&place()))? else {
            continue;
        };
        check_certificate(attribute, &element, leniency).map_err(|error| error.at(&place()))?;
        accepted.push(element);
    }
    if accepted.iter().filter(|element| is_primary(element)).count() > 1 {
        return Err(Error::invalid_value(format!("{}: at most one value can be primary", attribute.name)));
    }
    let merged = merge_same(attribute, accepted);
    Ok(if merged.is_empty() { None } else { Some(Value::Array(merged)) })
}

fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Whether an element says nothing but its type: `{"type": "work", "primary": true, "value": ""}`, as Okta pushes an
/// e-mail address that was cleared.
fn is_blank_element(attribute: &Attribute, element: &Value) -> bool {
    let Value::Object(members) = element else { return false };
    attribute.sub("value").is_some()
        && members.iter().any(|(key, value)| same_name(key, "value") && is_blank(value))
        && members
            .iter()
            .all(|(key, value)| is_blank(value) || ["value", "type", "primary"].iter().any(|name| same_name(key, name)))
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

/// RFC 7643 section 4.1.2: exactly one DER certificate.
fn check_certificate(attribute: &Attribute, element: &Value, leniency: &mut Leniency) -> Result<(), Error> {
    if attribute.name != "x509Certificates" {
        return Ok(());
    }
    let Some(text) = element.get("value").and_then(Value::as_str) else { return Ok(()) };
    if bytes(text).is_some_and(|der| is_one_der_sequence(&der)) || leniency.allow(Quirk::LooseCertificate) {
        return Ok(());
    }
    Err(Error::invalid_value("value must be exactly one certificate, DER in base64"))
}

/// RFC 7643 section 2.4: the same pair of value and type is not returned twice in one attribute.
fn merge_same(attribute: &Attribute, elements: Vec<Value>) -> Vec<Value> {
    let mut places = HashMap::new();
    let mut merged: Vec<Value> = Vec::with_capacity(elements.len());
    for element in elements {
        let Some(key) = pair(attribute, &element) else {
            merged.push(element);
            continue;
        };
        let first = *places.entry(key).or_insert(merged.len());
        match (merged.get_mut(first), element) {
            (None, element) => merged.push(element),
            (Some(Value::Object(first)), Value::Object(element)) => fill(first, element),
            (Some(_), _) => {}
        }
    }
    merged
}

fn fill(first: &mut Object, later: Object) {
    for (name, value) in later {
        // A primary among the merged ones stays primary.
        if !first.contains_key(&name) || value == Value::Bool(true) {
            first.insert(name, value);
        }
    }
}

/// What makes an element the same as another one; `None` for elements without value, such as addresses.
fn pair(attribute: &Attribute, element: &Value) -> Option<(String, String)> {
    if !attribute.is_complex() {
        return Some((comparison_form(attribute, element), String::new()));
    }
    let value = comparison_form(attribute.sub("value")?, element.get("value")?);
    let kind = element.get("type").and_then(Value::as_str).map(fold).unwrap_or_default();
    Some((value, kind))
}
