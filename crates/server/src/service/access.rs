//! May this person enter, and with which roles: what an application asks before it lets somebody act.
//!
//! One function decides (`decide`), whatever made the access end: PATCH, PUT or POST with `active: false`, DELETE, or a directory
//! that was switched off. The answer is read from the database each time and never kept.

use doorward_store::directory::{self, DirectoryFilter, State};
use doorward_store::ids::{OrganizationId, UserId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::role_mapping;
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::user::{self, UserFilter, UserRow};
use doorward_store::{Store, Tx, organization};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::error::{Error, Result};
use super::{instant, roles};

/// Directories of an organization that one statement brings.
const PORTION: i64 = 100;

/// As many people of one directory are looked at to see that a name is not one person's alone.
const SEVERAL: i64 = 3;

/// Who is meant.
#[derive(Debug, Clone)]
pub enum Person {
    /// By Doorward's id.
    Id(UserId),
    /// By the identity provider's id: `externalId`, else `userName`.
    IdpId(String),
    /// By `userName`, in any letter case.
    UserName(String),
    /// By an e-mail address, in any letter case.
    Email(String),
    /// By any of these: the first that finds somebody, in the order above but `userName` before the provider's id.
    Any(String),
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The organization, by its id or the application's own (`external_id`).
    pub organization: String,
    /// Who.
    pub person: Person,
}

/// The answer to one question.
#[derive(Debug, Clone)]
pub struct Answer {
    /// As applications see it, but for `checked_at`.
    pub object: Map<String, Value>,
    /// Differs from another answer's when anything in them differs.
    pub etag: String,
}

impl Answer {
    /// Rises with every change of the person's state and roles.
    pub fn version(&self) -> i64 {
        self.object.get("version").and_then(Value::as_i64).unwrap_or_default()
    }

    /// The object with the time of the look, in Unix microseconds.
    pub fn at(mut self, now: i64) -> Value {
        self.object.insert("checked_at".to_owned(), json!(instant::text(now)));
        Value::Object(self.object)
    }
}

/// Why somebody may enter, or may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    Active,
    UserInactive,
    UserDeleted,
    NotProvisioned,
    DirectoryDisabled,
    DirectoryDeleting,
    Ambiguous,
}

impl Reason {
    fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::UserInactive => "user_inactive",
            Self::UserDeleted => "user_deleted",
            Self::NotProvisioned => "not_provisioned",
            Self::DirectoryDisabled => "directory_disabled",
            Self::DirectoryDeleting => "directory_deleting",
            Self::Ambiguous => "ambiguous",
        }
    }
}

/// The one decision: a person who is there may enter when the directory is on and the person is active.
fn decide(state: State, active: bool) -> Reason {
    match state {
        State::Deleting => Reason::DirectoryDeleting,
        State::Unlinked => Reason::DirectoryDisabled,
        State::Validating | State::Linked if active => Reason::Active,
        State::Validating | State::Linked => Reason::UserInactive,
    }
}

/// Answers questions, all of them as of one moment, in the order given.
///
/// # Errors
/// [`Error::NotFound`] for an organization.
pub async fn check<A>(store: &Store, by: &A, questions: Vec<Question>) -> Result<Vec<Answer>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.snapshot(move |tx| questions.iter().map(|question| answer(tx, &by, question)).collect()).await
}

/// All directories of an organization.
fn scopes_of(tx: &mut Tx<'_>, by: &impl Authority, organization: OrganizationId) -> Result<Vec<DirectoryScope>> {
    let filter = DirectoryFilter { organization_id: Some(organization), ..DirectoryFilter::default() };
    let mut cursor = Cursor::first(PORTION, Order::Ascending);
    let mut scopes = Vec::new();
    loop {
        let found = directory::list(tx, by, &cursor, &filter)?;
        scopes.extend(found.items.iter().map(|row| directory::scope_of(by, row)));
        cursor.after = found.items.last().map(|row| row.id);
        if !found.more_after {
            return Ok(scopes);
        }
    }
}

/// Somebody who fits, with the directory.
type Candidate = (DirectoryScope, UserRow);

fn answer(tx: &mut Tx<'_>, by: &impl Authority, question: &Question) -> Result<Answer> {
    let organization = organization_of(tx, by, &question.organization)?;
    let scopes = scopes_of(tx, by, organization)?;
    let mut candidates = candidates(tx, &scopes, &question.person)?;
    // Who was moved to another directory is asked for there: a directory that is off counts only when no other has the person.
    let is_on = |(scope, _): &Candidate| matches!(scope.state(), State::Linked | State::Validating);
    if candidates.iter().any(is_on) {
        candidates.retain(is_on);
    }
    match candidates.as_slice() {
        [(scope, row)] => known(tx, scope, row),
        [] => unknown(tx, &scopes, &question.person),
        several => Ok(ambiguous(several)),
    }
}

fn organization_of(tx: &mut Tx<'_>, by: &impl Authority, name: &str) -> Result<OrganizationId> {
    let row = match name.parse() {
        Ok(id) => organization::get(tx, by, &id)?,
        Err(_) => organization::by_external_id(tx, by, name)?,
    };
    row.map(|row| row.id).ok_or(Error::NotFound { what: "Organization" })
}

fn candidates(tx: &mut Tx<'_>, scopes: &[DirectoryScope], person: &Person) -> Result<Vec<Candidate>> {
    if let Person::Any(text) = person {
        let by_id = text.parse().ok().map(Person::Id);
        let others = [Person::UserName(text.clone()), Person::IdpId(text.clone()), Person::Email(text.clone())];
        for person in by_id.into_iter().chain(others) {
            let found = candidates(tx, scopes, &person)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for scope in scopes {
        let rows = match person {
            Person::Id(id) => user::get(tx, scope, id)?.into_iter().collect(),
            Person::UserName(name) => user::by_user_name(tx, scope, name)?.into_iter().collect(),
            Person::IdpId(id) => some(tx, scope, &UserFilter { idp_id: Some(id.clone()), ..UserFilter::default() })?,
            Person::Email(email) => {
                some(tx, scope, &UserFilter { email: Some(email.clone()), ..UserFilter::default() })?
            }
            Person::Any(_) => Vec::new(),
        };
        found.extend(rows.into_iter().map(|row| (scope.clone(), row)));
    }
    Ok(found)
}

fn some(tx: &mut Tx<'_>, scope: &DirectoryScope, filter: &UserFilter) -> Result<Vec<UserRow>> {
    Ok(user::list(tx, scope, &Cursor::first(SEVERAL, Order::Ascending), filter)?.items)
}

fn known(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<Answer> {
    let reason = decide(scope.state(), row.active);
    let allowed = reason == Reason::Active;
    let groups = user::groups_of(tx, scope, &[row.id])?.remove(&row.id).unwrap_or_default();
    let groups: Vec<Value> = groups.iter().map(|group| json!({ "id": group.id, "name": group.display })).collect();
    let version = row.access_version + role_mapping::access_epoch(tx, scope)?;
    let mut object = empty(reason);
    object.insert("user_id".to_owned(), json!(row.id));
    object.insert("directory_id".to_owned(), json!(scope.directory_id()));
    object.insert("version".to_owned(), json!(version));
    // Who may not enter has no roles to act with, so that nobody can use them by overlooking `allowed`.
    if allowed {
        for (name, value) in roles::shown(row.roles.as_deref())? {
            object.insert(name.to_owned(), value);
        }
        object.insert("groups".to_owned(), json!(groups));
    }
    Ok(made(object))
}

/// Nobody fits: was there somebody once?
fn unknown(tx: &mut Tx<'_>, scopes: &[DirectoryScope], person: &Person) -> Result<Answer> {
    let id = match person {
        Person::Id(id) => Some(*id),
        Person::Any(text) => text.parse().ok(),
        Person::IdpId(_) | Person::UserName(_) | Person::Email(_) => None,
    };
    for (scope, id) in scopes.iter().zip(id.into_iter().cycle()) {
        let Some(version) = user::buried_access_version(tx, scope, &id)? else { continue };
        let mut object = empty(Reason::UserDeleted);
        object.insert("user_id".to_owned(), json!(id));
        object.insert("directory_id".to_owned(), json!(scope.directory_id()));
        object.insert("version".to_owned(), json!(version + role_mapping::access_epoch(tx, scope)?));
        return Ok(made(object));
    }
    Ok(made(empty(Reason::NotProvisioned)))
}

/// More than one person, or one person in more than one directory that is on: nobody guesses, and nobody enters. With the id of
/// whom it means, the application asks again.
fn ambiguous(several: &[Candidate]) -> Answer {
    let mut object = empty(Reason::Ambiguous);
    let candidate = |(scope, row): &Candidate| json!({ "user_id": row.id, "directory_id": scope.directory_id() });
    object.insert("candidates".to_owned(), several.iter().map(candidate).collect());
    made(object)
}

/// An answer without a person.
fn empty(reason: Reason) -> Map<String, Value> {
    let object = json!({
        "object": "access_check",
        "allowed": reason == Reason::Active,
        "reason": reason.word(),
        "user_id": null,
        "directory_id": null,
        "role": null,
        "roles": [],
        "environment_roles": {},
        "groups": [],
        "version": 0,
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn made(object: Map<String, Value>) -> Answer {
    let digest: [u8; 32] = Sha256::digest(Value::Object(object.clone()).to_string().as_bytes()).into();
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let version = object.get("version").and_then(Value::as_i64).unwrap_or_default();
    // Weak: two answers with one tag differ in the time of the look.
    Answer { etag: format!("W/\"{version}-{digest}\""), object }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wt_33_one_place_decides() {
        for state in [State::Linked, State::Validating] {
            assert_eq!(decide(state, true), Reason::Active);
            assert_eq!(decide(state, false), Reason::UserInactive);
        }
        for active in [true, false] {
            assert_eq!(decide(State::Unlinked, active), Reason::DirectoryDisabled);
            assert_eq!(decide(State::Deleting, active), Reason::DirectoryDeleting);
        }
    }
}
