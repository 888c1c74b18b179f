//! Stub.
use std::fmt;

use crate::Error;
use crate::attr::AttrPath;
use crate::filter::Filter;
use crate::quirks::Leniency;
use crate::schema::ResourceType;

/// Where a PATCH operation applies (RFC 7644 section 3.5.2): `attribute`, `attribute.sub`, `attribute[filter]`,
/// `attribute[filter].sub`, each with or without a schema URN in front, or an extension's URN alone.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute, in the spelling of the schema; an extension's URN is always there, the core schema's never.
    /// Without brackets a sub-attribute stands in here (`attr.sub`). For an extension alone `attr.is_root()`.
    pub attr: AttrPath,
    /// What stands between brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind brackets; always `None` when `filter` is.
    pub sub: Option<String>,
}

impl PatchPath {
    /// Reads a path.
    ///
    /// # Errors
    /// `invalidPath` when it is outside the grammar or names an unknown attribute, `invalidFilter` when what stands
    /// between its brackets is at fault (P-7644-3.5.2-13).
    pub fn parse(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Self, Error> {
        let _ = (text, resource_type, leniency);
        Err(Error::invalid_path("not written yet"))
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attr)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}
