//! What an operator can set: one TOML file, and flags or environment variables that override it.
//!
//! The binary reads flags and environment with clap and hands them here as [`Overrides`]; every value is checked once,
//! at start, and an unknown key in the file is an error, so that a typing mistake never passes as a setting.

use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use doorward_store::Secret;
use serde::Deserialize;

pub use log_settings::{Audit, Events};
pub use requests::{Bodies, Requests};

mod log_settings;
mod requests;

use crate::sealed::SealingKey;
use crate::service::deletion::{GRACE_DAYS, LONGEST_GRACE_DAYS};
use crate::service::tokens::MOST_LIVE;
use crate::webhooks::WebhookSettings;
use crate::webhooks::address::Networks;

/// Where the service listens unless told otherwise: this machine only, so that nothing is exposed by accident.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// The database unless told otherwise: one file in the working directory.
pub const DEFAULT_DATABASE: &str = "sqlite:doorward.db";

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and port to accept connections on.
    pub listen: SocketAddr,
    /// `sqlite:PATH` or `postgres://…`; secret because it may hold a password.
    pub database: Secret,
    /// Under which address identity providers and applications reach this service.
    pub public_url: PublicUrl,
    /// Bounds on what one request may cost (I-9).
    pub limits: Limits,
    /// How the event log is kept, and what is told of.
    pub events: Events,
    /// What the audit log shows.
    pub audit: Audit,
    /// What the request log keeps, and for how long.
    pub requests: Requests,
    /// What secrets are sealed with that are needed in clear: the first seals, all open (SEC-24).
    pub secret_keys: Vec<SealingKey>,
    /// How events are sent to applications.
    pub webhooks: WebhookSettings,
}

impl Config {
    /// The defaults, listening on `listen`, reached under `http://listen`.
    pub fn local(listen: SocketAddr, database: &str) -> Self {
        Config {
            listen,
            database: Secret::new(database),
            public_url: PublicUrl::local(listen),
            limits: Limits::default(),
            events: Events::default(),
            audit: Audit::default(),
            requests: Requests::default(),
            secret_keys: Vec::new(),
            webhooks: WebhookSettings::default(),
        }
    }

    /// Flags and environment over the file over the defaults.
    ///
    /// # Errors
    /// The setting that cannot be used, with what it must look like.
    pub fn resolve(overrides: Overrides, file: FileConfig) -> Result<Self, ConfigError> {
        let listen = overrides.listen.or(file.listen).unwrap_or_else(|| DEFAULT_LISTEN.to_owned());
        let listen: SocketAddr = listen.parse().map_err(|_| {
            ConfigError::new("listen", format!("`{listen}` is not ADDRESS:PORT such as {DEFAULT_LISTEN}"))
        })?;
        let database = overrides.database.or(file.database).unwrap_or_else(|| DEFAULT_DATABASE.to_owned());
        let public_url = match overrides.public_url.or(file.public_url) {
            Some(text) => text.parse().map_err(|reason| ConfigError::new("public_url", reason))?,
            None => PublicUrl::local(listen),
        };
        let limits = file.limits.resolve()?;
        let (events, audit, requests) = (file.events.resolve()?, file.audit, file.requests.resolve()?);
        let secret_keys = sealing_keys(overrides.secret_key.or(file.secret_key))?;
        let webhooks = file.webhooks.resolve(overrides.webhook_allow_networks)?;
        let database = Secret::new(database);
        Ok(Config { listen, database, public_url, limits, events, audit, requests, secret_keys, webhooks })
    }
}

/// What flags and environment variables may set.
#[derive(Debug, Default)]
pub struct Overrides {
    /// `--listen`, `DOORWARD_LISTEN`.
    pub listen: Option<String>,
    /// `--database`, `DOORWARD_DATABASE_URL`.
    pub database: Option<String>,
    /// `--public-url`, `DOORWARD_PUBLIC_URL`.
    pub public_url: Option<String>,
    /// `DOORWARD_SECRET_KEY`: keys with commas between them.
    pub secret_key: Option<String>,
    /// `--webhook-allow-network`, `DOORWARD_WEBHOOK_ALLOW_NETWORKS`; empty: those of the file.
    pub webhook_allow_networks: Vec<String>,
}

/// Keys in base64 with commas between them. None of them is repeated in an error.
fn sealing_keys(text: Option<String>) -> Result<Vec<SealingKey>, ConfigError> {
    let text = text.unwrap_or_default();
    let keys = text.split(',').filter(|key| !key.trim().is_empty()).map(SealingKey::from_base64);
    keys.collect::<Option<_>>().ok_or_else(|| {
        let reason = "must be 32 bytes in base64; `openssl rand -base64 32` makes one. Several, with commas between them: \
                      the first seals, all open";
        ConfigError::new("secret_key", reason.to_owned())
    })
}

/// The configuration file, key for key.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileConfig {
    listen: Option<String>,
    database: Option<String>,
    public_url: Option<String>,
    secret_key: Option<String>,
    #[serde(default)]
    limits: FileLimits,
    #[serde(default)]
    events: log_settings::FileEvents,
    #[serde(default)]
    audit: Audit,
    #[serde(default)]
    requests: requests::FileRequests,
    #[serde(default)]
    webhooks: FileWebhooks,
}

impl FileConfig {
    /// Reads a TOML file.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, or holds a key that Doorward does not know.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::new("config", format!("cannot read {}: {error}", path.display())))?;
        Self::parse(&text).map_err(|error| ConfigError::new("config", format!("{}: {}", path.display(), error.reason)))
    }

    /// Reads TOML text.
    ///
    /// # Errors
    /// Not TOML, or a key that Doorward does not know. The text itself is not repeated: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
            ConfigError::new("config", format!("line {line}: {}", error.message()))
        })
    }

    /// The database the file names, for commands that need nothing else of it.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The public URL the file names, for commands that need nothing else of it.
    pub fn public_url(&self) -> Option<&str> {
        self.public_url.as_deref()
    }
}

/// The `[webhooks]` table of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWebhooks {
    allow_networks: Option<Vec<String>>,
    keep_excerpts: Option<bool>,
    lease_seconds: Option<u64>,
}

impl FileWebhooks {
    fn resolve(self, overriding: Vec<String>) -> Result<WebhookSettings, ConfigError> {
        let base = WebhookSettings::default();
        let named = if overriding.is_empty() { self.allow_networks.unwrap_or_default() } else { overriding };
        let networks = named.iter().map(|text| text.parse()).collect::<Result<_, String>>();
        let networks = networks.map_err(|reason| ConfigError::new("webhooks.allow_networks", reason))?;
        let lease = self.lease_seconds.map_or(base.lease, Duration::from_secs);
        if !(1..=60).contains(&lease.as_secs()) {
            return Err(ConfigError::new("webhooks.lease_seconds", "must lie between 1 and 60 seconds".to_owned()));
        }
        Ok(WebhookSettings {
            allow_networks: Networks::new(networks),
            keep_excerpts: self.keep_excerpts.unwrap_or(base.keep_excerpts),
            lease,
        })
    }
}

/// The `[limits]` table of the file. Sizes in bytes, times in seconds.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileLimits {
    user_body_bytes: Option<usize>,
    group_body_bytes: Option<usize>,
    bulk_body_bytes: Option<usize>,
    bulk_operations: Option<usize>,
    root_results: Option<u32>,
    filters_in_urls: Option<bool>,
    header_timeout_seconds: Option<u64>,
    body_timeout_seconds: Option<u64>,
    request_timeout_seconds: Option<u64>,
    write_timeout_seconds: Option<u64>,
    connections: Option<usize>,
    streams: Option<usize>,
    streams_per_key: Option<usize>,
    api_requests_per_second: Option<u32>,
    live_tokens: Option<usize>,
    deletion_grace_days: Option<u32>,
}

impl FileLimits {
    fn resolve(self) -> Result<Limits, ConfigError> {
        let base = Limits::default();
        let bytes = |key, given: Option<usize>, default| match given {
            Some(size) if !(1024..=256 * 1024 * 1024).contains(&size) => {
                Err(ConfigError::new(key, "must lie between 1024 bytes and 256 MiB".to_owned()))
            }
            given => Ok(given.unwrap_or(default)),
        };
        let seconds = |key, given: Option<u64>, default: Duration| match given {
            Some(time) if !(1..=600).contains(&time) => {
                Err(ConfigError::new(key, "must lie between 1 and 600 seconds".to_owned()))
            }
            given => Ok(given.map_or(default, Duration::from_secs)),
        };
        let bulk_operations = self.bulk_operations.unwrap_or(base.bulk_operations);
        if bulk_operations > 10_000 {
            let reason = "must be at most 10,000; 0 switches bulk requests off";
            return Err(ConfigError::new("limits.bulk_operations", reason.to_owned()));
        }
        let connections = self.connections.unwrap_or(base.connections);
        if connections == 0 {
            return Err(ConfigError::new("limits.connections", "must be at least 1".to_owned()));
        }
        let live_tokens = self.live_tokens.unwrap_or(base.live_tokens);
        if !(1..=100).contains(&live_tokens) {
            return Err(ConfigError::new("limits.live_tokens", "must lie between 1 and 100".to_owned()));
        }
        let deletion_grace_days = self.deletion_grace_days.unwrap_or(base.deletion_grace_days);
        if deletion_grace_days > LONGEST_GRACE_DAYS {
            let reason = format!("must be at most {LONGEST_GRACE_DAYS}");
            return Err(ConfigError::new("limits.deletion_grace_days", reason));
        }
        Ok(Limits {
            user_body: bytes("limits.user_body_bytes", self.user_body_bytes, base.user_body)?,
            group_body: bytes("limits.group_body_bytes", self.group_body_bytes, base.group_body)?,
            bulk_body: bytes("limits.bulk_body_bytes", self.bulk_body_bytes, base.bulk_body)?,
            bulk_operations,
            root_results: self.root_results.map_or(base.root_results, i64::from),
            filters_in_urls: self.filters_in_urls.unwrap_or(base.filters_in_urls),
            header_timeout: seconds("limits.header_timeout_seconds", self.header_timeout_seconds, base.header_timeout)?,
            body_timeout: seconds("limits.body_timeout_seconds", self.body_timeout_seconds, base.body_timeout)?,
            request_timeout: seconds(
                "limits.request_timeout_seconds",
                self.request_timeout_seconds,
                base.request_timeout,
            )?,
            write_timeout: seconds("limits.write_timeout_seconds", self.write_timeout_seconds, base.write_timeout)?,
            connections,
            streams: self.streams.unwrap_or(base.streams),
            streams_per_key: self.streams_per_key.unwrap_or(base.streams_per_key),
            api_requests_per_second: self.api_requests_per_second.unwrap_or(base.api_requests_per_second),
            live_tokens,
            deletion_grace_days,
        })
    }
}

/// Bounds on one request and on the number of callers, checked before work starts (I-9, SEC-29, SEC-30).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Largest body outside `/Groups`, in bytes; 1 MiB.
    pub user_body: usize,
    /// Largest body under `/Groups`, in bytes; 16 MiB, because a group push names thousands of members.
    pub group_body: usize,
    /// Largest body of a bulk request, in bytes; 1 MiB. Published as `maxPayloadSize`.
    pub bulk_body: usize,
    /// Operations in one bulk request; 1,000. Published as `maxOperations`; 0 switches bulk requests off.
    pub bulk_operations: usize,
    /// Resources that one query over all types may find; 10,000. The endpoints of the types page through any number.
    pub root_results: i64,
    /// Whether a filter may stand in a URL, where it may end up in the logs of others; true, because identity providers look people up
    /// that way. When it is false they are told to send it to `.search` (RFC 7644 section 7.5.2).
    pub filters_in_urls: bool,
    /// How long a client may take to send its request head; 10 s.
    pub header_timeout: Duration,
    /// How long a client may take to send a body; 30 s.
    pub body_timeout: Duration,
    /// How long an answer may take in all; 60 s, the patience of Okta and Entra.
    pub request_timeout: Duration,
    /// How long an answer may wait until the client takes a byte more of it; 30 s.
    pub write_timeout: Duration,
    /// Connections served at once; 10,000.
    pub connections: usize,
    /// Answers without an end (event streams, exports, snapshots) that a node gives at once; 256.
    pub streams: usize,
    /// As [`Limits::streams`], for one API key; 16.
    pub streams_per_key: usize,
    /// Requests of one API key in a second, on each node; 1,000, and twice as many at once. 0: no limit.
    pub api_requests_per_second: u32,
    /// Live credentials of a directory at the same time; 2 (SEC-20).
    pub live_tokens: usize,
    /// Days in which a deleted directory can be restored, unless the request says otherwise; 7 (SEC-14).
    pub deletion_grace_days: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            user_body: 1024 * 1024,
            group_body: 16 * 1024 * 1024,
            bulk_body: 1024 * 1024,
            bulk_operations: 1000,
            root_results: 10_000,
            filters_in_urls: true,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(30),
            connections: 10_000,
            streams: 256,
            streams_per_key: 16,
            api_requests_per_second: 1_000,
            live_tokens: MOST_LIVE,
            deletion_grace_days: GRACE_DAYS,
        }
    }
}

/// The address under which others reach this service: scheme, host and optional path, without a slash at the end.
///
/// Every absolute URL Doorward hands out starts with it; the `Host` header and forwarded headers are never asked
/// (SEC-36).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// `http://` and the address listened on; an unspecified address becomes the loopback one.
    pub fn local(listen: SocketAddr) -> Self {
        let mut reachable = listen;
        if listen.ip().is_unspecified() {
            reachable.set_ip(if listen.is_ipv4() {
                std::net::Ipv4Addr::LOCALHOST.into()
            } else {
                std::net::Ipv6Addr::LOCALHOST.into()
            });
        }
        PublicUrl(format!("http://{reachable}"))
    }

    /// The URL without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What an identity provider is known to refuse in this URL; empty when nothing is.
    pub fn concerns(&self) -> Vec<&'static str> {
        let mut found = Vec::new();
        if !self.0.starts_with("https://") {
            found.push("it is not https: Okta and Entra ID refuse to send credentials over plain http");
        }
        if self.0.contains('_') {
            found.push("it contains an underscore, which Okta refuses in a base URL");
        }
        found
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "it must look like https://directory.example.com";
        let uri: http::Uri = text.trim().parse().map_err(|_| format!("`{text}` is not a URL; {example}"))?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) {
            return Err(format!("`{text}` does not begin with https:// or http://; {example}"));
        }
        let Some(authority) = uri.authority() else { return Err(format!("`{text}` names no host; {example}")) };
        if authority.as_str().contains('@') {
            return Err(format!("a public URL carries no user name or password; {example}"));
        }
        // A fragment never reaches `http::Uri`, which drops it; both would end up inside every SCIM location.
        if uri.query().is_some() || text.contains('#') {
            return Err(format!("`{text}` carries a query or a fragment; {example}"));
        }
        Ok(PublicUrl(text.trim().trim_end_matches('/').to_owned()))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {reason}")]
pub struct ConfigError {
    setting: &'static str,
    reason: String,
}

impl ConfigError {
    fn new(setting: &'static str, reason: String) -> Self {
        ConfigError { setting, reason }
    }
}
