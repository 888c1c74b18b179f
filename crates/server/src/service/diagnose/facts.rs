//! What is noted of a request while it is answered: facts, no judgement. [`super::request`] makes diagnoses of them.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The most names of one kind that are noted of one request.
const MOST: usize = 8;

/// What was noted of a request. Stored with it as JSON, so that a fact can be added without a migration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// The sentence with which it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// `Content-Type`, when that was why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Seconds after which the client was asked to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<String>,
    /// A schema URI of the other version of SCIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub foreign_schema: Option<String>,
    /// `userName` as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// `active` as sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Required attributes that were not sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Values that are not in their list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unlisted: Vec<Unlisted>,
    /// Attributes that a schema declares elsewhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub misplaced: Vec<Misplaced>,
    /// Members of a group that were sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<usize>,
    /// Whether members were taken away.
    #[serde(skip_serializing_if = "is_false")]
    pub removes_members: bool,
    /// The attribute by which somebody was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_up: Option<String>,
    /// How many were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<i64>,
}

/// A value that is not in its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlisted {
    /// The attribute.
    pub attribute: String,
    /// The value as sent.
    pub value: String,
    /// The values that the list has, at most ten.
    pub offered: Vec<String>,
}

/// An attribute that came under another name than its schema has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misplaced {
    /// Its name.
    pub attribute: String,
    /// The URN that it came under; `None` at the top level.
    pub urn: Option<String>,
    /// The URN that declares it.
    pub declared_in: String,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Facts {
    /// Whether nothing was noted that anybody would look for: a success like all others.
    pub fn is_plain(&self) -> bool {
        self.foreign_schema.is_none()
            && self.missing.is_empty()
            && self.unlisted.is_empty()
            && self.misplaced.is_empty()
            && self.active != Some(false)
            && self.members != Some(0)
            && !self.removes_members
    }

    pub(super) fn push_unlisted(&mut self, unlisted: Unlisted) {
        if self.unlisted.len() < MOST && !self.unlisted.contains(&unlisted) {
            self.unlisted.push(unlisted);
        }
    }

    pub(super) fn push_misplaced(&mut self, misplaced: Misplaced) {
        if self.misplaced.len() < MOST && !self.misplaced.contains(&misplaced) {
            self.misplaced.push(misplaced);
        }
    }

    pub(super) fn push_missing(&mut self, name: &str) {
        if self.missing.len() < MOST && !self.missing.iter().any(|known| known == name) {
            self.missing.push(name.to_owned());
        }
    }
}

/// The facts of one request, on their way through the handlers. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Noted(Arc<Mutex<Facts>>);

impl Noted {
    /// Notes something.
    pub fn with(&self, note: impl FnOnce(&mut Facts)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// What was noted, which begins anew.
    pub fn take(&self) -> Facts {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
