//! What is read of a stored resource without the rest decides as the whole does: filters and orders on random resources, also such as
//! no client could have stored.

use doorward_scim::Object;
use doorward_scim::filter::{Filter, Matcher};
use doorward_scim::quirks::Leniency;
use doorward_scim::resource::Resource;
use doorward_scim::schema::ENTERPRISE;
use doorward_scim::sort::SortBy;
use doorward_scim::version::{GroupRef, Parts, v2};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::data::long_run;
use crate::fixtures::{X, user_type};
use crate::model::{filters, resources, write};

const OTHER: &str = "urn:example:params:scim:schemas:extension:other:1.0:Thing";

/// Filters on what the model has not: the server's part, undeclared namespaces, whole extensions, whole values.
const FILTERS: &[&str] = &[
    "id eq \"u-1\"",
    "meta.version pr and not (meta.location co \"x\")",
    "meta.lastModified gt \"1970-01-01T00:00:00Z\"",
    "groups.display eq \"a\" or groups[value eq \"g-1\" and type eq \"direct\"]",
    "groups pr",
    "<ENT>:manager.displayName eq \"ada\"",
    "<ENT>:manager.$ref pr or <ENT>:manager.value pr",
    "<ENT> pr",
    "<ENT>:manager pr",
    "<OTHER>:color eq \"a\"",
    "<OTHER>:color.shade ne \"a\"",
    "<OTHER> pr and not (<OTHER>:list[value eq 1])",
    "<X>:tags[value sw \"a\"]",
    "emails[not (primary eq true)]",
    "emails pr and emails.type ne null",
    "unknown eq \"a\" or not (unknown.sub pr)",
    "schemas eq \"a\" or schemas pr",
    "name[familyName eq \"a\"]",
];

/// Orders, of one value and of lists.
const ORDERS: &[&str] = &[
    "userName",
    "name.familyName",
    "emails",
    "emails.type",
    "emails.primary",
    "meta.created",
    "meta.version",
    "groups.display",
    "id",
    "<ENT>:department",
    "<ENT>:manager.displayName",
    "<ENT>:manager.value",
    "<X>:tags",
    "<X>:badge",
    "<X>:hireDate",
    "unknown.sub",
];

fn spelled_out(text: &str) -> String {
    text.replace("<ENT>", ENTERPRISE).replace("<X>", X).replace("<OTHER>", OTHER)
}

/// Changes a document here and there to one that nobody could have stored: other letter case, the same name in two spellings, values
/// of another kind, lists in lists.
fn strange(value: Value, choices: &mut impl Iterator<Item = u8>) -> Value {
    let choice = choices.next().unwrap_or_default();
    match value {
        _ if choice % 23 == 1 => json!(null),
        value if choice % 23 == 2 => json!([value]),
        value if choice % 23 == 3 => json!({"value": value, "type": "a", "other": [{"primary": true}]}),
        Value::Array(values) => values.into_iter().map(|value| strange(value, choices)).collect(),
        Value::Object(members) => {
            let mut object = Object::new();
            for (name, value) in members {
                let choice = choices.next().unwrap_or_default();
                let value = strange(value, choices);
                match choice % 11 {
                    1 => drop(object.insert(name.to_uppercase(), value)),
                    2 => {
                        object.insert(name.to_lowercase(), strange(value.clone(), choices));
                        object.insert(name, value);
                    }
                    _ => drop(object.insert(name, value)),
                }
            }
            Value::Object(object)
        }
        value => value,
    }
}

fn document(resource: Object, choices: &[u8]) -> String {
    let mut user = resource;
    user.shift_remove("meta");
    let mut choices = choices.iter().copied().cycle().take(200);
    if choices.next().is_some_and(|choice| choice % 2 == 0) {
        let other = json!({"color": {"value": "a", "shade": "b"}, "list": [{"value": 1}, {"VALUE": 2}], "a\"b": 1});
        user.insert(OTHER.to_owned(), other);
    }
    let user: Object = user.into_iter().map(|(name, value)| (name, strange(value, &mut choices))).collect();
    Value::Object(user).to_string()
}

fn parts(groups: &[GroupRef]) -> Parts<'_> {
    Parts {
        id: "u-1",
        created: 0,
        last_modified: 1_305_261_754_000_999,
        version: 7,
        location: "https://x.example/v2/Users/u-1",
        groups: Some(groups),
        members: None,
        base: "https://x.example/v2",
        manager_display: Some("Ada"),
    }
}

fn groups() -> Vec<GroupRef> {
    vec![GroupRef { id: "g-1".to_owned(), display: "a".to_owned() }]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: long_run(1_000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sec_27_a_part_decides_filters_as_the_whole_does(
        term in filters(),
        resource in resources(),
        choices in prop::collection::vec(any::<u8>(), 1..60),
    ) {
        let (user, groups) = (user_type(), groups());
        let doc = document(resource, &choices);
        let stored = Resource::from_stored(&doc).unwrap();
        let whole = v2::render(&stored, &parts(&groups), &user);
        for text in FILTERS.iter().map(|text| spelled_out(text)).chain([write(&term, &choices)]) {
            let filter = Filter::parse(&text, &user, &mut Leniency::tolerant()).unwrap();
            let matcher = Matcher::new(&filter, &user);
            let needed = matcher.needed();
            let part = v2::render_part(needed.read(&doc).unwrap(), &needed, &parts(&groups), &user);
            prop_assert_eq!(matcher.matches(&part), matcher.matches(&whole), "{} on {}", text, doc);
        }
    }

    #[test]
    fn a_part_is_ordered_as_the_whole_is(
        resource in resources(),
        choices in prop::collection::vec(any::<u8>(), 1..60),
    ) {
        let (user, groups) = (user_type(), groups());
        let doc = document(resource, &choices);
        let whole = v2::render(&Resource::from_stored(&doc).unwrap(), &parts(&groups), &user);
        for text in ORDERS {
            let by = SortBy::parse(&spelled_out(text), &user, &mut Leniency::tolerant()).unwrap();
            let needed = by.needed();
            let part = v2::render_part(needed.read(&doc).unwrap(), &needed, &parts(&groups), &user);
            prop_assert_eq!(by.key(&part), by.key(&whole), "{} of {}", text, doc);
        }
    }
}

#[test]
fn little_is_read() {
    let user = user_type();
    for (text, expected) in [
        ("emails ew \"@x.org\"", json!({"emails": [{"value": "a@x.org"}]})),
        ("<ENT>:department pr", json!({ENTERPRISE: {"department": "R&D"}})),
        ("<ENT>:manager.displayName pr", json!({ENTERPRISE: {"manager": {"value": "u-2"}}})),
        ("emails[type eq \"work\"] and title pr", json!({"title": "x", "emails": [{"type": "work"}]})),
        ("meta.created pr or id pr", json!({})),
    ] {
        let filter = Filter::parse(&spelled_out(text), &user, &mut Leniency::tolerant()).unwrap();
        let doc = json!({"schemas": [ENTERPRISE], "userName": "a", "title": "x",
            "emails": [{"value": "a@x.org", "type": "work", "primary": true}],
            ENTERPRISE: {"department": "R&D", "manager": {"value": "u-2"}}});
        let part = Matcher::new(&filter, &user).needed().read(&doc.to_string()).unwrap();
        assert_eq!(Value::Object(part), expected, "{text}");
    }
}
