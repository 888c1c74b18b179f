//! SCIM 2.0: the canonical form is its wire form, so there is little to do beside PATCH messages and rendering.

mod operations;
mod part;
mod projected;
mod render;
mod splice;

pub use operations::read_patch;
pub use part::render_part;
pub use projected::render_projected_text;
pub use render::render;
pub use splice::render_text;

use crate::quirks::Leniency;
use crate::resource::{self, Incoming};
use crate::schema::ResourceType;
use crate::{Error, Object, message};

/// Reads the body of a POST or PUT.
///
/// # Errors
/// As [`resource::read`].
pub fn read_resource(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Incoming, Error> {
    resource::read(body, resource_type, leniency)
}

/// An error body (RFC 7644 section 3.12).
pub fn error_body(status: u16, scim_type: Option<&str>, detail: &str) -> Object {
    message::error(status, scim_type, detail)
}

/// A list of resources (RFC 7644 section 3.4.2).
pub fn list_body(total: i64, start_index: i64, resources: Vec<Object>) -> Object {
    message::list_response(total, start_index, resources)
}
