//! One attribute's value: checked against its type and brought into canonical form, and compared.
//!
//! POST, PUT and PATCH come through [`accept_value`], so that all three take and refuse the same values
//! (RFC 7643 section 2.3.1 asks for that).

mod accept;
mod format;
mod list;
mod same;

pub use accept::accept_value;
pub(crate) use accept::last_segment;
pub use format::{bytes, instant, is_integer};
pub(crate) use same::comparison_form;
pub use same::same_value;

use serde_json::Value;

/// Whether a value counts as unassigned: null, `[]` or `{}` (RFC 7643 section 2.5).
pub fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A value no schema describes, without the unassigned parts in it; `None` when nothing is left.
///
/// The depth of the recursion is bounded by the depth limit of the JSON reader.
pub fn prune(value: Value) -> Option<Value> {
    let pruned = match value {
        Value::Array(elements) => Value::Array(elements.into_iter().filter_map(prune).collect()),
        Value::Object(members) => {
            Value::Object(members.into_iter().filter_map(|(key, value)| Some((key, prune(value)?))).collect())
        }
        other => other,
    };
    (!is_unassigned(&pruned)).then_some(pruned)
}
