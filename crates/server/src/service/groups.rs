//! What an identity provider does with groups: create, read, replace, patch, delete.
//!
//! The members of a group are rows of their own and no part of its document. A change to some members costs the same in
//! a group of ten and of a million, so nothing here reads members that were not asked for.

use std::sync::Arc;

use doorward_scim::patch::{self, MemberEdit, Patch};
use doorward_scim::resource::{self, Incoming, Resource};
use doorward_scim::schema::Extended;
use doorward_store::group::{self, GroupRow, GroupValues};
use doorward_store::ids::{GroupId, UserId};
use doorward_store::membership::{self, Member, MemberId};
use doorward_store::scope::DirectoryScope;
use doorward_store::{Hints, Lane, Tx};

use super::announce::{self, Membership};
use super::error::{Error, Result};
use super::precondition::Precondition;
use super::schema::{group_type, leniency, require_groups, stored};
use super::tolerated::Tolerated;
use super::{joining, members, received, roles};
use crate::App;

/// Members that a request may name and have read ahead; more are read together anyway.
const MOST_AHEAD: usize = 20;

/// A group, with its members when they were asked for.
#[derive(Debug, Clone)]
pub struct GroupView {
    /// The stored group.
    pub row: GroupRow,
    /// All its members; `None` when they were not loaded.
    pub members: Option<Vec<Member>>,
}

/// Which members an answer needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// All of them.
    All,
    /// None: the client does not want them.
    Unwanted,
    /// All when there are at most so many, else none.
    AtMost(i64),
}

/// Adds a group with the members it names.
///
/// # Errors
/// [`Error::Scim`] when it names members that the directory does not take, [`Error::NotOffered`] when it takes no groups.
pub async fn create_group(
    app: &App,
    scope: &Arc<DirectoryScope>,
    incoming: Incoming,
    wanted: Members,
) -> Result<GroupView> {
    require_groups(scope)?;
    let names = received::of_resource(scope, Extended::Group, &incoming.resource);
    let (lane, job_scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let group = app.store().write(lane, move |tx| create(tx, &job_scope, &incoming, wanted)).await?;
    received::note(app, scope, Extended::Group, names).await;
    Ok(group)
}

/// Reads a group.
///
/// # Errors
/// [`Error::NotFound`] for an id that is unknown, deleted, of another directory, or no id at all.
pub async fn get_group(app: &App, scope: &Arc<DirectoryScope>, id: &str, wanted: Members) -> Result<GroupView> {
    require_groups(scope)?;
    let id = group_id(id)?;
    let scope = Arc::clone(scope);
    let job = move |tx: &mut Tx<'_>| {
        let row = group::get(tx, &scope, &id)?.ok_or_else(Error::no_group)?;
        view(tx, &scope, row, wanted)
    };
    match wanted {
        Members::Unwanted => app.store().read(job).await,
        // The group and its members are those of one moment.
        Members::All | Members::AtMost(_) => app.store().snapshot(job).await,
    }
}

/// Replaces a group; its members only when the request names them.
///
/// # Errors
/// As [`get_group`] and [`create_group`], and [`Error::Precondition`].
pub async fn replace_group(
    app: &App,
    scope: &Arc<DirectoryScope>,
    id: &str,
    incoming: Incoming,
    condition: Precondition,
    wanted: Members,
) -> Result<GroupView> {
    require_groups(scope)?;
    let id = group_id(id)?;
    let edits: Vec<MemberEdit> = named(&incoming).collect();
    let hints = about(id, &edits, wanted);
    let names = received::of_resource(scope, Extended::Group, &incoming.resource);
    let (lane, job_scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let job = move |tx: &mut Tx<'_>| replace(tx, &job_scope, &id, &condition, &incoming, &edits, wanted);
    let group = app.store().write_with(lane, hints, job).await?;
    received::note(app, scope, Extended::Group, names).await;
    Ok(group)
}

/// Applies a patch to a group, all of it or nothing.
///
/// # Errors
/// As [`replace_group`], and [`Error::Scim`] for whatever the patch cannot do.
pub async fn patch_group(
    app: &App,
    scope: &Arc<DirectoryScope>,
    id: &str,
    patch: Patch,
    tolerated: &Tolerated,
    condition: Precondition,
    wanted: Members,
) -> Result<GroupView> {
    require_groups(scope)?;
    let mut lenient = leniency(scope);
    patch.refuse_other_id(id, &mut lenient)?;
    tolerated.note(&lenient);
    let id = group_id(id)?;
    let (rest, edits) = patch::split_members(patch)?;
    let hints = about(id, &edits, wanted);
    let names = received::of_patch(scope, Extended::Group, &rest);
    let (lane, job_scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let tolerated = tolerated.clone();
    let job = move |tx: &mut Tx<'_>| {
        let scope = &job_scope;
        change(tx, scope, &id, &condition, &edits, wanted, |current| {
            let mut lenient = leniency(scope);
            let after = patch::apply(current, &rest, group_type(scope), &mut lenient)?;
            tolerated.note(&lenient);
            Ok(after)
        })
    };
    let group = app.store().write_with(lane, hints, job).await?;
    received::note(app, scope, Extended::Group, names).await;
    Ok(group)
}

/// Removes a group; the users in it stay.
///
/// # Errors
/// As [`get_group`], and [`Error::Precondition`].
pub async fn delete_group(app: &App, scope: &Arc<DirectoryScope>, id: &str, condition: Precondition) -> Result<()> {
    require_groups(scope)?;
    let id = group_id(id)?;
    let (lane, scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    app.store().write_with(lane, about(id, &[], Members::Unwanted), move |tx| delete(tx, &scope, &id, &condition)).await
}

/// What a change of the group will look at.
fn about(id: GroupId, edits: &[MemberEdit], wanted: Members) -> Hints {
    let named = edits.iter().flat_map(|edit| match edit {
        MemberEdit::Add(members) | MemberEdit::Replace(members) => {
            members.iter().map(|member| member.value.as_str()).collect()
        }
        MemberEdit::Remove(values) => values.iter().map(String::as_str).collect(),
        MemberEdit::RemoveMatching(_) | MemberEdit::Clear => Vec::new(),
    });
    let mut users: Vec<UserId> = named.filter_map(|value| value.parse().ok()).collect();
    if users.len() > MOST_AHEAD {
        users.clear();
    }
    let memberships = users.iter().map(|user| (id, *user)).collect();
    let members_of = if wanted == Members::Unwanted { Vec::new() } else { vec![id] };
    Hints { users, groups: vec![id], memberships, members_of, ..Hints::default() }
}

/// What a PUT makes of the members; nothing when it does not name them.
pub(super) fn named(incoming: &Incoming) -> impl Iterator<Item = MemberEdit> {
    incoming.members.clone().map(MemberEdit::Replace).into_iter()
}

/// Adds a group with the members it names.
pub(super) fn create(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    incoming: &Incoming,
    wanted: Members,
) -> Result<GroupView> {
    let mut row = group::insert(tx, scope, &values(&incoming.resource)?)?;
    announce::group_created(tx, scope, &row)?;
    joining::group_arrived(tx, scope, &row)?;
    if let Some(named) = &incoming.members {
        members::begin(tx, scope, &mut row, named)?;
    }
    view(tx, scope, row, wanted)
}

/// Replaces a group by what a PUT says (RFC 7644 section 3.5.1), `edits` being what it says of the members.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &GroupId,
    condition: &Precondition,
    incoming: &Incoming,
    edits: &[MemberEdit],
    wanted: Members,
) -> Result<GroupView> {
    change(tx, scope, id, condition, edits, wanted, |current| {
        Ok(resource::replace(current, incoming.resource.clone(), incoming.active_given, group_type(scope))?)
    })
}

/// Changes a group: `edit` says what becomes of its document, `edits` what becomes of its members.
fn change(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    id: &GroupId,
    condition: &Precondition,
    edits: &[MemberEdit],
    wanted: Members,
    edit: impl FnOnce(&Resource) -> Result<Resource>,
) -> Result<GroupView> {
    let mut row = group::get_for_update(tx, scope, id)?.ok_or_else(Error::no_group)?;
    condition.check(row.version)?;
    let before = stored(scope, &row.doc, group_type(scope))?;
    let after = edit(&before)?;
    if after != before {
        row = save(tx, scope, &row, &after)?;
    }
    if !edits.is_empty() {
        members::apply(tx, scope, &mut row, edits)?;
    }
    view(tx, scope, row, wanted)
}

fn save(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &GroupRow, after: &Resource) -> Result<GroupRow> {
    let row = group::update(tx, scope, current, &values(after)?)?;
    announce::group_updated(tx, scope, current, &row)?;
    roles::group_renamed(tx, scope, current, &row)?;
    if row.external_id != current.external_id {
        joining::group_arrived(tx, scope, &row)?;
    }
    Ok(row)
}

/// The ends of all memberships are announced first: those of its members, then its own in other groups.
pub(super) fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &GroupId, condition: &Precondition) -> Result<()> {
    let row = group::get_for_update(tx, scope, id)?.ok_or_else(Error::no_group)?;
    condition.check(row.version)?;
    let mut parents = Vec::new();
    for parent in membership::groups_of_member(tx, scope, &MemberId::Group(row.id))? {
        parents.extend(group::get_for_update(tx, scope, &parent)?);
    }
    let ended = group::delete(tx, scope, &row)?;
    members::announce_users(tx, scope, Membership::Ended, &row, row.members_count, &ended.members)?;
    for before in &parents {
        if let Some(after) = group::get(tx, scope, &before.id)? {
            announce::group_updated(tx, scope, before, &after)?;
        }
    }
    announce::group_deleted(tx, scope, &row)
}

/// What the store keeps of a resource.
fn values(resource: &Resource) -> Result<GroupValues> {
    // The reader and the PATCH engine both refuse a group without displayName (D23).
    let name = resource.text("displayName").ok_or_else(|| Error::Internal("a group without displayName".to_owned()))?;
    Ok(GroupValues {
        display_name: name.to_owned(),
        external_id: resource.text("externalId").map(str::to_owned),
        doc: resource.to_stored(),
    })
}

/// The group with the members that are wanted.
pub(super) fn view(tx: &mut Tx<'_>, scope: &DirectoryScope, row: GroupRow, wanted: Members) -> Result<GroupView> {
    let load = match wanted {
        Members::All => true,
        Members::Unwanted => false,
        Members::AtMost(limit) => row.members_count <= limit,
    };
    let members = match load {
        true if row.members_count == 0 => Some(Vec::new()),
        true => Some(membership::members(tx, scope, &row.id, None, members::ALL)?),
        false => None,
    };
    Ok(GroupView { row, members })
}

/// What is no id at all is an unknown id.
fn group_id(text: &str) -> Result<GroupId> {
    text.parse().map_err(|_| Error::no_group())
}
