//! Messages and answers of SCIM 1.1 beside the hard cases: PATCH, PUT, and what a 1.1 answer looks like.

use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::resource::MemberType;
use doorward_scim::version::{GroupRef, MemberRef, Parts, Version, v1};
use serde_json::{Value, json};

use crate::support::Expected::{self, Changed, Same};
use crate::support::{fails, members, object, run, stored};

const WORK: &str = "bjensen@example.com";
const HOME: &str = "babs@jensen.org";

fn removing(names: &[&str]) -> Value {
    json!({"attributes": names})
}

fn group_cases() -> Vec<(&'static str, Value, Expected)> {
    let message = |list: Value| json!({"members": list});
    vec![
        (
            "V1-API-3.3.2-07",
            json!({"meta": removing(&["members"]), "members": [{"value": "u3"}, {"value": "u3", "operation": "delete"}]}),
            members(&["u3"]),
        ),
        // Plain strings are a form of 1.1 itself, and its examples print the types in lower case.
        ("V1-CORE-3.2-02", message(json!(["u3"])), members(&["u1", "u2", "u3"])),
        ("V1-CORE-8-01", message(json!([{"value": "u3", "type": "user"}])), members(&["u1", "u2", "u3"])),
        ("V1-API-3.3.2-05", message(json!([{"value": "u1", "operation": "DELETE"}])), members(&["u2"])),
        ("rename", json!({"id": "g1", "displayName": "Guides"}), Changed(json!({"displayName": "Guides"}))),
        ("foreign id", json!({"id": "elsewhere", "displayName": "Guides"}), Changed(json!({"displayName": "Guides"}))),
        ("order", message(json!([{"value": "u1"}, {"value": "u1", "operation": "delete"}])), members(&["u2"])),
        ("required", json!({"meta": removing(&["displayName"])}), fails("mutability")),
    ]
}

fn user_cases() -> Vec<(&'static str, Value, Expected)> {
    vec![
        ("V1-API-3.3.2-09 id", json!({"meta": removing(&["id"])}), fails("mutability")),
        ("V1-API-3.3.2-09 groups", json!({"meta": removing(&["groups"])}), fails("mutability")),
        ("unknown name", json!({"meta": removing(&["shoeSize"])}), fails("invalidPath")),
        ("value path", json!({"meta": removing(&["emails[type eq \"work\"]"])}), fails("invalidPath")),
        ("not a list", json!({"meta": {"attributes": "nickName"}}), fails("invalidSyntax")),
        ("not names", json!({"meta": {"attributes": [1]}}), fails("invalidSyntax")),
        (
            "atomic",
            json!({"meta": removing(&["nickName"]), "emails": [{"value": "x", "operation": "move"}]}),
            fails("invalidValue"),
        ),
        // V1-API-3.3.2-04: complex values merge, other e-mails are added, short form included.
        ("merge", json!({"name": {"middleName": "J"}}), Changed(json!({"name": {"middleName": "J"}}))),
        (
            "V1-CORE-3.2-02",
            json!({"emails": ["n@x.org", WORK]}),
            Changed(json!({"emails": [
                {"value": WORK, "type": "work", "primary": true}, {"value": HOME, "type": "home"}, {"value": "n@x.org"}
            ]})),
        ),
        (
            "manager",
            json!({"<ENT1>": {"manager": {"managerId": "u3"}}}),
            Changed(json!({"<ENT>": {"manager": {"value": "u3"}}})),
        ),
        (
            "manager, qualified",
            json!({"<ENT1>:manager": {"managerId": "u3"}}),
            Changed(json!({"<ENT>": {"manager": {"value": "u3"}}})),
        ),
        (
            "manager, removed",
            json!({"meta": removing(&["<ENT1>:manager.managerId"])}),
            Changed(json!({"<ENT>": {"manager": null}})),
        ),
        ("extension, removed", json!({"meta": removing(&["<ENT1>"])}), Changed(json!({"<ENT>": null}))),
        (
            "list replaced",
            json!({"meta": removing(&["emails"]), "emails": [{"value": "n@x.org"}, {"value": WORK, "operation": "delete"}]}),
            Changed(json!({"emails": [{"value": "n@x.org"}]})),
        ),
        (
            "complex replaced",
            json!({"meta": removing(&["name"]), "name": {"familyName": "J2"}}),
            Changed(
                json!({"name": {"formatted": null, "givenName": null, "honorificPrefix": null, "familyName": "J2"}}),
            ),
        ),
        (
            "active, listed and given",
            json!({"meta": removing(&["active"]), "active": false}),
            Changed(json!({"active": false})),
        ),
        ("password", json!({"password": "secret-marker"}), Same),
        ("schemas only", json!({}), Same),
    ]
}

#[test]
fn v1_api_3_3_2_further_messages_hold_in_both_profiles() {
    let cases = group_cases().into_iter().map(|(name, body, expected)| ("G1", name, body, expected));
    let cases = cases.chain(user_cases().into_iter().map(|(name, body, expected)| ("U1", name, body, expected)));
    let mut wrong = Vec::new();
    for (target, name, body, expected) in cases {
        for profile in [Profile::Tolerant, Profile::Strict] {
            let mut message = object(body.clone());
            message.insert("schemas".to_owned(), json!(["urn:scim:schemas:core:1.0"]));
            let outcome = run(target, Version::V1, message, profile);
            if let Some(reason) = expected.contradicts(target, &outcome) {
                wrong.push(format!("{target} {name} {profile:?}: {reason}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases fail\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn v1_api_3_3_2_08_elements_that_cannot_be_told_apart_are_not_deleted() {
    let (_, user) = stored("U2");
    let mut leniency = Leniency::strict();
    let current = json!({"userName": "a", "emails": [
        {"value": "a@x.org", "type": "work"}, {"value": "a@x.org", "type": "home"}
    ]});
    let current = doorward_scim::resource::read(object(current), &user, &mut Leniency::tolerant()).expect("a user");
    for (element, left) in [
        (json!({"value": "a@x.org", "operation": "delete"}), Err("invalidValue")),
        (json!({"value": "a@x.org", "type": "work", "operation": "delete"}), Ok("home")),
    ] {
        let body = object(json!({"emails": [element]}));
        let patch = v1::read_patch(body, &user, &mut leniency).expect("a message");
        let result = doorward_scim::patch::apply(&current.resource, &patch, &user, &mut leniency);
        let types = result.as_ref().map(|user| user.get("emails").and_then(|emails| emails[0]["type"].as_str()));
        assert_eq!(types.map(Option::unwrap_or_default).map_err(doorward_scim::Error::scim_type), left, "{element}");
    }
}

#[test]
fn v019_put_reads_the_short_form_and_the_names_of_1_1() {
    let (_, user) = stored("U1");
    for schemas in [json!(null), json!(["urn:scim:schemas:core:1.0", "<ENT1>"])] {
        let mut body = object(json!({
            "userName": "ada",
            "emails": ["a@x.org", {"value": "b@x.org", "type": "home"}, {"value": "c@x.org", "operation": "delete"}],
            "password": "secret-marker"
        }));
        if schemas.is_array() {
            body.insert("schemas".to_owned(), Value::Object(object(json!({"list": schemas})))["list"].clone());
            body.extend(object(
                json!({"<ENT1>": {"department": "R", "manager": {"managerId": "u2", "displayName": "X"}}}),
            ));
        }
        let read = v1::read_resource(body, &user, &mut Leniency::strict()).expect("a user");
        let emails = json!([{"value": "a@x.org"}, {"value": "b@x.org", "type": "home"}]);
        assert_eq!(read.resource.get("emails"), Some(&emails));
        let enterprise = read.resource.extension(doorward_scim::schema::ENTERPRISE);
        let expected = json!({"department": "R", "manager": {"value": "u2"}});
        assert_eq!(enterprise.map(|object| json!(object)), schemas.is_array().then_some(expected));
        assert!(!read.resource.to_stored().contains("secret-marker"));
    }
    let body = object(json!({"userName": "ada", "emails": [{"value": "a@x.org", "operation": "add"}]}));
    let refused = v1::read_resource(body, &user, &mut Leniency::tolerant());
    assert_eq!(refused.map_err(|error| error.scim_type()), Err("invalidValue"));
}

#[test]
fn v025_a_user_is_shown_in_the_words_of_1_1() {
    let (stored, user) = stored("U1");
    let groups = [GroupRef { id: "g1".to_owned(), display: "Tour Guides".to_owned() }];
    let parts = Parts {
        id: "u1",
        created: 1_305_261_754_000_000,
        last_modified: 1_305_261_754_000_000,
        version: 7,
        location: "https://x.example/v1/Users/u1",
        groups: Some(&groups),
        members: None,
        base: "https://x.example/v1",
        manager_display: Some("John Smith"),
    };
    let shown = Value::Object(v1::render(&stored, &parts, &user));
    assert_eq!(shown["schemas"][0], "urn:scim:schemas:core:1.0");
    assert_eq!(shown["schemas"][1], "urn:scim:schemas:extension:enterprise:1.0");
    let manager = &shown["urn:scim:schemas:extension:enterprise:1.0"]["manager"];
    assert_eq!(*manager, json!({"managerId": "u2", "displayName": "John Smith"}));
    assert_eq!(shown["groups"], json!([{"value": "g1", "display": "Tour Guides", "type": "direct"}]));
    assert_eq!(
        shown["meta"],
        json!({"created": "2011-05-13T04:42:34.000Z", "lastModified": "2011-05-13T04:42:34.000Z",
            "location": "https://x.example/v1/Users/u1", "version": "W/\"7\""})
    );
    let text = shown.to_string();
    for absent in ["$ref", "resourceType", "urn:ietf:params:scim:schemas:core", "enterprise:2.0"] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
}

#[test]
fn v026_errors_and_lists_have_the_envelopes_of_1_1() {
    let error = v1::error_body(404, Some("noTarget"), "no such user");
    assert_eq!(json!(error), json!({"Errors": [{"description": "no such user", "code": "404"}]}));
    let list = v1::list_body(12, 5, vec![object(json!({"id": "u1"}))]);
    assert_eq!(
        json!(list),
        json!({"schemas": ["urn:scim:schemas:core:1.0"], "totalResults": 12, "startIndex": 5, "itemsPerPage": 1,
            "Resources": [{"id": "u1"}]})
    );
}

#[test]
fn v030_what_2_0_patches_is_what_1_1_shows() {
    let (stored, group) = stored("G1");
    let message = object(json!({"Operations": [{"op": "replace", "path": "displayName", "value": "Guides"}]}));
    let mut leniency = Leniency::tolerant();
    let patch = Version::V2.read_patch(message, &group, &mut leniency).expect("a message");
    let changed = doorward_scim::patch::apply(&stored, &patch, &group, &mut leniency).expect("a group");
    let members = [MemberRef { id: "u1".to_owned(), member_type: MemberType::User, display: None }];
    let parts = Parts {
        id: "g1",
        created: 0,
        last_modified: 0,
        version: 2,
        location: "https://x.example/v1/Groups/g1",
        groups: None,
        members: Some(&members),
        base: "https://x.example/v1",
        manager_display: None,
    };
    let shown = Version::V1.render(&changed, &parts, &group);
    assert_eq!(shown["displayName"], "Guides");
    assert_eq!(shown["members"], json!([{"value": "u1", "type": "User"}]));
    assert_eq!(shown["meta"]["version"], Version::V2.render(&changed, &parts, &group)["meta"]["version"]);
}
