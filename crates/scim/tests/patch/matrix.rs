//! The cells of the PATCH matrix (chapter 6.1) that the numbered cases leave open.

use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::schema::{Attribute, ResourceType, Schema};
use doorward_scim::version::{Version, v2};
use doorward_scim::{patch, resource};
use serde_json::{Value, json};

use crate::support::Expected::{self, Changed, Same};
use crate::support::{fails, object, operations, run};

type Row = (&'static str, &'static str, &'static str, Value, Expected);

const WORK: &str = "bjensen@example.com";
const HOME: &str = "babs@jensen.org";

/// Target, op, path, value (null for a removal without value), expected in both profiles.
fn lists() -> Vec<Row> {
    let emails = |list: Value| Changed(json!({"emails": list}));
    let work = json!({"value": WORK, "type": "work", "primary": true});
    let home = json!({"value": HOME, "type": "home"});
    let no_match = "emails[type eq \"other\"]";
    vec![
        ("U1", "add", "emails", json!(null), Same),
        // Not primary is something else than primary (P-7644-3.5.2.1-05), and the same pair is one value.
        (
            "U1",
            "add",
            "emails",
            json!([{"value": WORK, "type": "work", "primary": false}]),
            emails(json!([{"value": WORK, "type": "work", "primary": false}, home])),
        ),
        ("U1", "add", "emails", json!([{"value": HOME, "type": "home", "primary": false}]), Same),
        ("U1", "remove", "emails", json!([{"value": WORK, "primary": false}]), Same),
        ("U1", "add", no_match, json!({"value": "o@x.org"}), fails("noTarget")),
        ("U1", "replace", no_match, json!(5), fails("invalidValue")),
        ("U1", "replace", "emails[type eq \"home\"]", json!(null), emails(json!([work]))),
        ("U1", "add", "emails[type eq \"home\"]", json!(null), Same),
        ("U1", "add", "emails[type eq \"home\"]", json!({"type": null}), emails(json!([work, {"value": HOME}]))),
        ("U1", "add", "emails[type eq \"home\"].type", json!(null), emails(json!([work, {"value": HOME}]))),
        (
            "U1",
            "remove",
            "emails.type",
            json!(null),
            emails(json!([{"value": WORK, "primary": true}, {"value": HOME}])),
        ),
        ("U2", "remove", "emails[type eq \"home\"].value", json!(null), Same),
        ("U3", "remove", "emails.value", json!(null), Same),
        ("U3", "replace", "emails.value", json!("o@x.org"), emails(json!([{"value": "o@x.org"}]))),
        ("U1", "add", "emails.primary", json!(true), fails("invalidValue")),
        ("U1", "remove", "emails", json!([{"value": WORK}]), emails(json!([home]))),
        ("U1", "remove", "emails", json!({"value": HOME.to_uppercase()}), emails(json!([work]))),
        ("U1", "remove", "emails", json!([{"value": WORK, "type": "home"}]), Same),
        ("U1", "remove", "emails", json!([]), Same),
        ("U1", "remove", "emails", json!([{"value": WORK}, {"value": HOME}]), Changed(json!({"emails": null}))),
        ("U1", "remove", "emails", json!([{"value": 5}]), fails("invalidValue")),
        // RFC 7643 section 2.4: the same value and type once more completes what is there.
        (
            "U1",
            "add",
            "emails",
            json!([{"value": HOME, "type": "HOME", "primary": true}]),
            emails(json!([
                {"value": WORK, "type": "work", "primary": false}, {"value": HOME, "type": "HOME", "primary": true}
            ])),
        ),
        ("U1", "add", "emails", json!([{"value": WORK.to_uppercase(), "primary": true}]), Same),
        ("U1", "add", "emails", json!([{"value": HOME, "primary": false}]), Same),
        // Two matches, both replaced, neither of them primary by accident.
        (
            "U1",
            "replace",
            "emails[type pr]",
            json!({"value": "n@x.org"}),
            emails(json!([{"value": "n@x.org"}, {"value": "n@x.org"}])),
        ),
        ("U1", "replace", "emails[type pr]", json!({"value": "n@x.org", "primary": true}), fails("invalidValue")),
        (
            "U1",
            "replace",
            "<X>:tags[value eq \"red\"]",
            json!("green"),
            Changed(json!({"<X>": {"tags": ["green", "blue"]}})),
        ),
        ("U1", "remove", "<X>:tags", json!(["red"]), Changed(json!({"<X>": {"tags": ["blue"]}}))),
        ("U1", "replace", "<X>:tags", json!(["red", "blue"]), Same),
    ]
}

fn single_values() -> Vec<Row> {
    vec![
        ("U1", "add", "nickName", json!(null), Changed(json!({"nickName": null}))),
        ("U1", "add", "nickName", json!(5), fails("invalidValue")),
        ("U1", "add", "name", json!(null), Changed(json!({"name": null}))),
        (
            "U1",
            "replace",
            "name",
            json!({"formatted": null, "middleName": "J"}),
            Changed(json!({"name": {"formatted": null, "middleName": "J"}})),
        ),
        ("U1", "replace", "name", json!({}), Same),
        ("U1", "remove", "name", json!(null), Changed(json!({"name": null}))),
        ("U3", "remove", "name.familyName", json!(null), Changed(json!({"name": null}))),
        ("U3", "remove", "name.givenName", json!(null), Same),
        ("U3", "replace", "name.givenName", json!("Oscar"), Changed(json!({"name": {"givenName": "Oscar"}}))),
        ("U1", "replace", "name.givenName", json!(null), Changed(json!({"name": {"givenName": null}}))),
        // The value of a removal means something for lists alone.
        ("U1", "remove", "nickName", json!("Other"), Changed(json!({"nickName": null}))),
        ("U1", "replace", "<X>:score", json!(1.50), Same),
        ("U1", "replace", "<X>:cert", json!("QUI"), Same),
        ("U1", "replace", "<X>:cert", json!("@@@"), fails("invalidValue")),
    ]
}

fn extensions() -> Vec<Row> {
    let manager = |value: Value| Changed(json!({"<ENT>": {"manager": value}}));
    vec![
        ("U2", "add", "<ENT>:manager.value", json!("u1"), manager(json!({"value": "u1"}))),
        ("U1", "replace", "<ENT>:manager.value", json!("u3"), manager(json!({"value": "u3"}))),
        ("U1", "remove", "<ENT>:manager.value", json!(null), manager(json!(null))),
        ("U1", "remove", "<ENT>:manager", json!(null), manager(json!(null))),
        ("U2", "replace", "<ENT>", json!({"department": "X"}), Changed(json!({"<ENT>": {"department": "X"}}))),
        ("U1", "replace", "<ENT>", json!(null), Changed(json!({"<ENT>": null}))),
        ("U1", "replace", "<ENT>", json!({"department": null}), Changed(json!({"<ENT>": {"department": null}}))),
        ("U1", "replace", "<ENT>", json!("X"), fails("invalidValue")),
        ("U1", "add", "<ENT>", json!({"manager": {"displayName": "Fake"}}), Same),
        ("U1", "add", "<X>", json!({"tags": ["green"]}), Changed(json!({"<X>": {"tags": ["red", "blue", "green"]}}))),
        ("U1", "replace", "<X>", json!({"tags": ["green"]}), Changed(json!({"<X>": {"tags": ["green"]}}))),
        ("U1", "add", "schemas", json!(["<ENT>"]), Same),
        ("U1", "remove", "schemas", json!(null), fails("mutability")),
    ]
}

fn refusals() -> Vec<Row> {
    let mut rows = Vec::new();
    for op in ["add", "replace", "remove"] {
        for path in ["shoeSize", "<ENT>:shoeSize", "<X>:badge.part", "name.shoe", "emails[type eq \"work\"].shoe"] {
            rows.push(("U1", op, path, json!("x"), fails("invalidPath")));
        }
        for path in
            ["id", "meta", "meta.version", "groups", "groups[value eq \"g1\"].display", "<ENT>:manager.displayName"]
        {
            rows.push(("U1", op, path, json!("x"), fails("mutability")));
        }
    }
    rows.extend([
        ("U1", "add", "<X>:hireDate", json!("2020-01-01T00:00:00Z"), Same),
        ("U1", "replace", "<X>:hireDate", json!("2019-12-31T19:00:00-05:00"), Same),
        ("U1", "replace", "<X>:hireDate", json!(null), fails("mutability")),
        ("U1", "replace", "<X>", json!({"hireDate": "2021-01-01T00:00:00Z"}), fails("mutability")),
        ("U2", "remove", "<X>:hireDate", json!(null), Same),
        (
            "U2",
            "replace",
            "<X>:hireDate",
            json!("2021-01-01T00:00:00Z"),
            Changed(json!({"<X>": {"hireDate": "2021-01-01T00:00:00Z"}})),
        ),
        // The whole object would take the date with it.
        ("U1", "remove", "<X>", json!(null), fails("mutability")),
        ("G1", "replace", "displayName", json!(null), fails("mutability")),
        ("U1", "replace", "userName", json!("a\u{200b}b"), fails("invalidValue")),
    ]);
    rows
}

#[test]
fn every_cell_of_the_matrix_holds_in_both_profiles() {
    let mut wrong = Vec::new();
    for (target, op, path, value, expected) in
        [lists(), single_values(), extensions(), refusals()].into_iter().flatten()
    {
        let mut operation = json!({"op": op, "path": path});
        if op != "remove" || !value.is_null() {
            operation["value"] = value;
        }
        for profile in [Profile::Tolerant, Profile::Strict] {
            let outcome = run(target, Version::V2, operations(operation.clone()), profile);
            if let Some(reason) = expected.contradicts(target, &outcome) {
                wrong.push(format!("{target} {profile:?} {operation}: {reason}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cells fail\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn d20_the_empty_string_clears_lists_and_elements_in_the_tolerant_profile() {
    for (path, value, expected) in [
        ("emails", json!(""), Changed(json!({"emails": null}))),
        ("phoneNumbers[type eq \"work\"].value", json!(""), Changed(json!({"phoneNumbers": [{"type": "work"}]}))),
        ("<ENT>:department", json!(""), Changed(json!({"<ENT>": {"department": null}}))),
        ("<ENT>:manager.value", json!(""), Changed(json!({"<ENT>": {"manager": null}}))),
    ] {
        let body = operations(json!({"op": "Replace", "path": path, "value": value}));
        let outcome = run("U1", Version::V2, body, Profile::Tolerant);
        assert_eq!(expected.contradicts("U1", &outcome), None, "{path}");
    }
}

/// A badge of a customer's own: its number is set once, its colour is required, and there must be one on every user.
fn badges() -> ResourceType {
    let badge =
        [Attribute::string("value").immutable(), Attribute::string("colour").required(), Attribute::string("type")];
    let attributes = vec![
        Attribute::complex("badge", badge.clone()),
        Attribute::complex("badges", badge).multi_valued(),
        Attribute::string("keys").multi_valued().required(),
        Attribute::string("levels").multi_valued().immutable(),
    ];
    let schema = Schema { id: BADGES.to_owned(), name: "Badges".to_owned(), description: String::new(), attributes };
    ResourceType::user().with_extension(schema, true)
}

const BADGES: &str = "urn:example:params:scim:schemas:extension:badges:2.0:User";

#[test]
fn p_7644_3_5_2_05_parts_that_are_set_once_or_required_stay() {
    let user = badges();
    let one = json!({"value": "1", "colour": "red", "type": "a"});
    let body = json!({"userName": "ada", BADGES: {"badge": one, "badges": [one], "keys": ["k"], "levels": ["l"]}});
    let current = resource::read(object(body), &user, &mut Leniency::tolerant()).expect("a user").resource;
    let cases = [
        ("replace", "badge.value", json!("2"), Err("mutability")),
        ("replace", "badge.value", json!("1"), Ok(false)),
        ("replace", "badge", json!({"value": "2"}), Err("mutability")),
        ("replace", "badge", json!({"colour": null}), Err("mutability")),
        ("replace", "badge", json!({"colour": "blue"}), Ok(true)),
        ("remove", "badge.value", json!(null), Err("mutability")),
        ("remove", "badge.colour", json!(null), Err("mutability")),
        ("add", "badges[type eq \"a\"].value", json!("2"), Err("mutability")),
        ("add", "badges[type eq \"a\"]", json!({"value": "2"}), Err("mutability")),
        ("remove", "badges.colour", json!(null), Err("mutability")),
        ("add", "badges[type eq \"b\"].value", json!("2"), Ok(true)),
        ("remove", "badges", json!(null), Ok(true)),
        ("remove", "keys", json!(null), Err("mutability")),
        ("remove", "keys[value eq \"k\"]", json!(null), Err("mutability")),
        ("replace", "keys", json!([]), Err("mutability")),
        ("replace", "keys", json!(["other"]), Ok(true)),
        ("add", "levels", json!(["m"]), Err("mutability")),
        ("add", "levels", json!(["L"]), Ok(false)),
        ("remove", "levels[value eq \"l\"]", json!(null), Err("mutability")),
        ("remove", "levels[value eq \"m\"]", json!(null), Ok(false)),
    ];
    for (op, path, value, expected) in cases {
        let mut leniency = Leniency::tolerant();
        let body = operations(json!({"op": op, "path": format!("{BADGES}:{path}"), "value": value}));
        let result = v2::read_patch(body, &user, &mut leniency)
            .and_then(|patch| patch::apply(&current, &patch, &user, &mut leniency));
        let changed = result.map(|result| result != current).map_err(|error| error.scim_type());
        assert_eq!(changed, expected, "{op} {path} {value}");
    }
}

#[test]
fn s_7643_6_03_a_required_extension_is_not_removed() {
    let extension = Schema {
        id: BADGES.to_owned(),
        name: "Badges".to_owned(),
        description: String::new(),
        attributes: vec![Attribute::string("colour")],
    };
    let user = ResourceType::user().with_extension(extension, true);
    let body = object(json!({"userName": "ada", BADGES: {"colour": "red"}}));
    let current = resource::read(body, &user, &mut Leniency::tolerant()).expect("a user").resource;
    for path in [BADGES.to_owned(), format!("{BADGES}:colour")] {
        let mut leniency = Leniency::strict();
        let patch = v2::read_patch(operations(json!({"op": "remove", "path": path})), &user, &mut leniency);
        let result = patch.and_then(|patch| patch::apply(&current, &patch, &user, &mut leniency));
        assert_eq!(result.map_err(|error| error.scim_type()), Err("mutability"), "{path}");
    }
}
