//! What the server adds to a stored resource when it is shown.

use jiff::Timestamp;
use serde_json::Value;

use crate::Object;
use crate::resource::MemberType;

/// Everything in a response that is not part of the stored document.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The id, minted by the server.
    pub id: &'a str,
    /// When the resource was created, in microseconds since 1970 UTC.
    pub created: i64,
    /// When it last really changed, in microseconds since 1970 UTC.
    pub last_modified: i64,
    /// The revision; shown as the weak entity tag `W/"<n>"`.
    pub version: i64,
    /// The absolute URL of the resource in the version that is written.
    pub location: &'a str,
    /// The groups of a user; `None` when they were not loaded.
    pub groups: Option<&'a [GroupRef]>,
    /// The members of a group; `None` when they were not loaded.
    pub members: Option<&'a [MemberRef]>,
    /// The absolute SCIM base URL without a slash at its end, for `$ref`.
    pub base: &'a str,
    /// The displayName of the manager, when `manager.value` is a user of the directory (RFC 7643 section 4.3).
    pub manager_display: Option<&'a str>,
}

/// A group as its members see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The id of the group.
    pub id: String,
    /// Its displayName.
    pub display: String,
}

/// A member as its group sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRef {
    /// The id of the member.
    pub id: String,
    /// What kind of resource it is.
    pub member_type: MemberType,
    /// Its name, taken from the member itself.
    pub display: Option<String>,
}

impl Parts<'_> {
    /// `meta`, in its 2.0 form.
    pub(super) fn meta(&self, resource_type: &str) -> Object {
        let mut meta = Object::new();
        meta.insert("resourceType".to_owned(), Value::from(resource_type));
        meta.insert("created".to_owned(), Value::from(timestamp(self.created)));
        meta.insert("lastModified".to_owned(), Value::from(timestamp(self.last_modified)));
        meta.insert("location".to_owned(), Value::from(self.location));
        meta.insert("version".to_owned(), Value::from(format!("W/\"{}\"", self.version)));
        meta
    }

    /// `groups`, unless there are none: an empty list is the same as no list (RFC 7643 section 2.5).
    pub(super) fn groups(&self) -> Option<Value> {
        let groups = self.groups.filter(|groups| !groups.is_empty())?;
        Some(Value::from_iter(groups.iter().map(|group| {
            let mut object = Object::new();
            object.insert("value".to_owned(), Value::from(group.id.as_str()));
            object.insert("$ref".to_owned(), Value::from(format!("{}/Groups/{}", self.base, group.id)));
            object.insert("display".to_owned(), Value::from(group.display.as_str()));
            object.insert("type".to_owned(), Value::from("direct"));
            Value::Object(object)
        })))
    }

    /// `members`, unless there are none.
    pub(super) fn members(&self) -> Option<Value> {
        let members = self.members.filter(|members| !members.is_empty())?;
        Some(Value::from_iter(members.iter().map(|member| {
            let mut object = Object::new();
            object.insert("value".to_owned(), Value::from(member.id.as_str()));
            let reference = format!("{}/{}s/{}", self.base, member.member_type.name(), member.id);
            object.insert("$ref".to_owned(), Value::from(reference));
            object.insert("type".to_owned(), Value::from(member.member_type.name()));
            if let Some(display) = &member.display {
                object.insert("display".to_owned(), Value::from(display.as_str()));
            }
            Value::Object(object)
        })))
    }

    /// Completes a manager: the server computes `$ref` and `displayName`, as soon as the manager is known.
    pub(super) fn complete_manager(&self, manager: &mut Object) {
        let (Some(display), Some(id)) = (self.manager_display, manager.get("value").and_then(Value::as_str)) else {
            return;
        };
        let reference = format!("{}/Users/{id}", self.base);
        manager.insert("$ref".to_owned(), Value::from(reference));
        manager.insert("displayName".to_owned(), Value::from(display));
    }
}

/// An RFC 3339 date and time in UTC with milliseconds, which every client so far can read.
pub(super) fn timestamp(microseconds: i64) -> String {
    let instant = Timestamp::from_microsecond(microseconds).unwrap_or_default();
    // jiff rounds to the precision asked for; a time must not move into the future.
    let instant = Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or_default();
    format!("{instant:.3}")
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn timestamps_are_utc_with_milliseconds() {
        for (microseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_305_261_754_000_999, "2011-05-13T04:42:34.000Z"),
            (1_700_000_000_123_999, "2023-11-14T22:13:20.123Z"),
            (i64::MAX, "1970-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(timestamp(microseconds), text, "{microseconds}");
        }
    }
}
