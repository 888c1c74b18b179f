//! From the `Authorization` header to the one directory that it opens.
//!
//! Authentication comes first, always: before the path is judged, before the body is read (SEC-16). Whatever opens
//! nothing gets one and the same 401, and so does a credential used on another directory's URL (SEC-7, P-7644-6.1-01).

use std::net::IpAddr;
use std::sync::Arc;

use doorward_store::directory::{AuthMode, State};
use doorward_store::scope::DirectoryScope;
use doorward_store::token::{self, Authentication};
use doorward_store::{Lane, SecretHash, Tx};
use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::credential::{self, Presented};
use super::refusal::Refusal;
use crate::App;
use crate::bad_credentials::TooMany;
use crate::service::tolerated::Tolerated;
use crate::service::{self, directories};

/// Credentials accepted a moment ago, by the hash of the whole header.
pub type CredentialCache = crate::credential_cache::CredentialCache<Arc<DirectoryScope>>;

/// The store keeps "last used" to the minute; within it there is nothing to write. In microseconds.
const MINUTE: i64 = 60_000_000;

/// Finds the directory of a request. `label` is the one in the URL, if any; `peer` is where the request comes from. A credential in
/// another form than RFC 6750's is noted.
///
/// # Errors
/// 401 for a credential that does not open this directory, or 429 when there were very many of those; 400 for two credentials, 403 for a
/// directory that is off.
pub async fn authenticate(
    app: &App,
    headers: &HeaderMap,
    label: Option<&str>,
    peer: Option<IpAddr>,
    tolerated: &Tolerated,
) -> Result<Arc<DirectoryScope>, Refusal> {
    let outcome = open(app, headers, label, tolerated).await;
    match &outcome {
        // Who presents nothing has tried nothing; every other 401 counts, for whichever reason it was given (SEC-7, SEC-22).
        Err(refusal) if refusal.status == 401 && headers.contains_key(AUTHORIZATION) => {
            app.bad_credentials().count(peer, label).map_err(|TooMany| Refusal::too_many_bad_credentials())?;
        }
        _ => {}
    }
    outcome
}

async fn open(
    app: &App,
    headers: &HeaderMap,
    label: Option<&str>,
    tolerated: &Tolerated,
) -> Result<Arc<DirectoryScope>, Refusal> {
    let now = app.clock().now();
    // The hash of the whole header, so that one token in two forms is two entries and a form is noted each time.
    let key = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).map(SecretHash::of);
    let presented = credential::presented(headers);
    if let Presented::Bearer { tolerated: Some(form), .. } = &presented {
        tolerated.add(form.name());
    }
    let cached = match (&presented, &key) {
        (Presented::Bearer { .. } | Presented::Basic { .. }, Some(key)) => app.credentials().get(key, now),
        _ => None,
    };
    let scope = match cached.filter(|scope| scope.token_expires_at().is_none_or(|end| now < end)) {
        Some(scope) => scope,
        None => {
            let scope = Arc::new(look_up(app, presented).await?);
            if label.is_some_and(|label| label != scope.label()) {
                return Err(Refusal::unauthorized(true));
            }
            note_use(app, &scope, now).await;
            if let Some(key) = key {
                app.credentials().put(key, now, Arc::clone(&scope));
            }
            scope
        }
    };
    if label.is_some_and(|label| label != scope.label()) {
        return Err(Refusal::unauthorized(true));
    }
    match scope.state() {
        State::Unlinked | State::Deleting => Err(service::Error::Disabled.into()),
        State::Validating | State::Linked => Ok(scope),
    }
}

async fn look_up(app: &App, presented: Presented) -> Result<DirectoryScope, Refusal> {
    let (mode, outcome) = match presented {
        Presented::Nothing => return Err(Refusal::unauthorized(false)),
        Presented::Several => return Err(Refusal::two_credentials()),
        Presented::Malformed => return Err(Refusal::unauthorized(true)),
        Presented::Bearer { token, .. } => {
            let hash = SecretHash::of(&token);
            (AuthMode::Bearer, read(app, move |tx| Ok(token::authenticate_bearer(tx, &hash)?)).await?)
        }
        Presented::Basic { username, password } => {
            let hash = SecretHash::of(&password);
            (AuthMode::Basic, read(app, move |tx| Ok(token::authenticate_basic(tx, &username, &hash)?)).await?)
        }
    };
    match outcome {
        // Basic is for the directories that were set up for it, and bearer tokens for the others (SEC-22, WS-8).
        Authentication::Accepted(scope) if scope.auth() == mode => Ok(scope),
        Authentication::Accepted(_) => {
            tracing::info!("refused a credential of a kind that the directory does not use");
            Err(Refusal::unauthorized(true))
        }
        Authentication::Refused(reason) => {
            tracing::info!(?reason, "refused a credential");
            Err(Refusal::unauthorized(true))
        }
    }
}

async fn read<F>(app: &App, job: F) -> service::error::Result<Authentication<DirectoryScope>>
where
    F: FnOnce(&mut Tx<'_>) -> service::error::Result<Authentication<DirectoryScope>> + Send + 'static,
{
    app.store().read(job).await
}

/// Notes that the credential is in use, and that the identity provider of a waiting directory has spoken. A request does
/// not fail because this cannot be written; the next one notes it.
async fn note_use(app: &App, scope: &Arc<DirectoryScope>, now: i64) {
    let used_lately = scope.token_last_used_at().is_some_and(|used| now - used < MINUTE);
    let waiting = scope.state() == State::Validating;
    if used_lately && !waiting {
        return;
    }
    let (lane, scope) = (Lane::Directory(scope.directory_id()), Arc::clone(scope));
    let job = move |tx: &mut Tx<'_>| -> service::error::Result<()> {
        token::touch_last_used(tx, &scope)?;
        if waiting {
            directories::activate(tx, &scope)?;
        }
        Ok(())
    };
    if let Err(error) = app.store().write(lane, job).await {
        tracing::warn!(%error, "the use of a credential could not be noted");
    }
}
