//! Why the service did not do what it was asked, in the words of the domain.
//!
//! No HTTP here: `scim_api::reply` and `app_api::reply` each choose their own status and body. What an operator needs
//! to know about an internal fault goes to the log; none of it is in the text that a caller sees (SEC-23).

use doorward_scim::error as scim;
use doorward_store::ids::EventId;

use super::event_cursor::CursorFault;

/// The result of a service function.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the service did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The thing does not exist, was deleted, or belongs to someone else: the three are never told apart (SEC-7).
    #[error("{what} was not found")]
    NotFound {
        /// What was looked for, for example `user` or `directory`.
        what: &'static str,
    },
    /// A value that must be unique is taken.
    #[error("{what} with this {attribute} already exists")]
    Conflict {
        /// What is in the way, with its article: `a user`.
        what: &'static str,
        /// The attribute whose value is taken, in its wire spelling: `userName`.
        attribute: &'static str,
    },
    /// The caller named a version (`If-Match`) that is not the current one.
    #[error("the resource has been changed since the version given in If-Match")]
    Precondition,
    /// The request breaks a rule of the protocol.
    #[error(transparent)]
    Scim(#[from] scim::Error),
    /// One field of a request cannot be accepted.
    #[error("{field}: {message}")]
    Invalid {
        /// The field, in its wire spelling.
        field: String,
        /// What is wrong with it, as a sentence for a person.
        message: String,
    },
    /// A place in the event log that cannot be continued from (REL-16).
    #[error("{field}: {fault}")]
    Cursor {
        /// The parameter that carried it.
        field: &'static str,
        /// What is wrong with it.
        fault: CursorFault,
        /// The earliest place to continue from; `None`: from the beginning, without a cursor.
        earliest: Option<EventId>,
    },
    /// The caller has as many answers running as it may.
    #[error("this API key has as many streams open as it may; close one first")]
    TooManyStreams,
    /// The thing is in a state in which this cannot be done; the text says what to do first.
    #[error("{0}")]
    State(String),
    /// The caller may not do this; the text says what he lacks.
    #[error("{0}")]
    Forbidden(String),
    /// The directory is switched off.
    #[error("this directory is disabled; an administrator of the application can enable it again")]
    Disabled,
    /// The directory, or this release, does not offer the feature.
    #[error("{0}")]
    NotOffered(&'static str),
    /// The same was asked for a moment ago.
    #[error("{0}")]
    TooOften(&'static str),
    /// The service cannot answer now; a later attempt may succeed.
    #[error("the service is busy; try again in a moment")]
    Unavailable,
    /// A fault of the service. The text is for the log and never shown to a caller.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Error {
    /// No such user, in this directory.
    pub fn no_user() -> Self {
        Error::NotFound { what: "User" }
    }

    /// No such group, in this directory.
    pub fn no_group() -> Self {
        Error::NotFound { what: "Group" }
    }
}

impl From<doorward_store::Error> for Error {
    fn from(error: doorward_store::Error) -> Self {
        use doorward_store::{Conflict, Error as Fault};
        match error {
            Fault::Conflict(Conflict::UserName) => Error::Conflict { what: "a user", attribute: "userName" },
            Fault::Conflict(Conflict::Label) => Error::Conflict { what: "a directory", attribute: "label" },
            Fault::Conflict(Conflict::ExternalId) => {
                Error::Conflict { what: "an organization", attribute: "external_id" }
            }
            Fault::Conflict(Conflict::Domain) => Error::Conflict { what: "an organization", attribute: "domains" },
            // What the change refers to went away meanwhile (a member, the directory itself), or another node was faster:
            // the same request, sent again, meets a settled state.
            error @ Fault::Conflict(Conflict::Reference | Conflict::Other) => {
                tracing::warn!(%error, "a change met another one");
                Error::Unavailable
            }
            error if error.is_temporary() => {
                tracing::warn!(%error, "the store could not take a job");
                Error::Unavailable
            }
            error => Error::Internal(error.to_string()),
        }
    }
}
