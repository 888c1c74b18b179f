//! The one error of this crate: a SCIM error keyword and a sentence for the administrator who reads it.
//!
//! The sentence (`detail`) ends up in front of people, in the identity provider's own log, so it says what is wrong and
//! where. It never repeats a value of another resource and never holds a secret. HTTP lives elsewhere: the status here is
//! only the number RFC 7644 section 3.12 ties to the keyword.

use std::fmt;

/// The error keywords of RFC 7644 section 3.12, table 9.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The filter is outside the grammar, or its attribute and operator do not fit each other.
    InvalidFilter,
    /// The result would be too large to return.
    TooMany,
    /// A value that must be unique is in use already.
    Uniqueness,
    /// The change does not fit the mutability of the attribute or its current state.
    Mutability,
    /// The body is not JSON, or not the message that was expected.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or names an unknown attribute.
    InvalidPath,
    /// The path of a PATCH operation matched nothing that could be changed.
    NoTarget,
    /// A required value is missing, or a value does not fit the type of its attribute.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request carried personal data in its URI and is refused for that reason.
    Sensitive,
}

impl ErrorKind {
    /// The keyword as it stands in `scimType`.
    pub fn scim_type(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
        }
    }

    /// The HTTP status that goes with the keyword: 409 for a duplicate (RFC 7644 section 3.3), 403 for a sensitive
    /// query (section 7.5.2, erratum 6893), otherwise 400.
    pub fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

/// Why a SCIM message was refused.
///
/// ```
/// use doorward_scim::Error;
///
/// let error = Error::invalid_value("userName is required");
/// assert_eq!((error.status(), error.scim_type()), (400, "invalidValue"));
/// assert_eq!(error.to_string(), "userName is required");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    detail: String,
}

impl Error {
    /// An error of the given kind with a sentence that says what is wrong and where.
    pub fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }

    /// 400 `invalidFilter`.
    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidFilter, detail)
    }

    /// 400 `tooMany`.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooMany, detail)
    }

    /// 409 `uniqueness`.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Uniqueness, detail)
    }

    /// 400 `mutability`.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Mutability, detail)
    }

    /// 400 `invalidSyntax`.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidSyntax, detail)
    }

    /// 400 `invalidPath`.
    pub fn invalid_path(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidPath, detail)
    }

    /// 400 `noTarget`.
    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::NoTarget, detail)
    }

    /// 400 `invalidValue`.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidValue, detail)
    }

    /// 400 `invalidVers`.
    pub fn invalid_version(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidVers, detail)
    }

    /// 403 `sensitive`.
    pub fn sensitive(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Sensitive, detail)
    }

    /// Which keyword applies.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What is wrong and where, in plain language.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The keyword as it stands in `scimType`.
    pub fn scim_type(&self) -> &'static str {
        self.kind.scim_type()
    }

    /// The HTTP status that goes with the keyword, see [`ErrorKind::status`].
    pub fn status(&self) -> u16 {
        self.kind.status()
    }

    /// The same kind with a place put in front of the sentence: `emails[1]: …`.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.detail = format!("{place}: {}", self.detail);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Error {}
