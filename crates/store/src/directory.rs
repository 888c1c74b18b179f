//! Directories: one connection each of an organization with its identity provider.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::ids::{DirectoryId, OrganizationId};
use crate::paging::{Cursor, Slice};
use crate::scope::{Authority, DirectoryScope};
use crate::stats::Counts;
use crate::tx::Tx;

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
}

/// How strictly a directory reads SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// What the RFCs demand and no more.
    Strict,
    /// The known habits of identity providers are understood.
    #[default]
    Tolerant,
}

/// The settings of a directory. Stored as JSON, so that a setting can be added without a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How strictly SCIM is read.
    pub profile: Strictness,
    /// Whether groups are taken in.
    pub groups: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { profile: Strictness::Tolerant, groups: true }
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
    /// How many users and groups it has.
    pub counts: Counts,
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

/// Which directories a list holds.
#[derive(Debug, Clone, Default)]
pub struct DirectoryFilter {
    /// Only those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Only those whose name holds this text, without regard to case.
    pub search: Option<String>,
    /// Only those with this domain.
    pub domain: Option<String>,
}

/// Writes a new directory (state `validating`); `None` when there is no such organization.
///
/// # Errors
/// [`Conflict::Label`](crate::Conflict::Label) when the label is taken.
pub fn create(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization_id: &OrganizationId,
    values: &DirectoryValues,
) -> Result<Option<DirectoryRow>> {
    let _ = (tx, by, organization_id, values);
    crate::unwritten()
}

/// The directory with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<Option<DirectoryRow>> {
    let _ = (tx, by, id);
    crate::unwritten()
}

/// The directory with this label.
///
/// # Errors
/// When the database fails.
pub fn by_label(tx: &mut Tx<'_>, by: &impl Authority, label: &str) -> Result<Option<DirectoryRow>> {
    let _ = (tx, by, label);
    crate::unwritten()
}

/// The own directory of a scope.
///
/// # Errors
/// When the database fails.
pub fn own(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Option<DirectoryRow>> {
    let _ = (tx, scope);
    crate::unwritten()
}

/// A part of the list of directories.
///
/// # Errors
/// When the database fails.
pub fn list(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    cursor: &Cursor<DirectoryId>,
    filter: &DirectoryFilter,
) -> Result<Slice<DirectoryRow>> {
    let _ = (tx, by, cursor, filter);
    crate::unwritten()
}

/// Opens a directory for an application or the operator.
///
/// # Errors
/// When the database fails.
pub fn scope(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<Option<DirectoryScope>> {
    let _ = (tx, by, id);
    crate::unwritten()
}

/// Writes new values; `None` when there is no such directory.
///
/// # Errors
/// [`Conflict::Label`](crate::Conflict::Label) when the label is taken.
pub fn update(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    id: &DirectoryId,
    values: &DirectoryValues,
) -> Result<Option<DirectoryRow>> {
    let _ = (tx, by, id, values);
    crate::unwritten()
}

/// Sets the state; the row as it is then, `None` when there is no such directory.
///
/// # Errors
/// When the database fails.
pub fn set_state(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId, state: State) -> Result<Option<DirectoryRow>> {
    let _ = (tx, by, id, state);
    crate::unwritten()
}

/// Marks the own directory as `linked` when it was `validating`: the identity provider has spoken. Whether that changed anything.
///
/// # Errors
/// When the database fails.
pub fn activate(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    let _ = (tx, scope);
    crate::unwritten()
}

/// Removes a directory with everything in it except its events; the removed row, `None` when there was none.
/// To announce users and groups, delete them first, in portions.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, by: &impl Authority, id: &DirectoryId) -> Result<Option<DirectoryRow>> {
    let _ = (tx, by, id);
    crate::unwritten()
}
