//! The `path` of an operation: `/Users`, `/Groups/{id}`, `/Groups/bulkId:{bulkId}`, and nothing else.
//!
//! An operation reaches only what a single request with the same credential reaches below the same base URL, so absolute
//! URLs, steps upwards and a bulk request within a bulk request are refused (P-7644-3.7-10, SEC-33).

use super::reference::PREFIX;
use crate::Error;
use crate::attr::excerpt;

/// Which resources an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `/Users`.
    User,
    /// `/Groups`.
    Group,
}

impl Kind {
    /// The path of all of them, without a slash in front.
    pub fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }
}

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) kind: Kind,
    /// `None` for the endpoint itself.
    pub(super) resource: Option<Named>,
}

/// One resource, as a path names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As it is written, for the location of a result.
    pub(super) segment: String,
    /// An id, or `bulkId:` and the bulkId of the operation that makes the resource.
    pub(super) name: String,
}

impl Named {
    /// The bulkId that stands in for the id.
    pub(super) fn bulk_id(&self) -> Option<&str> {
        self.name.strip_prefix(PREFIX)
    }
}

impl Target {
    /// Reads a path. A slash at its end is ignored, and the one in front may be absent: it is relative to the base URL.
    pub(super) fn parse(path: &str) -> Result<Self, Error> {
        let refused = |reason: &str| {
            let path = excerpt(path);
            Error::invalid_syntax(format!(
                "path `{path}` {reason}; it is /Users or /Groups, or one resource such as /Users/2819c223"
            ))
        };
        if path.contains("://") || path.starts_with("//") {
            return Err(refused("is an absolute URL and not relative to the base URL"));
        }
        if path.contains(['?', '#']) {
            return Err(refused("has a query or a fragment"));
        }
        let mut segments = path.strip_prefix('/').unwrap_or(path).trim_end_matches('/').split('/');
        let kind = match segments.next() {
            Some("Users") => Kind::User,
            Some("Groups") => Kind::Group,
            Some("Bulk") => return Err(refused("is a bulk request within a bulk request")),
            _ => return Err(refused("names no endpoint that a bulk operation can change")),
        };
        let Some(segment) = segments.next() else { return Ok(Self { kind, resource: None }) };
        let name = decoded(segment);
        if segments.next().is_some() || name.contains('/') || matches!(name.as_str(), "" | "." | "..") {
            return Err(refused("leads beyond one resource"));
        }
        Ok(Self { kind, resource: Some(Named { segment: segment.to_owned(), name }) })
    }
}

/// Decodes `%XX` once; what is not such a triple stays as it is, and bytes that are no UTF-8 become U+FFFD.
fn decoded(segment: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let pair = match (first, others) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        match pair {
            Some((high, low)) => {
                bytes.push(high * 16 + low);
                rest = others.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
