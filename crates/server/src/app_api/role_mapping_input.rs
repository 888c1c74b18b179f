//! What is sent about the rules of a directory.

use doorward_store::directory::{RoleMode, UnknownRoles};
use doorward_store::ids::{DirectoryId, GroupId, UserId};
use doorward_store::role_mapping::{Condition, Rule};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::{given, whole};
use super::reply::Failure;

/// What a rule is made of, and its place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleMappingInput {
    /// The directory that it is to count in.
    #[schema(value_type = String)]
    pub(super) directory_id: DirectoryId,
    /// What must be true of a person.
    condition: RoleConditionInput,
    /// The slug of the role that it gives; none when the value is the role.
    role: Option<String>,
    /// In which environment of the application; the usual one when it is left out.
    #[schema(max_length = 64)]
    environment: Option<String>,
    /// Its place in the order of rules, from 1; the end unless said otherwise.
    #[serde(default, deserialize_with = "whole::<1, _>")]
    #[schema(minimum = 1, maximum = 2147483647)]
    pub(super) position: Option<i64>,
}

impl RoleMappingInput {
    /// The rule without its place.
    ///
    /// # Errors
    /// 422 for the condition.
    pub(super) fn rule(self) -> Result<Rule, Failure> {
        RoleRule { condition: self.condition, role: self.role, environment: self.environment }.rule()
    }
}

/// What of a rule is to be changed; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleMappingChange {
    /// What must be true of a person.
    pub(super) condition: Option<RoleConditionInput>,
    /// The slug of the role that it gives; `null` when the value is the role.
    #[serde(default, deserialize_with = "given")]
    pub(super) role: Option<Option<String>>,
    /// In which environment of the application; `null`: in the usual one.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 64)]
    pub(super) environment: Option<Option<String>>,
    /// Its place in the order of rules, from 1.
    #[serde(default, deserialize_with = "whole::<1, _>")]
    #[schema(minimum = 1, maximum = 2147483647)]
    pub(super) position: Option<i64>,
}

/// Rules that are to be looked at before they are saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleMappingPreviewInput {
    /// The directory whose rules they are to be.
    #[schema(value_type = String)]
    pub(super) directory_id: DirectoryId,
    /// All rules, in order; none when they are left out.
    #[schema(max_items = 100)]
    pub(super) mappings: Option<Vec<RoleRule>>,
    /// The people whose roles before and after are to be shown, by id; the first who would change when they are left out.
    #[schema(value_type = Option<Vec<String>>, max_items = 20)]
    pub(super) users: Option<Vec<UserId>>,
}

/// A rule without a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct RoleRule {
    /// What must be true of a person.
    condition: RoleConditionInput,
    /// The slug of the role that it gives; none when the value is the role.
    role: Option<String>,
    /// In which environment of the application; the usual one when it is left out.
    #[schema(max_length = 64)]
    environment: Option<String>,
}

impl RoleRule {
    /// The rule.
    ///
    /// # Errors
    /// 422 for the condition.
    pub(super) fn rule(self) -> Result<Rule, Failure> {
        Ok(Rule {
            condition: self.condition.checked()?,
            role: self.role,
            environment: self.environment.unwrap_or_default(),
        })
    }
}

/// What must be true of a person: `group_id`, or `group_name`, or `path` and `value`, or `path` alone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "an object")]
pub struct RoleConditionInput {
    /// `group_id`, `group_name`, `attribute` or `attribute_role`. May be left out, because the other members tell it.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// To be directly in this group.
    #[schema(value_type = Option<String>)]
    group_id: Option<GroupId>,
    /// To be directly in a group of this name, in any letter case.
    #[schema(max_length = 500)]
    group_name: Option<String>,
    /// Where to look, such as `title` or `name.givenName`. Without `value`, what stands there is the role.
    #[schema(max_length = 500)]
    path: Option<String>,
    /// To have this value there, in any letter case.
    #[schema(max_length = 500)]
    value: Option<String>,
}

impl RoleConditionInput {
    /// The condition that the members make.
    ///
    /// # Errors
    /// 422 when they make none, or one of another type than they say.
    pub(super) fn checked(self) -> Result<Condition, Failure> {
        let condition = match (self.group_id, self.group_name, self.path, self.value) {
            (Some(group_id), None, None, None) => Condition::GroupId { group_id },
            (None, Some(group_name), None, None) => Condition::GroupName { group_name },
            (None, None, Some(path), Some(value)) => Condition::Attribute { path, value },
            (None, None, Some(path), None) => Condition::AttributeRole { path },
            _ => {
                let message = "must have group_id, or group_name, or path and value, or path alone";
                return Err(Failure::wrong("condition", message));
            }
        };
        let named = match condition {
            Condition::GroupId { .. } => "group_id",
            Condition::GroupName { .. } => "group_name",
            Condition::Attribute { .. } => "attribute",
            Condition::AttributeRole { .. } => "attribute_role",
        };
        match self.kind {
            Some(kind) if kind != named => {
                Err(Failure::wrong("condition", &format!("has the members of {named}, not of its type")))
            }
            _ => Ok(condition),
        }
    }
}

/// How the rules of a directory are to be read; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleSettingsInput {
    /// How many of the roles count that the rules give a person.
    pub(super) mode: Option<RoleModeInput>,
    /// What becomes of a value that stands where a rule expects a role, and is none.
    pub(super) unknown_values: Option<UnknownValuesInput>,
}

/// How many of the roles count that the rules give a person.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleModeInput {
    /// That of the first rule that matches.
    Single,
    /// Those of all rules that match.
    Multiple,
}

impl From<RoleModeInput> for RoleMode {
    fn from(mode: RoleModeInput) -> Self {
        match mode {
            RoleModeInput::Single => Self::Single,
            RoleModeInput::Multiple => Self::Multiple,
        }
    }
}

/// What becomes of a value that stands where a rule expects a role, and is none.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UnknownValuesInput {
    /// The identity provider is refused.
    Reject,
    /// It gives no role.
    Ignore,
    /// It gives no role, and is listed.
    Flag,
}

impl From<UnknownValuesInput> for UnknownRoles {
    fn from(values: UnknownValuesInput) -> Self {
        match values {
            UnknownValuesInput::Reject => Self::Reject,
            UnknownValuesInput::Ignore => Self::Ignore,
            UnknownValuesInput::Flag => Self::Flag,
        }
    }
}
