//! Attribute names and attribute paths: `URN:attribute.sub` (RFC 7644 section 3.10).
//!
//! Schema URNs contain dots and colons of their own, so a path is split by the URNs its resource type has, longest first,
//! and never by its last dot or colon alone. Only URNs of custom namespaces, which no schema declares, are split by shape.

use std::fmt;

use crate::schema::{self, ResourceType};
pub use crate::text::{fold, normalise_user_name};

/// Whether two attribute names, or two schema URNs, are the same: ASCII letters in any case (RFC 7643 section 2.1).
pub fn same_name(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether a text is an attribute name by RFC 7643 section 2.1: a letter, then letters, digits, `$`, `-`, `_`. `$ref` is
/// one too although it does not fit that grammar.
pub fn is_attribute_name(text: &str) -> bool {
    let mut rest = text.chars();
    let starts = rest.next().is_some_and(|c| c.is_ascii_alphabetic());
    (starts && rest.all(|c| c.is_ascii_alphanumeric() || matches!(c, '$' | '-' | '_'))) || same_name(text, "$ref")
}

/// An attribute path, as it was written, taken apart.
///
/// ```
/// use doorward_scim::{attr::AttrPath, schema::ResourceType};
///
/// let user = ResourceType::user();
/// let path = AttrPath::parse("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", &user)?;
/// assert_eq!((path.attribute.as_str(), path.sub.as_deref()), ("name", Some("givenName")));
/// assert!(AttrPath::parse("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", &user)?.is_root());
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttrPath {
    /// The schema URN in front, as written.
    pub urn: Option<String>,
    /// The attribute name; empty when the path is a schema URN alone.
    pub attribute: String,
    /// The sub-attribute behind the dot.
    pub sub: Option<String>,
}

impl AttrPath {
    /// A path without URN.
    pub fn plain(attribute: &str, sub: Option<&str>) -> Self {
        Self { urn: None, attribute: attribute.to_owned(), sub: sub.map(str::to_owned) }
    }

    /// Takes a path apart. Whether its names exist is another question, see [`ResourceType::resolve`].
    ///
    /// # Errors
    /// A reason in words when the text is outside the grammar.
    pub fn parse(text: &str, resource_type: &ResourceType) -> Result<Self, String> {
        let (urn, rest) = split_urn(text, resource_type)?;
        let Some(rest) = rest else {
            return Ok(Self { urn, attribute: String::new(), sub: None });
        };
        let (attribute, sub) = match rest.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub)),
            None => (rest, None),
        };
        for name in std::iter::once(attribute).chain(sub) {
            if !is_attribute_name(name) {
                return Err(format!("`{}` is not an attribute name in the path `{}`", excerpt(name), excerpt(text)));
            }
        }
        Ok(Self { urn, attribute: attribute.to_owned(), sub: sub.map(str::to_owned) })
    }

    /// Whether the path is a schema URN alone.
    pub fn is_root(&self) -> bool {
        self.attribute.is_empty()
    }
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            f.write_str(urn)?;
            if !self.is_root() {
                f.write_str(":")?;
            }
        }
        f.write_str(&self.attribute)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// At most the first 80 characters, so that an error never repeats a large input.
pub(crate) fn excerpt(text: &str) -> &str {
    match text.char_indices().nth(80) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

type Split<'t> = (Option<String>, Option<&'t str>);

/// The URN in front, and what stands behind its colon (`None` for a URN alone).
fn split_urn<'t>(text: &'t str, resource_type: &ResourceType) -> Result<Split<'t>, String> {
    let longest = resource_type.urns().filter(|urn| starts_with_urn(text, urn)).map(str::len).max();
    let end = match longest {
        Some(length) => length,
        None if !starts_with(text, "urn:") => return Ok((None, Some(text))),
        None => undeclared_end(text)
            .ok_or_else(|| format!("`{}` holds no attribute name behind its schema URN", excerpt(text)))?,
    };
    let (urn, rest) = text.split_at(end);
    Ok((Some(urn.to_owned()), rest.strip_prefix(':')))
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.as_bytes().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

fn starts_with_urn(text: &str, urn: &str) -> bool {
    starts_with(text, urn) && matches!(text.as_bytes().get(urn.len()), None | Some(b':'))
}

/// Where the URN of an undeclared namespace ends. Okta's and Entra's administrators invent them, always in the shape
/// `urn:…:scim:schemas:…:<digits>.<digits>:<Name>`; SCIM 1.1 has no `<Name>`.
fn undeclared_end(text: &str) -> Option<usize> {
    if !schema::is_schema_urn(text) {
        return text.rfind(':').filter(|&colon| colon + 1 < text.len());
    }
    let mut ends = Vec::new();
    let mut start = 0;
    let mut version = None;
    for (index, segment) in text.split(':').enumerate() {
        start += segment.len();
        ends.push(start);
        start += 1;
        if is_version(segment) {
            version = Some(index);
        }
    }
    let Some(version) = version else {
        return text.rfind(':').filter(|&colon| colon + 1 < text.len());
    };
    let behind = ends.len() - version - 1;
    let of_1_1 = starts_with(text, "urn:scim:schemas:");
    match behind {
        0 => Some(text.len()),
        1 if of_1_1 => ends.get(version).copied(),
        1 => text.rsplit(':').next().filter(|name| is_attribute_name(name)).map(|_| text.len()),
        2 => ends.get(version + 1).copied(),
        _ => None,
    }
}

fn is_version(segment: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    segment.split_once('.').is_some_and(|(major, minor)| digits(major) && digits(minor))
}
