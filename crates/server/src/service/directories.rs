//! Directories: one connection each of an organization with its identity provider.

use doorward_store::directory::{
    self, AuthMode, DirectoryFilter, DirectoryRow, DirectoryValues, KnownUsersPolicy, Settings, State, Strictness,
};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::organization::{self, OrganizationRow};
use doorward_store::paging::{Cursor, Slice};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Conflict, Lane, Store, Tx, known_user, settled};

use super::directory_view::announce;
use super::error::{Error, Result};
use super::tokens::{self, Created, NewToken};
use super::{domain, label};

pub(super) use super::directory_view::{announce_change, announce_end, emit, event_data};
pub use super::directory_view::{created_object, endpoint, object};

/// What a directory is made from.
#[derive(Debug, Clone)]
pub struct NewDirectory {
    /// Whose it is to be.
    pub organization_id: OrganizationId,
    /// Its name for people.
    pub name: String,
    /// One of [`DIRECTORY_TYPES`](super::directory_type::DIRECTORY_TYPES).
    pub directory_type: &'static str,
    /// Its part of the SCIM base URL; one is made of the organization's name when there is none.
    pub label: Option<String>,
    /// How the identity provider will prove itself.
    pub auth: AuthMode,
    /// Its settings.
    pub settings: Settings,
}

/// Makes a directory. Its first credential is made apart from it, with [`super::tokens::create`].
///
/// # Errors
/// [`Error::Invalid`] for a name or label that cannot be used, [`Error::NotFound`] for the organization,
/// [`Error::Conflict`] when the label is taken.
pub async fn create<A>(store: &Store, by: &A, new: NewDirectory) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    Ok(create_with(store, by, new, None, None).await?.0)
}

/// Makes a directory and, in the same transaction, its first credential when one is wanted (WO-6).
///
/// # Errors
/// As [`create`]; [`Error::Invalid`] for the credential or the domain.
pub async fn create_with<A>(
    store: &Store,
    by: &A,
    new: NewDirectory,
    shown_domain: Option<String>,
    first: Option<NewToken>,
) -> Result<(DirectoryRow, Option<Created>)>
where
    A: Authority + Clone + Send + 'static,
{
    let shown_domain = shown_domain.as_deref().map(checked_domain).transpose()?;
    let name = checked_name(&new.name)?;
    let chosen = new.label.as_deref().map(label::check).transpose()?;
    let by = by.clone();
    let entropy = store.entropy();
    store
        .write(Lane::Any, move |tx| {
            let owner = organization::get(tx, &by, &new.organization_id)?.ok_or_else(no_organization)?;
            let label = match &chosen {
                Some(label) => label.clone(),
                None => free_label(tx, &by, &owner, new.directory_type, &entropy)?,
            };
            let values = DirectoryValues {
                label,
                name: name.clone(),
                directory_type: new.directory_type.to_owned(),
                auth: new.auth,
                domain: shown_domain.clone(),
                settings: new.settings.clone(),
            };
            let row = directory::create(tx, &by, &owner.id, &values).map_err(taken)?.ok_or_else(no_organization)?;
            announce(tx, by.origin(), "dsync.created", &row, &owner)?;
            let Some(first) = &first else { return Ok((row, None)) };
            let scope = directory::scope(tx, &by, &row.id)?.ok_or_else(none)?;
            let created = tokens::make(tx, &by, &scope, first)?;
            Ok((directory::get(tx, &by, &row.id)?.ok_or_else(none)?, Some(created)))
        })
        .await
}

/// The plain proposal, or the proposal with four random characters when another directory has it.
fn free_label(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    owner: &OrganizationRow,
    directory_type: &str,
    entropy: &doorward_store::Entropy,
) -> Result<String> {
    let plain = label::propose(&owner.name, directory_type, None);
    if label::check(&plain).is_ok() && directory::by_label(tx, by, &plain)?.is_none() {
        return Ok(plain);
    }
    let mut random = [0; 4];
    entropy.fill(&mut random);
    Ok(label::propose(&owner.name, directory_type, Some(&format!("{:08x}", u32::from_be_bytes(random)))))
}

/// The directory with this id.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| directory::get(tx, &by, &id)?.ok_or_else(none)).await
}

/// The directory with this label.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn get_by_label<A>(store: &Store, by: &A, label: String) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| directory::by_label(tx, &by, &label)?.ok_or_else(none)).await
}

/// A part of the list of directories.
///
/// # Errors
/// When the database fails.
pub async fn list<A>(
    store: &Store,
    by: &A,
    cursor: Cursor<DirectoryId>,
    filter: DirectoryFilter,
) -> Result<Slice<DirectoryRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(directory::list(tx, &by, &cursor, &filter)?)).await
}

/// What of a directory is to be set; what is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Its name for people.
    pub name: Option<String>,
    /// Its part of the SCIM base URL. The identity provider must be given the new one.
    pub label: Option<String>,
    /// One of [`DIRECTORY_TYPES`](super::directory_type::DIRECTORY_TYPES).
    pub directory_type: Option<&'static str>,
    /// The domain shown with it; `Some(None)` takes it away.
    pub domain: Option<Option<String>>,
    /// How strictly SCIM is read.
    pub profile: Option<Strictness>,
    /// Whether groups are taken in.
    pub groups: Option<bool>,
    /// What becomes of people whose account the application has already.
    pub known_users: Option<KnownUsersPolicy>,
}

impl Wanted {
    fn onto(&self, old: &DirectoryRow) -> Result<DirectoryValues> {
        Ok(DirectoryValues {
            label: self.label.as_deref().map(label::check).transpose()?.unwrap_or_else(|| old.label.clone()),
            name: self.name.as_deref().map(checked_name).transpose()?.unwrap_or_else(|| old.name.clone()),
            directory_type: self.directory_type.map_or_else(|| old.directory_type.clone(), str::to_owned),
            auth: old.auth,
            domain: match &self.domain {
                Some(wanted) => wanted.as_deref().map(checked_domain).transpose()?,
                None => old.domain.clone(),
            },
            settings: Settings {
                profile: self.profile.unwrap_or(old.settings.profile),
                groups: self.groups.unwrap_or(old.settings.groups),
                known_users: self.known_users.unwrap_or(old.settings.known_users),
                ..old.settings.clone()
            },
        })
    }
}

fn checked_domain(text: &str) -> Result<String> {
    domain::spelled(text).ok_or_else(|| Error::Invalid {
        field: "domain".to_owned(),
        message: "must be a domain such as acme.com".to_owned(),
    })
}

/// Changes a directory. When nothing changes, nothing is written and nothing announced.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Invalid`] for a value that cannot be used; [`Error::Conflict`] when the label is taken;
/// [`Error::State`] when it is being deleted.
pub async fn update<A>(store: &Store, by: &A, id: DirectoryId, wanted: Wanted) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let old = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            require_kept(&old)?;
            let values = wanted.onto(&old)?;
            if values == Wanted::default().onto(&old)? {
                return Ok(old);
            }
            let row = directory::update(tx, &by, &id, &values).map_err(taken)?.ok_or_else(none)?;
            if row.settings.known_users != old.settings.known_users {
                known_user::policy_changed(tx, &directory::scope_of(&by, &row), row.settings.known_users)?;
            }
            announce_change(tx, by.origin(), &old, &row)?;
            Ok(row)
        })
        .await
}

/// A directory that is being deleted must be restored before anything else is done with it.
fn require_kept(row: &DirectoryRow) -> Result<()> {
    if row.state == State::Deleting {
        return Err(Error::State("this directory is being deleted; restore it first".to_owned()));
    }
    Ok(())
}

/// Switches a directory off: its credentials stay, its SCIM requests are refused (WT-37). Nothing changes when it is off.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn disable<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    set_state(store, by, id, false).await
}

/// Switches a directory on again: it is `linked` when its identity provider has spoken before, and `dsync.activated` says so. Else it waits
/// for that, as before, which `dsync.updated` says. Nothing changes when it is on.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::State`] when it is being deleted.
pub async fn enable<A>(store: &Store, by: &A, id: DirectoryId) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    set_state(store, by, id, true).await
}

async fn set_state<A>(store: &Store, by: &A, id: DirectoryId, on: bool) -> Result<DirectoryRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let current = directory::get(tx, &by, &id)?.ok_or_else(none)?;
            require_kept(&current)?;
            // One that waits for its identity provider is on.
            if on == matches!(current.state, State::Linked | State::Validating) {
                return Ok(current);
            }
            let (state, event_type) = match (on, current.first_contact_at) {
                (false, _) => (State::Unlinked, "dsync.deactivated"),
                (true, Some(_)) => (State::Linked, "dsync.activated"),
                // `dsync.activated` would tell of a request that never came.
                (true, None) => (State::Validating, "dsync.updated"),
            };
            let row = directory::set_state(tx, &by, &id, state)?.ok_or_else(none)?;
            if state == State::Linked {
                // Everything may have changed meanwhile: what comes now is a first sync again.
                settled::begin_again(tx, &by, &id)?;
            }
            if state == State::Validating {
                announce_change(tx, by.origin(), &current, &row)?;
                return Ok(row);
            }
            let owner = organization::get(tx, &by, &row.organization_id)?.ok_or_else(no_organization)?;
            announce(tx, by.origin(), event_type, &row, &owner)?;
            Ok(row)
        })
        .await
}

/// Notes that the identity provider has spoken: a waiting directory becomes active and says so. For the first accepted
/// request of a directory whose scope is still `validating`. Whether that changed anything.
///
/// # Errors
/// When the database fails.
pub fn activate(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<bool> {
    if !directory::activate(tx, scope)? {
        return Ok(false);
    }
    let row = directory::own(tx, scope)?.ok_or_else(none)?;
    let owner = organization::own(tx, scope)?.ok_or_else(no_organization)?;
    announce(tx, scope.origin(), "dsync.activated", &row, &owner)?;
    Ok(true)
}

/// A name for people: not blank, of a sane length, on one line.
pub(super) fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    let message = if name.is_empty() {
        "must not be empty"
    } else if name.chars().count() > 200 {
        "must have at most 200 characters"
    } else if name.chars().any(char::is_control) {
        "must be one line of text"
    } else {
        return Ok(name.to_owned());
    };
    Err(Error::Invalid { field: "name".to_owned(), message: message.to_owned() })
}

pub(super) fn none() -> Error {
    Error::NotFound { what: "Directory" }
}

fn no_organization() -> Error {
    Error::NotFound { what: "Organization" }
}

fn taken(error: doorward_store::Error) -> Error {
    match error {
        doorward_store::Error::Conflict(Conflict::Label) => Error::Conflict { what: "a directory", attribute: "label" },
        other => other.into(),
    }
}
