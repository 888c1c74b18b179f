//! Memberships that begin or end because somebody arrived or left, not because a group was changed.
//!
//! Okta and Entra ID may push a group before the people in it. Such members are kept in waiting and join when a user or
//! group arrives in the same directory whose id, `externalId` or `userName` is the value they were named by (D26, SEC-8).

use doorward_store::Tx;
use doorward_store::group::{self, GroupRow};
use doorward_store::ids::GroupId;
use doorward_store::membership::{self, MemberId};
use doorward_store::pending::{self, PendingMember};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::UserRow;

use super::announce::{self, Membership};
use super::error::Result;
use super::roles;

/// Lets a new or renamed user into the groups that wait for it. Whether there were any.
pub(super) fn user_arrived(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<bool> {
    let waiting = pending::take(tx, scope, &row.id.to_string(), row.external_id.as_deref(), Some(&row.user_name))?;
    let groups = groups(waiting);
    let mut joined = Vec::new();
    for id in &groups {
        let Some(mut group) = group::get_for_update(tx, scope, id)? else { continue };
        let count = group.members_count;
        if !membership::add(tx, scope, &mut group, &[MemberId::User(row.id)])?.is_empty() {
            announce::memberships(tx, scope, Membership::Began, &group, count, std::slice::from_ref(row))?;
            joined.push(group);
        }
    }
    // After all of them, so that each event shows the user as the one before it has told.
    roles::joined(tx, scope, &joined, row)?;
    Ok(!groups.is_empty())
}

/// Lets a new or renamed group into the groups that wait for it.
pub(super) fn group_arrived(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &GroupRow) -> Result<()> {
    let waiting = pending::take(tx, scope, &row.id.to_string(), row.external_id.as_deref(), None)?;
    for id in groups(waiting) {
        if id == row.id {
            continue;
        }
        let Some(before) = group::get_for_update(tx, scope, &id)? else { continue };
        let mut after = before.clone();
        if !membership::add(tx, scope, &mut after, &[MemberId::Group(row.id)])?.is_empty() {
            announce::group_updated(tx, scope, &before, &after)?;
        }
    }
    Ok(())
}

/// Announces that a user who is being deleted has left a group. The group's row was changed already.
pub(super) fn announce_departure(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId, user: &UserRow) -> Result<()> {
    let Some(group) = group::get(tx, scope, id)? else { return Ok(()) };
    let before = group.members_count + 1;
    announce::memberships(tx, scope, Membership::Ended, &group, before, std::slice::from_ref(user))?;
    Ok(())
}

/// The groups in one order for all writers, so that two of them never wait for each other.
fn groups(waiting: Vec<PendingMember>) -> Vec<GroupId> {
    let mut groups: Vec<GroupId> = waiting.into_iter().map(|member| member.group_id).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}
