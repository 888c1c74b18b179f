//! API keys: the credentials of applications. They open the application's API and nothing else (SEC-17).

use doorward_store::api_key::{self, ApiKeyRow, KeyScopes, KeyTerms};
use doorward_store::ids::{ApiKeyId, OrganizationId};
use doorward_store::organization;
use doorward_store::scope::{ApplicationScope, Authority};
use doorward_store::token::Authentication;
use doorward_store::{Lane, NewEvent, Secret, SecretHash, Store, Tx};
use serde_json::{Value, json};

use super::directories::checked_name;
use super::error::{Error, Result};
use super::instant;
pub use super::tokens::Lifetime;

/// Makes an API key. The key itself is returned this once.
///
/// # Errors
/// [`Error::Invalid`] for the name or the lifetime.
pub async fn create<A>(store: &Store, by: &A, name: &str, lifetime: Lifetime) -> Result<(ApiKeyRow, Secret)>
where
    A: Authority + Clone + Send + 'static,
{
    create_with(store, by, name, lifetime, KeyScopes::default(), None).await
}

/// Makes an API key that may do only so much, and only in one organization when one is named.
///
/// # Errors
/// As [`create`]; [`Error::NotFound`] for the organization.
pub async fn create_with<A>(
    store: &Store,
    by: &A,
    name: &str,
    lifetime: Lifetime,
    scopes: KeyScopes,
    organization_id: Option<OrganizationId>,
) -> Result<(ApiKeyRow, Secret)>
where
    A: Authority + Clone + Send + 'static,
{
    let name = checked_name(name)?;
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| {
            if let Some(id) = organization_id {
                organization::get(tx, &by, &id)?.ok_or(Error::NotFound { what: "Organization" })?;
            }
            let terms = KeyTerms { expires_at: lifetime.end(tx.now())?, scopes, organization_id };
            let (row, key) = api_key::create_with(tx, &by, &name, terms)?;
            announce(tx, &by, "application_key.created", &row)?;
            Ok((row, key))
        })
        .await
}

// Not `api_key.*`: that is WorkOS's name for the keys that an application gives to its own users.
fn announce(tx: &mut Tx<'_>, by: &impl Authority, event_type: &'static str, row: &ApiKeyRow) -> Result<()> {
    let event = NewEvent {
        event_type,
        organization_id: row.organization_id,
        directory_id: None,
        subject_id: Some(row.id.to_string()),
        data: object(row),
    };
    Ok(tx.emit(by.origin(), event)?)
}

/// Whom a key lets in; `None` when it is unknown, revoked or expired, which are never told apart. A use is noted, at
/// most once a minute.
///
/// # Errors
/// When the database fails.
pub async fn authenticate(store: &Store, hash: SecretHash) -> Result<Option<ApplicationScope>> {
    let outcome = store.read(move |tx| Ok::<_, Error>(api_key::authenticate(tx, &hash)?)).await?;
    let scope = match outcome {
        Authentication::Accepted(scope) => scope,
        Authentication::Refused(refusal) => {
            tracing::debug!(?refusal, "an API key was refused");
            return Ok(None);
        }
    };
    if is_stale(scope.last_used_at(), store.clock().now()) {
        let used = scope.clone();
        // A request that only reads does not wait for this note, nor fail with it.
        let store = store.clone();
        tokio::spawn(async move {
            let noted = store.write(Lane::Any, move |tx| Ok::<_, Error>(api_key::touch_last_used(tx, &used)?)).await;
            if let Err(error) = noted {
                tracing::warn!(%error, "the use of an API key could not be noted");
            }
        });
    }
    Ok(Some(scope))
}

/// Whether a key that let somebody in would still do so.
///
/// # Errors
/// When the database fails.
pub async fn is_live(store: &Store, scope: &ApplicationScope) -> Result<bool> {
    let scope = scope.clone();
    store.read(move |tx| Ok(api_key::is_live(tx, &scope)?)).await
}

/// Whether the last use noted is a minute or more ago. Both in Unix microseconds.
fn is_stale(last_used_at: Option<i64>, now: i64) -> bool {
    last_used_at.is_none_or(|last| now.saturating_sub(last) >= 60_000_000)
}

/// All API keys, oldest first, ended ones too.
///
/// # Errors
/// When the database fails.
pub async fn list<A>(store: &Store, by: &A) -> Result<Vec<ApiKeyRow>>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store.read(move |tx| Ok(api_key::list(tx, &by)?)).await
}

/// Ends an API key at once. One that has ended already stays as it was.
///
/// # Errors
/// [`Error::NotFound`], or the database fails.
pub async fn revoke<A>(store: &Store, by: &A, id: ApiKeyId) -> Result<ApiKeyRow>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .write(Lane::Any, move |tx| match end(tx, &by, &id)? {
            Some(row) => Ok(row),
            None => {
                let known = api_key::list(tx, &by)?.into_iter().find(|row| row.id == id);
                known.ok_or(Error::NotFound { what: "API key" })
            }
        })
        .await
}

/// Ends all keys of an organization.
pub(super) fn end_of_organization(tx: &mut Tx<'_>, by: &impl Authority, organization: OrganizationId) -> Result<()> {
    for row in api_key::list(tx, by)?.iter().filter(|row| row.organization_id == Some(organization)) {
        end(tx, by, &row.id)?;
    }
    Ok(())
}

fn end(tx: &mut Tx<'_>, by: &impl Authority, id: &ApiKeyId) -> Result<Option<ApiKeyRow>> {
    let ended = api_key::revoke(tx, by, id)?;
    if let Some(row) = &ended {
        announce(tx, by, "application_key.revoked", row)?;
    }
    Ok(ended)
}

/// The key as people see it: enough to recognise it, never to use it.
pub fn object(row: &ApiKeyRow) -> Value {
    json!({
        "object": "api_key",
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "last_four": row.last_four,
        "scopes": row.scopes.list().map(api_key::KeyScope::as_str).collect::<Vec<_>>(),
        "organization_id": row.organization_id,
        "created_at": instant::text(row.created_at),
        "expires_at": row.expires_at.map(instant::text),
        "revoked_at": row.revoked_at.map(instant::text),
        "last_used_at": row.last_used_at.map(instant::text),
    })
}
