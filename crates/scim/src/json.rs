//! The one JSON reader of every boundary.
//!
//! Stricter than JSON itself, because a lenient reader lets two readers of one body see two things: the same key twice is
//! refused, in any letter case, since RFC 7643 section 2.1 makes `userName` and `USERNAME` one attribute. Depth is counted
//! while reading, before a tree exists, so no input can exhaust the stack, neither here nor when the tree is dropped.

use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::attr::excerpt;
use crate::{Error, Object};

/// What the reader refuses before it builds a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many arrays and objects may be nested in each other.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 32 }
    }
}

/// Reads one JSON text within the default [`Limits`].
///
/// A byte order mark in front is tolerated (RFC 8259 section 8.1 allows a reader to ignore it).
///
/// # Errors
/// `invalidSyntax` with line and column for bytes that are not UTF-8, broken JSON, text behind the end, nesting that is
/// too deep, and a key that occurs twice in one object; `invalidValue` for the character U+0000, which no store keeps.
///
/// ```
/// use doorward_scim::json;
///
/// let error = json::parse(br#"{"userName": "a", "USERNAME": "b"}"#).unwrap_err();
/// assert_eq!(error.scim_type(), "invalidSyntax");
/// assert!(error.detail().contains("USERNAME"));
/// ```
pub fn parse(bytes: &[u8]) -> Result<Value, Error> {
    parse_within(bytes, Limits::default())
}

/// Reads one JSON text that must be an object.
///
/// # Errors
/// As [`parse`], and `invalidSyntax` for any other kind of value.
pub fn parse_object(bytes: &[u8]) -> Result<Object, Error> {
    parse_object_within(bytes, Limits::default())
}

/// Reads one JSON text that must be an object within limits of the caller's choice. Depths above 100 are treated as 100.
///
/// # Errors
/// As [`parse_object`].
pub fn parse_object_within(bytes: &[u8], limits: Limits) -> Result<Object, Error> {
    match parse_within(bytes, limits)? {
        Value::Object(object) => Ok(object),
        other => Err(Error::invalid_syntax(format!("the body must be a JSON object, not {}", kind_of(&other)))),
    }
}

/// Reads one JSON text within limits of the caller's choice. Depths above 100 are treated as 100.
///
/// # Errors
/// As [`parse`].
pub fn parse_within(bytes: &[u8], limits: Limits) -> Result<Value, Error> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid_syntax("the body is empty; a JSON object is needed"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let (line, column) = position(bytes.get(..error.valid_up_to()).unwrap_or_default());
        Error::invalid_syntax(format!("the body is not UTF-8 at line {line}, column {column}"))
    })?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let seed = Node { depth_left: limits.depth.min(100), depth: limits.depth.min(100) };
    let read = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| refusal(&error))
}

/// A word for the kind of a JSON value, with its article.
pub fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Line and column (both from 1, columns in characters) of the end of a text.
fn position(before: &[u8]) -> (usize, usize) {
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |newline| newline + 1);
    let column = String::from_utf8_lossy(before.get(start..).unwrap_or_default()).chars().count() + 1;
    (line, column)
}

const NUL: &str = "a string holds the character U+0000, which cannot be stored";

fn refusal(error: &serde_json::Error) -> Error {
    let text = error.to_string();
    if text.starts_with(NUL) {
        return Error::invalid_value(text);
    }
    match error.classify() {
        serde_json::error::Category::Data => Error::invalid_syntax(text),
        _ => Error::invalid_syntax(format!("the body is not valid JSON: {text}")),
    }
}

/// One value that may still hold `depth_left` levels of arrays and objects.
#[derive(Clone, Copy)]
struct Node {
    depth_left: usize,
    depth: usize,
}

impl Node {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left, ..self }),
            None => Err(E::custom(format!("arrays and objects are nested more than {} levels deep", self.depth))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Node {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("a number is out of range"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        if value.contains('\0') { Err(E::custom(NUL)) } else { Ok(Value::String(value)) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let node = self.deeper()?;
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(node)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let node = self.deeper()?;
        let mut object = Map::new();
        let mut seen = HashSet::new();
        while let Some(key) = access.next_key::<String>()? {
            if key.contains('\0') {
                return Err(de::Error::custom(NUL));
            }
            if !seen.insert(key.to_ascii_lowercase()) {
                return Err(de::Error::custom(format!(
                    "the key `{}` occurs twice in one object (attribute names ignore letter case)",
                    excerpt(&key)
                )));
            }
            let value = access.next_value_seed(node)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
