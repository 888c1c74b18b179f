//! Links of accounts and people, one to one, and the accounts that may be somebody's.

use std::collections::BTreeSet;

use super::{KnownUserId, KnownUserRow, KnownUserValues, email_key, read, select};
use crate::error::Result;
use crate::ids::UserId;
use crate::listing::Conditions;
use crate::many;
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::user::{self, UserRow};
use crate::{key, value::Row};

/// The most addresses of a person that are compared.
const MOST_EMAILS: usize = 20;

/// The most accounts that are looked at for one person: more than one are ambiguous anyway.
const MOST: i64 = 10;

/// An account that may be somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The account.
    pub known: KnownUserRow,
    /// Whether the `userName` is the same, in any letter case.
    pub by_user_name: bool,
    /// The address that is the same, as the identity provider has it.
    pub by_email: Option<String>,
    /// Whether `externalId` is the same.
    pub by_external_id: bool,
    /// Whether both sides have an `externalId`, and not the same.
    pub contradicts: bool,
    /// Whether it belonged to somebody who was deleted and who was this person: the same `externalId`, or neither had one and the
    /// `userName` is the same.
    pub returned: bool,
}

/// The accounts that may belong to this person, who has these addresses; at most ten. Those are left out of which somebody has said
/// that they are another's.
///
/// # Errors
/// When the database fails.
pub fn candidates(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    user: &UserRow,
    emails: &[String],
) -> Result<Vec<Candidate>> {
    let of = Keys::of(user, emails);
    let mut conditions = Conditions::default();
    let directory = conditions.bind(scope.directory_id);
    let person = conditions.bind(user.id);
    let name = conditions.bind(of.user_name.clone());
    let set = |column: &str, value: &str| {
        format!("SELECT id FROM known_user WHERE directory_id = {directory} AND {column} = {value}")
    };
    let mut sets = vec![set("user_name_key", &name), set("former_user_name_key", &name)];
    for (email, _) in &of.emails {
        let email = conditions.bind(email.clone());
        sets.push(set("email_key", &email));
    }
    if let Some(external_id) = &of.external_id {
        let external_id = conditions.bind(external_id.clone());
        sets.extend([set("external_id_key", &external_id), set("former_external_id_key", &external_id)]);
    }
    let select = select!(", k.former_user_name_key, k.former_external_id_key FROM found LEFT JOIN known_user k");
    let sql = format!(
        "WITH found (key) AS ({}) {select} ON k.directory_id = {directory} AND k.id = found.key WHERE COALESCE(k.id, '') <> '' \
         AND NOT EXISTS (SELECT 1 FROM known_user_apart a WHERE a.directory_id = {directory} AND a.known_user_id = k.id \
         AND a.user_id = {person}) ORDER BY k.id LIMIT {MOST}",
        sets.join(" UNION ")
    );
    tx.query(&sql, &conditions.params(), |row| of.compare(row))
}

/// By what a person is compared.
struct Keys {
    user_name: String,
    external_id: Option<String>,
    /// The keys, with the addresses as they were sent.
    emails: Vec<(String, String)>,
}

impl Keys {
    fn of(user: &UserRow, emails: &[String]) -> Self {
        let emails = emails.iter().take(MOST_EMAILS).map(|email| (email_key(email), email.clone()));
        Self {
            user_name: key::user_name(&user.user_name),
            external_id: user.external_id.as_deref().map(key::exact),
            emails: emails.collect(),
        }
    }

    fn compare(&self, row: &Row<'_>) -> Result<Candidate> {
        let known = read(row)?;
        let (former_name, former_id): (Option<String>, Option<String>) = (row.get(11)?, row.get(12)?);
        let KnownUserValues { user_name, email, external_id, .. } = &known.values;
        let external_id = external_id.as_deref().map(key::exact);
        let email = email.as_deref().map(email_key);
        let returned = match (&former_id, &self.external_id) {
            (Some(former), Some(own)) => former == own,
            (None, None) => former_name.as_ref() == Some(&self.user_name),
            _ => false,
        };
        Ok(Candidate {
            by_user_name: user_name.as_deref().map(key::user_name).as_ref() == Some(&self.user_name),
            by_email: self.emails.iter().find(|(key, _)| email.as_ref() == Some(key)).map(|(_, email)| email.clone()),
            by_external_id: external_id.is_some() && external_id == self.external_id,
            contradicts: external_id.is_some() && self.external_id.is_some() && external_id != self.external_id,
            returned: known.former_user_id.is_some() && returned,
            known,
        })
    }
}

/// Whether this account of the application belongs to somebody in another directory of the same organization. Nothing is asked of other
/// organizations (SEC-5).
///
/// # Errors
/// When the database fails.
pub fn is_linked_elsewhere(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &KnownUserId) -> Result<bool> {
    let found = tx.query_one(
        "SELECT 1 FROM directory d LEFT JOIN known_user k ON k.directory_id = d.id AND k.id = $3 \
         WHERE d.organization_id = $1 AND d.id <> $2 AND COALESCE(k.user_id, '') <> '' LIMIT 1",
        &[&scope.organization_id, &scope.directory_id, &id.as_str()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// People of the directory without an account who have something in common with one of these: the `userName`, an address or the
/// `externalId`.
///
/// # Errors
/// When the database fails.
pub fn people_like(tx: &mut Tx<'_>, scope: &DirectoryScope, accounts: &[KnownUserValues]) -> Result<Vec<UserId>> {
    let keys = |key: fn(&KnownUserValues) -> Option<String>| Vec::from_iter(accounts.iter().filter_map(key));
    let names = keys(|account| account.user_name.as_deref().map(key::user_name));
    let emails = keys(|account| account.email.as_deref().map(email_key));
    let external_ids = keys(|account| account.external_id.as_deref().map(key::exact));
    let mut found = BTreeSet::new();
    for (keys, table, id, column) in [
        (&names, "scim_user", "id", "user_name_key"),
        (&emails, "scim_user", "id", "email_key"),
        (&emails, "user_email", "user_id", "email_key"),
        (&external_ids, "scim_user", "id", "external_id_key"),
    ] {
        for (wanted, params) in many::wanted(&[&scope.directory_id], keys) {
            let sql = format!(
                "{wanted} SELECT t.{id} FROM wanted w LEFT JOIN {table} t ON t.directory_id = $1 AND t.{column} = w.key \
                 WHERE COALESCE(t.{id}, '') <> ''"
            );
            found.extend(tx.query(&sql, &params, |row| row.get::<UserId>(0))?);
        }
    }
    Ok(Vec::from_iter(found))
}

/// Links an account that nobody has with a person who has none; the person's row as it is then.
///
/// # Errors
/// [`Conflict::Other`](crate::Conflict::Other) when one of them is linked; look first.
pub fn link(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &KnownUserId, user: &UserRow) -> Result<UserRow> {
    let now = tx.now();
    tx.execute_soon(
        "UPDATE known_user SET user_id = $3, linked_at = $4, former_user_id = NULL, former_user_name_key = NULL, \
         former_external_id_key = NULL WHERE directory_id = $1 AND id = $2 AND user_id IS NULL",
        &[&scope.directory_id, &id.as_str(), &user.id, &now],
        Some(1),
    )?;
    user::set_known_user(tx, scope, user, Some(id))
}

/// Ends the link of a person; the person's row as it is then.
///
/// # Errors
/// When the database fails.
pub fn unlink(tx: &mut Tx<'_>, scope: &DirectoryScope, user: &UserRow) -> Result<UserRow> {
    tx.execute_soon(
        "UPDATE known_user SET user_id = NULL, linked_at = NULL WHERE directory_id = $1 AND user_id = $2",
        &[&scope.directory_id, &user.id],
        None,
    )?;
    user::set_known_user(tx, scope, user, None)
}

/// The identity provider deletes a person: whose account it was stays known, so that the same person is linked again who comes back
/// (WT-35).
///
/// # Errors
/// When the database fails.
pub fn depart(tx: &mut Tx<'_>, scope: &DirectoryScope, user: &UserRow) -> Result<()> {
    tx.execute_soon(
        "UPDATE known_user SET user_id = NULL, linked_at = NULL, former_user_id = $2, former_user_name_key = $3, \
         former_external_id_key = $4 WHERE directory_id = $1 AND user_id = $2",
        &[
            &scope.directory_id,
            &user.id,
            &key::user_name(&user.user_name),
            &user.external_id.as_deref().map(key::exact),
        ],
        None,
    )
}

/// Notes that an account is not this person's: no rule links the two again.
///
/// # Errors
/// When the database fails.
pub fn keep_apart(tx: &mut Tx<'_>, scope: &DirectoryScope, id: &KnownUserId, user: &UserId) -> Result<()> {
    tx.execute_soon(
        "INSERT INTO known_user_apart (directory_id, known_user_id, user_id) VALUES ($1, $2, $3) \
         ON CONFLICT (directory_id, known_user_id, user_id) DO NOTHING",
        &[&scope.directory_id, &id.as_str(), user],
        None,
    )
}
