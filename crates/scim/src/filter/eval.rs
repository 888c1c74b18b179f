//! Stub.
use serde_json::Value;

use super::Filter;
use crate::Object;
use crate::schema::{Attribute, ResourceType};

/// A filter made ready for many resources.
#[derive(Debug)]
pub struct Matcher<'a> {
    filter: &'a Filter,
    resource_type: &'a ResourceType,
}

impl<'a> Matcher<'a> {
    /// Resolves names and prepares literals once.
    pub fn new(filter: &'a Filter, resource_type: &'a ResourceType) -> Self {
        Self { filter, resource_type }
    }

    /// Whether a rendered resource satisfies the filter.
    pub fn matches(&self, resource: &Object) -> bool {
        let _ = (resource, self.filter, self.resource_type);
        false
    }
}

/// Whether one value of an attribute satisfies the filter between the brackets of a PATCH path.
pub fn value_matches(filter: &Filter, element: &Value, attribute: &Attribute) -> bool {
    let _ = (filter, element, attribute);
    false
}
