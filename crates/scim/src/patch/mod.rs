//! The one PATCH engine, for both versions of the protocol (RFC 7644 section 3.5.2; SCIM 1.1 section 3.3.2).
//!
//! A message of either version is read into a [`Patch`]: a list of [`Edit`]s, each on one path. [`split_members`] takes
//! out what concerns the members of a group, which are never loaded for a PATCH, and [`apply`] makes a new resource of
//! the rest. Applying is pure and atomic: an error leaves nothing behind, and a result equal to the resource it came
//! from means that nothing changed.
//!
//! ```
//! use doorward_scim::{json, patch, quirks::Leniency, resource, schema::ResourceType, version::v2};
//!
//! let user = ResourceType::user();
//! let mut leniency = Leniency::tolerant();
//! let body = json::parse_object(br#"{"userName": "ada", "title": "Countess"}"#)?;
//! let ada = resource::read(body, &user, &mut leniency)?;
//! // Entra ID sends paths as keys, and clears with the empty string.
//! let message = br#"{"Operations": [{"op": "Replace", "value": {"name.givenName": "Ada", "title": ""}}]}"#;
//! let patch = v2::read_patch(json::parse_object(message)?, &user, &mut leniency)?;
//! let changed = patch::apply(&ada.resource, &patch, &user, &mut leniency)?;
//! assert_eq!(changed.text("name.givenName"), Some("Ada"));
//! assert_eq!(changed.get("title"), None);
//! # Ok::<(), doorward_scim::Error>(())
//! ```

mod apply;
mod create;
mod immutable;
mod list;
mod members;
mod merge;
mod opaque;
mod path;
mod place;
mod same;
mod single;
pub(crate) mod spread;

pub use apply::apply;
pub(crate) use members::read_member_values;
pub use members::{MemberEdit, split_members};
pub use path::PatchPath;

use serde_json::Value;

use crate::Error;
use crate::attr::same_name;
use crate::quirks::{Leniency, Quirk};
use crate::schema::ResourceType;

/// What an edit does with its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// 2.0 `add`: single values are set, complex values merged, lists grow.
    Add,
    /// 2.0 `replace`: single values are set, complex values merged, lists replaced.
    Replace,
    /// 2.0 `remove`, and a name in `meta.attributes` of 1.1.
    Remove,
    /// 1.1: as [`Add`](Self::Add), but an element of a list merges into the one with the same `value`.
    Merge,
    /// 1.1 `"operation": "delete"`: takes elements out of a list by their `value`, or by all their parts.
    Delete,
}

/// One change of one path.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What is done.
    pub action: Action,
    /// Where.
    pub path: PatchPath,
    /// With what; a [`Remove`](Action::Remove) without value removes all there is.
    pub value: Option<Value>,
}

/// A PATCH message, read: its edits in the order in which they apply, each on the result of the one before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Patch {
    /// The edits.
    pub edits: Vec<Edit>,
    /// The `id`s a value without path carried. They are not edits, see [`refuse_other_id`](Self::refuse_other_id).
    pub ids: Vec<String>,
}

impl Patch {
    /// Checks that the ids in the message, if any, are the id of the resource in the URL.
    ///
    /// The URL alone decides which resource changes (SEC-2), so a tolerant directory ignores a foreign id (P071).
    ///
    /// # Errors
    /// `mutability` in the strict profile when an id differs.
    pub fn refuse_other_id(&self, id: &str, leniency: &mut Leniency) -> Result<(), Error> {
        if self.ids.iter().any(|named| named != id) && !leniency.allow(Quirk::ForeignId) {
            return Err(Error::mutability("id is given by the server and cannot be changed"));
        }
        Ok(())
    }

    /// Whether an edit touches this core attribute.
    pub fn touches(&self, attribute: &str) -> bool {
        self.edits.iter().any(|edit| edit.path.attr.urn.is_none() && same_name(&edit.path.attr.attribute, attribute))
    }
}

/// How many operations one message may hold: a thousand on groups, since Okta sends one per removed member, and a
/// hundred on other resources (SEC-34).
pub fn max_operations(resource_type: &ResourceType) -> usize {
    if resource_type.is_group() { 1000 } else { 100 }
}

pub(crate) fn check_count(operations: usize, resource_type: &ResourceType) -> Result<(), Error> {
    let most = max_operations(resource_type);
    if operations <= most {
        return Ok(());
    }
    Err(Error::invalid_value(format!("{operations} operations in one message; at most {most} are accepted")))
}
