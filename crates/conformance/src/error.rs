//! What keeps a server from being tested at all.

/// Why nothing can be said about the server. A request that it answers wrongly is not an [`Error`]: it is a failed check
/// of the report.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The SCIM base URL cannot be used.
    #[error("the SCIM base URL \"{url}\" cannot be used: {reason}")]
    Url {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The credential contains a character that no HTTP header may carry.
    #[error("the credential cannot be sent: it contains a character that an HTTP header must not carry")]
    Credential,
    /// The HTTP client could not be built.
    #[error("the HTTP client could not be set up: {0}")]
    Http(#[source] reqwest::Error),
    /// There is no such chapter.
    #[error("there is no chapter \"{name}\"; known: {known}")]
    Chapter {
        /// The name as given.
        name: String,
        /// The known names.
        known: String,
    },
    /// No answer came.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server does not accept the credential.
    #[error("the server refuses the credential: GET {path} was answered {status}")]
    Refused {
        /// Where it was refused, below the base URL.
        path: String,
        /// 401 or 403.
        status: u16,
    },
    /// There is nothing under this URL that looks like SCIM.
    #[error("there is no SCIM service under this URL: GET {path} was answered {status}; is it the SCIM base URL?")]
    NotScim {
        /// What was asked for, below the base URL.
        path: String,
        /// The HTTP status.
        status: u16,
    },
}
