//! What went wrong with a request, or with a connection, in words for the administrator of the identity provider.
//!
//! Pure functions: facts in, codes out (portal-and-sso 2.4). [`request`] looks at one request as it is recorded, [`pattern::directory`]
//! at the recent history of a directory when it is asked for. The words are in [`catalogue`], by key, ready to be translated. The codes
//! are stable: programs and manuals may name them.

pub mod address;
pub mod body;
pub mod catalogue;
pub mod credential;
pub mod facts;
pub mod observe;
pub mod pattern;
pub mod provider;
pub mod resource;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use facts::Facts;

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is wrong; good to know.
    Note,
    /// It works, but something is probably not as it was meant.
    Warning,
    /// It does not work.
    Error,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Code and variant, for example `D05.revoked`: the key of its words.
    pub key: String,
    /// How much it matters.
    pub severity: Severity,
    /// What the words speak of.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

impl Diagnosis {
    /// A diagnosis without parameters.
    pub fn new(key: &str, severity: Severity) -> Self {
        Diagnosis { key: key.to_owned(), severity, parameters: BTreeMap::new() }
    }

    /// The same with a parameter.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "numbers and texts read alike where it is called")]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.insert(name.to_owned(), value.to_string());
        self
    }

    /// The code without the variant: `D05`.
    pub fn code(&self) -> &str {
        self.key.split('.').next().unwrap_or_default()
    }
}

/// A request and what was looked up for it.
#[derive(Debug, Clone)]
pub struct Seen<'a> {
    /// The method.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a str,
    /// `2.0` or `1.1`.
    pub version: &'a str,
    /// The status; `None` when it was not answered.
    pub status: Option<u16>,
    /// The keyword of the refusal.
    pub scim_type: Option<&'a str>,
    /// Names of tolerances with commas between them.
    pub tolerated: &'a str,
    /// Size of the body.
    pub request_bytes: Option<u64>,
    /// What was noted of it.
    pub facts: &'a Facts,
    /// What was looked up.
    pub context: &'a Context,
}

impl Seen<'_> {
    /// Whether it was answered with 400 or more, or not at all.
    pub fn failed(&self) -> bool {
        self.status.is_none_or(|status| status >= 400)
    }

    /// The tolerances by name.
    pub fn tolerances(&self) -> impl Iterator<Item = &str> {
        self.tolerated.split(',').filter(|name| !name.is_empty())
    }

    /// The path's segments.
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }
}

/// What a diagnosis needs to know beside the request: a little of its directory.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// The SCIM base URL that the identity provider should have, for the version that it used.
    pub expected_url: String,
    /// The same for the other version.
    pub other_url: String,
    /// What became of the credential.
    pub credential: credential::Credential,
    /// The record in the way of a user or group that was refused as a duplicate.
    pub conflict: Option<resource::Conflicting>,
    /// How many members the group still waits for.
    pub pending: usize,
    /// When the user or group that was asked for was deleted, as text; `None` when it never was.
    pub deleted_at: Option<String>,
}

/// What there is to say of a request.
pub fn request(seen: &Seen<'_>) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    credential::look(seen, &mut found);
    // Who is not let in learns nothing about the rest, and has sent nothing that was read.
    if seen.context.credential.is_accepted() || matches!(seen.context.credential, credential::Credential::OtherLabel) {
        address::look(seen, &mut found);
    }
    if seen.context.credential.is_accepted() {
        body::look(seen, &mut found);
        resource::look(seen, &mut found);
    }
    found
}
