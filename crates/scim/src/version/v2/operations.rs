//! Stub.
use crate::patch::Patch;
use crate::quirks::Leniency;
use crate::schema::ResourceType;
use crate::{Error, Object};

/// Reads the body of a PATCH (RFC 7644 section 3.5.2).
///
/// # Errors
/// Any keyword of the PATCH matrix.
pub fn read_patch(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Patch, Error> {
    let _ = (body, resource_type, leniency);
    Ok(Patch::default())
}
