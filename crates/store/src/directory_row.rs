//! A directory as it is stored.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::ids::{DirectoryId, OrganizationId};
use crate::origin::Origin;
use crate::scope::DirectoryScope;
use crate::settings::Settings;
use crate::stats::Counts;
use crate::traffic::{self, Traffic};
use crate::value::Row;

/// Whether a directory takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Made, but nothing has come from the identity provider yet.
    Validating,
    /// In use.
    Linked,
    /// Switched off by an administrator: SCIM requests are refused.
    Unlinked,
    /// Its deletion is under way.
    Deleting,
}

impl State {
    /// The stored word, which is also the word of the application's API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validating => "validating",
            Self::Linked => "linked",
            Self::Unlinked => "unlinked",
            Self::Deleting => "deleting",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Result<Self> {
        [Self::Validating, Self::Linked, Self::Unlinked, Self::Deleting]
            .into_iter()
            .find(|state| state.as_str() == word)
            .ok_or_else(|| Error::Corrupt("the state of a directory".into()))
    }
}

/// How an identity provider proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMode {
    /// A bearer token (RFC 6750).
    Bearer,
    /// HTTP Basic (RFC 7617) with a password of our making.
    Basic,
}

impl AuthMode {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "bearer",
            Self::Basic => "basic",
        }
    }

    pub(crate) fn from_stored(word: &str) -> Result<Self> {
        [Self::Bearer, Self::Basic]
            .into_iter()
            .find(|mode| mode.as_str() == word)
            .ok_or_else(|| Error::Corrupt("the authentication of a directory".into()))
    }
}

/// A directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryRow {
    /// Its id.
    pub id: DirectoryId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// Its part of the SCIM base URL; unique.
    pub label: String,
    /// Its name for people.
    pub name: String,
    /// The kind of identity provider, for example `okta scim v2.0`.
    pub directory_type: String,
    /// Whether it takes part.
    pub state: State,
    /// How the identity provider proves itself.
    pub auth: AuthMode,
    /// The domain shown with it.
    pub domain: Option<String>,
    /// A random key that stays with it (`external_key` of the application's API).
    pub external_key: String,
    /// Its settings.
    pub settings: Settings,
    /// When its identity provider first spoke, in Unix microseconds.
    pub first_contact_at: Option<i64>,
    /// When its removal begins, in Unix microseconds; `None`: it is not being deleted.
    pub delete_at: Option<i64>,
    /// When its removal began; it cannot be restored after that.
    pub removal_began_at: Option<i64>,
    /// How many users and groups it has.
    pub counts: Counts,
    /// What its request log and its credentials say of the connection.
    pub traffic: Traffic,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a directory is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryValues {
    /// Its part of the SCIM base URL: lower-case letters, digits, hyphens. Checked by the caller.
    pub label: String,
    /// Its name for people.
    pub name: String,
    /// The kind of identity provider.
    pub directory_type: String,
    /// How the identity provider proves itself.
    pub auth: AuthMode,
    /// The domain shown with it.
    pub domain: Option<String>,
    /// Its settings.
    pub settings: Settings,
}

/// Ends before its `WHERE`; [`read`] takes its columns.
pub(crate) const SELECT: &str = concat!(
    "SELECT d.id, d.organization_id, d.label, d.name, d.directory_type, d.state, d.auth, d.domain, \
     d.external_key, d.settings, d.created_at, d.updated_at, s.users_active, s.users_inactive, s.groups_total, s.members_pending, \
     d.first_contact_at, d.delete_at, d.removal_began_at, ",
    traffic::columns!(),
    " FROM directory d JOIN directory_stats s ON s.directory_id = d.id ",
    traffic::join!()
);

/// A row of [`SELECT`].
pub(crate) fn read(row: &Row<'_>, now: i64) -> Result<DirectoryRow> {
    let (state, auth, settings): (String, String, String) = (row.get(5)?, row.get(6)?, row.get(9)?);
    Ok(DirectoryRow {
        id: row.get(0)?,
        organization_id: row.get(1)?,
        label: row.get(2)?,
        name: row.get(3)?,
        directory_type: row.get(4)?,
        state: State::from_stored(&state)?,
        auth: AuthMode::from_stored(&auth)?,
        domain: row.get(7)?,
        external_key: row.get(8)?,
        settings: Settings::from_stored(&settings)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
        counts: Counts {
            users_active: row.get(12)?,
            users_inactive: row.get(13)?,
            groups: row.get(14)?,
            pending: row.get(15)?,
        },
        first_contact_at: row.get(16)?,
        delete_at: row.get(17)?,
        removal_began_at: row.get(18)?,
        traffic: Traffic::read(row, 19, now)?,
    })
}

impl DirectoryRow {
    /// Opens it for whoever acts.
    pub(crate) fn into_scope(self, origin: Origin) -> DirectoryScope {
        DirectoryScope {
            directory_id: self.id,
            organization_id: self.organization_id,
            label: self.label,
            name: self.name,
            directory_type: self.directory_type,
            state: self.state,
            auth: self.auth,
            types: self.settings.types(),
            settings: Arc::new(self.settings),
            token_id: None,
            token_last_used_at: None,
            token_expires_at: None,
            token_read_only: false,
            rules: Arc::default(),
            origin,
        }
    }
}
