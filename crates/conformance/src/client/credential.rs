//! What the server is shown.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

use crate::error::Error;

/// The credential of the client that is played.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer …`.
    Bearer(String),
    /// `Authorization: Basic …`.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
}

impl Credential {
    pub(crate) fn header(&self) -> Result<HeaderValue, Error> {
        let text = match self {
            Self::Bearer(token) => format!("Bearer {token}"),
            Self::Basic { user, password } => format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
        };
        let mut value = HeaderValue::from_str(&text).map_err(|_| Error::Credential)?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What must never stand in a report, wherever a server may have put it.
    pub(super) fn secrets(&self) -> Vec<String> {
        let secrets = match self {
            Self::Bearer(token) => vec![token.clone()],
            Self::Basic { user, password } => vec![STANDARD.encode(format!("{user}:{password}")), password.clone()],
        };
        secrets.into_iter().filter(|secret| !secret.is_empty()).collect()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Credential(bearer)",
            Self::Basic { .. } => "Credential(basic)",
        })
    }
}
