//! The members of a group. They are rows of their own and may be a hundred thousand, so a PATCH never loads them: what
//! a message does to them is read from the message alone.

use serde_json::Value;

use super::{Action, Edit, Patch};
use crate::attr::same_name;
use crate::filter::{CompareOp, Filter, Literal};
use crate::quirks::Leniency;
use crate::resource::{Member, read_members};
use crate::schema::ResourceType;
use crate::{Error, Object};

/// One change of the members of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum MemberEdit {
    /// These join; who is in the group already stays as he is.
    Add(Vec<Member>),
    /// These are the members, and nobody else.
    Replace(Vec<Member>),
    /// The members with these ids leave; ids that are not in the group are no error.
    Remove(Vec<String>),
    /// The members that satisfy the filter leave. Its paths are bare names of sub-attributes; evaluate it with
    /// [`value_matches`](crate::filter::value_matches) on loaded members.
    RemoveMatching(Filter),
    /// All members leave.
    Clear,
}

/// Takes everything that touches the members of a group out of a patch, in its order, so that a change to one member
/// costs the same in a group of ten and of a million. Only for groups.
///
/// ```
/// use doorward_scim::patch::{MemberEdit, split_members};
/// use doorward_scim::{json, quirks::Leniency, schema::ResourceType, version::v2};
///
/// // Entra ID names who leaves in the value. Without the value everybody would.
/// let message = br#"{"Operations": [{"op": "Remove", "path": "members", "value": [{"value": "u-1"}]}]}"#;
/// let patch = v2::read_patch(json::parse_object(message)?, &ResourceType::group(), &mut Leniency::tolerant())?;
/// let (rest, members) = split_members(patch)?;
/// assert!(rest.edits.is_empty());
/// assert_eq!(members, [MemberEdit::Remove(vec!["u-1".to_owned()])]);
/// # Ok::<(), doorward_scim::Error>(())
/// ```
///
/// # Errors
/// `mutability` for changing a member in place: its parts are immutable (RFC 7643 section 4.2).
pub fn split_members(patch: Patch) -> Result<(Patch, Vec<MemberEdit>), Error> {
    let (mut edits, mut members) = (Vec::new(), Vec::new());
    for edit in patch.edits {
        if names_members(&edit) { members.extend(member_edit(edit)?) } else { edits.push(edit) }
    }
    Ok((Patch { edits, ids: patch.ids }, members))
}

/// Reads the values of edits on members once, while the profile of the directory is known, into the one form
/// [`split_members`] understands.
pub(crate) fn read_member_values(
    patch: &mut Patch,
    resource_type: &ResourceType,
    leniency: &mut Leniency,
) -> Result<(), Error> {
    if !resource_type.is_group() {
        return Ok(());
    }
    for edit in patch.edits.iter_mut().filter(|edit| names_members(edit) && edit.path.filter.is_none()) {
        let list = match edit.value.take() {
            None => continue,
            Some(list @ (Value::Array(_) | Value::Null)) => list,
            // One member may stand without its brackets, as one value of any list (P005).
            Some(single) => Value::Array(vec![single]),
        };
        edit.value = Some(Value::from_iter(read_members(list, leniency)?.into_iter().map(written)));
    }
    Ok(())
}

fn written(member: Member) -> Value {
    let mut object = Object::new();
    object.insert("value".to_owned(), Value::from(member.value));
    if let Some(display) = member.display {
        object.insert("display".to_owned(), Value::from(display));
    }
    if let Some(member_type) = member.member_type {
        object.insert("type".to_owned(), Value::from(member_type.name()));
    }
    Value::Object(object)
}

fn names_members(edit: &Edit) -> bool {
    edit.path.attr.urn.is_none() && same_name(&edit.path.attr.attribute, "members")
}

fn member_edit(edit: Edit) -> Result<Option<MemberEdit>, Error> {
    let in_place = || Error::mutability("a member cannot be changed, only added and removed");
    if edit.path.attr.sub.is_some() || edit.path.sub.is_some() {
        return Err(in_place());
    }
    let removes = matches!(edit.action, Action::Remove | Action::Delete);
    if let Some(filter) = edit.path.filter {
        return if removes { Ok(Some(removal(filter))) } else { Err(in_place()) };
    }
    let Some(value) = edit.value else {
        return if removes { Ok(Some(MemberEdit::Clear)) } else { Err(Error::invalid_value("members need a value")) };
    };
    let members = read_members(value, &mut Leniency::strict())?;
    Ok(match edit.action {
        Action::Replace if members.is_empty() => Some(MemberEdit::Clear),
        Action::Replace => Some(MemberEdit::Replace(members)),
        // An empty list names nobody: nobody joins, and nobody leaves (D12).
        _ if members.is_empty() => None,
        Action::Add | Action::Merge => Some(MemberEdit::Add(members)),
        Action::Remove | Action::Delete => {
            Some(MemberEdit::Remove(members.into_iter().map(|member| member.value).collect()))
        }
    })
}

/// A filter that only lists ids needs no members to be looked at.
fn removal(filter: Filter) -> MemberEdit {
    let mut ids = Vec::new();
    if collect_ids(&filter, &mut ids) { MemberEdit::Remove(ids) } else { MemberEdit::RemoveMatching(filter) }
}

fn collect_ids(filter: &Filter, ids: &mut Vec<String>) -> bool {
    match filter {
        Filter::Or(filters) => filters.iter().all(|filter| collect_ids(filter, ids)),
        Filter::Compare { path, op: CompareOp::Eq, value: Literal::Text(id) }
            if same_name(&path.attribute, "value") && path.sub.is_none() =>
        {
            ids.push(id.clone());
            true
        }
        _ => false,
    }
}
