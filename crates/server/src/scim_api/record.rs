//! Notes a request for the log while it is answered: who asked what, how, and with which outcome.
//!
//! Nothing here waits or looks anything up. What cannot be known yet (whose a refused token was) is found out when the request is
//! written ([`crate::service::requests`]).

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use doorward_scim::version::Version;
use doorward_store::SecretHash;
use doorward_store::ids::{GroupId, UserId};
use doorward_store::scope::DirectoryScope;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, USER_AGENT};
use http::request::Parts;
use http_body::Body as _;

use super::credential::{self, Presented as Shown};
use super::query::percent_decode;
use super::refusal::Refusal;
use super::reply::Total;
use super::route::{Endpoint, Route};
use super::tee::{Kept, tee};
use crate::App;
use crate::config::Bodies;
use crate::middleware::paths::AsSent;
use crate::middleware::peer::Peer;
use crate::middleware::request_id::RequestId;
use crate::request_log::redact::Redactor;
use crate::request_log::{Captured, Owner, Presented};
use crate::service::diagnose::facts::Noted;
use crate::service::tolerated::Tolerated;

/// The largest body that is looked into. Larger ones are not kept at all, because secrets could not be taken out of a part.
pub const LARGEST: usize = 256 * 1024;

/// How much of a refused token people may see, as of every credential.
const BEGINNING: usize = 7;

/// One request that is being answered. When it is dropped without an answer (its time was up, its client went away, its handler
/// panicked), it is recorded as unanswered.
pub struct Recording {
    app: App,
    started: Instant,
    scope: OnceLock<Arc<DirectoryScope>>,
    tolerated: Tolerated,
    noted: Noted,
    body: Kept,
    before: i64,
    /// What is known already; `None` when it was put into the log.
    captured: Mutex<Option<Captured>>,
}

impl Recording {
    /// Begins; the body goes on in another form, of which a copy is kept for a while.
    pub fn begin(app: &App, parts: &Parts, body: Body, route: &Route, tolerated: &Tolerated) -> (Self, Body) {
        let shown = credential::presented(&parts.headers);
        let redactor = Redactor::of(secrets(&shown));
        let sent = parts.extensions.get::<AsSent>().map_or(&parts.uri, |sent| &sent.0);
        if sent != &parts.uri {
            tolerated.add("mended-path");
        }
        let line = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).map(|text| redactor.line(text));
        let captured = Captured {
            credential: form(&shown),
            owner: Owner::Unknown { label: route.label.clone(), presented: presented(shown) },
            request_id: RequestId::of(&parts.extensions).map(|id| id.to_string()).unwrap_or_default(),
            started_at: app.clock().now(),
            method: parts.method.as_str().chars().take(32).collect(),
            path: redactor.line(sent.path()),
            query: sent.query().map(|query| redactor.query(query)),
            version: match route.version {
                Version::V1 => "1.1",
                Version::V2 => "2.0",
            },
            status: None,
            scim_type: None,
            latency: 0,
            user_agent: line(USER_AGENT),
            address: Peer::of(&parts.extensions),
            tolerated: String::new(),
            subject_id: subject(&route.endpoint),
            events: None,
            facts: Default::default(),
            headers: redactor.headers(&parts.headers),
            redactor: redactor.clone(),
            request_bytes: parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok()),
            response_bytes: None,
            request_body: None,
            response_body: None,
        };
        let keeps = app.config().requests.bodies != Bodies::Off;
        let (body, kept) = tee(body, if keeps { LARGEST } else { 0 });
        let before = app.store().committed().max(app.request_log().floor());
        let noted = Noted::default();
        let query = parts.uri.query();
        noted.with(|facts| {
            facts.content_type = line(CONTENT_TYPE);
            facts.looked_up = query.and_then(looked_up);
        });
        let recording = Recording {
            app: app.clone(),
            started: Instant::now(),
            scope: OnceLock::new(),
            tolerated: tolerated.clone(),
            noted,
            body: kept,
            before,
            captured: Mutex::new(Some(captured)),
        };
        (recording, body)
    }

    /// The tolerances that the request makes use of.
    pub fn tolerated(&self) -> &Tolerated {
        &self.tolerated
    }

    /// What else is noted of it.
    pub fn noted(&self) -> &Noted {
        &self.noted
    }

    /// The credential was accepted.
    pub fn opened(&self, scope: &Arc<DirectoryScope>) {
        // It is opened once.
        let _ = self.scope.set(Arc::clone(scope));
    }

    /// The request is refused.
    pub fn refused(&mut self, refusal: &Refusal) {
        self.noted.with(|facts| {
            facts.detail = Some(refusal.detail.chars().take(1000).collect());
            let after = refusal.headers.iter().find(|(name, _)| name == RETRY_AFTER);
            facts.retry_after = after.and_then(|(_, value)| value.to_str().ok()).map(str::to_owned);
        });
        if let Some(captured) = &mut *self.captured.lock().unwrap_or_else(PoisonError::into_inner) {
            captured.scim_type = refusal.scim_type;
        }
    }

    /// The request is of no directory and is not recorded.
    pub fn forget(&mut self) {
        self.captured.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// Puts the request with its answer into the log.
    pub async fn end(self, response: Response) -> Response {
        let taken = self.captured.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut captured) = taken else { return response };
        captured.status = Some(response.status().as_u16());
        captured.response_bytes = response.body().size_hint().exact();
        if let Some(Total(total)) = response.extensions().get::<Total>() {
            self.noted.with(|facts| facts.found = Some(*total));
        }
        if let Some(location) = response.headers().get(LOCATION).and_then(|value| value.to_str().ok()) {
            captured.subject_id = location.rsplit('/').next().and_then(resource_id);
        }
        let wanted = match self.app.config().requests.bodies {
            Bodies::Off => false,
            Bodies::Failed => captured.failed() && self.scope.get().is_some(),
            Bodies::All => self.scope.get().is_some(),
        };
        let response = if wanted {
            captured.request_body = self.body.take();
            let (response, body) = copied(response).await;
            captured.response_body = body;
            response
        } else {
            response
        };
        self.put(captured);
        response
    }

    fn put(&self, mut captured: Captured) {
        captured.latency = i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX);
        captured.tolerated = self.tolerated.names();
        captured.facts = self.noted.take();
        if !captured.failed() {
            captured.facts.content_type = None;
        }
        let committed = self.app.store().committed();
        captured.events = (committed > self.before).then_some((self.before, committed));
        if let Some(scope) = self.scope.get() {
            captured.owner = Owner::Opened(Arc::clone(scope));
        }
        self.app.request_log().put(captured);
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let taken = self.captured.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(captured) = taken {
            self.put(captured);
        }
    }
}

/// The response with a copy of its body, when that is small enough. Bodies are whole already: nothing is waited for.
async fn copied(response: Response) -> (Response, Option<Bytes>) {
    if response.body().size_hint().upper().is_none_or(|size| size > LARGEST as u64) {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    match axum::body::to_bytes(body, LARGEST).await {
        Ok(bytes) => (Response::from_parts(parts, Body::from(bytes.clone())), Some(bytes)),
        Err(error) => {
            tracing::error!(%error, "an answer could not be copied for the request log");
            (Response::from_parts(parts, Body::empty()), None)
        }
    }
}

/// The parts of a credential that must not be kept anywhere.
fn secrets(shown: &Shown) -> Vec<String> {
    match shown {
        Shown::Bearer { token, .. } => vec![token.clone()],
        Shown::Basic { password, .. } => vec![password.clone()],
        Shown::Nothing | Shown::Several | Shown::Malformed => Vec::new(),
    }
}

/// In which form the credential came.
fn form(shown: &Shown) -> &'static str {
    match shown {
        Shown::Nothing => "none",
        Shown::Several => "several",
        Shown::Malformed => "unreadable",
        Shown::Bearer { tolerated: Some(form), .. } => form.name(),
        Shown::Bearer { tolerated: None, .. } => "bearer",
        Shown::Basic { .. } => "basic",
    }
}

fn presented(shown: Shown) -> Presented {
    match shown {
        Shown::Nothing => Presented::Nothing,
        Shown::Several => Presented::Unreadable("two credentials"),
        Shown::Malformed => Presented::Unreadable("an Authorization header without a credential that can be read"),
        Shown::Bearer { token, .. } => Presented::Token {
            hash: SecretHash::of(&token),
            length: token.chars().count(),
            beginning: token.chars().take(BEGINNING).collect(),
        },
        Shown::Basic { password, .. } => Presented::Basic { hash: SecretHash::of(&password) },
    }
}

/// The user or group that a URL names, when its id has the form of one.
fn subject(endpoint: &Endpoint) -> Option<String> {
    match endpoint {
        Endpoint::User(id) | Endpoint::Group(id) => resource_id(id),
        _ => None,
    }
}

fn resource_id(text: &str) -> Option<String> {
    (text.parse::<UserId>().is_ok() || text.parse::<GroupId>().is_ok()).then(|| text.to_owned())
}

/// The attribute of a filter `attribute eq value`, with which identity providers look somebody up.
fn looked_up(query: &str) -> Option<String> {
    let filter = query.split('&').find_map(|pair| pair.strip_prefix("filter="))?;
    let filter = percent_decode(filter.get(..filter.len().min(512))?, true);
    let mut words = filter.split_ascii_whitespace();
    let attribute = words.next()?;
    words.next().filter(|operator| operator.eq_ignore_ascii_case("eq"))?;
    Some(attribute.chars().take(100).collect())
}
