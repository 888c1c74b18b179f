//! The canonical form of a resource: SCIM 2.0 names in canonical spelling, values as they were sent.
//!
//! A body of POST or PUT is [`read`] into it once, PATCH works on it, and it is what the store keeps. What belongs to the
//! server (id, meta, groups) and what is kept in rows of its own (members) is never part of it.

mod adopt;
mod members;
mod read;
mod replace;

use serde_json::Value;

use crate::attr::same_name;
use crate::schema::ResourceType;
use crate::value::is_unassigned;
use crate::{Error, Object};

pub use crate::value::accept_value;
pub use adopt::adopt;
pub use members::{Member, MemberType, read_members};
pub(crate) use read::check_changed;
pub use read::{Incoming, MAX_STORED_BYTES, MAX_VALUES, check, read};
pub use replace::replace;

/// A user or group as it is stored.
///
/// `schemas` stands first and always lists the core URN and the URNs of the extension objects present. Attributes no
/// schema describes are kept as they were sent. Never inside: `id`, `meta`, `groups`, `members`, `password`, null, `[]`,
/// `{}`.
///
/// ```
/// use doorward_scim::resource::Resource;
///
/// let user = Resource::from_stored(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
///     "userName":"ada","name":{"givenName":"Ada"}}"#)?;
/// assert_eq!(user.text("name.givenName"), Some("Ada"));
/// assert!(user.active());
/// # Ok::<(), doorward_scim::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Resource(Object);

impl Resource {
    /// Reads what [`to_stored`](Self::to_stored) wrote.
    ///
    /// # Errors
    /// `invalidSyntax` when the text is not a JSON object; that means a damaged store.
    pub fn from_stored(text: &str) -> Result<Self, Error> {
        serde_json::from_str(text).map(Self).map_err(|error| Error::invalid_syntax(format!("stored resource: {error}")))
    }

    /// Makes a resource of attributes that are canonical already (read by [`read`] or [`accept_value`]): removes what is
    /// empty, and puts `schemas` in front, made from the extension objects present.
    pub fn from_attributes(attributes: Object, resource_type: &ResourceType) -> Self {
        let mut object = Object::new();
        object.insert("schemas".to_owned(), Value::Null);
        object.extend(attributes.into_iter().filter(|(name, value)| name != "schemas" && !is_unassigned(value)));
        let declared = resource_type.extensions.iter().map(|extension| extension.schema.id.as_str());
        let declared: Vec<&str> = declared.filter(|urn| object.contains_key(*urn)).collect();
        let mut undeclared: Vec<&str> = object
            .iter()
            .filter(|(name, value)| is_extension(name, value) && !declared.contains(&name.as_str()))
            .map(|(name, _)| name.as_str())
            .collect();
        // In an order of their own, so that the order of a body's members makes no difference.
        undeclared.sort_unstable();
        let core = resource_type.schema.id.as_str();
        let schemas = std::iter::once(core).chain(declared).chain(undeclared).map(Value::from).collect();
        object.insert("schemas".to_owned(), Value::Array(schemas));
        Self(object)
    }

    /// Compact JSON text that begins with `{"schemas":[`.
    pub fn to_stored(&self) -> String {
        // A map with text keys always serialises; the fallback keeps the signature free of an error that cannot occur.
        serde_json::to_string(&self.0).unwrap_or_default()
    }

    /// A top-level value by the canonical spelling of its name, or another one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        member(&self.0, name)
    }

    /// The text of an attribute (`userName`) or sub-attribute (`name.givenName`).
    pub fn text(&self, path: &str) -> Option<&str> {
        match path.split_once('.') {
            None => self.get(path)?.as_str(),
            Some((attribute, sub)) => member(self.get(attribute)?.as_object()?, sub)?.as_str(),
        }
    }

    /// Whether the account may be used; a resource that does not say so is active.
    pub fn active(&self) -> bool {
        self.get("active").and_then(Value::as_bool).unwrap_or(true)
    }

    /// The object of an extension.
    pub fn extension(&self, urn: &str) -> Option<&Object> {
        self.get(urn)?.as_object()
    }

    /// All attributes.
    pub fn as_object(&self) -> &Object {
        &self.0
    }

    /// All attributes, for changing them; goes back through [`from_attributes`](Self::from_attributes).
    pub fn into_object(self) -> Object {
        self.0
    }
}

/// The value of a member, in its own spelling first and then in any letter case.
pub fn member<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| same_name(key, name)).map(|(_, value)| value))
}

/// Whether a top-level member is an extension object: an object under a URI.
pub fn is_extension(name: &str, value: &Value) -> bool {
    value.is_object() && name.contains(':')
}
