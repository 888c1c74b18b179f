//! Whether two values are the same.

use serde_json::Value;

use super::format::{bytes, instant};
use crate::schema::{Attribute, AttributeType};
use crate::text::fold;

/// Whether two values of an attribute are the same: instants, numbers and bytes by what they denote, text by the
/// attribute's case rule, lists element by element in order, objects member by member in any order (RFC 7643
/// sections 2.3.3 to 2.3.8). Without an attribute only equal JSON is the same.
///
/// ```
/// use doorward_scim::{schema::Attribute, value::same_value};
/// use serde_json::json;
///
/// let hired = Attribute::date_time("hireDate");
/// assert!(same_value(Some(&hired), &json!("2020-01-01T00:00:00Z"), &json!("2020-01-01T01:00:00+01:00")));
/// assert!(same_value(Some(&Attribute::string("title")), &json!("Guide"), &json!("GUIDE")));
/// ```
pub fn same_value(attribute: Option<&Attribute>, a: &Value, b: &Value) -> bool {
    let Some(attribute) = attribute else { return a == b };
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(Some(attribute), a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, value)| b.get(name).is_some_and(|other| same_value(attribute.sub(name), value, other)))
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64() && !(a.is_i64() && b.is_i64()),
        (Value::String(x), Value::String(y)) => {
            x == y || comparison_form(attribute, a) == comparison_form(attribute, b)
        }
        _ => a == b,
    }
}

/// A text that is equal for the same values of an attribute that is not complex.
pub(crate) fn comparison_form(attribute: &Attribute, value: &Value) -> String {
    match (attribute.attribute_type, value) {
        (AttributeType::DateTime, Value::String(text)) => {
            instant(text).map_or_else(|| text.clone(), |instant| instant.to_string())
        }
        (AttributeType::Binary, Value::String(text)) => bytes(text).map_or_else(
            || text.clone(),
            // Bytes as text of their own kind; only equality matters.
            |bytes| bytes.iter().map(|&byte| char::from(byte)).collect(),
        ),
        (_, Value::String(text)) if attribute.case_exact => text.clone(),
        (_, Value::String(text)) => fold(text),
        (_, other) => other.to_string(),
    }
}
