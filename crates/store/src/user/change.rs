//! Users come, change and go.

use super::{UserRow, UserValues, spelled_emails};
use crate::batch::Kind;
use crate::error::{Conflict, Error, Result};
use crate::ids::{GroupId, UserId};
use crate::known_user::KnownUserId;
use crate::scope::DirectoryScope;
use crate::stats::Counts;
use crate::tx::Tx;
use crate::value::Param;
use crate::{change, key};

/// The folded keys of the addresses, in order, each once.
fn email_keys(values: &UserValues) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(values.emails.len());
    for key in values.emails.iter().map(|email| key::caseless(email.trim())) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn write_more_emails(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &UserId, keys: &[String]) -> Result<()> {
    for key in keys {
        tx.execute_soon(
            "INSERT INTO user_email (directory_id, user_id, email_key) VALUES ($1, $2, $3)",
            &[&scope.directory_id, id, key],
            None,
        )?;
    }
    Ok(())
}

fn state_count(active: bool, change: i64) -> Counts {
    if active {
        Counts { users_active: change, ..Counts::default() }
    } else {
        Counts { users_inactive: change, ..Counts::default() }
    }
}

macro_rules! insert {
    ($rest:literal) => {
        concat!(
            "INSERT INTO scim_user (directory_id, id, seq, user_name, user_name_key, external_id, external_id_key, display_name, \
             email_key, active, version, created_at, updated_at, doc) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $11, $12)",
            $rest
        )
    };
}

/// Writes a new user.
///
/// # Errors
/// [`Conflict::UserName`] when the directory has a user with this `userName`; nothing was written then.
pub fn insert(tx: &mut Tx<'_>, scope: &DirectoryScope, values: &UserValues) -> Result<UserRow> {
    let seq = tx.next_seq(&scope.directory_id, Kind::User)?;
    let emails = email_keys(values);
    let row = UserRow {
        id: tx.mint(),
        seq,
        user_name: key::without_nul(&values.user_name),
        external_id: values.external_id.as_deref().map(key::without_nul),
        display_name: key::without_nul(&values.display_name),
        active: values.active,
        doc: values.doc.clone(),
        roles: None,
        access_version: 1,
        known_user_id: None,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    let user_name_key = key::user_name(&values.user_name);
    let params: [&dyn Param; 12] = [
        &scope.directory_id,
        &row.id,
        &row.seq,
        &row.user_name,
        &user_name_key,
        &row.external_id,
        &values.external_id.as_deref().map(key::exact),
        &row.display_name,
        &emails.first(),
        &row.active,
        &row.created_at,
        &row.doc,
    ];
    let name_is_free = tx.ahead().is_some_and(|ahead| ahead.take_name(&scope.directory_id, &user_name_key));
    if name_is_free {
        tx.execute_soon(insert!(""), &params, None)?;
    } else if tx.execute(insert!(" ON CONFLICT (directory_id, user_name_key) DO NOTHING"), &params)? == 0 {
        return Err(Error::Conflict(Conflict::UserName));
    }
    write_more_emails(tx, scope, &row.id, emails.get(1..).unwrap_or_default())?;
    let batch = tx.batch()?;
    batch.added(&scope.directory_id, Kind::User, seq);
    batch.count(&scope.directory_id, state_count(row.active, 1));
    Ok(row)
}

/// Writes new values over `current`; the row as it is then, with the next version.
///
/// # Errors
/// [`Conflict::UserName`] when another user has the new `userName`; nothing was written then.
pub fn update(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &UserRow, values: &UserValues) -> Result<UserRow> {
    let user_name_key = key::user_name(&values.user_name);
    let renamed = user_name_key != key::user_name(&current.user_name);
    if renamed {
        let taken = tx.query_one(
            "SELECT 1 FROM scim_user WHERE directory_id = $1 AND user_name_key = $2",
            &[&scope.directory_id, &user_name_key],
            |_| Ok(()),
        )?;
        if taken.is_some() {
            return Err(Error::Conflict(Conflict::UserName));
        }
    }
    let row = UserRow {
        user_name: key::without_nul(&values.user_name),
        external_id: values.external_id.as_deref().map(key::without_nul),
        display_name: key::without_nul(&values.display_name),
        active: values.active,
        doc: values.doc.clone(),
        roles: current.roles.clone(),
        known_user_id: current.known_user_id.clone(),
        access_version: current.access_version + i64::from(current.active != values.active),
        version: current.version + 1,
        updated_at: change::instant(tx.now(), current.updated_at),
        ..*current
    };
    let emails = email_keys(values);
    let more_emails = emails.get(1..).unwrap_or_default();
    let params: [&dyn Param; 12] = [
        &scope.directory_id,
        &row.id,
        &current.version,
        &row.user_name,
        &user_name_key,
        &row.external_id,
        &values.external_id.as_deref().map(key::exact),
        &row.display_name,
        &emails.first(),
        &row.active,
        &row.updated_at,
        &row.doc,
    ];
    let more_before = match known_emails(tx, scope, current).filter(|_| !renamed) {
        Some(more_before) => {
            tx.execute_soon(UPDATE, &params, Some(1))?;
            more_before
        }
        None => update_now(tx, &params)?,
    };
    let more_after = spelled_emails(more_emails);
    if more_before != more_after {
        let whose: [&dyn Param; 2] = [&scope.directory_id, &row.id];
        tx.execute_soon("DELETE FROM user_email WHERE directory_id = $1 AND user_id = $2", &whose, None)?;
        write_more_emails(tx, scope, &row.id, more_emails)?;
    }
    if current.display_name != row.display_name {
        tx.execute_soon(
            "UPDATE membership SET display = $3 WHERE directory_id = $1 AND user_id = $2",
            &[&scope.directory_id, &row.id, &row.display_name],
            None,
        )?;
    }
    if let Some(ahead) = tx.ahead() {
        ahead.user_changed(&scope.directory_id, &row, more_after);
    }
    if current.active != row.active {
        let batch = tx.batch()?;
        batch.count(&scope.directory_id, state_count(current.active, -1));
        batch.count(&scope.directory_id, state_count(row.active, 1));
    }
    Ok(row)
}

const UPDATE: &str = "UPDATE scim_user SET user_name = $4, user_name_key = $5, external_id = $6, external_id_key = $7, display_name = $8, \
     email_key = $9, access_version = access_version + CASE WHEN active = $10 THEN 0 ELSE 1 END, active = $10, version = version + 1, updated_at = $11, doc = $12 \
     WHERE directory_id = $1 AND id = $2 AND version = $3";

/// The addresses after the first, when the batch knows the user as it is in `current`.
fn known_emails(tx: &mut Tx<'_>, scope: &DirectoryScope, current: &UserRow) -> Option<String> {
    let known = tx.ahead()?.user(&scope.directory_id, &current.id)??;
    (known.row.version == current.version).then(|| known.more_emails.clone())
}

/// Updates a user of whom nothing is known; the addresses after the first as they were.
fn update_now(tx: &mut Tx<'_>, params: &[&dyn Param]) -> Result<String> {
    let sql = format!(
        "{UPDATE} RETURNING (SELECT string_agg(CAST(length(e.email_key) AS TEXT) || ':' || e.email_key, '' ORDER BY e.email_key) \
         FROM user_email e WHERE e.directory_id = $1 AND e.user_id = $2)"
    );
    let more_before: Option<Option<String>> = tx.query_one(&sql, params, |row| row.get(0))?;
    // `current` was not read in this job under the lock of its directory.
    Ok(more_before.ok_or(Error::Conflict(Conflict::Other))?.unwrap_or_default())
}

/// Removes a user with its memberships and leaves a tombstone; the groups it was taken out of (their `members_count` and version
/// are kept right).
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<Vec<GroupId>> {
    let ended = tx.query(
        "DELETE FROM membership WHERE directory_id = $1 AND user_id = $2 RETURNING group_id",
        &[&scope.directory_id, &row.id],
        |row| row.get(0),
    )?;
    change::lose_member(tx, scope, &ended)?;
    let removed: Option<(i64, bool)> = tx.query_one(
        "DELETE FROM scim_user WHERE directory_id = $1 AND id = $2 RETURNING seq, active",
        &[&scope.directory_id, &row.id],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if let Some((seq, active)) = removed {
        change::bury(tx, scope, &row.id, "user", Some(row.access_version + 1))?;
        let batch = tx.batch()?;
        batch.removed(&scope.directory_id, Kind::User, seq);
        batch.count(&scope.directory_id, state_count(active, -1));
    }
    Ok(ended)
}

/// Writes which roles a user has now. The representation, its version and its time stay: nothing that SCIM shows has changed.
/// `current` must be the row as it is; `risen` says whether others are to see the change, by a higher `access_version`.
///
/// # Errors
/// When the database fails.
pub fn set_roles(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    current: &UserRow,
    roles: Option<String>,
    risen: bool,
) -> Result<UserRow> {
    let access_version = current.access_version + i64::from(risen);
    let row = UserRow { roles, access_version, ..current.clone() };
    tx.execute_soon(
        "UPDATE scim_user SET roles = $3, access_version = $4 WHERE directory_id = $1 AND id = $2",
        &[&scope.directory_id, &row.id, &row.roles, &row.access_version],
        None,
    )?;
    if let Some(ahead) = tx.ahead() {
        ahead.roles_changed(&scope.directory_id, &row);
    }
    Ok(row)
}

/// Writes whose account a user has now; the other side of the link is written by [`known_user`](crate::known_user). The
/// representation, its version and its time stay: nothing that SCIM shows has changed.
pub(crate) fn set_known_user(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    current: &UserRow,
    known: Option<&KnownUserId>,
) -> Result<UserRow> {
    let row = UserRow { known_user_id: known.cloned(), ..current.clone() };
    tx.execute_soon(
        "UPDATE scim_user SET known_user_id = $3 WHERE directory_id = $1 AND id = $2",
        &[&scope.directory_id, &row.id, &row.known_user_id.as_ref().map(KnownUserId::as_str)],
        None,
    )?;
    if let Some(ahead) = tx.ahead() {
        ahead.roles_changed(&scope.directory_id, &row);
    }
    Ok(row)
}
