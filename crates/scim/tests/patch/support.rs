//! Running one case: a fixture, a message, what comes of it.

use doorward_scim::patch::{self, MemberEdit};
use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::resource::Resource;
use doorward_scim::schema::ResourceType;
use doorward_scim::version::Version;
use doorward_scim::{Error, Object, json};
use serde_json::{Value, json};

use crate::data::spelled_out;
use crate::fixtures;

pub fn object(value: Value) -> Object {
    json::parse_object(spelled_out(&value.to_string()).as_bytes()).expect("an object")
}

/// A fixture as it is stored, and its type.
pub fn stored(name: &str) -> (Resource, ResourceType) {
    let resource_type = if name.starts_with('U') { fixtures::user_type() } else { ResourceType::group() };
    let (_, mut rendered) =
        fixtures::users().into_iter().chain(fixtures::groups()).find(|(known, _)| *known == name).expect("a fixture");
    for name in ["id", "meta", "groups", "members"] {
        rendered.shift_remove(name);
    }
    (Resource::from_attributes(rendered, &resource_type), resource_type)
}

/// What a message does: the resource, and the ids in the group.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    pub resource: Resource,
    pub members: Vec<String>,
}

/// The outcome of a message on a fixture. Members are those of G1 at the start: u1, u2.
pub fn run(target: &str, version: Version, body: Object, profile: Profile) -> Result<Outcome, Error> {
    let (resource, resource_type) = stored(target);
    let mut leniency = Leniency::new(profile);
    let patch = version.read_patch(body, &resource_type, &mut leniency)?;
    patch.refuse_other_id(&target.to_ascii_lowercase(), &mut leniency)?;
    let mut members = if target == "G1" { vec!["u1".to_owned(), "u2".to_owned()] } else { Vec::new() };
    let (patch, edits) = if resource_type.is_group() { patch::split_members(patch)? } else { (patch, Vec::new()) };
    for edit in edits {
        change(&mut members, edit);
    }
    Ok(Outcome { resource: patch::apply(&resource, &patch, &resource_type, &mut leniency)?, members })
}

/// A member edit on a list of ids.
pub fn change(members: &mut Vec<String>, edit: MemberEdit) {
    match edit {
        MemberEdit::Add(new) => {
            for member in new {
                if !members.contains(&member.value) {
                    members.push(member.value);
                }
            }
        }
        MemberEdit::Replace(new) => *members = new.into_iter().map(|member| member.value).collect(),
        MemberEdit::Remove(ids) => members.retain(|id| !ids.contains(id)),
        MemberEdit::RemoveMatching(filter) => {
            let group = ResourceType::group();
            let attribute = group.schema.attribute("members").expect("members");
            members.retain(|id| {
                !doorward_scim::filter::value_matches(&filter, &json!({"value": id, "type": "User"}), attribute)
            });
        }
        MemberEdit::Clear => members.clear(),
    }
}

/// A group that has these members, and is otherwise unchanged.
pub fn members(ids_of_members: &[&str]) -> Expected {
    Expected::Members(ids(ids_of_members))
}

/// A refusal with this keyword.
pub fn fails(keyword: &str) -> Expected {
    Expected::Fails(keyword.to_owned())
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

/// What a case expects.
#[derive(Clone)]
pub enum Expected {
    /// Nothing changes.
    Same,
    /// The fixture with these changes, as a JSON merge patch (RFC 7396).
    Changed(Value),
    /// The group has these members, and is otherwise unchanged.
    Members(Vec<String>),
    /// The error has this keyword.
    Fails(String),
}

impl Expected {
    /// Why an outcome is not the expected one.
    pub fn contradicts(&self, target: &str, outcome: &Result<Outcome, Error>) -> Option<String> {
        let (resource, resource_type) = stored(target);
        let at_first = if target == "G1" { ids(&["u1", "u2"]) } else { Vec::new() };
        let (wanted, members) = match self {
            Self::Fails(keyword) => {
                return match outcome {
                    Err(error) if error.scim_type() == *keyword => None,
                    Err(error) => Some(format!("wanted {keyword}, got {}: {error}", error.scim_type())),
                    Ok(outcome) => Some(format!("wanted {keyword}, got {}", outcome.resource.to_stored())),
                };
            }
            Self::Same => (resource, at_first),
            Self::Members(members) => (resource, members.clone()),
            Self::Changed(changes) => {
                let mut document = Value::Object(resource.into_object());
                merge(&mut document, Value::Object(object(changes.clone())));
                let Value::Object(document) = document else { return Some("no object".to_owned()) };
                (Resource::from_attributes(document, &resource_type), at_first)
            }
        };
        match outcome {
            Err(error) => Some(format!("refused with {}: {error}", error.scim_type())),
            Ok(outcome) if outcome.resource != wanted => {
                Some(format!("\n  wanted {}\n  got    {}", wanted.to_stored(), outcome.resource.to_stored()))
            }
            Ok(outcome) if outcome.members != members => Some(format!("wanted {members:?}, got {:?}", outcome.members)),
            Ok(_) => None,
        }
    }
}

fn merge(target: &mut Value, changes: Value) {
    match (target, changes) {
        (Value::Object(target), Value::Object(changes)) => {
            for (name, value) in changes {
                if value.is_null() {
                    target.shift_remove(&name);
                } else {
                    merge(target.entry(name).or_insert_with(|| json!({})), value);
                }
            }
        }
        (target, changes) => *target = changes,
    }
}

/// A message that holds these operations.
pub fn operations(operations: Value) -> Object {
    let list = if operations.is_array() { operations } else { json!([operations]) };
    object(json!({"schemas": [doorward_scim::schema::PATCH_OP], "Operations": list}))
}
