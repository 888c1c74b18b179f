//! The credentials that identity providers use: bearer tokens, and user name with password where a directory asks for
//! Basic (WS-8).

use doorward_store::directory::{self, AuthMode, State};
use doorward_store::ids::{DirectoryId, TokenId};
use doorward_store::scope::{Authority, DirectoryScope, OperatorScope};
use doorward_store::token::{self, Expiring, Terms, TokenRow};
use doorward_store::{Conflict, Lane, NewEvent, Secret, Store, Tx};
use serde_json::{Value, json};

use super::directories::{checked_name, none};
use super::error::{Error, Result};
use super::instant;

/// How long a credential is good for, counted from its making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// So many days, 1 to [`Lifetime::LONGEST`].
    Days(u32),
    /// Until it is revoked.
    Unlimited,
}

impl Lifetime {
    /// The most days: a hundred years.
    pub const LONGEST: u32 = 36_500;

    /// The instant at which it ends, both in Unix microseconds; `None`: never.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a number of days out of range.
    pub fn end(self, now: i64) -> Result<Option<i64>> {
        const DAY: i64 = 24 * 60 * 60 * 1_000_000;
        match self {
            Lifetime::Unlimited => Ok(None),
            Lifetime::Days(days @ 1..=Self::LONGEST) => Ok(Some(now.saturating_add(i64::from(days) * DAY))),
            Lifetime::Days(_) => Err(Error::Invalid {
                field: "duration".to_owned(),
                message: format!("must lie between 1 and {} days", Self::LONGEST),
            }),
        }
    }
}

impl Default for Lifetime {
    /// A year, as administrators expect of a SCIM token (WB-10).
    fn default() -> Self {
        Lifetime::Days(365)
    }
}

/// What a credential is made from.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Its name for people.
    pub name: String,
    /// How long it is good for.
    pub lifetime: Lifetime,
    /// A bearer token made elsewhere, already checked by [`crate::secrets`]; `None`: Doorward makes one.
    pub supplied: Option<Secret>,
    /// Whether it opens the directory for reading alone (P-7644-2-03).
    pub read_only: bool,
}

impl NewToken {
    /// The credential that a directory is made with.
    pub fn first() -> Self {
        NewToken { name: "first".to_owned(), lifetime: Lifetime::default(), supplied: None, read_only: false }
    }
}

/// A credential just made.
#[derive(Debug, Clone)]
pub struct Created {
    /// What stays readable of it.
    pub row: TokenRow,
    /// The token or password, to be shown this once; `None` when the operator supplied it.
    pub secret: Option<Secret>,
}

/// How many live credentials a directory may have unless the operator says otherwise: the one in use, and its successor (SEC-20).
pub const MOST_LIVE: usize = 2;

/// As [`create`], while the directory has fewer than `most` live ones.
///
/// # Errors
/// As [`create`]; [`Error::State`] beyond that number, or when the directory is being deleted.
pub async fn create_within<A>(
    store: &Store,
    by: &A,
    directory_id: DirectoryId,
    new: NewToken,
    most: usize,
) -> Result<Created>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(directory_id), move |tx| {
            let scope = directory::scope(tx, &by, &directory_id)?.ok_or_else(none)?;
            if scope.state() == State::Deleting {
                return Err(Error::State("this directory is being deleted; restore it first".to_owned()));
            }
            let now = tx.now();
            let live = token::list(tx, &scope)?.into_iter().filter(|row| row.is_live(now)).count();
            if live >= most {
                return Err(Error::State(format!(
                    "this directory has {live} live credentials, and {most} are allowed; revoke one of them first"
                )));
            }
            make(tx, &by, &scope, &new)
        })
        .await
}

/// Makes a credential of the kind that the directory uses. Others stay live, so that a token can be changed at the
/// identity provider without an interruption.
///
/// # Errors
/// [`Error::NotFound`] for the directory; [`Error::Invalid`] for the name, the lifetime, or a supplied token where the
/// directory uses Basic; [`Error::Conflict`] when the supplied token exists.
pub async fn create<A>(store: &Store, by: &A, directory_id: DirectoryId, new: NewToken) -> Result<Created>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(directory_id), move |tx| {
            let scope = directory::scope(tx, &by, &directory_id)?.ok_or_else(none)?;
            make(tx, &by, &scope, &new)
        })
        .await
}

/// Makes a credential and announces it, inside a transaction.
pub(super) fn make(tx: &mut Tx<'_>, by: &impl Authority, scope: &DirectoryScope, new: &NewToken) -> Result<Created> {
    let name = checked_name(&new.name)?;
    let terms = Terms { expires_at: new.lifetime.end(tx.now())?, read_only: new.read_only };
    let created = mint(tx, by, scope, &name, new.supplied.as_ref(), terms)?;
    announce(tx, scope, "dsync.token.created", &created.row)?;
    Ok(created)
}

fn mint(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    scope: &DirectoryScope,
    name: &str,
    supplied: Option<&Secret>,
    terms: Terms,
) -> Result<Created> {
    let (row, secret) = match (scope.auth(), supplied) {
        (AuthMode::Bearer, None) => token::create_bearer(tx, scope, name, terms)?,
        (AuthMode::Basic, None) => token::create_basic(tx, scope, name, terms)?,
        (AuthMode::Bearer, Some(supplied)) => {
            let row = token::import(tx, by, scope, name, supplied, terms).map_err(taken)?;
            return Ok(Created { row, secret: None });
        }
        (AuthMode::Basic, Some(_)) => {
            return Err(Error::Invalid {
                field: "token".to_owned(),
                message: "this directory uses HTTP Basic, whose passwords Doorward makes".to_owned(),
            });
        }
    };
    Ok(Created { row, secret: Some(secret) })
}

/// All credentials of a directory, oldest first, ended ones too. None of them can be read from it.
///
/// # Errors
/// [`Error::NotFound`] for the directory, or the database fails.
pub async fn list<A>(store: &Store, by: &A, directory_id: DirectoryId) -> Result<Vec<TokenRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .read(move |tx| {
            let scope = directory::scope(tx, &by, &directory_id)?.ok_or_else(none)?;
            Ok(token::list(tx, &scope)?)
        })
        .await
}

/// How long before its end a credential is told of, in microseconds: thirty days.
const SOON: i64 = 30 * 86_400_000_000;

/// Credentials of all directories that end within thirty days, the next first.
///
/// # Errors
/// When the database fails.
pub async fn expiring(store: &Store, by: &OperatorScope, most: i64) -> Result<Vec<Expiring>> {
    let by = by.clone();
    store.read(move |tx| Ok(token::expiring(tx, &by, tx.now() + SOON, most)?)).await
}

/// Ends a credential at once. One that has ended already stays as it was.
///
/// # Errors
/// [`Error::NotFound`] when the directory has no such credential.
pub async fn revoke<A>(store: &Store, by: &A, directory_id: DirectoryId, id: TokenId) -> Result<TokenRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(directory_id), move |tx| {
            let scope = directory::scope(tx, &by, &directory_id)?.ok_or_else(none)?;
            match token::revoke(tx, &scope, &id)? {
                Some(row) => {
                    announce(tx, &scope, "dsync.token.revoked", &row)?;
                    Ok(row)
                }
                None => token::get(tx, &scope, &id)?.ok_or(Error::NotFound { what: "Token" }),
            }
        })
        .await
}

/// One credential of a directory.
///
/// # Errors
/// [`Error::NotFound`] for the directory or the credential.
pub async fn get<A>(store: &Store, by: &A, directory_id: DirectoryId, id: TokenId) -> Result<TokenRow>
where
    A: Authority + Clone + Send + 'static,
{
    let rows = list(store, by, directory_id).await?;
    rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound { what: "Token" })
}

/// The credential just made, with what its identity provider is given: `token`, or `username` and `password`.
pub fn created_object(created: &Created, directory_id: DirectoryId) -> Value {
    let mut object = object(&created.row, directory_id);
    put_secret(&mut object, created);
    object
}

/// Adds the secret of a credential just made to an object: `token`, or `username` and `password`.
pub fn put_secret(object: &mut Value, created: &Created) {
    let (Some(members), Some(secret)) = (object.as_object_mut(), &created.secret) else { return };
    match &created.row.username {
        Some(username) => {
            members.insert("username".to_owned(), json!(username));
            members.insert("password".to_owned(), json!(secret.expose()));
        }
        None => {
            members.insert("token".to_owned(), json!(secret.expose()));
        }
    }
}

/// The credential as people and applications see it: enough to recognise it, never to use it.
pub fn object(row: &TokenRow, directory_id: DirectoryId) -> Value {
    json!({
        "object": "directory_token",
        "id": row.id,
        "directory_id": directory_id,
        "kind": row.kind,
        "name": row.name,
        "username": row.username,
        "read_only": row.read_only,
        "prefix": row.prefix,
        "last_four": row.last_four,
        "created_at": instant::text(row.created_at),
        "expires_at": row.expires_at.map(instant::text),
        "revoked_at": row.revoked_at.map(instant::text),
        "last_used_at": row.last_used_at.map(instant::text),
    })
}

fn announce(tx: &mut Tx<'_>, scope: &DirectoryScope, event_type: &'static str, row: &TokenRow) -> Result<()> {
    let mut data = object(row, scope.directory_id());
    if let Some(data) = data.as_object_mut() {
        // What WorkOS calls it; its SDK for Python does not read these events without.
        data.insert("token_suffix".to_owned(), json!(row.last_four));
    }
    let event = NewEvent {
        event_type,
        organization_id: Some(scope.organization_id()),
        directory_id: Some(scope.directory_id()),
        subject_id: Some(row.id.to_string()),
        data,
    };
    Ok(tx.emit(scope.origin(), event)?)
}

fn taken(error: doorward_store::Error) -> Error {
    match error {
        doorward_store::Error::Conflict(Conflict::Other) => Error::Conflict { what: "a token", attribute: "secret" },
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wb_10_a_token_lives_a_year_unless_told_otherwise() {
        const DAY: i64 = 86_400_000_000;
        assert_eq!(Lifetime::default().end(5).unwrap(), Some(365 * DAY + 5));
        assert_eq!(Lifetime::Days(1).end(0).unwrap(), Some(DAY));
        assert_eq!(Lifetime::Unlimited.end(0).unwrap(), None);
        assert!(Lifetime::Days(0).end(0).is_err());
        assert!(Lifetime::Days(36_501).end(0).is_err());
    }
}
