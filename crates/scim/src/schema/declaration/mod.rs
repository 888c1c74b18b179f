//! Extensions that a directory declares: a Schema resource (RFC 7643 section 7) and which resources it extends.
//!
//! ```
//! use doorward_scim::{json, schema::Declaration};
//!
//! let document = json::parse_object(br#"{
//!     "id": "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole", "resource_type": "User",
//!     "attributes": [{"name": "workato_role", "canonicalValues": ["Admin", "Analyst"], "closed": true}]}"#)?;
//! let declaration = Declaration::from_document(&document)?;
//! assert!(!declaration.required);
//! assert_eq!(Declaration::from_document(&declaration.to_document())?, declaration);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod attribute;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::fields::{Fields, Invalid};
use super::{Attribute, CORE_V1, ENTERPRISE, ENTERPRISE_V1, SCHEMA, Schema};
use crate::Object;
use crate::attr::same_name;
use crate::discovery::characteristics;

/// Extensions that one directory may declare.
pub const MAX_DECLARATIONS: usize = 20;
/// Attributes that one extension may have.
pub const MAX_ATTRIBUTES: usize = 100;
/// Bytes that a URN may have.
const MAX_URN: usize = 255;
/// Bytes that a description may have.
pub(super) const MAX_DESCRIPTION: usize = 1000;

/// URNs that are taken: what stands under them is described by a standard, or by this service itself.
const TAKEN: [&str; 5] = [
    "urn:ietf:params:scim:schemas:core:",
    "urn:ietf:params:scim:api:",
    CORE_V1,
    "urn:okta:scim:schemas:core:",
    ENTERPRISE_V1,
];

/// Which resources an extension extends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extended {
    /// Users.
    User,
    /// Groups.
    Group,
}

impl Extended {
    /// The name of the resource type.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// An extension that a directory declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Which resources it extends.
    pub resource_type: Extended,
    /// Whether each of them must have it.
    pub required: bool,
    /// What it adds.
    pub schema: Schema,
}

impl Declaration {
    /// Reads a declaration: a Schema resource with `resource_type` and `required` beside its members, and `closed` in
    /// those attributes that take none but their `canonicalValues`.
    ///
    /// What is left out has the defaults of RFC 7643 section 2.2.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub fn from_document(document: &Object) -> Result<Self, Invalid> {
        let known = ["id", "name", "description", "resource_type", "required", "attributes"];
        // What answers carry beside them, so that what was read can be sent back.
        let ignored = ["schemas", "meta", "object", "directory_id"];
        let fields = Fields::of(document, "", &[known.as_slice(), &ignored].concat())?;
        let id =
            fields.text("id", MAX_URN)?.ok_or_else(|| fields.wrong("id", "is missing: the URN of the extension"))?;
        check_urn(id).map_err(|message| fields.wrong("id", message))?;
        let types = [("User", Extended::User), ("Group", Extended::Group)];
        let resource_type = fields
            .word("resource_type", &types)?
            .ok_or_else(|| fields.wrong("resource_type", "is missing: User or Group"))?;
        let name = fields.text("name", 100)?.or(id.rsplit(':').next()).unwrap_or(id);
        let schema = Schema {
            id: id.to_owned(),
            name: name.to_owned(),
            description: fields.text("description", MAX_DESCRIPTION)?.unwrap_or_default().to_owned(),
            attributes: attribute::list(&fields, "attributes", MAX_ATTRIBUTES, attribute::Level::Top)?,
        };
        if schema.attributes.is_empty() {
            return Err(fields.wrong("attributes", "must have at least one element"));
        }
        Ok(Self { resource_type, required: fields.flag("required")?.unwrap_or(false), schema })
    }

    /// The same as a document, all defaults spelled out.
    pub fn to_document(&self) -> Object {
        let Schema { id, name, description, attributes } = &self.schema;
        let mut document = Object::new();
        let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
        put("schemas", Value::from(vec![SCHEMA]));
        put("id", Value::from(id.as_str()));
        put("name", Value::from(name.as_str()));
        if !description.is_empty() {
            put("description", Value::from(description.as_str()));
        }
        put("resource_type", Value::from(self.resource_type.name()));
        put("required", Value::from(self.required));
        put("attributes", attributes.iter().map(declared).collect());
        document
    }
}

/// An attribute with what only declarations say about it.
fn declared(attribute: &Attribute) -> Value {
    let mut document = characteristics(attribute);
    if let Value::Object(document) = &mut document {
        if attribute.description.is_empty() {
            document.shift_remove("description");
        }
        if attribute.closed {
            document.insert("closed".to_owned(), Value::Bool(true));
        }
        if attribute.is_complex() {
            let parts = attribute.sub_attributes.iter().map(declared).collect();
            document.insert("subAttributes".to_owned(), parts);
        }
    }
    document
}

/// Whether declarations can stand beside each other.
///
/// # Errors
/// `id` when two have one URN, when a path could mean an attribute of either, or when there are too many.
pub fn check_together(declarations: &[Declaration]) -> Result<(), Invalid> {
    if declarations.len() > MAX_DECLARATIONS {
        return Err(Invalid::new(
            "id",
            format!("would be one extension more than the {MAX_DECLARATIONS} of a directory"),
        ));
    }
    for (index, one) in declarations.iter().enumerate() {
        for other in declarations.iter().skip(index + 1) {
            let (a, b) = (&one.schema, &other.schema);
            if same_name(&a.id, &b.id) {
                return Err(Invalid::new("id", format!("`{}` is declared already", a.id)));
            }
            if names_attribute_of(&a.id, b) || names_attribute_of(&b.id, a) {
                let message = format!("`{}` and `{}`: one is also the path of an attribute of the other", a.id, b.id);
                return Err(Invalid::new("id", message));
            }
        }
    }
    Ok(())
}

/// Whether a URN is, read as a path, an attribute of a schema.
fn names_attribute_of(urn: &str, schema: &Schema) -> bool {
    let behind = urn.split_at_checked(schema.id.len()).filter(|(start, _)| same_name(start, &schema.id));
    behind.and_then(|(_, rest)| rest.strip_prefix(':')).is_some_and(|name| schema.attribute(name).is_some())
}

fn check_urn(urn: &str) -> Result<(), String> {
    let shaped =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let parts: Vec<&str> = urn.split(':').collect();
    let is_urn = parts.len() >= 3 && parts.first().is_some_and(|first| same_name(first, "urn"));
    if !is_urn || !parts.iter().all(|part| shaped(part)) {
        return Err(
            "must be a URN such as urn:example:scim:schemas:acme:1.0:User, of letters, digits and - . _ :".to_owned()
        );
    }
    // RFC 7643 section 10.2: what the standards define is not for others to define again.
    let lower = urn.to_ascii_lowercase();
    if same_name(urn, ENTERPRISE) || TAKEN.iter().any(|taken| lower.starts_with(&taken.to_ascii_lowercase())) {
        return Err("is a URN of the standards or of this service; choose one of your own".to_owned());
    }
    Ok(())
}

impl Serialize for Declaration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_document().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Declaration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_document(&Object::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
