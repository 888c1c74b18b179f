//! One request with its answer, as it is put into the queue: secrets are out of everything but the bodies, which lose theirs before they
//! are written.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use doorward_store::SecretHash;
use doorward_store::scope::DirectoryScope;

use super::redact::Redactor;
use crate::service::diagnose::facts::Facts;

/// Whose request it is.
#[derive(Debug, Clone)]
pub enum Owner {
    /// The credential opened this directory.
    Opened(Arc<DirectoryScope>),
    /// It opened nothing; what can be found out about it is looked up when it is written.
    Unknown {
        /// The label in the URL.
        label: Option<String>,
        /// What was presented.
        presented: Presented,
    },
}

/// A credential that opened nothing, without the credential itself.
#[derive(Debug, Clone)]
pub enum Presented {
    /// No `Authorization` header.
    Nothing,
    /// A header in which no credential can be seen, or several headers.
    Unreadable(&'static str),
    /// A bearer token.
    Token {
        /// Its hash.
        hash: SecretHash,
        /// Its length in characters.
        length: usize,
        /// Its first characters, no more of it than people may see.
        beginning: String,
    },
    /// A user name and a password.
    Basic {
        /// The hash of the password.
        hash: SecretHash,
    },
}

/// A request with its answer.
#[derive(Debug, Clone)]
pub struct Captured {
    /// Whose it is.
    pub owner: Owner,
    /// The id that the answer carries.
    pub request_id: String,
    /// When it came, in Unix microseconds.
    pub started_at: i64,
    /// The method.
    pub method: String,
    /// The path as sent, without secrets.
    pub path: String,
    /// The query as sent, without secrets.
    pub query: Option<String>,
    /// `2.0` or `1.1`.
    pub version: &'static str,
    /// The status; `None` when it was not answered.
    pub status: Option<u16>,
    /// The keyword of the refusal.
    pub scim_type: Option<&'static str>,
    /// How long the answer took, in microseconds.
    pub latency: i64,
    /// `User-Agent`, without secrets.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub address: Option<IpAddr>,
    /// In which form the credential came.
    pub credential: &'static str,
    /// Names of tolerances with commas between them.
    pub tolerated: String,
    /// The user or group that it was about.
    pub subject_id: Option<String>,
    /// Positions of the event log between which its events lie.
    pub events: Option<(i64, i64)>,
    /// Takes the request's credential out of its bodies.
    pub redactor: Redactor,
    /// What was noted of it.
    pub facts: Facts,
    /// The headers that may be kept.
    pub headers: Vec<(String, String)>,
    /// Size of the body.
    pub request_bytes: Option<u64>,
    /// Size of the answer's body.
    pub response_bytes: Option<u64>,
    /// The body, when it may be kept.
    pub request_body: Option<Bytes>,
    /// The answer's body, when it may be kept.
    pub response_body: Option<Bytes>,
}

impl Captured {
    /// Whether it was answered with 400 or more, or not at all.
    pub fn failed(&self) -> bool {
        self.status.is_none_or(|status| status >= 400)
    }

    /// Whether there is something to tell of it.
    pub(super) fn is_notable(&self) -> bool {
        self.failed() || !self.tolerated.is_empty() || !self.facts.is_plain()
    }

    /// Bytes of bodies that it holds.
    pub(super) fn bytes(&self) -> usize {
        [&self.request_body, &self.response_body].into_iter().flatten().map(Bytes::len).sum()
    }

    #[cfg(test)]
    pub(super) fn of_test(started_at: i64, status: u16) -> Self {
        Captured {
            owner: Owner::Unknown { label: None, presented: Presented::Nothing },
            request_id: format!("req_{started_at}"),
            started_at,
            method: "GET".to_owned(),
            path: "/scim/v2/Users".to_owned(),
            query: None,
            version: "2.0",
            status: Some(status),
            scim_type: None,
            latency: 0,
            user_agent: None,
            address: None,
            credential: "none",
            tolerated: String::new(),
            subject_id: None,
            events: None,
            redactor: Redactor::default(),
            facts: Facts::default(),
            headers: Vec::new(),
            request_bytes: None,
            response_bytes: None,
            request_body: None,
            response_body: None,
        }
    }
}
