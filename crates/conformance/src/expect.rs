//! What many checks expect.

use jiff::Timestamp;
use serde_json::Value;

use crate::answer::Answer;
use crate::check::Version;
use crate::probe::{ERROR, text};
use crate::verdict::{Stop, Verdict, expect, failed};

/// Two things that must be the same.
pub(crate) fn same(what: &str, expected: &Value, got: &Value) -> Verdict {
    let holds = canonical(expected) == canonical(got);
    expect(
        holds,
        format!("{what} is {expected}"),
        if got.is_null() { "it is absent".to_owned() } else { got.to_string() },
    )
}

/// Absent, null and the empty list are one state (RFC 7643 section 2.5).
pub(crate) fn unassigned(what: &str, got: &Value) -> Verdict {
    let empty = got.is_null() || got.as_array().is_some_and(Vec::is_empty);
    expect(empty, format!("{what} has no value"), got.to_string())
}

/// A value without any order: neither members nor, in SCIM, elements of lists have one.
pub(crate) fn canonical(value: &Value) -> Value {
    match value {
        Value::Array(all) => {
            let mut all: Vec<Value> = all.iter().map(canonical).collect();
            all.sort_by_key(Value::to_string);
            Value::Array(all)
        }
        Value::Object(members) => {
            let mut members: Vec<(String, Value)> =
                members.iter().map(|(name, value)| (name.clone(), canonical(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            Value::Object(members.into_iter().collect())
        }
        other => other.clone(),
    }
}

/// An xsd:dateTime with a zone.
pub(crate) fn instant(what: &str, value: &Value) -> Result<Timestamp, Stop> {
    text(value).parse().map_err(|_| failed(format!("{what} is a dateTime"), value.to_string()))
}

/// The error form of the version that is spoken, with this status in it.
pub(crate) fn error_body(version: Version, answer: &Answer, statuses: &[u16]) -> Verdict {
    answer.one_of(statuses)?.object()?;
    let status = answer.status.to_string();
    match version {
        Version::V2 => {
            answer.has_schema(ERROR)?;
            expect(
                answer.get("status") == status.as_str(),
                format!("status of the error body is the string \"{status}\""),
                answer.get("status").to_string(),
            )
        }
        Version::V1 => {
            let first = &answer.get("Errors")[0];
            expect(
                first["code"] == status.as_str() && first["description"].is_string(),
                format!("Errors[0] has a description and the code \"{status}\""),
                answer.told(),
            )
        }
    }
}

/// The values of a multi-valued attribute's `value`.
pub(crate) fn values<'a>(resource: &'a Value, attribute: &str) -> Vec<&'a str> {
    let all = resource[attribute].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut values: Vec<&str> = all.iter().map(|one| text(&one["value"])).collect();
    values.sort_unstable();
    values
}

/// A multi-valued attribute has exactly these values.
pub(crate) fn has_values(resource: &Value, attribute: &str, expected: &[&str]) -> Verdict {
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    let got = values(resource, attribute);
    let holds = got == expected;
    expect(holds, format!("{attribute} has the values [{}]", expected.join(", ")), resource[attribute].to_string())
}

/// No member anywhere in a value has this name.
pub(crate) fn mentions(value: &Value, name: &str) -> bool {
    match value {
        Value::Array(all) => all.iter().any(|one| mentions(one, name)),
        Value::Object(members) => {
            members.iter().any(|(other, value)| other.eq_ignore_ascii_case(name) || mentions(value, name))
        }
        _ => false,
    }
}
