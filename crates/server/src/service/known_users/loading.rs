//! Takes in accounts, portion by portion, and compares them with the people who are there already.

use doorward_store::directory::KnownUsersPolicy;
use doorward_store::ids::DirectoryId;
use doorward_store::known_user::{self, KnownUserValues, Loaded};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Lane, NewEvent, Store, Tx, directory, stats, user};
use serde_json::json;

use super::super::directories;
use super::super::error::Result;

/// What became of a portion.
#[derive(Debug, Clone, Copy, Default)]
pub struct Portion {
    /// The accounts.
    pub loaded: Loaded,
    /// People of the directory who were linked with one of them.
    pub linked: i64,
    /// People of the directory about whom somebody is asked.
    pub conflicts: i64,
}

/// Takes in a portion in one transaction.
///
/// # Errors
/// [`Error::NotFound`](super::super::Error::NotFound) for the directory.
pub async fn load<A>(store: &Store, by: &A, id: DirectoryId, accounts: Vec<KnownUserValues>) -> Result<Portion>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(directories::none)?;
            let scope = directory::scope_of(&by, &row);
            let policy = row.settings.known_users;
            known_user::policy(tx, &scope)?;
            let loaded = known_user::load(tx, &scope, &accounts)?;
            if loaded.created > 0 {
                known_user::policy_changed(tx, &scope, policy)?;
            }
            let (linked, conflicts) = compare(tx, &scope, policy, &accounts)?;
            if loaded.created + loaded.updated > 0 {
                let event = NewEvent {
                    event_type: "dsync.known_users.loaded",
                    organization_id: Some(scope.organization_id()),
                    directory_id: Some(id),
                    subject_id: None,
                    data: json!({
                        "directory_id": id,
                        "created": loaded.created,
                        "updated": loaded.updated,
                        "unchanged": loaded.unchanged,
                        "linked": linked,
                        "conflicts": conflicts,
                    }),
                };
                tx.emit(by.origin(), event)?;
            }
            Ok(Portion { loaded, linked, conflicts })
        })
        .await
}

/// Compares the people who are there with these accounts. How many were linked, and about how many somebody is asked.
fn compare(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    policy: KnownUsersPolicy,
    accounts: &[KnownUserValues],
) -> Result<(i64, i64)> {
    // Accounts are mostly loaded before anybody is there.
    if policy == KnownUsersPolicy::Off || stats::counts(tx, scope)?.users() == 0 {
        return Ok((0, 0));
    }
    let people = known_user::people_like(tx, scope, accounts)?;
    let (mut linked, mut conflicts) = (0, 0);
    for user in user::get_many(tx, scope, &people)? {
        if user.known_user_id.is_none() {
            let (is_linked, is_asked) = super::present(tx, scope, policy, &user)?;
            linked += i64::from(is_linked);
            conflicts += i64::from(is_asked);
        }
    }
    Ok((linked, conflicts))
}
