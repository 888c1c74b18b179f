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

use crate::attr::same_name;

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
/// A password is left out wherever it hides (SEC-12). The depth of the recursion is bounded by the depth limit of the JSON reader.
pub fn prune(value: Value) -> Option<Value> {
    let pruned = match value {
        Value::Array(elements) => Value::Array(elements.into_iter().filter_map(prune).collect()),
        Value::Object(members) => {
            let members = members.into_iter().filter(|(key, _)| !names_password(key));
            Value::Object(members.filter_map(|(key, value)| Some((key, prune(value)?))).collect())
        }
        other => other,
    };
    (!is_unassigned(&pruned)).then_some(pruned)
}

/// Whether a key, or a path used as a key, names a password.
pub(crate) fn names_password(key: &str) -> bool {
    key.split(['.', ':']).any(|part| same_name(part, "password"))
}
