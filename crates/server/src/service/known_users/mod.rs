//! Existing accounts: people whom the application knows before the identity provider sends them (WT-20, WT-41).
//!
//! Provisioning links a person with an account; it never merges the two, and changes nothing of the account's (SEC-3, SEC-5). All of it
//! is done in the transaction of the request that brings the person. A directory with the policy `off`, or without known users, pays
//! nothing.

pub mod accounts;
pub mod conflicts;
mod decide;
pub mod import;
pub mod loading;

use doorward_scim::error::Error as ScimError;
use doorward_scim::resource::Resource;
use doorward_store::directory::KnownUsersPolicy;
use doorward_store::known_user::{self, Candidate, KnownUserId};
use doorward_store::scope::DirectoryScope;
use doorward_store::user::UserRow;
use doorward_store::{Tx, organization};
use serde_json::{Value, json};

use super::error::Result;
use super::{announce, domain, view};
use decide::{Decision, Moment, Reason, decide};

/// What is to be told after the person has been announced.
pub(super) enum Told {
    /// Nothing.
    Nothing,
    /// The person has an account now; by what it was found.
    Linked(&'static str),
    /// Somebody is asked.
    Asked(Reason, Vec<KnownUserId>),
}

/// A person has come, and is not announced yet. The row as it is then.
///
/// # Errors
/// `uniqueness` where the directory refuses people whose account is known.
pub(super) fn arrived(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    row: UserRow,
    resource: &Resource,
) -> Result<(UserRow, Told)> {
    let policy = known_user::policy(tx, scope)?;
    if policy == KnownUsersPolicy::Off {
        return Ok((row, Told::Nothing));
    }
    settle(tx, scope, policy, row, resource, Moment::Arrived)
}

/// A person who has no account has another `userName`, `externalId` or address, and this is not announced yet. Nobody is linked for that
/// (SEC-3): who can change an address could else take any account.
///
/// # Errors
/// As [`arrived`].
pub(super) fn changed(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    row: UserRow,
    (before, after): (&Resource, &Resource),
) -> Result<(UserRow, Told)> {
    if row.known_user_id.is_some() {
        return Ok((row, Told::Nothing));
    }
    let policy = known_user::policy(tx, scope)?;
    let same = |path: &str| before.text(path) == after.text(path);
    if policy == KnownUsersPolicy::Off
        || (same("userName") && same("externalId") && before.get("emails") == after.get("emails"))
    {
        return Ok((row, Told::Nothing));
    }
    settle(tx, scope, policy, row, after, Moment::Changed)
}

/// Compares a person with the accounts and does what the policy says. The row as it is then.
fn settle(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    policy: KnownUsersPolicy,
    row: UserRow,
    resource: &Resource,
    moment: Moment,
) -> Result<(UserRow, Told)> {
    let candidates = known_user::candidates(tx, scope, &row, &addresses(resource, &row.user_name))?;
    if candidates.is_empty() {
        return Ok((row, Told::Nothing));
    }
    let verified = verified_domains(tx, scope, policy, &candidates)?;
    let elsewhere = match candidates.as_slice() {
        [only] => known_user::is_linked_elsewhere(tx, scope, &only.known.values.id)?,
        _ => false,
    };
    match decide(policy, moment, &candidates, elsewhere, |email| is_of(email, &verified)) {
        Decision::Nothing => Ok((row, Told::Nothing)),
        Decision::Refuse(attribute) => Err(refusal(attribute).into()),
        Decision::Link(id, by) => Ok((known_user::link(tx, scope, &id, &row)?, Told::Linked(by))),
        Decision::Ask(reason, ids) => Ok((row, Told::Asked(reason, ids))),
    }
}

fn refusal(attribute: &str) -> ScimError {
    ScimError::uniqueness(format!(
        "{attribute}: an account with this value exists already in the application, and this directory does not take existing \
         accounts over. An administrator of the application can link the account (policy for known users) or remove it; then \
         assign the person again"
    ))
}

/// The addresses; when the identity provider sends none, a `userName` that looks like one (WT-7).
fn addresses(resource: &Resource, user_name: &str) -> Vec<String> {
    let listed = super::users::emails(resource);
    match listed.is_empty() && user_name.contains('@') {
        true => vec![user_name.to_owned()],
        false => listed,
    }
}

/// The domains that the organization has proved to be its own, when the policy asks for them (SEC-4).
fn verified_domains(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    policy: KnownUsersPolicy,
    candidates: &[Candidate],
) -> Result<Vec<String>> {
    if policy != KnownUsersPolicy::LinkEmail || candidates.iter().all(|candidate| candidate.by_email.is_none()) {
        return Ok(Vec::new());
    }
    let owner = organization::own(tx, scope)?;
    let domains = owner.into_iter().flat_map(|owner| owner.domains);
    Ok(domains
        .filter(|domain| domain.state == "verified")
        .filter_map(|domain| domain::spelled(&domain.domain))
        .collect())
}

/// Whether the address is of one of these domains: exactly of it, and not of one below it.
fn is_of(email: &str, domains: &[String]) -> bool {
    match email.trim().split_once('@') {
        Some((local, of)) if !local.is_empty() => domain::spelled(of).is_some_and(|of| domains.contains(&of)),
        _ => false,
    }
}

/// Tells what [`arrived`] or [`changed`] has done, after the person was announced. The row must be as it is.
pub(super) fn tell(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow, told: &Told) -> Result<()> {
    match told {
        Told::Nothing => Ok(()),
        Told::Linked(by) => announce::user_linked(tx, scope, row, by),
        Told::Asked(reason, ids) => conflicts::open(tx, scope, row, *reason, ids),
    }
}

/// A person without an account is compared with accounts that were loaded just now. Whether that led to a link, and whether to a
/// question.
fn present(tx: &mut Tx<'_>, scope: &DirectoryScope, policy: KnownUsersPolicy, old: &UserRow) -> Result<(bool, bool)> {
    let resource = Resource::from_stored(&old.doc)
        .map_err(|error| super::Error::Internal(format!("a stored document is damaged: {error}")))?;
    let (new, told) = settle(tx, scope, policy, old.clone(), &resource, Moment::Present)?;
    let outcome = (matches!(told, Told::Linked(_)), matches!(told, Told::Asked(..)));
    if outcome.0 {
        announce::user_updated(tx, scope, old, &new)?;
    }
    tell(tx, scope, &new, &told)?;
    Ok(outcome)
}

/// The identity provider deletes a person, who is still there.
pub(super) fn leaving(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow) -> Result<()> {
    match row.known_user_id {
        Some(_) => Ok(known_user::depart(tx, scope, row)?),
        None => Ok(()),
    }
}

/// Ends a link and says so; the two are kept apart from then on when `apart` says so.
fn part(tx: &mut Tx<'_>, scope: &DirectoryScope, row: &UserRow, reason: &'static str, apart: bool) -> Result<UserRow> {
    let Some(id) = row.known_user_id.clone() else { return Ok(row.clone()) };
    let after = known_user::unlink(tx, scope, row)?;
    if apart {
        known_user::keep_apart(tx, scope, &id, &row.id)?;
    }
    announce::user_updated(tx, scope, row, &after)?;
    announce::user_unlinked(tx, scope, &after, &id, reason)?;
    Ok(after)
}

/// A person's account as every object of a user shows it.
pub(super) fn shown(row: &UserRow) -> Value {
    json!(row.known_user_id)
}

/// The person as a read shows it.
fn object(scope: &DirectoryScope, row: &UserRow) -> Result<Value> {
    view::directory_user(scope, row, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_04_an_address_is_of_a_domain_only_when_it_is_exactly_that_domain() {
        let domains = ["acme.com".to_owned()];
        for good in ["ann@acme.com", " Ann@ACME.com ", "ann@acme.com."] {
            assert!(is_of(good, &domains), "{good}");
        }
        for bad in ["ann@evil.example", "ann@eu.acme.com", "ann@notacme.com", "acme.com", "@acme.com", "a@b@acme.com"] {
            assert!(!is_of(bad, &domains), "{bad}");
        }
        assert!(!is_of("ann@acme.com", &[]));
    }
}
