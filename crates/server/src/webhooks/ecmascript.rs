//! JSON as ECMAScript's `JSON.stringify` writes what `JSON.parse` has read.
//!
//! WorkOS's Node SDK takes the parsed body, writes it again, and verifies the signature of that text. So a delivery must be written as
//! ECMAScript would: keys that look like array indexes first and in order, and numbers as doubles in their shortest form (ECMA-262,
//! Number::toString and OrdinaryOwnPropertyKeys). Otherwise a customer's `1.0` in a custom attribute would make every delivery about
//! that person a forgery to the SDK. An integer beyond 2^53 is rounded by this, which every reader of I-JSON expects (RFC 7493, 2.2);
//! the API shows it exactly.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

/// The largest array index of ECMAScript.
const LARGEST_INDEX: u32 = u32::MAX - 1;

/// Writes a value.
pub fn stringify(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) => number(text, value),
        Value::String(value) => string(text, value),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                comma(text, place);
                write(text, item);
            }
            text.push(']');
        }
        Value::Object(members) => object(text, members),
    }
}

fn comma(text: &mut String, place: usize) {
    if place > 0 {
        text.push(',');
    }
}

fn object(text: &mut String, members: &Map<String, Value>) {
    let mut ordered: Vec<(Option<u32>, &String, &Value)> =
        members.iter().map(|(key, value)| (index(key), key, value)).collect();
    // A stable sort: what is no index stays in its order, behind the indexes.
    ordered.sort_by_key(|(index, ..)| index.map_or((true, 0), |index| (false, index)));
    text.push('{');
    for (place, (_, key, value)) in ordered.into_iter().enumerate() {
        comma(text, place);
        string(text, key);
        text.push(':');
        write(text, value);
    }
    text.push('}');
}

/// The array index that a key spells, in the one spelling that counts.
fn index(key: &str) -> Option<u32> {
    let canonical = key == "0" || (!key.starts_with('0') && key.bytes().all(|byte| byte.is_ascii_digit()));
    key.parse().ok().filter(|index| canonical && *index <= LARGEST_INDEX)
}

fn string(text: &mut String, value: &str) {
    // The two agree on strings: both escape the quote, the backslash and what is below U+0020.
    text.push_str(&Value::from(value).to_string());
}

fn number(text: &mut String, value: &Number) {
    let double = value.as_f64().unwrap_or_default();
    if double == 0.0 {
        // Also the negative zero.
        return text.push('0');
    }
    // The shortest digits that mean this double; of two that do, ECMAScript takes the same as serde_json.
    let shortest = Value::from(double).to_string();
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{part}");
    let significant = digits.trim_start_matches('0');
    let leading = i32::try_from(whole.len()).unwrap_or_default() + i32::try_from(significant.len()).unwrap_or_default()
        - i32::try_from(digits.len()).unwrap_or_default();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    text.push_str(sign);
    decimal(text, significant.trim_end_matches('0'), leading + exponent);
}

/// Writes `0.DIGITS` times ten to the power of `point`.
fn decimal(text: &mut String, digits: &str, point: i32) {
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let (whole, part) = digits.split_at(usize::try_from(point.clamp(1, count)).unwrap_or_default());
    let separator = if part.is_empty() { "" } else { "." };
    // Writing to a string does not fail.
    let _ = match point {
        ..=-6 | 22.. => {
            let (first, rest) = digits.split_at(1);
            let separator = if rest.is_empty() { "" } else { "." };
            write!(text, "{first}{separator}{rest}e{:+}", point - 1)
        }
        -5..=0 => write!(text, "0.{}{digits}", zeros(-point)),
        _ => write!(text, "{whole}{separator}{part}{}", zeros(point - count)),
    };
}

#[cfg(test)]
mod tests {
    use super::stringify;

    /// What Node's `JSON.stringify(JSON.parse(...))` makes of the left side is the right side.
    const WRITTEN: [(&str, &str); 22] = [
        ("1.0", "1"),
        ("-0.0", "0"),
        ("-1.50", "-1.5"),
        ("100000.0", "100000"),
        ("1E5", "100000"),
        ("1e20", "100000000000000000000"),
        ("123456789e12", "123456789000000000000"),
        ("1e21", "1e+21"),
        ("-1.5e300", "-1.5e+300"),
        ("0.000001", "0.000001"),
        ("0.0000012", "0.0000012"),
        ("1e-7", "1e-7"),
        ("1.25e-7", "1.25e-7"),
        ("5e-324", "5e-324"),
        ("9007199254740993", "9007199254740992"),
        ("12345678901234567890", "12345678901234567000"),
        ("0.1", "0.1"),
        ("4.35", "4.35"),
        (
            r#"{"b":1,"2":2,"10":3,"1":4,"01":5,"-1":6,"4294967294":7,"4294967295":8,"0":9}"#,
            r#"{"0":9,"1":4,"2":2,"10":3,"4294967294":7,"b":1,"01":5,"-1":6,"4294967295":8}"#,
        ),
        (r#"{"__proto__":{"1":1},"":null}"#, r#"{"__proto__":{"1":1},"":null}"#),
        (
            "\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\\\/\\u007f\\u2028\\ud83d\\ude00\"",
            "\"\\u0001\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\u{7f}\u{2028}\u{1f600}\"",
        ),
        ("[true,false,null,[],{}]", "[true,false,null,[],{}]"),
    ];

    #[test]
    fn sec_44_bodies_are_written_as_the_node_sdk_writes_them_again() {
        for (read, written) in WRITTEN {
            assert_eq!(stringify(&serde_json::from_str(read).unwrap()), written, "{read}");
        }
    }
}
