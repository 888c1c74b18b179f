//! The two wire forms of the one model: SCIM 2.0 ([`v2`]) and SCIM 1.1 ([`v1`]).
//!
//! A version is a codec and nothing else. Both read a body into the same [`Incoming`] or [`Patch`], and both write a
//! stored [`Resource`] with what the server adds to it ([`Parts`]). Every rule stands below this point, in
//! [`resource`](crate::resource) and [`patch`](crate::patch), so no rule can exist in one version only.

mod parts;
pub mod v1;
pub mod v2;

pub use parts::{GroupRef, MemberRef, Parts};

use crate::patch::Patch;
use crate::quirks::Leniency;
use crate::resource::{Incoming, Resource};
use crate::schema::ResourceType;
use crate::{Error, Object};

/// A version of the protocol, as the path of a request names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// SCIM 1.1.
    V1,
    /// SCIM 2.0 (RFC 7643, RFC 7644).
    V2,
}

impl Version {
    /// The segment of the path: `v1` or `v2`.
    pub fn segment(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V2 => "v2",
        }
    }

    /// The media type of bodies: `application/json` in 1.1 (section 3.6 of the protocol), `application/scim+json` in
    /// 2.0 (RFC 7644 section 8.1).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::V1 => "application/json",
            Self::V2 => "application/scim+json",
        }
    }

    /// Reads the body of a POST or PUT.
    ///
    /// # Errors
    /// As [`crate::resource::read`].
    pub fn read_resource(
        self,
        body: Object,
        resource_type: &ResourceType,
        leniency: &mut Leniency,
    ) -> Result<Incoming, Error> {
        match self {
            Self::V1 => v1::read_resource(body, resource_type, leniency),
            Self::V2 => v2::read_resource(body, resource_type, leniency),
        }
    }

    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// As [`v1::read_patch`] and [`v2::read_patch`].
    pub fn read_patch(
        self,
        body: Object,
        resource_type: &ResourceType,
        leniency: &mut Leniency,
    ) -> Result<Patch, Error> {
        match self {
            Self::V1 => v1::read_patch(body, resource_type, leniency),
            Self::V2 => v2::read_patch(body, resource_type, leniency),
        }
    }

    /// Writes a resource.
    pub fn render(self, stored: &Resource, parts: &Parts<'_>, resource_type: &ResourceType) -> Object {
        match self {
            Self::V1 => v1::render(stored, parts, resource_type),
            Self::V2 => v2::render(stored, parts, resource_type),
        }
    }

    /// Writes an error body. SCIM 1.1 has no `scimType`.
    pub fn error_body(self, status: u16, scim_type: Option<&str>, detail: &str) -> Object {
        match self {
            Self::V1 => v1::error_body(status, scim_type, detail),
            Self::V2 => v2::error_body(status, scim_type, detail),
        }
    }

    /// Writes a page of resources. `total` counts all matches, `start_index` counts from 1.
    pub fn list_body(self, total: i64, start_index: i64, resources: Vec<Object>) -> Object {
        match self {
            Self::V1 => v1::list_body(total, start_index, resources),
            Self::V2 => v2::list_body(total, start_index, resources),
        }
    }
}
