//! Changes to the members of one group, without reading the members that are not named.
//!
//! The edits of a request are first played through on the ids they name, so that a member who is taken out and put back
//! in is no change at all; then at most one removal and one addition go to the store.

use std::collections::{HashMap, HashSet};

use doorward_scim::filter::{Filter, value_matches};
use doorward_scim::patch::MemberEdit;
use doorward_scim::resource;
use doorward_scim::{Error as ScimError, version};
use doorward_store::Tx;
use doorward_store::group::GroupRow;
use doorward_store::ids::UserId;
use doorward_store::membership::{self, Member, MemberId};
use doorward_store::pending::{self, PendingMember};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::{self, UserRow};
use serde_json::{Value, json};

use super::announce::{self, Membership};
use super::error::Result;
use super::roles;
use super::schema::{group_type, leniency};

/// Every member: the store reads them in one go.
pub(super) const ALL: i64 = i64::MAX;

/// Users read at a time.
const PORTION: usize = 500;

/// What a request makes of the members it names.
#[derive(Debug, Default)]
struct Plan {
    /// The group is made by this very request: its members belong to its first version.
    new_group: bool,
    /// Everybody who is not in `named` leaves.
    cleared: bool,
    /// Who is named, in order, and whether he is a member at the end.
    named: Order<MemberId, bool>,
    /// Values nobody has yet: with their display when they are to wait, `None` when they are to wait no longer.
    unknown: Order<String, Option<PendingMember>>,
}

/// A map that remembers the order in which its keys came.
#[derive(Debug)]
struct Order<K, V> {
    keys: Vec<K>,
    values: HashMap<K, V>,
}

impl<K, V> Default for Order<K, V> {
    fn default() -> Self {
        Order { keys: Vec::new(), values: HashMap::new() }
    }
}

impl<K: Clone + Eq + std::hash::Hash, V> Order<K, V> {
    fn put(&mut self, key: K, value: V) {
        if self.values.insert(key.clone(), value).is_none() {
            self.keys.push(key);
        }
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
    }

    fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.keys.iter().filter_map(|key| Some((key, self.values.get(key)?)))
    }
}

/// Gives a group that this request has made its first members.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &mut GroupRow,
    members: &[resource::Member],
) -> Result<()> {
    let mut plan = Plan { new_group: true, ..Plan::default() };
    add(tx, scope, group, &mut plan, members)?;
    wait(tx, scope, group, &plan)?;
    settle(tx, scope, group, &plan).map(drop)
}

/// Applies the edits to the members of `group`, which must be locked, and announces what really changed. `group` carries
/// the new count and version afterwards. Whether anything that a client can see changed.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &mut GroupRow,
    edits: &[MemberEdit],
) -> Result<bool> {
    let mut plan = Plan::default();
    for edit in edits {
        match edit {
            MemberEdit::Add(members) => add(tx, scope, group, &mut plan, members)?,
            MemberEdit::Replace(members) => {
                plan.clear();
                add(tx, scope, group, &mut plan, members)?;
            }
            MemberEdit::Remove(values) => remove(tx, scope, &mut plan, values)?,
            MemberEdit::RemoveMatching(filter) => remove_matching(tx, scope, group, &mut plan, filter)?,
            MemberEdit::Clear => plan.clear(),
        }
    }
    wait(tx, scope, group, &plan)?;
    settle(tx, scope, group, &plan)
}

impl Plan {
    fn clear(&mut self) {
        self.cleared = true;
        self.named.clear();
        self.unknown.clear();
    }
}

fn add(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupRow,
    plan: &mut Plan,
    members: &[resource::Member],
) -> Result<()> {
    let values: Vec<String> = members.iter().map(|member| member.value.clone()).collect();
    let found = whom(tx, scope, &values)?;
    for (member, id) in members.iter().zip(found) {
        match id {
            // D27: a group cannot be its own member; longer cycles are allowed.
            Some(MemberId::Group(id)) if id == group.id => {
                return Err(ScimError::invalid_value("a group cannot be a member of itself").into());
            }
            Some(id) => plan.named.put(id, true),
            None if !leniency(scope).is_tolerant() => {
                let detail = "members: a member is neither a user nor a group of this directory";
                return Err(ScimError::invalid_value(detail).into());
            }
            None => {
                let waiting =
                    PendingMember { group_id: group.id, value: member.value.clone(), display: member.display.clone() };
                plan.unknown.put(member.value.clone(), Some(waiting));
            }
        }
    }
    Ok(())
}

/// Ids need not be looked up to be removed: who is not in the group stays out of it.
fn remove(tx: &mut Tx<'_>, scope: &DirectoryScope, plan: &mut Plan, values: &[String]) -> Result<()> {
    let mut names = Vec::new();
    for value in values {
        match value.parse() {
            Ok(id) => plan.named.put(id, false),
            Err(_) => names.push(value.clone()),
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    for (name, id) in names.iter().zip(whom(tx, scope, &names)?) {
        if let Some(id) = id {
            plan.named.put(id, false);
        }
        plan.unknown.put(name.clone(), None);
    }
    Ok(())
}

/// Takes out who satisfies a filter that is no plain list of ids. This one form needs all members, as they are at this
/// point of the request.
fn remove_matching(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupRow,
    plan: &mut Plan,
    filter: &Filter,
) -> Result<()> {
    let Some(attribute) = group_type(scope).core_attribute("members") else { return Ok(()) };
    let stored = if plan.cleared { Vec::new() } else { membership::members(tx, scope, &group.id, None, ALL)? };
    let named: Vec<MemberId> = plan.named.iter().filter(|(_, member)| **member).map(|(id, _)| *id).collect();
    let named = membership::resolve(tx, scope, &named)?;
    for member in stored.into_iter().chain(named.into_iter().flatten()) {
        if value_matches(filter, &element(&member), attribute) && plan.named.values.get(&member.id) != Some(&false) {
            plan.named.put(member.id, false);
        }
    }
    Ok(())
}

fn element(member: &Member) -> Value {
    let member_type = match member.id {
        MemberId::User(_) => resource::MemberType::User,
        MemberId::Group(_) => resource::MemberType::Group,
    };
    json!({"value": member.id.to_string(), "type": member_type.name(), "display": member.display})
}

/// Who the values are: ids of this directory, and, because some identity providers name members by their own key,
/// `externalId` or `userName`. Ids of another directory are nobody (SEC-8).
fn whom(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &[String]) -> Result<Vec<Option<MemberId>>> {
    let ids: Vec<Option<MemberId>> = values.iter().map(|value| value.parse().ok()).collect();
    let asked: Vec<MemberId> = ids.iter().flatten().copied().collect();
    let mut known = membership::resolve(tx, scope, &asked)?.into_iter();
    let mut found: Vec<Option<MemberId>> =
        ids.iter().map(|id| id.and_then(|_| known.next().flatten()).map(|member| member.id)).collect();
    let names: Vec<String> =
        values.iter().zip(&ids).filter(|(_, id)| id.is_none()).map(|(value, _)| value.clone()).collect();
    if !names.is_empty() && leniency(scope).is_tolerant() {
        let mut named = membership::resolve_names(tx, scope, &names)?.into_iter();
        for (place, _) in found.iter_mut().zip(&ids).filter(|(_, id)| id.is_none()) {
            *place = named.next().flatten().map(|member| member.id);
        }
    }
    Ok(found)
}

/// Brings the members in waiting to what the plan says. Nobody sees them, so that is no change of the group.
fn wait(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupRow, plan: &Plan) -> Result<()> {
    if plan.cleared {
        pending::clear(tx, scope, &group.id)?;
    }
    let gone: Vec<String> =
        plan.unknown.iter().filter(|(_, waiting)| waiting.is_none()).map(|(value, _)| value.clone()).collect();
    if !gone.is_empty() {
        pending::remove(tx, scope, &group.id, &gone)?;
    }
    let waiting: Vec<PendingMember> = plan.unknown.iter().filter_map(|(_, waiting)| waiting.clone()).collect();
    if !waiting.is_empty() {
        pending::add(tx, scope, &waiting)?;
    }
    Ok(())
}

/// Brings the memberships to what the plan says, and announces them.
fn settle(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &mut GroupRow, plan: &Plan) -> Result<bool> {
    let before = group.clone();
    let wanted: Vec<MemberId> = plan.named.iter().filter(|(_, member)| **member).map(|(id, _)| *id).collect();
    let removed = if plan.cleared && wanted.is_empty() {
        membership::clear(tx, scope, group)?
    } else {
        let leaving = leaving(tx, scope, group, plan)?;
        let removed = if leaving.is_empty() { Vec::new() } else { membership::remove(tx, scope, group, &leaving)? };
        forget(tx, scope, group, &leaving, &removed)?;
        removed
    };
    let join = if plan.new_group { membership::add_first } else { membership::add };
    let added = if wanted.is_empty() { Vec::new() } else { join(tx, scope, group, &wanted)? };
    if removed.is_empty() && added.is_empty() {
        return Ok(false);
    }
    announce_changes(tx, scope, &before, group, &removed, &added)?;
    Ok(true)
}

/// Who was to leave and was no member may still be in waiting: under an id that nobody has.
fn forget(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    group: &GroupRow,
    leaving: &[MemberId],
    removed: &[MemberId],
) -> Result<()> {
    if leaving.len() == removed.len() {
        return Ok(());
    }
    let removed: HashSet<&MemberId> = removed.iter().collect();
    let values: Vec<String> = leaving.iter().filter(|id| !removed.contains(id)).map(ToString::to_string).collect();
    pending::remove(tx, scope, &group.id, &values)?;
    Ok(())
}

fn leaving(tx: &mut Tx<'_>, scope: &DirectoryScope, group: &GroupRow, plan: &Plan) -> Result<Vec<MemberId>> {
    if !plan.cleared {
        return Ok(plan.named.iter().filter(|(_, member)| !**member).map(|(id, _)| *id).collect());
    }
    let current = membership::members(tx, scope, &group.id, None, ALL)?;
    let stays = |id: &MemberId| plan.named.values.get(id).copied().unwrap_or(false);
    Ok(current.into_iter().map(|member| member.id).filter(|id| !stays(id)).collect())
}

/// First who left, then who came, then, for nested groups, the group itself with its new count: there is no event type
/// for a group in a group.
fn announce_changes(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    before: &GroupRow,
    after: &GroupRow,
    removed: &[MemberId],
    added: &[MemberId],
) -> Result<()> {
    let count = before.members_count;
    let count = announce_users(tx, scope, Membership::Ended, after, count, removed)?;
    let count = announce_users(tx, scope, Membership::Began, after, count, added)?;
    let nested = removed.iter().chain(added).any(|id| matches!(id, MemberId::Group(_)));
    if nested {
        // What the events before this one have told of the group, if there were any.
        let told = if removed.iter().chain(added).any(|id| matches!(id, MemberId::User(_))) { after } else { before };
        let old = GroupRow { members_count: count, updated_at: told.updated_at, ..after.clone() };
        announce::group_updated(tx, scope, &old, after)?;
    }
    Ok(())
}

/// One event for each user among the members; the count after the last of them. The users are read in portions, because
/// a group can have very many.
pub(super) fn announce_users(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    change: Membership,
    group: &GroupRow,
    mut count: i64,
    members: &[MemberId],
) -> Result<i64> {
    for portion in members.chunks(PORTION) {
        let users = user_rows(tx, scope, portion)?;
        count = announce::memberships(tx, scope, change, group, count, &users)?;
        roles::members_changed(tx, scope, group, &users)?;
    }
    Ok(count)
}

/// The users among these members, in the order given: the events of a membership show the whole user.
fn user_rows(tx: &mut Tx<'_>, scope: &DirectoryScope, members: &[MemberId]) -> Result<Vec<UserRow>> {
    let users = members.iter().filter_map(|member| match member {
        MemberId::User(id) => Some(*id),
        MemberId::Group(_) => None,
    });
    let ids: Vec<UserId> = users.collect();
    let rows = user::get_many(tx, scope, &ids)?;
    let mut rows: HashMap<UserId, UserRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(ids.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Members as both versions of the protocol show them.
pub fn member_refs(members: &[Member]) -> Vec<version::MemberRef> {
    let refs = members.iter().map(|member| version::MemberRef {
        id: member.id.to_string(),
        member_type: match member.id {
            MemberId::User(_) => resource::MemberType::User,
            MemberId::Group(_) => resource::MemberType::Group,
        },
        display: (!member.display.is_empty()).then(|| member.display.clone()),
    });
    refs.collect()
}
