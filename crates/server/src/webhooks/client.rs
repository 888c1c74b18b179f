//! The request of a delivery: bounded in time and in what is read of the answer, never redirected, never through a proxy, and only to
//! addresses that may be called (SEC-42, SEC-43).

use std::error::Error as StdError;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use doorward_store::Clock;
use http::{HeaderMap, StatusCode, header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, Response};

use super::address::{self, Networks, Refusal};
use super::retry;
use super::sign::Secrets;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the whole exchange may take.
pub const TOTAL: Duration = Duration::from_secs(10);

/// How much of an answer is read, in bytes.
const MOST_READ: usize = 64 * 1024;

/// How much of an answer is kept, in characters.
const EXCERPT: usize = 200;

/// One attempt of one delivery.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where to.
    pub url: Arc<str>,
    /// `webhook-id`: the id of the event, the same in every attempt.
    pub id: String,
    /// The envelope of the event.
    pub body: Bytes,
    /// What it is signed with.
    pub secrets: Arc<Secrets>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With a 2xx.
    Accepted,
    /// With another status, or none in time.
    Failed,
    /// Nobody could be reached, which has nothing to do with the event.
    Unreachable,
    /// With 410: the receiver wants no more.
    Gone,
}

/// What an attempt brought.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// The status, when there was an answer.
    pub status: Option<u16>,
    /// How long it took.
    pub latency: Duration,
    /// Why it failed, in a few words.
    pub error: Option<String>,
    /// The beginning of the answer.
    pub excerpt: Option<String>,
    /// When the receiver wants to be asked again.
    pub retry_after: Option<Duration>,
}

/// Sends deliveries. Cheap to clone.
#[derive(Debug, Clone)]
pub struct WebhookClient {
    secure: Client,
    plain: Client,
    networks: Networks,
    keep_excerpts: bool,
    clock: Clock,
}

impl WebhookClient {
    /// A client that asks this resolver for names.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(
        resolver: &Arc<dyn Resolve>,
        networks: Networks,
        keep_excerpts: bool,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        // The binary has installed it; what runs the service as a library may not have.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = |secure| {
            let checked = CheckedResolver { inner: Arc::clone(resolver), networks: networks.clone(), secure };
            builder().https_only(secure).dns_resolver(Arc::new(checked)).build()
        };
        Ok(Self { secure: client(true)?, plain: client(false)?, networks, keep_excerpts, clock })
    }

    /// Makes one attempt.
    pub async fn send(&self, request: &Request) -> Attempt {
        let began = Instant::now();
        let answered = self.exchange(request).await;
        let mut attempt = match answered {
            Ok(response) => self.read(response).await,
            Err(failure) => failure,
        };
        attempt.latency = began.elapsed();
        attempt
    }

    async fn exchange(&self, request: &Request) -> Result<Response, Attempt> {
        // An address in the URL itself never reaches the resolver.
        let url = address::check(&request.url, &self.networks).map_err(|refusal| unreachable(&refusal))?;
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let signatures = request.secrets.sign(&request.id, self.clock.now(), &request.body);
        let sending = client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &request.id)
            .header("webhook-timestamp", signatures.timestamp)
            .header("webhook-signature", signatures.standard)
            .header("WorkOS-Signature", signatures.workos)
            .body(request.body.clone())
            .send();
        sending.await.map_err(|error| failed(&error))
    }

    async fn read(&self, mut response: Response) -> Attempt {
        let status = response.status();
        let retry_after = asked_to_wait(response.headers(), self.clock.now());
        let mut begun = Vec::new();
        let mut left = MOST_READ;
        // What fails from here on changes nothing: the status is the answer.
        while let Ok(Some(chunk)) = response.chunk().await {
            begun.extend_from_slice(chunk.get(..(4 * EXCERPT).saturating_sub(begun.len())).unwrap_or(&chunk));
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
        let outcome = match status {
            status if status.is_success() => Outcome::Accepted,
            StatusCode::GONE => Outcome::Gone,
            _ => Outcome::Failed,
        };
        Attempt {
            outcome,
            status: Some(status.as_u16()),
            latency: Duration::ZERO,
            error: (outcome != Outcome::Accepted).then(|| told(status)),
            excerpt: self.keep_excerpts.then(|| excerpt(&begun)),
            retry_after,
        }
    }
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("Doorward/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .pool_idle_timeout(Duration::from_secs(30))
        .pool_max_idle_per_host(16)
}

fn asked_to_wait(headers: &HeaderMap, now: i64) -> Option<Duration> {
    retry::retry_after(headers.get(header::RETRY_AFTER)?.to_str().ok()?, now)
}

fn told(status: StatusCode) -> String {
    if status.is_redirection() {
        return format!("answered {}; redirects are not followed", status.as_u16());
    }
    format!("answered {}", status.as_u16())
}

fn unreachable(refusal: &Refusal) -> Attempt {
    without_answer(Outcome::Unreachable, refusal.to_string())
}

/// What went wrong, without what a name resolved to.
fn failed(error: &reqwest::Error) -> Attempt {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(at) = cause {
        if let Some(refusal) = at.downcast_ref::<Refusal>() {
            return unreachable(refusal);
        }
        cause = at.source();
    }
    if error.is_connect() {
        return without_answer(Outcome::Unreachable, "no connection could be made".to_owned());
    }
    if error.is_timeout() {
        return without_answer(Outcome::Failed, format!("no answer within {} s", TOTAL.as_secs()));
    }
    without_answer(Outcome::Failed, "the connection broke before there was an answer".to_owned())
}

fn without_answer(outcome: Outcome, error: String) -> Attempt {
    let latency = Duration::ZERO;
    Attempt { outcome, status: None, latency, error: Some(error), excerpt: None, retry_after: None }
}

/// The beginning of an answer, so that it is no danger to look at.
fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| *c == ' ' || !(c.is_control() || c.is_whitespace())).take(EXCERPT).collect()
}

/// Asks another resolver, and refuses a name when one of its addresses may not be called.
struct CheckedResolver {
    inner: Arc<dyn Resolve>,
    networks: Networks,
    secure: bool,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, secure) = (self.networks.clone(), self.secure);
        let asked = self.inner.resolve(name);
        Box::pin(async move {
            let found: Vec<SocketAddr> = asked.await?.collect();
            let allowed = found.iter().all(|address| address::may_connect(address.ip(), secure, &networks));
            if found.is_empty() || !allowed {
                return Err(Refusal::Forbidden.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The resolver of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}
