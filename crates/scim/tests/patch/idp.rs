//! Messages of identity providers (chapter 7 of the wire notes), as they send them.

use doorward_scim::patch::{MemberEdit, split_members};
use doorward_scim::quirks::{Leniency, Profile, Quirk};
use doorward_scim::schema::ResourceType;
use doorward_scim::version::{Version, v2};
use serde_json::{Value, json};

use crate::support::Expected::{self, Changed, Same};
use crate::support::{fails, members, object, operations, run};

const ROLE: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

fn roles(list: Value) -> Expected {
    Changed(json!({"roles": list}))
}

fn user_messages() -> Vec<(&'static str, &'static str, Value, Expected)> {
    vec![
        (
            "16 Okta deactivates",
            "U1",
            json!({"op": "replace", "value": {"active": false}}),
            Changed(json!({"active": false})),
        ),
        ("18 Okta pushes a password", "U1", json!({"op": "replace", "value": {"password": "secret"}}), Same),
        ("18 by path", "U1", json!({"op": "replace", "path": "password", "value": "secret"}), Same),
        (
            "67 Entra disables",
            "U1",
            json!({"op": "Replace", "path": "active", "value": "False"}),
            Changed(json!({"active": false})),
        ),
        (
            "69 Entra sets a phone",
            "U2",
            json!({"op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1 555"}),
            Changed(json!({"phoneNumbers": [{"type": "mobile", "value": "+1 555"}]})),
        ),
        (
            "69 several operations fill one address",
            "U2",
            json!([
                {"op": "Add", "path": "addresses[type eq \"work\"].streetAddress", "value": "1 Main"},
                {"op": "Add", "path": "addresses[type eq \"work\"].postalCode", "value": "91608"},
                {"op": "Replace", "path": "addresses[type eq \"work\"].formatted", "value": "1 Main\n91608"}
            ]),
            Changed(json!({"addresses": [
                {"type": "work", "streetAddress": "1 Main", "postalCode": "91608", "formatted": "1 Main\n91608"}
            ]})),
        ),
        (
            "71 Entra with its flag",
            "U1",
            json!([
                {"op": "replace", "path": "emails[type eq \"home\"].value", "value": "h@x.org"},
                {"op": "replace", "value": {"displayName": "Ada L.", "name.givenName": "Ada", "name.familyName": "L",
                    "<ENT>:department": "R&D", "<ENT>": {"costCenter": "7"}}}
            ]),
            Changed(json!({
                "emails": [
                    {"value": "bjensen@example.com", "type": "work", "primary": true}, {"value": "h@x.org", "type": "home"}
                ],
                "displayName": "Ada L.", "name": {"givenName": "Ada", "familyName": "L"},
                "<ENT>": {"department": "R&D", "costCenter": "7"}
            })),
        ),
        (
            "73 manager unqualified, as an array",
            "U2",
            json!({"op": "Add", "path": "manager", "value": [{"$ref": "https://x.example/Users/u1", "value": "u1"}]}),
            Changed(json!({"<ENT>": {"manager": {"value": "u1"}}})),
        ),
        (
            "74 cleared with null",
            "U1",
            json!({"op": "Replace", "path": "title", "value": null}),
            Changed(json!({"title": null})),
        ),
        (
            "74 cleared with nothing",
            "U1",
            json!({"op": "Replace", "path": "title", "value": ""}),
            Changed(json!({"title": null})),
        ),
        (
            "74 manager removed",
            "U1",
            json!({"op": "Remove", "path": "manager"}),
            Changed(json!({"<ENT>": {"manager": null}})),
        ),
        (
            "74 nothing to clear in a value that is not there",
            "U1",
            json!({"op": "Replace", "path": "emails[type eq \"other\"].value", "value": ""}),
            Same,
        ),
        (
            "75 a role with JSON in its value",
            "U1",
            json!({"op": "Add", "path": "roles", "value": [{"value": "{\"id\":\"1\",\"value\":\"Admin\"}"}]}),
            roles(json!([{"value": "admin"}, {"value": "{\"id\":\"1\",\"value\":\"Admin\"}"}])),
        ),
        (
            "76 the primary role, there is none",
            "U1",
            json!({"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "owner"}),
            roles(json!([{"value": "admin"}, {"primary": true, "value": "owner"}])),
        ),
        (
            "76 the primary role, made and renamed",
            "U2",
            json!([
                {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "owner"},
                {"op": "Add", "path": "roles[primary eq \"True\"].display", "value": "Owner"},
                {"op": "Replace", "path": "roles[primary eq \"True\"].value", "value": "boss"}
            ]),
            roles(json!([{"primary": true, "value": "boss", "display": "Owner"}])),
        ),
        (
            "phones cleared",
            "U1",
            json!({"op": "Replace", "path": "phoneNumbers", "value": []}),
            Changed(json!({"phoneNumbers": null})),
        ),
        (
            "extra keys",
            "U1",
            json!({"op": "replace", "name": "x", "path": "nickName", "value": "B"}),
            Changed(json!({"nickName": "B"})),
        ),
    ]
}

fn group_messages() -> Vec<(&'static str, &'static str, Value, Expected)> {
    let authentik = json!({"op": "replace", "value": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": "g1", "externalId": "7", "displayName": "Guides"
    }});
    vec![
        (
            "30 Okta's delta",
            "G1",
            json!([
                {"op": "remove", "path": "members[value eq \"u1\"]"},
                {"op": "remove", "path": "members[value eq \"u-8\"]"},
                {"op": "add", "path": "members", "value": [{"value": "u3", "display": "ada@x.org"}]}
            ]),
            members(&["u2", "u3"]),
        ),
        ("32 Push Now of nobody", "G1", json!({"op": "replace", "path": "members", "value": []}), members(&[])),
        (
            "33 members without path",
            "G1",
            json!({"op": "replace", "value": {"members": [{"value": "u3"}]}}),
            members(&["u3"]),
        ),
        (
            "82 Entra adds",
            "G1",
            json!({"op": "Add", "path": "members", "value": [{"$ref": null, "value": "u3"}]}),
            members(&["u1", "u2", "u3"]),
        ),
        (
            "83 Entra removes",
            "G1",
            json!({"op": "Remove", "path": "members", "value": [{"value": "u-1"}, {"value": "u2"}]}),
            members(&["u1"]),
        ),
        ("83 of nobody", "G1", json!({"op": "Remove", "path": "members", "value": []}), Same),
        ("Entra empties", "G1", json!({"op": "Remove", "path": "members"}), members(&[])),
        ("89 a bare id", "G1", json!({"op": "add", "path": "members", "value": "u3"}), members(&["u1", "u2", "u3"])),
        ("100 authentik renames", "G1", authentik, Changed(json!({"displayName": "Guides", "externalId": "7"}))),
        (
            "101 authentik removes",
            "G1",
            json!({"op": "remove", "path": "members", "value": [{"value": "u1"}]}),
            members(&["u2"]),
        ),
        ("D21", "G1", json!({"op": "add", "path": "members", "value": null}), Same),
        ("null replaces", "G1", json!({"op": "replace", "path": "members", "value": null}), members(&[])),
        (
            "by URN",
            "G1",
            json!({"op": "remove", "path": "urn:ietf:params:scim:schemas:core:2.0:Group:MEMBERS[VALUE eq \"u1\"]"}),
            members(&["u2"]),
        ),
        ("another filter", "G1", json!({"op": "remove", "path": "members[not (value eq \"u1\")]"}), members(&["u1"])),
        ("a part of a member", "G1", json!({"op": "remove", "path": "members.display"}), fails("mutability")),
        (
            "a member in place",
            "G1",
            json!({"op": "replace", "path": "members[value eq \"u1\"]", "value": {"value": "u3"}}),
            fails("mutability"),
        ),
        (
            "$ref alone",
            "G1",
            json!({"op": "add", "path": "members", "value": [{"$ref": "https://x.example/v1/Users/u3"}]}),
            members(&["u1", "u2", "u3"]),
        ),
        ("no id", "G1", json!({"op": "add", "path": "members", "value": [{"display": "x"}]}), fails("invalidValue")),
    ]
}

#[test]
fn messages_of_identity_providers_do_what_they_mean() {
    let mut wrong = Vec::new();
    for (name, target, operation, expected) in user_messages().into_iter().chain(group_messages()) {
        let outcome = run(target, Version::V2, operations(operation), Profile::Tolerant);
        if let Some(reason) = expected.contradicts(target, &outcome) {
            wrong.push(format!("{name}: {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{} cases fail\n{}", wrong.len(), wrong.join("\n"));
}

/// Okta and Entra ID let administrators invent namespaces; no schema knows them.
#[test]
fn undeclared_namespaces_are_kept_and_changed_in_the_tolerant_profile_alone() {
    let role = |value: Value| Changed(json!({ROLE: value}));
    let path = |sub: &str| format!("{ROLE}{sub}");
    let set = json!({"op": "Add", "path": path(":workato_role"), "value": "Admin"});
    let cases = [
        (set.clone(), role(json!({"workato_role": "Admin"}))),
        (json!({"op": "replace", "value": {ROLE: {"workato_role": "Admin"}}}), role(json!({"workato_role": "Admin"}))),
        (json!({"op": "replace", "value": {path(":workato_role"): "Admin"}}), role(json!({"workato_role": "Admin"}))),
        (
            json!({"op": "add", "path": ROLE, "value": {"workato_role": "Admin", "n": null}}),
            role(json!({"workato_role": "Admin"})),
        ),
        (
            json!([set, {"op": "Replace", "path": path(":WORKATO_ROLE"), "value": "User"}]),
            role(json!({"workato_role": "User"})),
        ),
        (json!([set, {"op": "Remove", "path": path(":workato_role")}]), Same),
        (json!([set, {"op": "Remove", "path": ROLE}]), Same),
        (json!([set, {"op": "Replace", "path": path(":workato_role"), "value": ""}]), Same),
        (
            json!([
                {"op": "add", "path": path(":tags"), "value": ["a"]},
                {"op": "add", "path": path(":tags"), "value": ["b", "a"]},
                {"op": "add", "path": path(":tags"), "value": []},
                {"op": "add", "path": path(":deep.part"), "value": 1}
            ]),
            role(json!({"tags": ["a", "b"], "deep": {"part": 1}})),
        ),
        (
            json!({"op": "replace", "value": {"urn:okta:x:1.0:user:custom": {"a": "b"}}}),
            Changed(json!({"urn:okta:x:1.0:user:custom": {"a": "b"}})),
        ),
    ];
    for (operation, expected) in cases {
        let tolerant = run("U1", Version::V2, operations(operation.clone()), Profile::Tolerant);
        assert_eq!(expected.contradicts("U1", &tolerant), None, "{operation}");
        let strict = run("U1", Version::V2, operations(operation.clone()), Profile::Strict);
        assert!(strict.is_err(), "{operation}");
    }
}

#[test]
fn d22_an_inactive_account_does_not_come_back_to_life_by_a_removal() {
    let remove = operations(json!({"op": "remove", "path": "active"}));
    let outcome = run("U2", Version::V2, remove.clone(), Profile::Tolerant);
    assert_eq!(fails("invalidValue").contradicts("U2", &outcome), None);
    let outcome = run("U1", Version::V2, remove, Profile::Tolerant);
    assert_eq!(Changed(json!({"active": null})).contradicts("U1", &outcome), None);
}

#[test]
fn sec_02_an_id_in_the_message_changes_nothing_but_the_record_of_quirks() {
    for key in ["id", "ID", "Id", "urn:ietf:params:scim:schemas:core:2.0:User:id"] {
        let body = operations(json!({"op": "replace", "value": {key: "victim", "nickName": "B"}}));
        let outcome = run("U1", Version::V2, body.clone(), Profile::Tolerant);
        assert_eq!(Changed(json!({"nickName": "B"})).contradicts("U1", &outcome), None, "{key}");
        let outcome = run("U1", Version::V2, body.clone(), Profile::Strict);
        assert_eq!(fails("mutability").contradicts("U1", &outcome), None, "{key}");
        let mut leniency = Leniency::tolerant();
        let patch = v2::read_patch(body, &ResourceType::user(), &mut leniency).expect("a message");
        patch.refuse_other_id("u1", &mut leniency).expect("tolerated");
        assert!(leniency.used().any(|quirk| quirk == Quirk::ForeignId), "{key}");
    }
}

#[test]
fn sec_34_paths_resolve_against_the_schema() {
    for (path, keyword) in [
        ("__proto__", "invalidPath"),
        ("constructor.prototype", "invalidPath"),
        ("name.__proto__", "invalidPath"),
        ("meta.version", "mutability"),
        ("urn:ietf:params:scim:schemas:core:2.0:User::userName", "invalidPath"),
        ("urn:ietf:params:scim:schemas:core:2.0:Group:displayName", "invalidPath"),
        ("emails[type eq \"work\" and (emails.primary eq true)].value", "invalidFilter"),
    ] {
        let outcome =
            run("U1", Version::V2, operations(json!({"op": "add", "path": path, "value": "x"})), Profile::Tolerant);
        assert_eq!(fails(keyword).contradicts("U1", &outcome), None, "{path}");
    }
}

#[test]
fn sec_34_messages_are_limited_to_a_hundred_operations_on_users_and_a_thousand_on_groups() {
    for (target, most) in [("U1", 100), ("G1", 1000)] {
        for (count, fits) in [(most, true), (most + 1, false)] {
            let list = vec![json!({"op": "add", "path": "externalId", "value": "x"}); count];
            let outcome = run(target, Version::V2, operations(Value::Array(list)), Profile::Tolerant);
            assert_eq!(outcome.is_ok(), fits, "{target} {count}");
        }
    }
}

#[test]
fn row_34_a_thousand_members_come_in_one_operation() {
    let members: Vec<_> = (0..1000).map(|number| json!({"value": format!("u-{number}")})).collect();
    let body = operations(json!({"op": "add", "path": "members", "value": members}));
    let patch = v2::read_patch(body, &ResourceType::group(), &mut Leniency::strict()).expect("a message");
    let (rest, edits) = split_members(patch).expect("members");
    assert!(rest.edits.is_empty());
    assert!(matches!(edits.as_slice(), [MemberEdit::Add(members)] if members.len() == 1000));
}

#[test]
fn members_are_removed_by_id_without_being_looked_at() {
    let cases = [
        ("members[value eq \"a\"]", Some(vec!["a"])),
        ("members[value eq \"a\" or value eq \"b\" or (value eq \"c\")]", Some(vec!["a", "b", "c"])),
        ("members[value eq \"a\" and type eq \"User\"]", None),
        ("members[value sw \"a\"]", None),
        ("members[display eq \"a\"]", None),
    ];
    for (path, ids) in cases {
        let body = operations(json!({"op": "remove", "path": path}));
        let patch = v2::read_patch(body, &ResourceType::group(), &mut Leniency::strict()).expect("a message");
        let (_, edits) = split_members(patch).expect("members");
        match (edits.as_slice(), ids) {
            ([MemberEdit::Remove(found)], Some(ids)) => assert_eq!(*found, ids, "{path}"),
            ([MemberEdit::RemoveMatching(_)], None) => {}
            (other, _) => panic!("{path}: {other:?}"),
        }
    }
}

#[test]
fn quirks_that_were_needed_are_on_record() {
    let body = object(json!({"id": "x", "Operations": [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "path": "emails[type eq \"other\"].value", "value": "o@x.org"},
        {"op": "Add", "path": "manager", "value": "u3"},
        {"op": "Replace", "value": {"name.givenName": "Ada"}}
    ]}));
    let (current, user) = crate::support::stored("U1");
    let mut leniency = Leniency::tolerant();
    let patch = v2::read_patch(body, &user, &mut leniency).expect("a message");
    doorward_scim::patch::apply(&current, &patch, &user, &mut leniency).expect("a user");
    let used: Vec<_> = leniency.used().map(Quirk::name).collect();
    let expected = [
        "boolean-as-text",
        "dotted-key",
        "text-for-complex",
        "replace-creates",
        "missing-schemas",
        "extra-operation-key",
        "unqualified-extension-attribute",
    ];
    assert_eq!(used, expected);
}

#[test]
fn large_lists_are_compared_in_time() {
    let emails: Vec<_> = (0..20_000).map(|number| json!({"value": format!("u{number}@x.org")})).collect();
    let addresses: Vec<_> =
        (0..20_000).map(|number| json!({"type": "work", "formatted": format!("{number}")})).collect();
    let list = json!([
        {"op": "add", "path": "emails", "value": emails},
        {"op": "add", "path": "emails", "value": emails},
        {"op": "add", "path": "addresses", "value": addresses},
        {"op": "remove", "path": "addresses", "value": addresses},
        {"op": "remove", "path": "emails", "value": emails[..19_999]}
    ]);
    let outcome = run("U3", Version::V2, operations(list), Profile::Strict).expect("a user");
    assert_eq!(outcome.resource.get("emails").and_then(Value::as_array).map(Vec::len), Some(1));
    assert_eq!(outcome.resource.get("addresses"), None);
}

#[test]
fn an_attribute_holds_a_thousand_values_and_no_more() {
    let emails =
        |count: usize| -> Vec<_> { (0..count).map(|number| json!({"value": format!("u{number}@x.org")})).collect() };
    let add = |count| operations(json!([{"op": "add", "path": "emails", "value": emails(count)}]));
    run("U3", Version::V2, add(1000), Profile::Tolerant).expect("as many as are allowed");
    let Err(error) = run("U3", Version::V2, add(1001), Profile::Tolerant) else { panic!("one too many was taken") };
    assert!(error.detail().contains("more than 1000"), "{error}");
}
