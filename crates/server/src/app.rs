//! What every handler is given: the store, the configuration and the little that lives in memory.

use std::sync::Arc;

use doorward_store::scope::ApplicationScope;
use doorward_store::{Clock, Entropy, Lane, Secret, Store, server_secret};
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;

use crate::bad_credentials::{BadCredentials, SignIns};
use crate::config::Config;
use crate::credential_cache::CredentialCache;
use crate::rate_limit::RateLimit;
use crate::request_log::RequestLog;
use crate::sealed::Keyring;
use crate::service::passwords::Passwords;
use crate::streams::Streams;
use crate::{scim_api, service};

/// The running service. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct App(Arc<Shared>);

struct Shared {
    store: Store,
    config: Config,
    credentials: scim_api::auth::CredentialCache,
    api_keys: CredentialCache<ApplicationScope>,
    received: service::received::Known,
    bad_credentials: BadCredentials,
    sign_ins: SignIns,
    passwords: Passwords,
    rate_limit: RateLimit,
    request_log: RequestLog,
    ending: CancellationToken,
    cursor_key: OnceCell<Secret>,
    streams: Streams,
    log_end: watch::Sender<i64>,
    keyring: OnceCell<Keyring>,
}

impl App {
    /// The service over an open store. Clock and randomness are the store's.
    pub fn new(store: Store, config: Config) -> Self {
        let rate_limit = RateLimit::new(config.limits.api_requests_per_second);
        App(Arc::new(Shared {
            store,
            config,
            credentials: scim_api::auth::CredentialCache::default(),
            api_keys: CredentialCache::default(),
            received: service::received::Known::default(),
            bad_credentials: BadCredentials::default(),
            sign_ins: SignIns::default(),
            passwords: Passwords::default(),
            rate_limit,
            request_log: RequestLog::default(),
            ending: CancellationToken::new(),
            cursor_key: OnceCell::new(),
            streams: Streams::default(),
            log_end: watch::Sender::new(0),
            keyring: OnceCell::new(),
        }))
    }

    /// The one seam to the database.
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// How this process was told to behave.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Under which address others reach this service; without a slash at the end.
    pub fn public_url(&self) -> &str {
        self.0.config.public_url.as_str()
    }

    /// The only source of time.
    pub fn clock(&self) -> Clock {
        self.0.store.clock()
    }

    /// The only source of randomness.
    pub fn entropy(&self) -> Entropy {
        self.0.store.entropy()
    }

    /// SCIM credentials accepted a moment ago.
    pub(crate) fn credentials(&self) -> &scim_api::auth::CredentialCache {
        &self.0.credentials
    }

    /// Forgets the scopes of credentials accepted a moment ago, after a change of a directory made in this process.
    pub(crate) fn forget_scopes(&self) {
        self.0.credentials.forget_all();
    }

    /// Names of undeclared attributes that were noted already.
    pub(crate) fn received(&self) -> &service::received::Known {
        &self.0.received
    }

    /// API keys accepted a moment ago.
    pub fn api_keys(&self) -> &CredentialCache<ApplicationScope> {
        &self.0.api_keys
    }

    /// The credentials of either kind that opened nothing, for as long as they count.
    pub fn bad_credentials(&self) -> &BadCredentials {
        &self.0.bad_credentials
    }

    /// The attempts of people to sign in, for as long as they count.
    pub fn sign_ins(&self) -> &SignIns {
        &self.0.sign_ins
    }

    /// Hashes and checks passwords, a few at a time.
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// How often each API key may ask.
    pub(crate) fn rate_limit(&self) -> &RateLimit {
        &self.0.rate_limit
    }

    /// Requests on their way into the log.
    pub fn request_log(&self) -> &RequestLog {
        &self.0.request_log
    }

    /// What all nodes sign cursors with.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn cursor_key(&self) -> service::error::Result<&Secret> {
        let read = || self.store().write(Lane::Any, |tx| Ok(server_secret::get_or_create(tx, "cursor")?));
        self.0.cursor_key.get_or_try_init(read).await
    }

    /// The answers without an end that are being given.
    pub fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// The end of the event log as far as this node knows it; a job keeps it, with the events of other nodes.
    pub(crate) fn log_end(&self) -> &watch::Sender<i64> {
        &self.0.log_end
    }

    /// What secrets are sealed with that are needed in clear.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn keyring(&self) -> service::error::Result<&Keyring> {
        self.0.keyring.get_or_try_init(|| Keyring::load(self.store(), &self.config().secret_keys)).await
    }

    /// What webhook endpoints are checked with.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn webhook_rules(&self) -> service::error::Result<service::webhooks::Rules> {
        let networks = self.config().webhooks.allow_networks.clone();
        Ok(service::webhooks::Rules { keyring: self.keyring().await?.clone(), networks })
    }

    /// Cancelled when the service begins to end: whoever only waits for something answers with what there is.
    pub fn ending(&self) -> &CancellationToken {
        &self.0.ending
    }
}
