//! What a webhook delivery is made of: which addresses may be called ([`address`]), signatures ([`sign`]), the request itself
//! ([`client`]) with its [`payload`], and when a failed one is tried again ([`retry`]). Who sends which event when is in
//! [`jobs`](crate::jobs).

pub mod address;
pub mod client;
pub mod ecmascript;
pub mod payload;
pub mod retry;
pub mod sign;

use std::time::Duration;

use address::Networks;

/// What an operator can set about webhooks.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// Networks that may be called although they are not public, and over plain http.
    pub allow_networks: Networks,
    /// Whether the beginning of a receiver's answer is kept for the list of deliveries.
    pub keep_excerpts: bool,
    /// How long other nodes wait before they take over from one that died; 5 s.
    pub lease: Duration,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self { allow_networks: Networks::default(), keep_excerpts: false, lease: Duration::from_secs(5) }
    }
}
