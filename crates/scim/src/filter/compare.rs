//! One JSON value against one literal, by the type of the attribute (table in section 5.1 of the requirements).

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Number, Value};

use super::{CompareOp, Literal};
use crate::attr::same_name;
use crate::schema::{Attribute, AttributeType};
use crate::text::fold;
use crate::value;

/// A literal made ready for comparison with many values.
#[derive(Debug)]
pub(super) enum Expected<'a> {
    /// Text compared letter by letter.
    Exact(&'a str),
    /// Text compared without regard to case, folded already.
    Folded(String),
    Bool(bool),
    Number(&'a Number),
    Instant(Timestamp),
    Bytes(Vec<u8>),
    /// A literal that no value of the attribute's type can equal.
    Misfit,
}

impl<'a> Expected<'a> {
    /// For a value of the given attribute. `None`: no schema describes it, so its JSON type decides.
    pub fn new(attribute: Option<&Attribute>, literal: &'a Literal) -> Self {
        let exact = |attribute: &Attribute| {
            // References are compared exactly (RFC 7643 section 2.3.7), but schema URIs are not (S-7643-3-04).
            let schemas = attribute.multi_valued && attribute.name == "schemas";
            (attribute.case_exact || attribute.attribute_type == AttributeType::Reference) && !schemas
        };
        match (attribute.map(|attribute| attribute.attribute_type), literal) {
            (Some(AttributeType::DateTime), Literal::Text(text)) => {
                value::instant(text).map_or(Self::Misfit, Self::Instant)
            }
            (Some(AttributeType::Binary), Literal::Text(text)) => value::bytes(text).map_or(Self::Misfit, Self::Bytes),
            (Some(AttributeType::String | AttributeType::Reference), Literal::Text(text))
                if attribute.is_some_and(exact) =>
            {
                Self::Exact(text)
            }
            (None | Some(AttributeType::String | AttributeType::Reference), Literal::Text(text)) => {
                Self::Folded(fold(text))
            }
            (None | Some(AttributeType::Boolean), Literal::Bool(value)) => Self::Bool(*value),
            (None | Some(AttributeType::Integer | AttributeType::Decimal), Literal::Number(number)) => {
                Self::Number(number)
            }
            _ => Self::Misfit,
        }
    }

    /// Whether a value compares this way. A value of another JSON type is different and has no order.
    pub fn holds(&self, op: CompareOp, value: &Value) -> bool {
        if op == CompareOp::Ne {
            return !self.holds(CompareOp::Eq, value);
        }
        match (self, value) {
            (Self::Exact(expected), Value::String(text)) => text_holds(op, text, expected),
            (Self::Folded(expected), Value::String(text)) => {
                if op == CompareOp::Eq && text.is_ascii() {
                    return text.eq_ignore_ascii_case(expected);
                }
                text_holds(op, &fold(text), expected)
            }
            (Self::Bool(expected), Value::Bool(actual)) => op == CompareOp::Eq && actual == expected,
            (Self::Number(expected), Value::Number(actual)) => order_holds(op, number_order(actual, expected)),
            (Self::Instant(expected), Value::String(text)) => {
                value::instant(text).is_some_and(|actual| order_holds(op, actual.cmp(expected)))
            }
            (Self::Bytes(expected), Value::String(text)) => {
                op == CompareOp::Eq && value::bytes(text).is_some_and(|actual| actual == *expected)
            }
            // Only values no schema describes can be objects here; `value` stands for them, as it does elsewhere.
            (Self::Folded(_) | Self::Bool(_) | Self::Number(_), Value::Object(object)) => object
                .iter()
                .find(|(name, value)| same_name(name, "value") && !value.is_object())
                .is_some_and(|(_, value)| self.holds(op, value)),
            _ => false,
        }
    }
}

fn text_holds(op: CompareOp, text: &str, expected: &str) -> bool {
    match op {
        CompareOp::Co => text.contains(expected),
        CompareOp::Sw => text.starts_with(expected),
        CompareOp::Ew => text.ends_with(expected),
        // UTF-8 sorts like the code points it encodes.
        _ => order_holds(op, text.cmp(expected)),
    }
}

fn order_holds(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}

/// Numeric order, exact also between an integer beyond 2^53 and a fraction.
pub(crate) fn number_order(a: &Number, b: &Number) -> Ordering {
    match (integer(a), integer(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(a), None) => integer_to_float(a, float(b)),
        (None, Some(b)) => integer_to_float(b, float(a)).reverse(),
        (None, None) => float(a).partial_cmp(&float(b)).unwrap_or(Ordering::Equal),
    }
}

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// JSON has no infinity and no NaN, so that the default is never taken.
fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

fn integer_to_float(integer: i128, float: f64) -> Ordering {
    // The cast saturates, and every integer here has 64 bits: a float out of range still compares the right way.
    let whole = float.trunc() as i128;
    integer.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(a: &str, b: &str) -> Ordering {
        number_order(&serde_json::from_str(a).unwrap(), &serde_json::from_str(b).unwrap())
    }

    #[test]
    fn s_7643_2_3_3_01_numbers_compare_by_what_they_denote() {
        let equal =
            [("1.50", "1.5"), ("42", "4.2e1"), ("0", "-0"), ("0", "-0.0"), ("9007199254740993", "9007199254740993")];
        for (a, b) in equal {
            assert_eq!(order(a, b), Ordering::Equal, "{a} {b}");
        }
        let rising = [
            "-1e300",
            "-9223372036854775808",
            "-1.5",
            "-1",
            "-0.5",
            "0",
            "0.5",
            "1",
            "1.5",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775807",
            "18446744073709551615",
            "18446744073709551616",
            "1e300",
        ];
        for (i, a) in rising.iter().enumerate() {
            for (j, b) in rising.iter().enumerate() {
                assert_eq!(order(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }
}
