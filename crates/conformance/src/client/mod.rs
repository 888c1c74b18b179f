//! The HTTP side: every request of a run goes through one [`Client`], which records it, waits out 429, and notes what was
//! made on the server.

mod credential;
mod exchange;
mod ledger;
mod request;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};
use tokio_util::sync::CancellationToken;

pub use credential::Credential;
pub use exchange::Exchange;
pub(crate) use exchange::cut;
pub(crate) use request::{Request, encoded, with_query};

use crate::answer::Answer;
use crate::check::Version;
use crate::error::Error;
use crate::verdict::Stop;

const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// What is waited after a 429 that names no number of seconds, and at most.
const WAIT_WITHOUT_HEADER: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const ATTEMPTS: u32 = 6;
/// So many requests in a row without an answer, and the server counts as gone.
const SILENCES: usize = 3;

/// A SCIM client for one base URL.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    version: Version,
    authorization: HeaderValue,
    secrets: Vec<String>,
    interrupt: CancellationToken,
    exchanges: Mutex<Vec<Exchange>>,
    ledger: Mutex<ledger::Ledger>,
    requests: AtomicUsize,
    silent: AtomicUsize,
}

impl Client {
    /// # Errors
    /// [`Error::Url`], [`Error::Credential`], [`Error::Http`].
    pub(crate) fn new(
        url: &str,
        version: Version,
        credential: &Credential,
        interrupt: CancellationToken,
    ) -> Result<Self, Error> {
        let refuse = |reason: &str| Error::Url { url: url.to_owned(), reason: reason.to_owned() };
        let parsed = Url::parse(url).map_err(|error| refuse(&error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            return Err(refuse("it must begin with http:// or https:// and name a host"));
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(refuse("a SCIM base URL has neither query nor fragment (RFC 7644 section 1.3)"));
        }
        Ok(Self {
            http: http_client(&parsed)?,
            base: url.trim_end_matches('/').to_owned(),
            version,
            authorization: credential.header()?,
            secrets: credential.secrets(),
            interrupt,
            exchanges: Mutex::default(),
            ledger: Mutex::default(),
            requests: AtomicUsize::new(0),
            silent: AtomicUsize::new(0),
        })
    }

    /// The base URL, without a slash at its end.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The `Authorization` header with its scheme written otherwise.
    pub(crate) fn authorization_with(&self, change: fn(&str) -> String) -> Option<String> {
        let (scheme, rest) = self.authorization.to_str().ok()?.split_once(' ')?;
        Some(format!("{} {rest}", change(scheme)))
    }

    /// Requests sent so far.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }

    /// What was sent since this was last asked.
    pub(crate) fn take_exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut *locked(&self.exchanges))
    }

    /// Paths of what the run has made and not deleted, in the order in which it is to be deleted.
    pub(crate) fn left(&self) -> Vec<String> {
        locked(&self.ledger).left()
    }

    /// How many resources the run has made.
    pub(crate) fn made(&self) -> usize {
        locked(&self.ledger).count()
    }

    /// Whether the run is being ended.
    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupt.is_cancelled()
    }

    /// Whether the server has stopped answering.
    pub(crate) fn is_deserted(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= SILENCES
    }

    /// Sends one request and reads the answer whole. A request that is under way is never abandoned, because what it
    /// makes could not be found again.
    pub(crate) async fn send(&self, request: Request) -> Result<Answer, Stop> {
        if self.is_interrupted() {
            return Err(Stop::Interrupted);
        }
        for _ in 1..ATTEMPTS {
            let answer = self.once(&request).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            tokio::select! {
                () = tokio::time::sleep(pause(&answer)) => {}
                () = self.interrupt.cancelled() => return Err(Stop::Interrupted),
            }
        }
        self.once(&request).await
    }

    /// Sends one request even when the run is being ended, for cleaning up.
    pub(crate) async fn send_anyway(&self, request: Request) -> Result<Answer, Stop> {
        for _ in 1..ATTEMPTS {
            let answer = self.once(&request).await?;
            if answer.status != 429 {
                return Ok(answer);
            }
            tokio::time::sleep(pause(&answer)).await;
        }
        self.once(&request).await
    }

    async fn once(&self, request: &Request) -> Result<Answer, Stop> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let result = self.exchange(request).await;
        let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let mut exchange = Exchange {
            method: request.method.to_owned(),
            path: request.path.clone(),
            headers: headers.chain(request.anonymous.then(|| "(without Authorization)".to_owned())).collect(),
            body: request.body.clone(),
            status: 0,
            answer_headers: Vec::new(),
            answer: String::new(),
        };
        match &result {
            Ok(answer) => {
                self.silent.store(0, Ordering::Relaxed);
                exchange.status = answer.status;
                exchange.answer_headers = answer.telling_headers();
                exchange.answer.clone_from(&answer.text);
                let json = answer.json.as_ref();
                locked(&self.ledger).note(request.method, &request.path, &self.base, answer.status, json);
            }
            Err(error) => {
                self.silent.fetch_add(1, Ordering::Relaxed);
                exchange.answer = causes(error);
            }
        }
        locked(&self.exchanges).push(exchange.fit(&self.secrets));
        result.map_err(|error| Stop::Silent(causes(&error)))
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, reqwest::Error> {
        let method = Method::from_bytes(request.method.as_bytes()).unwrap_or(Method::GET);
        let mut headers = HeaderMap::new();
        for (name, value) in request.all_headers(self.version) {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value)) {
                headers.append(name, value);
            }
        }
        if !request.anonymous && !headers.contains_key(AUTHORIZATION) {
            headers.insert(AUTHORIZATION, self.authorization.clone());
        }
        let mut sent = self.http.request(method, format!("{}{}", self.base, request.path)).headers(headers);
        if let Some(body) = &request.body {
            sent = sent.body(body.clone());
        }
        let response = sent.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let json = serde_json::from_slice(&bytes).ok();
        let line = format!("{} {}", request.method, request.path);
        Ok(Answer { line, status, headers, json, text: String::from_utf8_lossy(&bytes).into_owned() })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pause(answer: &Answer) -> Duration {
    let seconds = answer.header("retry-after").and_then(|text| text.trim().parse().ok());
    seconds.map_or(WAIT_WITHOUT_HEADER, Duration::from_secs).min(LONGEST_WAIT)
}

fn http_client(base: &Url) -> Result<reqwest::Client, Error> {
    // An error here means that the process has a provider of its own, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .timeout(ANSWER_LIMIT)
        .tcp_nodelay(true)
        .user_agent(concat!("Doorward conformance ", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none());
    if matches!(base.host_str().unwrap_or_default(), "localhost" | "127.0.0.1" | "[::1]") {
        // A proxy of the environment cannot reach this machine's loopback.
        builder = builder.no_proxy();
    }
    builder.build().map_err(Error::Http)
}

/// The error with everything that caused it, and without the URL, which the exchange names already.
fn causes(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() { "no answer within 30 s".to_owned() } else { "no answer".to_owned() };
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
