//! The HTTP side of a provider: its headers, its credential form, its patience with 429, and a record of every exchange.
//! What the answers mean is judged in [`crate::answer`].

mod credential;
mod record;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{
    ACCEPT, ACCEPT_CHARSET, ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue,
    RETRY_AFTER, USER_AGENT,
};
use reqwest::{Method, Url};
use serde_json::{Map, Value};

pub use credential::{Credential, TokenForm};
pub use record::{Exchange, Message};

use crate::answer::Violation;
use crate::error::Error;

/// A JSON object as it goes over the wire, in the order in which it is written.
pub(crate) type Object = Map<String, Value>;

/// Okta closes the socket after 60 seconds without an answer; the others are given the same time.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);
/// What Okta waits after a 429 that names no integer number of seconds.
const WAIT_WITHOUT_HEADER: Duration = Duration::from_secs(300);
/// Okta's tenth attempt is its last.
const ATTEMPTS: u32 = 10;

/// The headers in which one provider's client can be told from another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Headers {
    /// `Accept` of every request.
    pub accept: &'static str,
    /// `Content-Type` of requests with a body.
    pub content_type: &'static str,
    /// `User-Agent`; `Some("")` is a header without value (OneLogin), `None` no header at all.
    pub user_agent: Option<&'static str>,
    /// `Accept-Charset: utf-8`, `Accept-Encoding: gzip,deflate` and `Connection: Keep-Alive` are sent (Okta).
    pub charset_and_encoding: bool,
    /// `Content-Type` is sent with DELETE although there is no body (Okta, 2018 capture).
    pub content_type_on_delete: bool,
}

/// One answer of the server, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Number of the exchange, from 1.
    pub number: usize,
    /// What the request was for.
    pub message: Message,
    /// HTTP method of the request.
    pub method: Method,
    /// Path and query of the request below the base URL.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// `Content-Type` of the answer, empty when absent.
    pub content_type: String,
    /// `WWW-Authenticate` was present.
    pub challenged: bool,
    /// The body as JSON; `None` when empty or not JSON (see `empty`).
    pub json: Option<Value>,
    /// The body had no bytes.
    pub empty: bool,
    /// The first characters of a body that is not JSON, for the report.
    pub excerpt: String,
}

/// A provider's HTTP client for one SCIM base URL.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    flag: Option<String>,
    headers: Headers,
    authorization: Option<HeaderValue>,
    wait_limit: Duration,
    record: Mutex<record::Record>,
}

impl Client {
    /// A client that sends `headers` and `credential` to `url`.
    ///
    /// A trailing slash of `url` is kept, so that the paths begin with two slashes, as happens when an administrator types
    /// one. The query of `url` (Entra's feature flags) is repeated in every request; so is `flag`.
    ///
    /// # Errors
    /// [`Error::Url`] when `url` is not an http(s) URL, [`Error::Credential`] when the credential cannot be a header.
    pub fn new(url: &str, headers: Headers, credential: &Credential, flag: Option<&str>) -> Result<Self, Error> {
        let refuse = |reason: String| Error::Url { url: url.to_owned(), reason };
        let parsed = Url::parse(url).map_err(|e| refuse(e.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(refuse("it must begin with http:// or https:// and name a host".to_owned()));
        }
        let (base, query) = match url.split_once('?') {
            Some((base, query)) => (base, Some(query.to_owned()).filter(|q| !q.is_empty())),
            None => (url, None),
        };
        let flag = match (query, flag) {
            (Some(query), Some(flag)) if !query.contains(flag) => Some(format!("{query}&{flag}")),
            (Some(query), _) => Some(query),
            (None, flag) => flag.map(str::to_owned),
        };
        Ok(Self {
            http: http_client(&parsed)?,
            base: base.to_owned(),
            flag,
            headers,
            authorization: credential.header()?,
            wait_limit: ANSWER_LIMIT,
            record: Mutex::default(),
        })
    }

    /// Sets the longest time this client waits after a 429; beyond it the request counts as failed. 60 seconds at first.
    #[must_use]
    pub fn with_wait_limit(mut self, limit: Duration) -> Self {
        self.wait_limit = limit;
        self
    }

    /// Keeps the bodies of requests from now on, for golden tests; see [`Exchange::body`].
    #[must_use]
    pub fn keeping_bodies(self) -> Self {
        self.locked().keep_bodies = true;
        self
    }

    /// The base URL as typed, without its query.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Every exchange so far, in the order in which they ended.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.locked().exchanges.clone()
    }

    /// Requests sent so far, repetitions included.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.locked().exchanges.len()
    }

    /// Requests that were repetitions after a 429.
    #[must_use]
    pub fn retries(&self) -> usize {
        self.locked().exchanges.iter().filter(|e| e.attempt > 1).count()
    }

    /// Sends one request below the base URL and reads the answer whole, waiting and repeating after 429 as Okta does.
    ///
    /// # Errors
    /// [`Violation::Silence`] when no answer came, [`Violation::Throttled`] when 429 would not end.
    pub async fn send(
        &self,
        message: Message,
        method: Method,
        path: &str,
        body: Option<&Object>,
    ) -> Result<Answer, Violation> {
        let path = self.flagged(path);
        let body = match body {
            Some(body) => Some(serde_json::to_string(body).map_err(|e| Violation::Silence(e.to_string()))?),
            None => None,
        };
        let mut wait = None;
        for attempt in 1..=ATTEMPTS {
            let (answer, pause) = self.once(message, &method, &path, body.as_deref(), attempt).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            // The first wait is what the header says; every further 429 doubles it.
            let next = wait.map_or_else(|| pause.unwrap_or(WAIT_WITHOUT_HEADER), |w: Duration| w.saturating_mul(2));
            if attempt == ATTEMPTS || next > self.wait_limit {
                return Err(Violation::Throttled { attempts: attempt, integer: pause.is_some() });
            }
            tokio::time::sleep(next).await;
            wait = Some(next);
        }
        Err(Violation::Throttled { attempts: ATTEMPTS, integer: true })
    }

    fn flagged(&self, path: &str) -> String {
        match (&self.flag, path.split_once('?')) {
            (None, _) => path.to_owned(),
            (Some(flag), Some((path, query))) => format!("{path}?{flag}&{query}"),
            (Some(flag), None) => format!("{path}?{flag}"),
        }
    }

    async fn once(
        &self,
        message: Message,
        method: &Method,
        path: &str,
        body: Option<&str>,
        attempt: u32,
    ) -> Result<(Answer, Option<Duration>), Violation> {
        let mut request =
            self.http.request(method.clone(), format!("{}{path}", self.base)).headers(self.header_map(method, body));
        if let Some(body) = body {
            request = request.body(body.to_owned());
        }
        let begun = Instant::now();
        let result = async {
            let response = request.send().await?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, response.bytes().await?))
        }
        .await;
        let status = result.as_ref().map_or(0, |(status, _, _)| *status);
        let number = self.locked().push(record::Exchange {
            number: 0,
            message,
            method: method.to_string(),
            path: path.to_owned(),
            status,
            latency: begun.elapsed(),
            attempt,
            body: body.map(str::to_owned),
        });
        let (status, headers, bytes) = result.map_err(|e| Violation::Silence(causes(&e)))?;
        let text = |name| headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default().trim();
        let json = serde_json::from_slice(&bytes).ok();
        let answer = Answer {
            number,
            message,
            method: method.clone(),
            path: path.to_owned(),
            status,
            content_type: text(CONTENT_TYPE).to_owned(),
            challenged: headers.contains_key(reqwest::header::WWW_AUTHENTICATE),
            excerpt: if json.is_some() { String::new() } else { excerpt(&bytes) },
            empty: bytes.is_empty(),
            json,
        };
        Ok((answer, text(RETRY_AFTER).parse().ok().map(Duration::from_secs)))
    }

    fn header_map(&self, method: &Method, body: Option<&str>) -> HeaderMap {
        let mut map = HeaderMap::new();
        map.insert(ACCEPT, HeaderValue::from_static(self.headers.accept));
        if self.headers.charset_and_encoding {
            map.insert(ACCEPT_CHARSET, HeaderValue::from_static("utf-8"));
            map.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip,deflate"));
        }
        if let Some(agent) = self.headers.user_agent {
            map.insert(USER_AGENT, HeaderValue::from_static(agent));
        }
        if let Some(authorization) = &self.authorization {
            map.insert(AUTHORIZATION, authorization.clone());
        }
        if self.headers.charset_and_encoding {
            map.insert(CONNECTION, HeaderValue::from_static("Keep-Alive"));
        }
        if body.is_some() || (*method == Method::DELETE && self.headers.content_type_on_delete) {
            map.insert(CONTENT_TYPE, HeaderValue::from_static(self.headers.content_type));
        }
        map
    }

    fn locked(&self) -> MutexGuard<'_, record::Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn http_client(base: &Url) -> Result<reqwest::Client, Error> {
    // An error here means that the process has a provider of its own, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .timeout(ANSWER_LIMIT)
        .http1_only()
        .http1_title_case_headers()
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none());
    let host = base.host_str().unwrap_or_default();
    if matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
        // A proxy of the environment cannot reach this machine's loopback.
        builder = builder.no_proxy();
    }
    builder.build().map_err(Error::Http)
}

/// The error with everything that caused it; reqwest alone says only "error sending request".
fn causes(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(120).collect()
}
