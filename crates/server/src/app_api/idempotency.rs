//! `Idempotency-Key`: a POST that is sent again does its work once, and gets the first answer again for 24 hours.
//!
//! The answer may hold a secret that is shown only once. It is kept sealed (XChaCha20-Poly1305) with a key that is made of the API key and
//! the Idempotency-Key, of both of which only hashes are stored: whoever reads the database cannot open it (SEC-19).

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use doorward_store::idempotency::{self, Claim};
use doorward_store::scope::ApplicationScope;
use doorward_store::{Entropy, Lane, SecretHash};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::BodyExt as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::auth::{Caller, presented};
use super::body;
use super::reply::Failure;
use crate::app::App;
use crate::service;

/// The header with the application's key.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header by which a repeated answer is known.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The longest key, in characters.
const LONGEST: usize = 255;

/// Lets a POST with a key through once.
pub async fn once(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || is_repeatable(request.uri().path()) || !request.headers().contains_key(KEY) {
        return next.run(request).await;
    }
    match guarded(app, request, next).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

/// An import is of any length, and does nothing when it is sent again. A check and a preview change nothing, and an old answer to one
/// would let somebody in who was put out.
fn is_repeatable(path: &str) -> bool {
    path.ends_with("/known_users") || path == "/access_checks" || path == "/role_mappings/preview"
}

async fn guarded(app: App, request: Request, next: Next) -> Result<Response, Failure> {
    let (mut parts, stream) = request.into_parts();
    let key = key(&parts)?;
    let Caller(by) = Caller::from_request_parts(&mut parts, &app).await?;
    let seal = Seal::new(presented(&parts).unwrap_or_default(), &key)?;
    let bytes = body::read(stream).await?;
    let (key_hash, request_hash) = (SecretHash::of(&key).to_hex(), hash_of(&parts, &bytes));
    let (job_by, job_key) = (by.clone(), key_hash.clone());
    let job = move |tx: &mut doorward_store::Tx<'_>| {
        Ok::<_, service::Error>(idempotency::claim(tx, &job_by, &job_key, &request_hash)?)
    };
    match app.store().write(Lane::Any, job).await? {
        Claim::Answered(answer) => seal.open(&answer)?.replayed(),
        Claim::Running => Err(Failure::KeyInUse),
        Claim::Other => Err(Failure::KeyReused),
        Claim::First(number) => {
            let request = Request::from_parts(parts, Body::from(bytes));
            let first = First { app, by, key_hash, number, seal };
            // On a task of its own: it is done and kept even when the client goes away.
            let done = tokio::spawn(first.run(request, next)).await;
            done.map_err(|_| {
                Failure::Service(service::Error::Internal("a request with an Idempotency-Key ended early".to_owned()))
            })
        }
    }
}

fn key(parts: &Parts) -> Result<String, Failure> {
    let mut given = parts.headers.get_all(KEY).iter();
    let text = given.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    if given.next().is_some() || text.is_empty() || text.len() > LONGEST {
        return Err(Failure::Malformed("The header Idempotency-Key must be given once and have 1 to 255 characters."));
    }
    Ok(text.to_owned())
}

/// What makes two requests the same: method, path, query and body.
fn hash_of(parts: &Parts, bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(parts.method.as_str());
    digest.update([0]);
    digest.update(parts.uri.path_and_query().map_or("", |target| target.as_str()));
    digest.update([0]);
    digest.update(bytes);
    STANDARD.encode(digest.finalize())
}

/// The first request with a key.
struct First {
    app: App,
    by: ApplicationScope,
    key_hash: String,
    number: i64,
    seal: Seal,
}

impl First {
    async fn run(self, request: Request, next: Next) -> Response {
        // A panic of the handler must give the key back.
        let answered = tokio::spawn(next.run(request)).await;
        let Ok(response) = answered else {
            self.settle(None).await;
            return Failure::Service(service::Error::Internal("a handler panicked".to_owned())).into_response();
        };
        let (head, stream) = response.into_parts();
        let Ok(collected) = stream.collect().await else {
            self.settle(None).await;
            return Failure::Service(service::Error::Unavailable).into_response();
        };
        let bytes = collected.to_bytes();
        let header = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let answer = Answer {
            status: head.status.as_u16(),
            content_type: header(header::CONTENT_TYPE),
            location: header(header::LOCATION),
            body: String::from_utf8_lossy(&bytes).into_owned(),
        };
        let sealed = is_final(head.status).then(|| self.seal.close(&self.app.entropy(), &answer)).flatten();
        self.settle(sealed).await;
        Response::from_parts(head, Body::from(bytes))
    }

    /// Keeps the answer, or gives the key back.
    async fn settle(&self, sealed: Option<String>) {
        let (by, key_hash, number) = (self.by.clone(), self.key_hash.clone(), self.number);
        let job = move |tx: &mut doorward_store::Tx<'_>| match &sealed {
            Some(sealed) => Ok::<_, service::Error>(idempotency::keep(tx, &by, &key_hash, number, sealed)?),
            None => Ok(idempotency::release(tx, &by, &key_hash, number)?),
        };
        if let Err(error) = self.app.store().write(Lane::Any, job).await {
            tracing::warn!(%error, "an answer could not be kept for its Idempotency-Key");
        }
    }
}

/// Whether the same request would be answered the same: not when it came at a bad moment.
fn is_final(status: StatusCode) -> bool {
    !status.is_server_error()
        && !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS)
}

/// An answer as it is kept.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    status: u16,
    content_type: Option<String>,
    location: Option<String>,
    body: String,
}

impl Answer {
    fn replayed(self) -> Result<Response, Failure> {
        let damaged = || Failure::Service(service::Error::Internal("a kept answer is damaged".to_owned()));
        let status = StatusCode::from_u16(self.status).map_err(|_| damaged())?;
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = status;
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        for (name, value) in [(header::CONTENT_TYPE, self.content_type), (header::LOCATION, self.location)] {
            if let Some(value) = value {
                response.headers_mut().insert(name, HeaderValue::try_from(value).map_err(|_| damaged())?);
            }
        }
        Ok(response)
    }
}

/// Bytes of a nonce.
const NONCE: usize = 24;

/// Closes and opens the answers of one key of one application.
struct Seal(XChaCha20Poly1305);

impl Seal {
    fn new(api_key: &str, key: &str) -> Result<Self, Failure> {
        let fault = || Failure::Service(service::Error::Internal("no seal could be made".to_owned()));
        let mut derived = Hmac::<Sha256>::new_from_slice(api_key.as_bytes()).map_err(|_| fault())?;
        derived.update(b"doorward idempotent answer\0");
        derived.update(key.as_bytes());
        let key: [u8; 32] = derived.finalize().into_bytes().into();
        Ok(Seal(XChaCha20Poly1305::new(&key.into())))
    }

    fn close(&self, entropy: &Entropy, answer: &Answer) -> Option<String> {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let text = serde_json::to_vec(answer).ok()?;
        let sealed = self.0.encrypt(&XNonce::from(nonce), text.as_slice()).ok()?;
        Some(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    fn open(&self, sealed: &str) -> Result<Answer, Failure> {
        let opened = || {
            let bytes = STANDARD.decode(sealed).ok()?;
            let (nonce, text) = bytes.split_first_chunk::<NONCE>()?;
            let text = self.0.decrypt(&XNonce::from(*nonce), text).ok()?;
            serde_json::from_slice(&text).ok()
        };
        opened().ok_or_else(|| Failure::Service(service::Error::Internal("a kept answer cannot be opened".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_19_a_kept_answer_is_opened_with_both_keys_and_no_other() {
        let answer =
            Answer { status: 201, content_type: None, location: None, body: "{\"token\":\"dw_canary\"}".to_owned() };
        let seal = Seal::new("sk_one", "k1").unwrap();
        let sealed = seal.close(&Entropy::seeded(1), &answer).unwrap();
        assert!(
            !sealed.contains("canary")
                && !String::from_utf8_lossy(&STANDARD.decode(&sealed).unwrap()).contains("canary")
        );
        assert_eq!(seal.open(&sealed).unwrap(), answer);
        for (api_key, key) in [("sk_two", "k1"), ("sk_one", "k2")] {
            assert!(Seal::new(api_key, key).unwrap().open(&sealed).is_err());
        }
        assert!(seal.open(&sealed[..40]).is_err() && seal.open("").is_err());
    }
}
