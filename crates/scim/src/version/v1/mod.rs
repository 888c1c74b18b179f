//! SCIM 1.1 (draft-scim-core-schema-01, draft-scim-api-01): other names for the same model, lists in a short form, and
//! a PATCH that is a partial resource.

mod lists;
mod names;
mod partial;

pub(crate) use names::path_to_2_0;
pub use partial::read_patch;

use serde_json::Value;

use crate::quirks::Leniency;
use crate::resource::{self, Incoming, Resource};
use crate::schema::{CORE_V1, ResourceType};
use crate::version::{Parts, v2};
use crate::{Error, Object};

/// Reads the body of a POST or PUT.
///
/// ```
/// use doorward_scim::{json, quirks::Leniency, schema::{ENTERPRISE, ResourceType}, version::v1};
///
/// let body = br#"{"schemas": ["urn:scim:schemas:core:1.0", "urn:scim:schemas:extension:enterprise:1.0"],
///     "userName": "ada", "emails": ["ada@corp.example"],
///     "urn:scim:schemas:extension:enterprise:1.0": {"manager": {"managerId": "u-2"}}}"#;
/// let user = v1::read_resource(json::parse_object(body)?, &ResourceType::user(), &mut Leniency::strict())?;
/// let enterprise = user.resource.extension(ENTERPRISE);
/// assert_eq!(enterprise.and_then(|entry| entry["manager"]["value"].as_str()), Some("u-2"));
/// # Ok::<(), doorward_scim::Error>(())
/// ```
///
/// # Errors
/// As [`resource::read`], and `invalidValue` for an `operation` other than `delete` in a list.
pub fn read_resource(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Incoming, Error> {
    let body = lists::normalise(names::body_to_2_0(body, resource_type), resource_type)?;
    resource::read(body, resource_type, leniency)
}

/// The full resource in its 1.1 form. `parts.location` is the URL under `/v1`.
pub fn render(stored: &Resource, parts: &Parts<'_>, resource_type: &ResourceType) -> Object {
    rename(v2::render(stored, parts, resource_type), resource_type)
}

/// Turns a resource as SCIM 2.0 shows it, or the part of it a client asked for, into its 1.1 form: other URNs, no
/// `meta.resourceType`, no `$ref`, `managerId` for the manager's `value`.
pub fn rename(object: Object, resource_type: &ResourceType) -> Object {
    names::resource_to_1_1(object, resource_type)
}

/// An error body (section 3.9): the code is a string. SCIM 1.1 has no error keywords, so `scim_type` is left out.
pub fn error_body(status: u16, scim_type: Option<&str>, detail: &str) -> Object {
    let _ = scim_type;
    let mut error = Object::new();
    error.insert("description".to_owned(), Value::from(detail));
    error.insert("code".to_owned(), Value::from(status.to_string()));
    Object::from_iter([("Errors".to_owned(), Value::Array(vec![Value::Object(error)]))])
}

/// A page of resources (section 3.2.2.3); its URN is that of the core schema, there is none for lists.
pub fn list_body(total: i64, start_index: i64, resources: Vec<Object>) -> Object {
    let mut list = Object::new();
    list.insert("schemas".to_owned(), Value::from(vec![CORE_V1]));
    list.insert("totalResults".to_owned(), Value::from(total));
    list.insert("startIndex".to_owned(), Value::from(start_index));
    list.insert("itemsPerPage".to_owned(), Value::from(resources.len()));
    list.insert("Resources".to_owned(), Value::from_iter(resources.into_iter().map(Value::Object)));
    list
}
