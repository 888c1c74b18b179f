//! Who caused a change, and with which request: what the audit log says of it (SEC-54).

use std::net::IpAddr;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::ids::{ApiKeyId, TokenId};

/// Who caused a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// An identity provider, with this credential.
    Scim(TokenId),
    /// An application, with this API key.
    ApiKey(ApiKeyId),
    /// The person who runs the installation: on the command line, or signed in (then with the id of the account).
    Operator(Option<String>),
    /// A customer's administrator, with this setup link.
    Portal(String),
    /// Doorward itself, in a job of this name.
    System(&'static str),
}

impl Actor {
    /// The stored word, which is also the word of the audit log. Changes of identity providers have the name under which administrators
    /// know them elsewhere (WT-32).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Scim(_) => "scim_auto_sync",
            Self::ApiKey(_) => "api_key",
            Self::Operator(_) => "operator",
            Self::Portal(_) => "portal",
            Self::System(_) => "system",
        }
    }

    /// Which one of its kind: the id of the credential, or the name of the job.
    pub fn id(&self) -> Option<String> {
        match self {
            Self::Scim(id) => Some(id.to_string()),
            Self::ApiKey(id) => Some(id.to_string()),
            Self::Operator(id) => id.clone(),
            Self::Portal(id) => Some(id.clone()),
            Self::System(job) => Some((*job).to_owned()),
        }
    }
}

/// Who caused a change, and with which request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Who.
    pub actor: Actor,
    /// The request's id, when there was one.
    pub request_id: Option<Arc<str>>,
    /// Where the request came from, when that is known.
    pub address: Option<IpAddr>,
}

impl Origin {
    /// A change without a request.
    pub fn of(actor: Actor) -> Self {
        Self { actor, request_id: None, address: None }
    }
}

/// What is stored of an [`Origin`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrigin {
    /// The kind of the actor: `scim_auto_sync`, `api_key`, `operator`, `portal` or `system`.
    pub actor: String,
    /// The credential's id, or the job's name.
    pub actor_id: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
    /// Where the request came from.
    pub address: Option<IpAddr>,
}

impl StoredOrigin {
    pub(crate) fn from_stored(
        actor: String,
        actor_id: Option<String>,
        request_id: Option<String>,
        address: Option<&str>,
    ) -> Result<Self> {
        let address = address.map(str::parse).transpose();
        let address = address.map_err(|_| Error::Corrupt("the address of an event".into()))?;
        Ok(Self { actor, actor_id, request_id, address })
    }
}
