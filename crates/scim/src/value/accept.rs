//! Accepting one value: the type check, the tolerances, the canonical form.

use serde_json::Value;

use super::format::{bytes, instant, is_integer, is_uri_reference, is_web_url, wrong_code};
use super::{is_unassigned, list, names_password, prune};
use crate::attr::{excerpt, same_name};
use crate::json::kind_of;
use crate::quirks::{Leniency, Quirk};
use crate::schema::{Attribute, AttributeType, Mutability, Uniqueness};
use crate::text::{deceptive_character, fold};
use crate::{Error, Object};

/// Attributes whose text often consists of digits; only these take a JSON number for their text.
const NUMBERED: [&str; 4] = ["externalId", "employeeNumber", "costCenter", "postalCode"];

/// Checks one attribute's value against its type and brings it into canonical form; `None` means unassigned.
///
/// For a multi-valued attribute `value` is the whole list. Names of sub-attributes come out in canonical spelling; readOnly
/// sub-attributes, nulls and empty containers are left out; of two elements with the same value and type one is left. The
/// values themselves stay as they were sent. Accepting the result once more changes nothing. A value of a writeOnly
/// attribute is dropped unread: this library keeps no passwords.
///
/// # Errors
/// `invalidValue` when the value does not fit the type, two elements are primary, or a userName could deceive its reader.
///
/// ```
/// use doorward_scim::{quirks::Leniency, schema, value::accept_value};
/// use serde_json::json;
///
/// let user = schema::user();
/// let emails = user.attribute("emails").ok_or("no emails")?;
/// let value = json!([{"VALUE": "ada@corp.example", "primary": "True", "type": null}]);
/// let accepted = accept_value(emails, value, &mut Leniency::tolerant())?;
/// assert_eq!(accepted, Some(json!([{"value": "ada@corp.example", "primary": true}])));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn accept_value(attribute: &Attribute, value: Value, leniency: &mut Leniency) -> Result<Option<Value>, Error> {
    if attribute.mutability == Mutability::WriteOnly || is_unassigned(&value) {
        return Ok(None);
    }
    if attribute.multi_valued {
        list::accept_list(attribute, value, leniency)
    } else {
        accept_single(attribute, value, leniency)
    }
}

/// One value of an attribute, whether or not the attribute holds a list of them.
pub(super) fn accept_single(
    attribute: &Attribute,
    value: Value,
    leniency: &mut Leniency,
) -> Result<Option<Value>, Error> {
    match (attribute.attribute_type, value) {
        (_, Value::Null) => Ok(None),
        (AttributeType::Complex, value) => accept_complex(attribute, value, leniency),
        // An empty string that clears is left to the required check: `userName: ""` is a missing userName.
        (_, Value::String(text)) if text.is_empty() && leniency.allow(Quirk::EmptyStringClears) => Ok(None),
        (AttributeType::String, value) => accept_text(attribute, value, leniency),
        (AttributeType::Boolean, value) => accept_boolean(attribute, value, leniency),
        (_, value) => accept_formatted(attribute, value, leniency).map(Some),
    }
}

fn wrong_type(attribute: &Attribute, wanted: &str, value: &Value) -> Error {
    Error::invalid_value(format!("{} must be {wanted}, not {}", attribute.name, kind_of(value)))
}

fn accept_text(attribute: &Attribute, value: Value, leniency: &mut Leniency) -> Result<Option<Value>, Error> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) if NUMBERED.contains(&attribute.name.as_str()) && leniency.allow(Quirk::NumberAsText) => {
            number.to_string()
        }
        other => return Err(wrong_type(attribute, "a string", &other)),
    };
    if attribute.required && text.trim().is_empty() {
        return if leniency.allow(Quirk::EmptyStringClears) {
            Ok(None)
        } else {
            Err(Error::invalid_value(format!("{} must not be blank", attribute.name)))
        };
    }
    if attribute.name == "userName"
        && attribute.uniqueness != Uniqueness::None
        && let Some(hidden) = deceptive_character(&text)
    {
        let code = u32::from(hidden);
        return Err(Error::invalid_value(format!("userName holds the invisible character U+{code:04X}")));
    }
    if let Some(wrong) = wrong_code(&attribute.name, &text)
        && !leniency.allow(Quirk::LooseCode)
    {
        return Err(Error::invalid_value(format!("{} `{}` {wrong}", attribute.name, excerpt(&text))));
    }
    check_closed(attribute, &text)?;
    Ok(Some(Value::String(text)))
}

/// Refuses what is not among the values of an attribute that takes no others. POST, PUT and PATCH alike come through
/// here, as RFC 7643 section 2.3.1 asks.
fn check_closed(attribute: &Attribute, text: &str) -> Result<(), Error> {
    let same = |value: &String| if attribute.case_exact { value == text } else { fold(value) == fold(text) };
    if !attribute.closed || attribute.canonical_values.iter().any(same) {
        return Ok(());
    }
    let mut known = attribute.canonical_values.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
    if attribute.canonical_values.len() > 10 {
        known.push_str(", ...");
    }
    Err(Error::invalid_value(format!("{} `{}` is not one of the values: {known}", attribute.name, excerpt(text))))
}

fn accept_boolean(attribute: &Attribute, value: Value, leniency: &mut Leniency) -> Result<Option<Value>, Error> {
    if let Value::Bool(_) = value {
        return Ok(Some(value));
    }
    if let Value::String(text) = &value {
        let said = if same_name(text, "true") {
            Some(true)
        } else if same_name(text, "false") {
            Some(false)
        } else {
            None
        };
        if let Some(said) = said
            && leniency.allow(Quirk::BooleanAsText)
        {
            return Ok(Some(Value::Bool(said)));
        }
    }
    Err(wrong_type(attribute, "true or false", &value))
}

/// Numbers, and texts with a form of their own.
fn accept_formatted(attribute: &Attribute, value: Value, leniency: &mut Leniency) -> Result<Value, Error> {
    let name = &attribute.name;
    match (attribute.attribute_type, &value) {
        (AttributeType::Decimal, Value::Number(_)) => Ok(value),
        (AttributeType::Decimal, _) => Err(wrong_type(attribute, "a number", &value)),
        (AttributeType::Integer, Value::Number(number)) if is_integer(number) => Ok(value),
        (AttributeType::Integer, Value::Number(_)) => Err(Error::invalid_value(format!(
            "{name} must be a whole number of at most 64 bits, without fraction and exponent"
        ))),
        (AttributeType::Integer, _) => Err(wrong_type(attribute, "a whole number", &value)),
        (AttributeType::DateTime, Value::String(text)) if instant(text).is_some() => Ok(value),
        (AttributeType::DateTime, Value::String(text)) => Err(Error::invalid_value(format!(
            "{name} `{}` is not a date with a time, such as 2026-01-31T09:30:00Z",
            excerpt(text)
        ))),
        (AttributeType::Binary, Value::String(text)) if bytes(text).is_some() => Ok(value),
        (AttributeType::Binary, Value::String(text))
            if text.starts_with("-----BEGIN CERTIFICATE-----") && leniency.allow(Quirk::LooseCertificate) =>
        {
            Ok(value)
        }
        (AttributeType::Binary, Value::String(_)) => Err(Error::invalid_value(format!("{name} is not base64"))),
        (AttributeType::Reference, Value::String(text)) => {
            let external = attribute.reference_types.iter().any(|kind| kind == "external");
            let fits = if external { is_web_url(text) } else { is_uri_reference(text) };
            if fits || leniency.allow(Quirk::LooseReference) {
                Ok(value)
            } else {
                Err(Error::invalid_value(format!("{name} `{}` is not a URL", excerpt(text))))
            }
        }
        _ => Err(wrong_type(attribute, "a string", &value)),
    }
}

fn accept_complex(attribute: &Attribute, value: Value, leniency: &mut Leniency) -> Result<Option<Value>, Error> {
    match value {
        Value::Object(object) => accept_object(attribute, object, leniency),
        Value::String(text) if text.is_empty() && leniency.allow(Quirk::EmptyStringClears) => Ok(None),
        Value::String(text) if attribute.sub("value").is_some() && leniency.allow(Quirk::TextForComplex) => {
            accept_object(attribute, Object::from_iter([("value".to_owned(), Value::String(text))]), leniency)
        }
        Value::Array(mut elements) if elements.len() <= 1 && !attribute.multi_valued => match elements.pop() {
            None => Ok(None),
            Some(Value::Object(object)) if leniency.allow(Quirk::ArrayForSingle) => {
                accept_object(attribute, object, leniency)
            }
            Some(_) => Err(wrong_type(attribute, "an object", &Value::Array(elements))),
        },
        other => Err(wrong_type(attribute, "an object", &other)),
    }
}

fn accept_object(attribute: &Attribute, object: Object, leniency: &mut Leniency) -> Result<Option<Value>, Error> {
    let mut accepted = Object::new();
    let mut reference = None;
    for (key, value) in object {
        let Some(sub) = attribute.sub(&key) else {
            let Some(value) = prune(value).filter(|_| !names_password(&key)) else { continue };
            if !leniency.allow(Quirk::UnknownAttribute) {
                let (name, key) = (&attribute.name, excerpt(&key));
                return Err(Error::invalid_value(format!("{name} has no sub-attribute `{key}`")));
            }
            accepted.insert(key, value);
            continue;
        };
        if sub.is_read_only() {
            continue;
        }
        let value = accept_value(sub, value, leniency).map_err(|error| error.at(&attribute.name))?;
        match value {
            Some(value) if is_resource_reference(sub) => reference = Some(value),
            Some(value) => {
                accepted.insert(sub.name.clone(), value);
            }
            None => {}
        }
    }
    // The `$ref` of a resource is made by the server from `value` (RFC 7643 section 2.4); alone it stands for it.
    if let Some(Value::String(reference)) = reference
        && attribute.sub("value").is_some()
        && !accepted.contains_key("value")
        && let Some(id) = last_segment(&reference)
    {
        accepted.insert("value".to_owned(), Value::String(id.to_owned()));
    }
    Ok(if accepted.is_empty() { None } else { Some(Value::Object(accepted)) })
}

fn is_resource_reference(attribute: &Attribute) -> bool {
    attribute.name == "$ref"
        && attribute.reference_types.iter().any(|kind| !matches!(kind.as_str(), "external" | "uri"))
}

/// The id at the end of a reference to a resource, `https://host/scim/v2/Users/u-1` or `../Users/u-1`. The version segment
/// in front makes no difference (RFC 7643 section 2.4).
pub(crate) fn last_segment(reference: &str) -> Option<&str> {
    let path = reference.split(['?', '#']).next().unwrap_or_default();
    path.trim_end_matches('/').rsplit('/').next().filter(|segment| !segment.is_empty())
}
