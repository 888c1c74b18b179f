//! What an event changed, as the audit log tells it: names of fields, and their values where they are nobody's personal data (SEC-54).

use serde_json::{Map, Value, json};

/// What changes with every change and says nothing.
const BOOKKEEPING: &[&str] = &["updated_at", "scim_version"];

/// What of a person is shown without being asked for: whether it may enter, and as what.
const NOT_PERSONAL: &[&str] = &["state", "role", "roles"];

/// The changes of an event. `values` shows personal attributes with their values.
pub(super) fn of(event_type: &str, data: &Value, values: bool) -> Vec<Value> {
    match event_type {
        "dsync.group.user_added" => vec![change("members", &Value::Null, &data["user"]["id"], true)],
        "dsync.group.user_removed" => vec![change("members", &data["user"]["id"], &Value::Null, true)],
        _ => {
            let is_person = data["object"] == "directory_user";
            let Some(previous) = data["previous_attributes"].as_object() else { return Vec::new() };
            let fields = previous.iter().filter(|(name, _)| !BOOKKEEPING.contains(&name.as_str()));
            fields.flat_map(|(name, before)| of_field(name, before, &data[name.as_str()], is_person, values)).collect()
        }
    }
}

fn of_field(name: &str, before: &Value, after: &Value, is_person: bool, values: bool) -> Vec<Value> {
    let shown = values || !is_person || NOT_PERSONAL.contains(&name);
    match (name, before.as_object(), after.as_object()) {
        // The document as the identity provider sees it: which of its attributes differ.
        ("raw_attributes", Some(before), Some(after)) => {
            let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
            let differ = names.filter(|name| before.get(*name) != after.get(*name));
            differ
                .map(|name| {
                    change(&format!("raw_attributes.{name}"), value_of(before, name), value_of(after, name), shown)
                })
                .collect()
        }
        _ => vec![change(name, before, after, shown)],
    }
}

/// The value of an attribute; null when there is none.
fn value_of<'a>(object: &'a Map<String, Value>, name: &str) -> &'a Value {
    object.get(name).unwrap_or(&Value::Null)
}

fn change(field: &str, before: &Value, after: &Value, shown: bool) -> Value {
    match shown {
        true => json!({"field": field, "before": before, "after": after}),
        false => json!({"field": field, "before": null, "after": null, "redacted": true}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_54_values_of_people_are_shown_only_when_that_is_configured() {
        let data = json!({"object": "directory_user", "state": "inactive", "last_name": "Byron", "updated_at": "2",
            "raw_attributes": {"active": false, "name": {"familyName": "Byron"}, "title": "x"},
            "previous_attributes": {"state": "active", "last_name": "Lovelace", "updated_at": "1",
                "raw_attributes": {"active": true, "name": {"familyName": "Lovelace"}, "title": "x"}}});
        let told = of("dsync.user.updated", &data, false);
        let fields: Vec<&str> = told.iter().map(|change| change["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["state", "last_name", "raw_attributes.active", "raw_attributes.name"]);
        assert_eq!(told[0], json!({"field": "state", "before": "active", "after": "inactive"}));
        let text = json!(told).to_string();
        assert!(!text.contains("Lovelace") && !text.contains("Byron"), "{text}");
        let told = of("dsync.user.updated", &data, true);
        assert_eq!(told[1], json!({"field": "last_name", "before": "Lovelace", "after": "Byron"}));
    }

    #[test]
    fn values_that_are_nobodys_are_shown() {
        let data = json!({"object": "directory", "name": "New", "previous_attributes": {"name": "Old"}});
        let want = [json!({"field": "name", "before": "Old", "after": "New"})];
        assert_eq!(of("dsync.updated", &data, false), want);
        let data = json!({"user": {"id": "directory_user_1"}, "group": {"id": "directory_group_1"}});
        let want = [json!({"field": "members", "before": null, "after": "directory_user_1"})];
        assert_eq!(of("dsync.group.user_added", &data, false), want);
        assert!(of("dsync.user.created", &json!({"object": "directory_user"}), true).is_empty());
    }
}
