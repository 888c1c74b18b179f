//! The part of a stored resource that a filter or an order looks at, read without the rest.
//!
//! A filter that no index answers is asked about every resource of a directory. A tree of each whole document would cost many times
//! what the question does: all that the question does not name is skipped where it stands.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::attr::same_name;
use crate::compact::{Members, slice, unescaped};
use crate::{Error, Object};

/// Which members of a resource are looked at. Made by [`Matcher::needed`](crate::filter::Matcher::needed) and
/// [`SortBy::needed`](crate::sort::SortBy::needed).
///
/// ```
/// use doorward_scim::{filter::{Filter, Matcher}, quirks::Leniency, schema::ResourceType};
///
/// let user = ResourceType::user();
/// let filter = Filter::parse(r#"emails.value ew "@x.org""#, &user, &mut Leniency::strict())?;
/// let matcher = Matcher::new(&filter, &user);
/// let stored = r#"{"userName":"ada","emails":[{"value":"ada@x.org","type":"work"}],"title":"Guide"}"#;
/// let part = matcher.needed().read(stored)?;
/// assert_eq!(serde_json::Value::Object(part.clone()).to_string(), r#"{"emails":[{"value":"ada@x.org"}]}"#);
/// assert!(matcher.matches(&part));
/// # Ok::<(), doorward_scim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needed(Vec<Member>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: String,
    part: Part,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Whole,
    /// Of an object, or of each object in a list, these members.
    Members(Needed),
}

impl Needed {
    /// Adds what a path of names leads to, from the resource inwards.
    pub(crate) fn add(&mut self, path: &[&str]) {
        let Some((name, inner)) = path.split_first() else { return };
        // The server completes a manager from its `value`, whatever part of it is asked for.
        let inner = if same_name(name, "manager") { &[] } else { inner };
        let place = self.0.iter().position(|member| same_name(&member.name, name)).unwrap_or_else(|| {
            self.0.push(Member { name: (*name).to_owned(), part: Part::Members(Self::default()) });
            self.0.len() - 1
        });
        let Some(member) = self.0.get_mut(place) else { return };
        match &mut member.part {
            Part::Whole => {}
            part if inner.is_empty() => *part = Part::Whole,
            Part::Members(members) => members.add(inner),
        }
    }

    /// All that one or the other looks at.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for Member { name, part } in &other.0 {
            match part {
                Part::Whole => self.add(&[name]),
                Part::Members(theirs) => {
                    let mine = self.0.iter_mut().find(|member| same_name(&member.name, name));
                    match mine.map(|member| &mut member.part) {
                        None => self.0.push(Member { name: name.clone(), part: part.clone() }),
                        Some(Part::Whole) => {}
                        Some(Part::Members(mine)) => *mine = std::mem::take(mine).and(theirs),
                    }
                }
            }
        }
        self
    }

    /// Whether a top-level member, or a part of it, is looked at.
    pub fn names(&self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// Whether nothing is looked at that depends on which extensions a directory declares: no extension, and not `schemas`.
    pub fn is_core(&self) -> bool {
        self.0.iter().all(|member| !member.name.contains(':') && !same_name(&member.name, "schemas"))
    }

    /// Reads that part of what [`to_stored`](crate::resource::Resource::to_stored) wrote: compact JSON.
    ///
    /// # Errors
    /// `invalidSyntax` when the text is not a JSON object; that means a damaged store. What is not needed is not judged.
    pub fn read(&self, stored_text: &str) -> Result<Object, Error> {
        if !(stored_text.starts_with('{') && stored_text.ends_with('}')) {
            return Err(Error::invalid_syntax("stored resource: not an object"));
        }
        self.object(stored_text).map_err(|error| Error::invalid_syntax(format!("stored resource: {error}")))
    }

    fn object(&self, text: &str) -> serde_json::Result<Object> {
        let (mut object, mut found) = (Object::new(), 0);
        for (written_key, span) in Members::of(text, 0) {
            let key = unescaped(written_key);
            let Some(member) = self.member(&key) else { continue };
            let value = slice(text, span);
            let value = match &member.part {
                Part::Whole => serde_json::from_str(value)?,
                Part::Members(members) if value.starts_with('{') => Value::Object(members.object(value)?),
                Part::Members(members) => members.deserialize(&mut serde_json::Deserializer::from_str(value))?,
            };
            // The spelling of the schema counts before any other one: behind it there is nothing to look for.
            found += usize::from(*key == member.name);
            object.insert(key.into_owned(), value);
            if found == self.0.len() {
                break;
            }
        }
        Ok(object)
    }

    fn member(&self, name: &str) -> Option<&Member> {
        self.0.iter().find(|member| same_name(&member.name, name))
    }
}

impl<'de> DeserializeSeed<'de> for &Needed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Needed {
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
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(key) = access.next_key_seed(Key)? {
            let value = match self.member(&key) {
                None => {
                    access.next_value::<IgnoredAny>()?;
                    continue;
                }
                Some(Member { part: Part::Whole, .. }) => access.next_value()?,
                Some(Member { part: Part::Members(members), .. }) => access.next_value_seed(members)?,
            };
            object.insert(key.into_owned(), value);
        }
        Ok(Value::Object(object))
    }
}

/// A key, borrowed from the text where it holds no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(paths: &[&[&str]]) -> Needed {
        let mut needed = Needed::default();
        paths.iter().for_each(|path| needed.add(path));
        needed
    }

    fn read(paths: &[&[&str]], text: &str) -> String {
        Value::Object(needed(paths).read(text).unwrap()).to_string()
    }

    #[test]
    fn what_is_not_named_is_skipped_and_names_have_any_letter_case() {
        let text = r#"{"schemas":["x"],"userName":"a","NAME":{"familyName":"b","givenName":{"x":[1]}},"emails":[{"VALUE":"e","type":1},7,[{"value":2}]],"n\u0061me":null}"#;
        for (paths, expected) in [
            (&[&["username"][..]][..], r#"{"userName":"a"}"#),
            (&[&["name", "familyname"]], r#"{"NAME":{"familyName":"b"},"name":null}"#),
            (&[&["emails", "value"]], r#"{"emails":[{"VALUE":"e"},7,[{"value":2}]]}"#),
            (&[&["emails", "value"], &["emails"]], r#"{"emails":[{"VALUE":"e","type":1},7,[{"value":2}]]}"#),
            (&[], "{}"),
        ] {
            assert_eq!(read(paths, text), expected, "{paths:?}");
        }
        for damaged in ["", "[]", "7", "{", r#"{"a":}"#, r#"{"a":1} x"#] {
            assert!(needed(&[&["a"]]).read(damaged).is_err(), "{damaged}");
        }
    }

    #[test]
    fn two_parts_join_to_one() {
        let both = needed(&[&["a", "x"], &["b"]]).and(&needed(&[&["A", "y"], &["b", "z"], &["c"]]));
        assert_eq!(both, needed(&[&["a", "x"], &["a", "y"], &["b"], &["c"]]));
        assert!(both.names("C") && !both.names("x") && both.is_core());
        assert!(!needed(&[&["Schemas"]]).is_core() && !needed(&[&["urn:x", "a"]]).is_core());
    }
}
