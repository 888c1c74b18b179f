//! What can be set of a directory.

use std::sync::Arc;

use doorward_scim::schema::{Catalogue, Declaration, Types};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How strictly a directory reads SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// What the RFCs demand and no more.
    Strict,
    /// The known habits of identity providers are understood.
    #[default]
    Tolerant,
}

/// How many of the roles count that the rules of a directory give a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoleMode {
    /// That of the first rule that matches.
    #[default]
    Single,
    /// Those of all rules that match.
    Multiple,
}

/// What becomes of a value that stands where a rule expects the name of a role, and is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnknownRoles {
    /// The identity provider is refused.
    Reject,
    /// It gives no role.
    Ignore,
    /// It gives no role, and is listed.
    #[default]
    Flag,
}

/// How the rules for roles of a directory are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleSettings {
    /// One role, or all.
    pub mode: RoleMode,
    /// What becomes of unknown values.
    pub unknown_values: UnknownRoles,
}

/// What becomes of people whose account the application has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownUsersPolicy {
    /// Nothing: known users are not looked at.
    #[default]
    Off,
    /// The identity provider is refused.
    Refuse,
    /// They are linked when the `userName` is the same, in any letter case.
    LinkUsername,
    /// They are linked when an address is the same whose domain the organization has verified.
    LinkEmail,
    /// Somebody is asked.
    Ask,
}

impl KnownUsersPolicy {
    const ALL: [Self; 5] = [Self::Off, Self::Refuse, Self::LinkUsername, Self::LinkEmail, Self::Ask];

    /// The number in the row of counts.
    pub(crate) fn number(self) -> i64 {
        self as i64
    }

    pub(crate) fn from_number(number: i64) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|policy| policy.number() == number);
        found.ok_or_else(|| Error::Corrupt("the policy for known users".into()))
    }
}

/// The settings of a directory. Stored as JSON, so that a setting can be added without a migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// How strictly SCIM is read.
    pub profile: Strictness,
    /// Whether groups are taken in.
    pub groups: bool,
    /// The extensions that users and groups have beside the standard ones, sorted by URN.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schemas: Vec<Declaration>,
    /// The roles and entitlements that are offered.
    #[serde(skip_serializing_if = "Catalogue::is_empty")]
    pub catalogue: Catalogue,
    /// How the rules for roles are read.
    pub roles: RoleSettings,
    /// What becomes of people whose account the application has already.
    pub known_users: KnownUsersPolicy,
}

impl Settings {
    /// What users and groups may hold.
    pub fn types(&self) -> Arc<Types> {
        Types::of(&self.schemas, &self.catalogue)
    }

    /// How many bytes they take up.
    pub fn stored_bytes(&self) -> usize {
        self.to_stored().map_or(0, |text| text.len())
    }

    pub(crate) fn from_stored(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|_| Error::Corrupt("the settings of a directory".into()))
    }

    pub(crate) fn to_stored(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| Error::Database(error.to_string()))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: Strictness::Tolerant,
            groups: true,
            schemas: Vec::new(),
            catalogue: Catalogue::default(),
            roles: RoleSettings::default(),
            known_users: KnownUsersPolicy::default(),
        }
    }
}
