//! What a caller demands of a resource's version before it lets it be changed (RFC 7644 section 3.14).

use super::error::{Error, Result};

/// The versions that a change is allowed on. Looked at inside the writing transaction, with the row locked, so that of
/// two callers with the same version exactly one succeeds (SEC-40).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Any version.
    #[default]
    None,
    /// The resource must exist (`If-Match: *`).
    Exists,
    /// One of these versions, each without its quotes.
    OneOf(Vec<String>),
}

impl Precondition {
    /// Lets the current version pass or not.
    ///
    /// # Errors
    /// [`Error::Precondition`] when the current version is not among those named.
    pub fn check(&self, version: i64) -> Result<()> {
        match self {
            Precondition::None | Precondition::Exists => Ok(()),
            Precondition::OneOf(versions) if versions.iter().any(|named| *named == version.to_string()) => Ok(()),
            Precondition::OneOf(_) => Err(Error::Precondition),
        }
    }
}
