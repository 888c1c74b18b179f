//! Why a SCIM request was refused, ready to become an error body of either version.
//!
//! Here, and nowhere else, the service's words get their HTTP status and `scimType` (RFC 7644 section 3.12; the table
//! of conditions is scim-requirements 8.1).

use doorward_scim::error as scim;
use http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::service;

/// Seconds after which a client may try again when it comes too often or the service is busy. An integer, because Okta waits five minutes
/// for any other form (idp-wire 2.13).
const RETRY_SECONDS: &str = "5";

/// A refusal: status, keyword, sentence for the administrator who reads it in the identity provider's console.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// RFC 7644's keyword, where one fits.
    pub scim_type: Option<&'static str>,
    /// A full sentence without secrets.
    pub detail: String,
    /// Headers that the status needs.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// A refusal without keyword and without further headers.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Refusal { status, scim_type: None, detail: detail.into(), headers: Vec::new() }
    }

    /// 400: the message cannot be read.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Refusal { scim_type: Some("invalidSyntax"), ..Refusal::new(400, detail) }
    }

    /// 400: a value is outside what is allowed.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Refusal { scim_type: Some("invalidValue"), ..Refusal::new(400, detail) }
    }

    /// 403 for a filter in a URL, where the operator does not want any (RFC 7644 section 7.5.2).
    pub fn sensitive() -> Self {
        let detail = "Filters are not taken in URLs here, because URLs are logged on the way. Send the query to .search in a body.";
        Refusal { scim_type: Some("sensitive"), ..Refusal::new(403, detail) }
    }

    /// 401, the same for every credential that opens nothing: unknown, revoked, expired, malformed, or of another
    /// directory (SEC-7). Only the absence of a credential is answered without an error code (RFC 6750 section 3.1).
    pub fn unauthorized(presented: bool) -> Self {
        let bearer = if presented {
            HeaderValue::from_static("Bearer realm=\"Doorward SCIM\", error=\"invalid_token\"")
        } else {
            HeaderValue::from_static("Bearer realm=\"Doorward SCIM\"")
        };
        let basic = HeaderValue::from_static("Basic realm=\"Doorward SCIM\", charset=\"UTF-8\"");
        let mut refusal = Refusal::new(
            401,
            "The credential is missing or not valid for this directory. Check the token in the identity provider's provisioning settings.",
        );
        refusal.headers = vec![(WWW_AUTHENTICATE, bearer), (WWW_AUTHENTICATE, basic)];
        refusal
    }

    /// 403 for a change with a credential that is for reading alone (P-7644-2-03).
    pub fn read_only() -> Self {
        Refusal::new(403, "This credential is for reading alone. Use one that may also change the directory.")
    }

    /// 400 for a request with more than one credential (RFC 6750 section 2).
    pub fn two_credentials() -> Self {
        let mut refusal = Refusal::invalid_syntax("The request carries more than one Authorization header.");
        let challenge = HeaderValue::from_static("Bearer realm=\"Doorward SCIM\", error=\"invalid_request\"");
        refusal.headers = vec![(WWW_AUTHENTICATE, challenge)];
        refusal
    }

    /// 429 instead of a further [`Refusal::unauthorized`], with both things that the administrator may have met (SEC-22).
    pub fn too_many_bad_credentials() -> Self {
        Refusal::busy(
            429,
            "Too many requests came with a credential that is not valid. Check the token in the identity provider's provisioning settings and try again in a minute.",
        )
    }

    /// 404 for a path that names nothing.
    pub fn no_such_path() -> Self {
        Refusal::new(404, "There is no such SCIM endpoint. Check the base URL in the identity provider's settings.")
    }

    /// 405 with the methods that the path does have.
    pub fn method_not_allowed(allow: &'static str) -> Self {
        let mut refusal = Refusal::new(405, format!("This endpoint does not take this method; it takes {allow}."));
        refusal.headers = vec![(ALLOW, HeaderValue::from_static(allow))];
        refusal
    }

    fn busy(status: u16, detail: impl Into<String>) -> Self {
        let mut refusal = Refusal::new(status, detail);
        refusal.headers = vec![(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS))];
        refusal
    }
}

impl From<scim::Error> for Refusal {
    fn from(error: scim::Error) -> Self {
        Refusal { scim_type: Some(error.scim_type()), ..Refusal::new(error.status(), error.detail()) }
    }
}

impl From<service::Error> for Refusal {
    fn from(error: service::Error) -> Self {
        use service::Error;
        match error {
            Error::Scim(error) => error.into(),
            // One text for unknown, deleted and foreign ids, and without the id, which a stranger chose (SEC-7).
            Error::NotFound { what } => Refusal::new(404, format!("{what} not found.")),
            Error::Conflict { .. } => Refusal { scim_type: Some("uniqueness"), ..Refusal::new(409, sentence(&error)) },
            Error::Precondition => Refusal::new(412, sentence(&error)),
            Error::Invalid { .. } | Error::Cursor { .. } => Refusal::invalid_value(sentence(&error)),
            Error::TooManyStreams => Refusal::busy(429, sentence(&error)),
            Error::State(_) => Refusal::new(409, sentence(&error)),
            Error::Forbidden(_) => Refusal::new(403, sentence(&error)),
            Error::Disabled => Refusal::new(403, sentence(&error)),
            Error::TooOften(_) => Refusal::new(429, sentence(&error)),
            Error::NotOffered(_) => Refusal::new(501, sentence(&error)),
            Error::Unavailable => Refusal::busy(503, sentence(&error)),
            Error::Internal(fault) => {
                tracing::error!(fault, "a SCIM request failed");
                Refusal::new(
                    500,
                    "The service failed to answer. The request id in the x-request-id header helps to find the cause.",
                )
            }
        }
    }
}

/// The error's text with a capital letter and a full stop: Okta shows it to an administrator as it is.
fn sentence(error: &service::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
