//! What can go wrong in storage, in words that carry no personal data and no secret.

/// The result of every function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a change was refused because of what is stored already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// Another live user of the same directory has this `userName` (RFC 7643 section 4.1.1: unique without regard to case).
    UserName,
    /// Another directory has this label.
    Label,
    /// Another organization has this external id.
    ExternalId,
    /// Another organization has this domain.
    Domain,
    /// A row that is referenced is missing, or a row that is to go is still referenced.
    Reference,
    /// Any other uniqueness rule.
    Other,
}

impl Conflict {
    /// The field that is taken, in the spelling of the tables.
    pub fn field(self) -> &'static str {
        match self {
            Self::UserName => "user_name",
            Self::Label => "label",
            Self::ExternalId => "external_id",
            Self::Domain => "domain",
            Self::Reference => "reference",
            Self::Other => "key",
        }
    }
}

/// A failure of the storage layer.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The change contradicts what is stored; nothing was written.
    #[error("{} is taken", .0.field())]
    Conflict(Conflict),
    /// The database cannot be reached, or it went away and the outcome of the change is not known. Worth a retry.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Too much work is waiting, or another process holds the database. Worth a retry.
    #[error("the database is busy")]
    Busy,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A stored value has a form that this program never writes.
    #[error("the stored data are damaged: {0}")]
    Corrupt(String),
    /// The database URL cannot be used.
    #[error("the database URL cannot be used: {0}")]
    Url(String),
    /// The database was made by another version of the program.
    #[error("the database cannot be migrated: {0}")]
    Migration(String),
    /// The job panicked; its changes were rolled back.
    #[error("a storage job panicked")]
    Panicked,
    /// Anything else that the database reported.
    #[error("the database refused a statement: {0}")]
    Database(String),
}

impl Error {
    /// Whether the same call may succeed a little later.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy | Self::Closed)
    }
}
