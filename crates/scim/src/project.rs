//! `attributes` and `excludedAttributes`: which part of a resource a response holds (RFC 7644 section 3.9).

use crate::schema::ResourceType;
use crate::{Error, Object};

/// What a client asked to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projection {}

impl Projection {
    /// Everything that is returned by default.
    pub fn everything() -> Self {
        Self {}
    }

    /// Reads the two query parameters of SCIM 2.0, each a comma-separated list.
    ///
    /// # Errors
    /// `invalidValue` when both are given (D30).
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, Error> {
        let _ = (attributes, excluded, resource_type);
        Ok(Self {})
    }

    /// Reads the query parameter of SCIM 1.1, which has `attributes` alone.
    pub fn for_v1(attributes: Option<&str>, resource_type: &ResourceType) -> Self {
        let _ = (attributes, resource_type);
        Self {}
    }

    /// Whether nothing was asked for, so that a rendered resource can be sent as it is.
    pub fn is_default(&self) -> bool {
        true
    }

    /// Whether an attribute, or any part of it, will be in the response; so that members need not be loaded in vain.
    pub fn wants(&self, attribute: &str) -> bool {
        let _ = attribute;
        true
    }

    /// The part of a rendered resource (SCIM 2.0 form) that was asked for.
    #[must_use]
    pub fn apply(&self, object: Object) -> Object {
        object
    }
}
