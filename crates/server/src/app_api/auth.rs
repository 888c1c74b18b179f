//! The gate of the application's API: a handler that takes a [`Caller`] cannot be reached without an API key.

use axum::extract::FromRequestParts;
use doorward_store::SecretHash;
use doorward_store::api_key::KeyScope;
use doorward_store::scope::ApplicationScope;
use http::Method;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::reply::Failure;
use crate::app::App;
use crate::bad_credentials::TooMany;
use crate::middleware::peer::Peer;
use crate::middleware::request_id::RequestId;
use crate::service::api_keys;

/// What every API key begins with; anything else is the credential of another boundary (SEC-17).
const PREFIX: &str = "sk_";

/// The longest key looked at, in characters; those that Doorward makes are far shorter.
const LONGEST: usize = 256;

/// The application that calls.
pub struct Caller(pub ApplicationScope);

impl FromRequestParts<App> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        if let Some(Known(scope)) = parts.extensions.get::<Known>() {
            return Ok(Caller(scope.clone()));
        }
        if let Some(scope) = open(parts, app).await? {
            app.rate_limit().count(scope.api_key_id()).map_err(Failure::TooOften)?;
            let needed = needed(&parts.method, parts.uri.path());
            if !scope.scopes().allow(needed) {
                return Err(Failure::Lacks(needed));
            }
            let request_id = RequestId::of(&parts.extensions).map(|id| id.to_string().into());
            let scope = scope.for_request(request_id, Peer::of(&parts.extensions));
            parts.extensions.insert(Known(scope.clone()));
            return Ok(Caller(scope));
        }
        // Who presents nothing has tried nothing.
        if parts.headers.contains_key(AUTHORIZATION) {
            let counted = app.bad_credentials().count(Peer::of(&parts.extensions), None);
            counted.map_err(|TooMany| Failure::TooManyBadKeys)?;
        }
        Err(Failure::Unauthorized)
    }
}

/// The caller of a request that was asked for its key already.
#[derive(Clone)]
struct Known(ApplicationScope);

/// What a key must be allowed for this request. One rule for all paths, so that a new one cannot be forgotten.
fn needed(method: &Method, path: &str) -> KeyScope {
    let first = path.split('/').nth(1).unwrap_or_default();
    match (method, first) {
        (_, "access_checks") => KeyScope::AccessCheck,
        (&Method::GET | &Method::HEAD, "events") => KeyScope::Events,
        (&Method::GET | &Method::HEAD, _) => KeyScope::Read,
        _ => KeyScope::Write,
    }
}

/// What the presented key opens.
async fn open(parts: &Parts, app: &App) -> Result<Option<ApplicationScope>, Failure> {
    let Some(hash) = presented(parts).map(SecretHash::of) else { return Ok(None) };
    let now = app.clock().now();
    // A key that ran out since it was remembered is looked up again, and refused there.
    let remembered = app.api_keys().get(&hash, now).filter(|scope| scope.expires_at().is_none_or(|end| now < end));
    if remembered.is_some() {
        return Ok(remembered);
    }
    let scope = api_keys::authenticate(app.store(), hash).await?;
    if let Some(scope) = &scope {
        app.api_keys().put(hash, now, scope.clone());
    }
    Ok(scope)
}

/// The key in the one `Authorization: Bearer` header; `None` for every other shape (SEC-18).
pub(super) fn presented(parts: &Parts) -> Option<&str> {
    let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
    let header = headers.next()?;
    if headers.next().is_some() {
        return None;
    }
    let (scheme, key) = header.to_str().ok()?.split_once(' ')?;
    let shaped = key.starts_with(PREFIX)
        && key.len() <= LONGEST
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (scheme.eq_ignore_ascii_case("bearer") && shaped).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(headers: &[&str]) -> Parts {
        let mut request = http::Request::builder();
        for header in headers {
            request = request.header(AUTHORIZATION, *header);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn sec_21_what_changes_something_needs_the_right_to_write() {
        for (method, path, wanted) in [
            (Method::GET, "/directories", KeyScope::Read),
            (Method::HEAD, "/directories/x", KeyScope::Read),
            (Method::GET, "/events", KeyScope::Events),
            (Method::GET, "/events/stream", KeyScope::Events),
            (Method::POST, "/directories/x/tokens", KeyScope::Write),
            (Method::DELETE, "/directories/x", KeyScope::Write),
            (Method::PUT, "/organizations/x", KeyScope::Write),
            (Method::POST, "/events/anything", KeyScope::Write),
            (Method::GET, "/access_checks", KeyScope::AccessCheck),
        ] {
            assert_eq!(needed(&method, path), wanted, "{method} {path}");
        }
    }

    #[test]
    fn sec_18_only_one_well_formed_header_is_looked_at() {
        assert_eq!(presented(&parts(&["Bearer sk_abc"])), Some("sk_abc"));
        assert_eq!(presented(&parts(&["bearer sk_abc"])), Some("sk_abc"));
        for bad in [
            &[][..],
            &["Bearer"],
            &["Bearer "],
            &["sk_abc"],
            &["Basic sk_abc"],
            &["Bearer dw_abc"],
            &["Bearer sk_abc "],
            &["Bearer  sk_abc"],
            &["Bearer sk_abc, Bearer sk_def"],
            &["Bearer sk_abc", "Bearer sk_abc"],
        ] {
            assert_eq!(presented(&parts(bad)), None, "{bad:?}");
        }
        assert_eq!(presented(&parts(&[&format!("Bearer sk_{}", "a".repeat(300))])), None);
    }
}
