//! What a client sent although no schema of its directory declares it. A tolerant directory keeps it; an administrator
//! wants to know its name.

use serde_json::Value;

use crate::Object;
use crate::attr::same_name;
use crate::patch::Patch;
use crate::resource::{Resource, is_extension};
use crate::schema::ResourceType;

/// Names longer than this are not told.
const MAX_NAME: usize = 256;

/// The name of something that no schema declares.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Received {
    /// The URN of its extension, declared or not; `None` at the top level.
    pub urn: Option<String>,
    /// Its name.
    pub attribute: String,
}

impl Received {
    /// Whether the two are one name in any letter case.
    pub fn is(&self, other: &Self) -> bool {
        let urns = match (&self.urn, &other.urn) {
            (None, None) => true,
            (Some(a), Some(b)) => same_name(a, b),
            _ => false,
        };
        urns && same_name(&self.attribute, &other.attribute)
    }

    /// Whether a schema of the type declares it now.
    pub fn is_declared(&self, resource_type: &ResourceType) -> bool {
        match &self.urn {
            None => resource_type.core_attribute(&self.attribute).is_some(),
            Some(urn) if same_name(urn, &resource_type.schema.id) => {
                resource_type.core_attribute(&self.attribute).is_some()
            }
            Some(urn) => {
                let extension = resource_type.extension(urn);
                extension.is_some_and(|extension| extension.schema.attribute(&self.attribute).is_some())
            }
        }
    }
}

/// What of a resource, as it was read from a POST or PUT, no schema declares.
///
/// ```
/// use doorward_scim::{json, quirks::Leniency, received, resource, schema::ResourceType};
///
/// let body = json::parse_object(br#"{"userName": "ada", "shoeSize": 38, "urn:x:scim:schemas:y:1.0:Z": {"role": "a"}}"#)?;
/// let ada = resource::read(body, &ResourceType::user(), &mut Leniency::tolerant())?;
/// let names = received::of_resource(&ada.resource, &ResourceType::user());
/// assert_eq!(names.iter().map(|name| name.attribute.as_str()).collect::<Vec<_>>(), ["shoeSize", "role"]);
/// # Ok::<(), doorward_scim::Error>(())
/// ```
pub fn of_resource(resource: &Resource, resource_type: &ResourceType) -> Vec<Received> {
    let mut names = Names { resource_type, found: Vec::new() };
    for (key, value) in resource.as_object() {
        match value {
            Value::Object(object) if is_extension(key, value) => names.extension(key, object),
            _ => names.put(None, key),
        }
    }
    names.found
}

/// What of a PATCH no schema declares.
pub fn of_patch(patch: &Patch, resource_type: &ResourceType) -> Vec<Received> {
    let mut names = Names { resource_type, found: Vec::new() };
    // An edit without value takes something away.
    for edit in patch.edits.iter().filter(|edit| edit.value.as_ref().is_some_and(|value| !value.is_null())) {
        let path = &edit.path.attr;
        match (&path.urn, &edit.value) {
            (Some(urn), Some(Value::Object(object))) if path.is_root() => names.extension(urn, object),
            _ if path.is_root() => {}
            (urn, _) => names.put(urn.as_deref(), &path.attribute),
        }
    }
    names.found
}

struct Names<'a> {
    resource_type: &'a ResourceType,
    found: Vec<Received>,
}

impl Names<'_> {
    fn extension(&mut self, urn: &str, object: &Object) {
        for key in object.keys() {
            // `emails.type` in an extension's object is told as what it begins with.
            self.put(Some(urn), key.split('.').next().unwrap_or(key));
        }
    }

    fn put(&mut self, urn: Option<&str>, attribute: &str) {
        let name = Received { urn: urn.map(str::to_owned), attribute: attribute.to_owned() };
        let sane = !attribute.is_empty() && attribute.len() <= MAX_NAME && urn.is_none_or(|urn| urn.len() <= MAX_NAME);
        if sane && !name.is_declared(self.resource_type) && !self.found.iter().any(|found| found.is(&name)) {
            self.found.push(name);
        }
    }
}
