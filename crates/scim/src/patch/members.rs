//! Stub.
use crate::Error;
use crate::filter::Filter;
use crate::resource::Member;
use super::Patch;

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

/// Takes everything that touches the members of a group out of a patch, in its order. Works on the message alone, so a
/// change to one member costs the same in a group of ten and of a million.
///
/// Only for groups.
///
/// # Errors
/// `mutability` for changing a member in place (its parts are immutable, RFC 7643 section 4.2), `invalidValue` for a
/// member without id.
pub fn split_members(patch: Patch) -> Result<(Patch, Vec<MemberEdit>), Error> {
    Ok((patch, Vec::new()))
}
