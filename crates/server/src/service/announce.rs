//! The events of users, groups and memberships, written in the transaction of the change they tell of.
//!
//! The types and shapes are those of the application's API. The subject of an event is the object it is about; of a
//! membership's event, the group.

use doorward_store::group::GroupRow;
use doorward_store::known_user::KnownUserId;
use doorward_store::scope::DirectoryScope;
use doorward_store::user::UserRow;
use doorward_store::{NewEvent, Tx};
use serde_json::{Map, Value, json};

use super::error::Result;
use super::view;

/// A user came.
///
/// # Errors
/// When the database fails.
pub fn user_created(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<()> {
    emit(tx, scope, "dsync.user.created", row.id.to_string(), view::user_object(scope, row)?)
}

/// A user changed; the old values of what changed go along.
///
/// # Errors
/// When the database fails.
pub fn user_updated(tx: &mut Tx<'_>, scope: &DirectoryScope, old: &UserRow, new: &UserRow) -> Result<()> {
    let data = with_previous(&view::user_object(scope, old)?, view::user_object(scope, new)?);
    emit(tx, scope, "dsync.user.updated", new.id.to_string(), data)
}

/// A user has another role in this environment, empty for the usual one. `user` is as it is now; `previous` is the role before, and all
/// of them. A change of the user itself is announced before (`user_updated`), so that who follows only that knows the roles too.
///
/// # Errors
/// When the database fails.
pub fn role_changed(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    user: &UserRow,
    environment: &str,
    previous: (Value, Value),
) -> Result<()> {
    let mut data = view::user_object(scope, user)?;
    data.insert("environment".to_owned(), json!((!environment.is_empty()).then_some(environment)));
    data.insert("previous_role".to_owned(), previous.0);
    data.insert("previous_roles".to_owned(), previous.1);
    emit(tx, scope, "dsync.user.role_changed", user.id.to_string(), data)
}

/// A user has an account of the application now; by what it was found. The user itself is announced before.
///
/// # Errors
/// When the database fails.
pub fn user_linked(tx: &mut Tx<'_>, scope: &DirectoryScope, user: &UserRow, by: &str) -> Result<()> {
    let mut data = view::user_object(scope, user)?;
    data.insert("matched_by".to_owned(), json!(by));
    data.insert("previous_attributes".to_owned(), json!({ "known_user_id": null }));
    emit(tx, scope, "dsync.user.linked", user.id.to_string(), data)
}

/// A user has no account of the application any more. The user itself is announced before.
///
/// # Errors
/// When the database fails.
pub fn user_unlinked(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    user: &UserRow,
    before: &KnownUserId,
    reason: &str,
) -> Result<()> {
    let mut data = view::user_object(scope, user)?;
    data.insert("unlink_reason".to_owned(), json!(reason));
    data.insert("previous_attributes".to_owned(), json!({ "known_user_id": before }));
    emit(tx, scope, "dsync.user.unlinked", user.id.to_string(), data)
}

/// A user went. The end of its memberships is announced before.
///
/// # Errors
/// When the database fails.
pub fn user_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<()> {
    emit(tx, scope, "dsync.user.deleted", row.id.to_string(), view::user_object(scope, row)?)
}

/// A group came.
///
/// # Errors
/// When the database fails.
pub fn group_created(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &GroupRow) -> Result<()> {
    emit(tx, scope, "dsync.group.created", row.id.to_string(), view::group_object(scope, row)?)
}

/// A group changed; the old values of what changed go along.
///
/// # Errors
/// When the database fails.
pub fn group_updated(tx: &mut Tx<'_>, scope: &DirectoryScope, old: &GroupRow, new: &GroupRow) -> Result<()> {
    let data = with_previous(&view::group_object(scope, old)?, view::group_object(scope, new)?);
    emit(tx, scope, "dsync.group.updated", new.id.to_string(), data)
}

/// A group went. The end of its memberships is announced before.
///
/// # Errors
/// When the database fails.
pub fn group_deleted(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &GroupRow) -> Result<()> {
    let mut data = view::group_object(scope, row)?;
    data.insert("members_count".to_owned(), json!(0));
    emit(tx, scope, "dsync.group.deleted", row.id.to_string(), data)
}

/// Users joined or left a group: one event each, in the order given. `group` is the group as it is afterwards, and
/// `count` its number of members before the first of them; the number in each event counts on from there. The count
/// after the last of them.
///
/// # Errors
/// When the database fails.
pub fn memberships(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    change: Membership,
    group: &GroupRow,
    count: i64,
    users: &[UserRow],
) -> Result<i64> {
    let (event_type, step) = match change {
        Membership::Began => ("dsync.group.user_added", 1),
        Membership::Ended => ("dsync.group.user_removed", -1),
    };
    let mut group_object = view::group_object(scope, group)?;
    let mut count = count;
    for user in users {
        count += step;
        group_object.insert("members_count".to_owned(), json!(count));
        let mut data = Map::new();
        data.insert("directory_id".to_owned(), json!(scope.directory_id()));
        data.insert("user".to_owned(), Value::Object(view::user_object(scope, user)?));
        data.insert("group".to_owned(), Value::Object(group_object.clone()));
        emit(tx, scope, event_type, group.id.to_string(), data)?;
    }
    Ok(count)
}

/// What happened to a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Membership {
    /// It began.
    Began,
    /// It ended.
    Ended,
}

fn with_previous(old: &Map<String, Value>, mut new: Map<String, Value>) -> Map<String, Value> {
    let previous = view::previous_attributes(old, &new);
    new.insert("previous_attributes".to_owned(), Value::Object(previous));
    new
}

pub(super) fn emit(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    event_type: &'static str,
    subject_id: String,
    data: Map<String, Value>,
) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: Some(scope.organization_id()),
        directory_id: Some(scope.directory_id()),
        subject_id: Some(subject_id),
        data: Value::Object(data),
    };
    Ok(tx.emit(scope.origin(), event)?)
}
