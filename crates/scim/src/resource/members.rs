//! The members of a group as a client names them.

use std::collections::HashSet;

use serde_json::Value;

use crate::attr::{excerpt, same_name};
use crate::json::kind_of;
use crate::quirks::{Leniency, Quirk};
use crate::text::MAX_KEY_BYTES;
use crate::value::last_segment;
use crate::{Error, Object};

/// A member of a group as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The id of the member.
    pub value: String,
    /// The name the client gave it; never taken for the truth (RFC 7643 section 2.4).
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

    /// The type with this name, in any letter case.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Group].into_iter().find(|member_type| same_name(member_type.name(), name))
    }
}

/// Reads a list of group members: objects with `value`, or with a `$ref` alone; in the tolerant profile also bare ids and
/// a single one without its array. One id occurs once in the result. Null and `[]` give no members.
///
/// # Errors
/// `invalidValue` when an element names no member.
///
/// ```
/// use doorward_scim::{quirks::Leniency, resource::read_members};
/// use serde_json::json;
///
/// // Entra ID sends `$ref` as null, Microsoft's own collection sends bare ids.
/// let value = json!([{"$ref": null, "value": "u-1"}, "u-2", {"$ref": "https://x.example/scim/v2/Users/u-3"}, "u-1"]);
/// let members = read_members(value, &mut Leniency::tolerant())?;
/// assert_eq!(members.iter().map(|member| member.value.as_str()).collect::<Vec<_>>(), ["u-1", "u-2", "u-3"]);
/// # Ok::<(), doorward_scim::Error>(())
/// ```
pub fn read_members(value: Value, leniency: &mut Leniency) -> Result<Vec<Member>, Error> {
    let elements = match value {
        Value::Null => return Ok(Vec::new()),
        Value::Array(elements) => elements,
        single if leniency.allow(Quirk::SingleForArray) => vec![single],
        other => return Err(Error::invalid_value(format!("members must be an array, not {}", kind_of(&other)))),
    };
    let mut seen = HashSet::with_capacity(elements.len());
    let mut members = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let member = read_member(element, leniency).map_err(|error| error.at(&format!("members[{index}]")))?;
        if seen.insert(member.value.clone()) {
            members.push(member);
        }
    }
    Ok(members)
}

fn read_member(element: Value, leniency: &mut Leniency) -> Result<Member, Error> {
    let member = match element {
        Value::Object(object) => read_object(object, leniency)?,
        Value::String(value) if leniency.allow(Quirk::TextForMember) => {
            Member { value, display: None, member_type: None }
        }
        other => return Err(Error::invalid_value(format!("a member must be an object, not {}", kind_of(&other)))),
    };
    if member.value.trim().is_empty() {
        return Err(Error::invalid_value("a member needs the id of a resource as its value"));
    }
    if member.value.len() > MAX_KEY_BYTES {
        return Err(Error::invalid_value(format!("the id of a member is longer than {MAX_KEY_BYTES} bytes")));
    }
    Ok(member)
}

fn read_object(object: Object, leniency: &mut Leniency) -> Result<Member, Error> {
    let mut member = Member { value: String::new(), display: None, member_type: None };
    let mut reference = String::new();
    for (key, value) in object {
        let slot = match key.to_ascii_lowercase().as_str() {
            "value" => &mut member.value,
            "$ref" => &mut reference,
            "display" => member.display.get_or_insert_default(),
            "type" => {
                member.member_type = read_type(value, leniency)?;
                continue;
            }
            _ if value.is_null() || leniency.allow(Quirk::UnknownAttribute) => continue,
            _ => return Err(Error::invalid_value(format!("a member has no sub-attribute `{}`", excerpt(&key)))),
        };
        match value {
            Value::String(text) => *slot = text,
            Value::Null => {}
            other => return Err(Error::invalid_value(format!("{key} must be a string, not {}", kind_of(&other)))),
        }
    }
    if member.value.is_empty() {
        // RFC 7643 section 2.4 lets `$ref` name the resource.
        last_segment(&reference).unwrap_or_default().clone_into(&mut member.value);
    }
    member.display = member.display.filter(|display| !display.is_empty());
    Ok(member)
}

fn read_type(value: Value, leniency: &mut Leniency) -> Result<Option<MemberType>, Error> {
    let Value::String(text) = value else {
        return if value.is_null() { Ok(None) } else { Err(Error::invalid_value("type must be User or Group")) };
    };
    match MemberType::from_name(&text) {
        Some(member_type) if member_type.name() == text => Ok(Some(member_type)),
        // The server finds the type out for itself, so nothing depends on a wrong one.
        member_type if leniency.allow(Quirk::MemberTypeCase) => Ok(member_type),
        _ => Err(Error::invalid_value(format!("type `{}` must be User or Group", excerpt(&text)))),
    }
}
