//! The part of a resource that `attributes` or `excludedAttributes` asks for, put together from the bytes that are stored.
//!
//! What is shown whole is copied and what is not shown is left out, without a look inside; only a member of which a part is shown
//! becomes a tree.

use serde_json::Value;

use super::splice::{push_groups, push_members, push_meta, push_text, render_text};
use crate::compact::{Members, slice, unescaped};
use crate::project::{Projection, Shown};
use crate::schema::{ENTERPRISE, ResourceType};
use crate::version::Parts;

/// Appends the part of a resource that a projection shows, as compact JSON text: the same as
/// [`Projection::apply`] makes of [`render`](super::render()).
///
/// `stored_text` is what [`Resource::to_stored`](crate::resource::Resource::to_stored) wrote.
pub fn render_projected_text(
    stored_text: &str,
    parts: &Parts<'_>,
    projection: &Projection,
    resource_type: &ResourceType,
    out: &mut String,
) {
    if projection.is_default() {
        return render_text(stored_text, parts, out);
    }
    let mut writer = Writer { projection, out, is_first: true };
    writer.out.push('{');
    let mut has_id = false;
    for (written_key, span) in Members::of(stored_text, 0) {
        let key = unescaped(written_key);
        writer.stored(&key, written_key, slice(stored_text, span), parts);
        if key == "schemas" {
            writer.id(parts);
            has_id = true;
        }
    }
    if !has_id {
        writer.id(parts);
    }
    writer.computed("members", || parts.members(), |out| push_members(out, parts));
    writer.computed("groups", || parts.groups(), |out| push_groups(out, parts));
    let meta = || Some(Value::Object(parts.meta(&resource_type.name)));
    writer.computed("meta", meta, |out| push_meta(out, parts, &resource_type.name));
    writer.out.push('}');
}

struct Writer<'w> {
    projection: &'w Projection,
    out: &'w mut String,
    is_first: bool,
}

impl Writer<'_> {
    /// A member of the stored document.
    fn stored(&mut self, key: &str, written_key: &str, text: &str, parts: &Parts<'_>) {
        let is_managed = parts.manager_display.is_some() && key == ENTERPRISE;
        match self.projection.shown(key, key.contains(':') && text.starts_with('{')) {
            Shown::Nothing => {}
            Shown::Whole if !is_managed => self.member(written_key, |out| out.push_str(text)),
            Shown::Whole | Shown::Part => {
                let Ok(mut value) = serde_json::from_str::<Value>(text) else { return };
                if is_managed && let Some(Value::Object(manager)) = value.get_mut("manager") {
                    parts.complete_manager(manager);
                }
                if let Some(value) = self.projection.member(key, value) {
                    self.member(written_key, |out| out.push_str(&value.to_string()));
                }
            }
        }
    }

    fn id(&mut self, parts: &Parts<'_>) {
        if self.projection.shown("id", false) != Shown::Nothing {
            self.member("id", |out| push_text(out, parts.id));
        }
    }

    /// A member that the server adds. `push` writes it whole, with the comma before it.
    fn computed(&mut self, key: &str, value: impl Fn() -> Option<Value>, push: impl Fn(&mut String)) {
        match self.projection.shown(key, false) {
            Shown::Nothing => {}
            Shown::Whole if !self.is_first => push(self.out),
            Shown::Whole | Shown::Part => {
                if let Some(value) = value().and_then(|value| self.projection.member(key, value)) {
                    self.member(key, |out| out.push_str(&value.to_string()));
                }
            }
        }
    }

    fn member(&mut self, written_key: &str, value: impl FnOnce(&mut String)) {
        self.out.push_str(if self.is_first { "\"" } else { ",\"" });
        self.is_first = false;
        self.out.push_str(written_key);
        self.out.push_str("\":");
        value(self.out);
    }
}
