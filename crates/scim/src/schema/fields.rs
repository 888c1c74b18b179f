//! Reading what an administrator declares: member by member, every mistake with the place where it stands.

use serde_json::Value;

use crate::Object;
use crate::attr::excerpt;
use crate::json::kind_of;

/// What is wrong with a declaration, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// The place, such as `attributes[2].type`.
    pub field: String,
    /// What is wrong there, as the end of a sentence that begins with the place.
    pub message: String,
}

impl Invalid {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into() }
    }
}

impl std::fmt::Display for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.field, self.message)
    }
}

impl std::error::Error for Invalid {}

/// The members of one object of a declaration.
pub(super) struct Fields<'a> {
    object: &'a Object,
    place: String,
}

impl<'a> Fields<'a> {
    /// The members of an object that stands at `place`; all of `known` and no others may be there.
    pub fn of(object: &'a Object, place: &str, known: &[&str]) -> Result<Self, Invalid> {
        let fields = Self { object, place: place.to_owned() };
        match object.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(fields.wrong(excerpt(key), format!("is not known here; known are {}", known.join(", ")))),
            None => Ok(fields),
        }
    }

    /// As [`Fields::of`], for any value.
    pub fn of_value(value: &'a Value, place: &str, known: &[&str]) -> Result<Self, Invalid> {
        match value {
            Value::Object(object) => Self::of(object, place, known),
            other => Err(Invalid::new(place, format!("must be an object, not {}", kind_of(other)))),
        }
    }

    /// Where a member stands.
    pub fn at(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// A mistake at a member.
    pub fn wrong(&self, name: &str, message: impl Into<String>) -> Invalid {
        Invalid::new(self.at(name), message)
    }

    /// A member; null counts as left out.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A text of at most `most` bytes, on one line.
    pub fn text(&self, name: &str, most: usize) -> Result<Option<&'a str>, Invalid> {
        self.get(name).map(|value| checked_text(value, most).map_err(|message| self.wrong(name, message))).transpose()
    }

    /// A boolean.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Invalid> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.wrong(name, format!("must be true or false, not {}", kind_of(other)))),
        }
    }

    /// An array of at most `most` elements; empty when it is left out.
    pub fn list(&self, name: &str, most: usize) -> Result<&'a [Value], Invalid> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(elements)) if elements.len() > most => {
                Err(self.wrong(name, format!("has {} elements; at most {most} are accepted", elements.len())))
            }
            Some(Value::Array(elements)) => Ok(elements),
            Some(other) => Err(self.wrong(name, format!("must be an array, not {}", kind_of(other)))),
        }
    }

    /// An array of texts of at most `length` bytes each.
    pub fn texts(&self, name: &str, most: usize, length: usize) -> Result<Vec<String>, Invalid> {
        let element = |(index, value)| {
            let text = checked_text(value, length);
            text.map(str::to_owned).map_err(|message| Invalid::new(format!("{}[{index}]", self.at(name)), message))
        };
        self.list(name, most)?.iter().enumerate().map(element).collect()
    }

    /// One of several words.
    pub fn word<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, Invalid> {
        let Some(text) = self.text(name, 100)? else { return Ok(None) };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, meaning)) => Ok(Some(*meaning)),
            None => {
                let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(self.wrong(name, format!("`{}` must be one of {}", excerpt(text), words.join(", "))))
            }
        }
    }
}

fn checked_text(value: &Value, most: usize) -> Result<&str, String> {
    match value {
        Value::String(text) if text.trim().is_empty() => Err("must not be empty".to_owned()),
        Value::String(text) if text.len() > most => {
            Err(format!("has {} bytes; at most {most} are accepted", text.len()))
        }
        Value::String(text) if text.chars().any(char::is_control) => Err("must be one line of text".to_owned()),
        Value::String(text) => Ok(text),
        other => Err(format!("must be a string, not {}", kind_of(other))),
    }
}
