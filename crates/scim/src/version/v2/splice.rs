//! The same response as [`render`](super::render()) without a tree: what the server adds is put between the bytes that
//! are stored.
//!
//! A list of a thousand users is read far more often than any of them is written, and a stored document already is the
//! response, all but `id`, `members`, `groups`, `meta` and what is known of the manager.

use std::fmt::Write as _;
use std::ops::Range;

use serde_json::Value;

use crate::Object;
use crate::compact::{Members, slice};
use crate::schema::ENTERPRISE;
use crate::version::Parts;
use crate::version::parts::timestamp;

/// Appends the full resource to `out`, as compact JSON text.
///
/// `stored_text` is what [`Resource::to_stored`](crate::resource::Resource::to_stored) wrote: compact, and with
/// `schemas` in front. The resource type is read from the first of those URNs.
pub fn render_text(stored_text: &str, parts: &Parts<'_>, out: &mut String) {
    let schemas = Members::of(stored_text, 0).next().filter(|(key, _)| *key == "schemas").map(|(_, value)| value);
    let head_end = schemas.as_ref().map_or(1, |schemas| schemas.end);
    let tail = head_end..stored_text.len().saturating_sub(1);
    out.push_str(slice(stored_text, 0..head_end));
    out.push_str(if schemas.is_some() { ",\"id\":" } else { "\"id\":" });
    push_text(out, parts.id);
    if schemas.is_none() && !tail.is_empty() {
        out.push(',');
    }
    match parts.manager_display.and_then(|_| manager(stored_text)) {
        Some((span, object)) => {
            out.push_str(slice(stored_text, tail.start..span.start));
            out.push_str(&Value::Object(completed(object, parts)).to_string());
            out.push_str(slice(stored_text, span.end..tail.end));
        }
        None => out.push_str(slice(stored_text, tail)),
    }
    push_members(out, parts);
    push_groups(out, parts);
    let schemas = schemas.map_or("", |schemas| slice(stored_text, schemas));
    push_meta(out, parts, first_text(schemas).rsplit(':').next().unwrap_or_default());
    out.push('}');
}

fn completed(mut manager: Object, parts: &Parts<'_>) -> Object {
    parts.complete_manager(&mut manager);
    manager
}

/// Where the manager stands in the text, and what it is.
fn manager(text: &str) -> Option<(Range<usize>, Object)> {
    let (_, extension) = Members::of(text, 0).find(|(key, _)| *key == ENTERPRISE)?;
    let (_, span) = Members::of(text, extension.start).find(|(key, _)| *key == "manager")?;
    let object = serde_json::from_str(slice(text, span.clone())).ok()?;
    Some((span, object))
}

/// The content of the first string in a compact JSON array.
fn first_text(array: &str) -> &str {
    array.split('"').nth(1).unwrap_or_default()
}

pub(super) fn push_members(out: &mut String, parts: &Parts<'_>) {
    let Some(members) = parts.members.filter(|members| !members.is_empty()) else {
        return;
    };
    for (index, member) in members.iter().enumerate() {
        let kind = member.member_type.name();
        out.push_str(if index == 0 { ",\"members\":[{\"value\":" } else { ",{\"value\":" });
        push_text(out, &member.id);
        out.push_str(",\"$ref\":");
        push_reference(out, &[parts.base, "/", kind, "s/", &member.id]);
        out.push_str(",\"type\":");
        push_text(out, kind);
        if let Some(display) = &member.display {
            out.push_str(",\"display\":");
            push_text(out, display);
        }
        out.push('}');
    }
    out.push(']');
}

pub(super) fn push_groups(out: &mut String, parts: &Parts<'_>) {
    let Some(groups) = parts.groups.filter(|groups| !groups.is_empty()) else {
        return;
    };
    for (index, group) in groups.iter().enumerate() {
        out.push_str(if index == 0 { ",\"groups\":[{\"value\":" } else { ",{\"value\":" });
        push_text(out, &group.id);
        out.push_str(",\"$ref\":");
        push_reference(out, &[parts.base, "/Groups/", &group.id]);
        out.push_str(",\"display\":");
        push_text(out, &group.display);
        out.push_str(",\"type\":\"direct\"}");
    }
    out.push(']');
}

pub(super) fn push_meta(out: &mut String, parts: &Parts<'_>, resource_type: &str) {
    out.push_str(",\"meta\":{\"resourceType\":");
    push_text(out, resource_type);
    out.push_str(",\"created\":\"");
    out.push_str(&timestamp(parts.created));
    out.push_str("\",\"lastModified\":\"");
    out.push_str(&timestamp(parts.last_modified));
    out.push_str("\",\"location\":");
    push_text(out, parts.location);
    // Writing to a String cannot fail.
    let _ = write!(out, ",\"version\":\"W/\\\"{}\\\"\"}}", parts.version);
}

/// Appends a JSON string.
pub(super) fn push_text(out: &mut String, text: &str) {
    push_reference(out, &[text]);
}

/// Appends a JSON string that is put together from these parts.
fn push_reference(out: &mut String, parts: &[&str]) {
    // Looks at every byte, because a loop without an exit is run sixteen bytes at a time.
    let is_special = |b: u8| (b < 0x20) | (b == b'"') | (b == b'\\');
    let is_plain = |part: &&str| !part.bytes().fold(false, |special, b| special | is_special(b));
    if parts.iter().all(is_plain) {
        out.push('"');
        parts.iter().for_each(|part| out.push_str(part));
        out.push('"');
    } else {
        out.push_str(&Value::from(parts.concat()).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::first_text;

    #[test]
    fn the_first_urn_tells_the_type() {
        assert_eq!(first_text(r#"["urn:a","urn:b"]"#), "urn:a");
        assert_eq!(first_text("[]"), "");
    }
}
