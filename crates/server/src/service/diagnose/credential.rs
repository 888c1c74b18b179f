//! D02 to D06 and D20: the credential.

use super::{Diagnosis, Seen, Severity};

/// What became of the credential of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Credential {
    /// It opened the directory.
    #[default]
    Accepted,
    /// There was none.
    Absent,
    /// A header was there and no credential could be seen in it.
    Unreadable(&'static str),
    /// Nobody has it.
    Unknown {
        /// Its length in characters.
        length: usize,
        /// The directory's credential that begins in the same way, by name.
        resembles: Option<String>,
        /// Whether it is a key of the application's API.
        is_api_key: bool,
    },
    /// It belongs to another directory of the same organization.
    Elsewhere {
        /// That directory's name.
        name: String,
        /// That directory's SCIM base URL.
        url: String,
    },
    /// It was revoked.
    Revoked {
        /// Its name.
        name: String,
        /// When.
        at: String,
        /// By whom.
        by: String,
    },
    /// Its time is over.
    Expired {
        /// Its name.
        name: String,
        /// Since when.
        at: String,
    },
    /// A token where the directory wants user name and password, or the reverse.
    OtherKind {
        /// What the directory wants.
        wanted: &'static str,
    },
    /// It opens this directory, but the URL names another one or none that exists.
    OtherLabel,
}

impl Credential {
    /// Whether the request was let in.
    pub fn is_accepted(&self) -> bool {
        *self == Credential::Accepted
    }
}

/// How long a token of Doorward's own making is, in characters.
pub const TOKEN_LENGTH: usize = 52;

pub(super) fn look(seen: &Seen<'_>, found: &mut Vec<Diagnosis>) {
    if seen.status == Some(429) {
        let after = seen.facts.retry_after.as_deref().unwrap_or("5");
        found.push(Diagnosis::new("D20", Severity::Warning).with("seconds", after));
    }
    for form in seen.tolerances() {
        if let "bare-token" | "doubled-scheme" | "other-scheme" = form {
            found.push(Diagnosis::new(&format!("D03.{form}"), Severity::Note));
        }
    }
    let error = |key: &str| Diagnosis::new(key, Severity::Error);
    let diagnosis = match &seen.context.credential {
        Credential::Accepted | Credential::OtherLabel => return,
        Credential::Absent => error("D02"),
        Credential::Unreadable(seen) => error("D02.unreadable").with("seen", seen),
        Credential::Elsewhere { name, url } => error("D04").with("directory", name).with("other_url", url),
        Credential::Revoked { name, at, by } => error("D05.revoked").with("token", name).with("at", at).with("by", by),
        Credential::Expired { name, at } => error("D05.expired").with("token", name).with("at", at),
        Credential::OtherKind { wanted } => error("D06.kind").with("wanted", wanted),
        Credential::Unknown { is_api_key: true, .. } => error("D06.api-key"),
        Credential::Unknown { length, resembles, .. } => unknown(*length, resembles.as_deref()),
    };
    found.push(diagnosis);
}

/// A token that begins as one of the directory's does was copied badly; one that is too short probably was.
fn unknown(length: usize, resembles: Option<&str>) -> Diagnosis {
    let key = match resembles {
        Some(_) if length < TOKEN_LENGTH => "D06.cut",
        Some(_) if length > TOKEN_LENGTH => "D06.longer",
        Some(_) => "D06.altered",
        None => "D06",
    };
    let diagnosis = Diagnosis::new(key, Severity::Error).with("length", length).with("wanted", TOKEN_LENGTH);
    match resembles {
        Some(name) => diagnosis.with("token", name),
        None => diagnosis,
    }
}
