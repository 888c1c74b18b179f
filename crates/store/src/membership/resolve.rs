//! From what a request names to the members that exist.

use std::collections::{HashMap, HashSet};

use super::{Member, MemberId, groups_in, nested, user, users_of};
use crate::error::Result;
use crate::ids::Id;
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::value::{Param, Row};
use crate::{key, many};

/// Which of these exist in the directory, with their names: one answer for each, in the order given.
///
/// # Errors
/// When the database fails.
pub fn resolve(tx: &mut Tx<'_>, scope: &DirectoryScope, members: &[MemberId]) -> Result<Vec<Option<Member>>> {
    let mut known: HashMap<MemberId, String> = HashMap::with_capacity(members.len());
    let users = users_of(members);
    match tx.ahead().and_then(|ahead| ahead.users(&scope.directory_id, &users)) {
        Some(users) => {
            known.extend(users.iter().map(|user| (MemberId::User(user.row.id), user.row.display_name.clone())));
        }
        None => named(tx, scope, "scim_user", &users, user, &mut known)?,
    }
    named(tx, scope, "scim_group", &groups_in(members), nested, &mut known)?;
    let answer = |id: &MemberId| known.get(id).map(|display| Member { id: *id, display: display.clone() });
    Ok(members.iter().map(answer).collect())
}

fn named<I: Id + Param>(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    table: &str,
    ids: &[I],
    read: impl Fn(&Row<'_>) -> Result<MemberId>,
    known: &mut HashMap<MemberId, String>,
) -> Result<()> {
    for (wanted, params) in many::wanted(&[&scope.directory_id], ids) {
        let sql = format!(
            "{wanted} SELECT t.id, t.display_name FROM wanted w \
             LEFT JOIN {table} t ON t.directory_id = $1 AND t.id = w.key WHERE COALESCE(t.id, '') <> ''"
        );
        known.extend(tx.query(&sql, &params, |row| Ok((read(row)?, row.get(1)?)))?);
    }
    Ok(())
}

/// Whom these texts name that are no ids: the user or group whose `externalId` equals the text, else the user whose folded
/// `userName` equals the folded text. One answer for each, in the order given; a text that names more than one names none.
/// Only for members that identity providers name by their own key (they are kept pending otherwise).
///
/// # Errors
/// When the database fails.
pub fn resolve_names(tx: &mut Tx<'_>, scope: &DirectoryScope, names: &[String]) -> Result<Vec<Option<Member>>> {
    let exact: Vec<String> = names.iter().map(|name| key::exact(name)).collect();
    let mut found: HashMap<String, Vec<Member>> = HashMap::new();
    keyed(tx, scope, ("scim_user", "external_id_key"), &exact, user, &mut found)?;
    keyed(tx, scope, ("scim_group", "external_id_key"), &exact, nested, &mut found)?;
    let folded: Vec<String> = names.iter().map(|name| key::user_name(name)).collect();
    let mut by_user_name: HashMap<String, Vec<Member>> = HashMap::new();
    keyed(tx, scope, ("scim_user", "user_name_key"), &folded, user, &mut by_user_name)?;
    let only = |members: Option<&Vec<Member>>| match members.map(Vec::as_slice) {
        Some([member]) => Some(member.clone()),
        _ => None,
    };
    let answer = |(exact, folded): (&String, &String)| match found.get(exact) {
        Some(members) => only(Some(members)),
        None => only(by_user_name.get(folded)),
    };
    Ok(exact.iter().zip(&folded).map(answer).collect())
}

fn keyed(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    (table, column): (&str, &str),
    keys: &[String],
    read: impl Fn(&Row<'_>) -> Result<MemberId>,
    found: &mut HashMap<String, Vec<Member>>,
) -> Result<()> {
    let distinct: Vec<&String> = keys.iter().collect::<HashSet<_>>().into_iter().collect();
    for (wanted, params) in many::wanted(&[&scope.directory_id], &distinct) {
        let sql = format!(
            "{wanted} SELECT t.id, t.display_name, t.{column} FROM wanted w \
             LEFT JOIN {table} t ON t.directory_id = $1 AND t.{column} = w.key WHERE COALESCE(t.id, '') <> ''"
        );
        let rows = tx
            .query(&sql, &params, |row| Ok((row.get::<String>(2)?, Member { id: read(row)?, display: row.get(1)? })))?;
        for (key, member) in rows {
            found.entry(key).or_default().push(member);
        }
    }
    Ok(())
}
