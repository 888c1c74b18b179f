//! What ends a simulation before it can say anything about the server.

/// Why a simulation could not be carried out at all. A request that the server answers wrongly is not an [`Error`]: it is
/// a [`Problem`](crate::Problem) of the report.
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
    /// The dialect's name is unknown.
    #[error("there is no dialect \"{name}\"; known: {known}")]
    Dialect {
        /// The name as given.
        name: String,
        /// The known names, separated by commas.
        known: String,
    },
    /// The connection test of the provider did not pass, so that it would not go on.
    #[error("the connection test failed: {0}")]
    Connection(String),
    /// A part of the simulator itself stopped.
    #[error("the simulator stopped: {0}")]
    Stopped(String),
}
