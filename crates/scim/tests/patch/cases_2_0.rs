//! The table of chapter 16.2, P001 to P132. P133 to P135 and the uniqueness of P059 belong to the server.

use doorward_scim::quirks::Profile;
use doorward_scim::version::Version;
use doorward_scim::{Object, json as reader};
use serde_json::{Value, json};

use crate::support::Expected::{self, Changed, Fails, Members, Same};
use crate::support::{object, operations, run};

struct Case {
    number: &'static str,
    target: &'static str,
    body: Object,
    tolerant: Expected,
    strict: Expected,
}

impl Case {
    fn strict(mut self, expected: Expected) -> Self {
        self.strict = expected;
        self
    }
}

fn case(number: &'static str, target: &'static str, operation: Value, expected: Expected) -> Case {
    message(number, target, operations(operation), expected)
}

fn message(number: &'static str, target: &'static str, body: Object, expected: Expected) -> Case {
    Case { number, target, body, tolerant: expected.clone(), strict: expected }
}

fn add(path: &str, value: Value) -> Value {
    json!({"op": "add", "path": path, "value": value})
}

fn replace(path: &str, value: Value) -> Value {
    json!({"op": "replace", "path": path, "value": value})
}

fn remove(path: &str) -> Value {
    json!({"op": "remove", "path": path})
}

fn bare(op: &str, value: Value) -> Value {
    json!({"op": op, "value": value})
}

const WORK: &str = "bjensen@example.com";
const HOME: &str = "babs@jensen.org";

/// The e-mails of U1 and one more.
fn emails_and(more: Value) -> Value {
    json!({"emails": [
        {"value": WORK, "type": "work", "primary": true}, {"value": HOME, "type": "home"}, more
    ]})
}

fn adds() -> Vec<Case> {
    let other = json!({"value": "b3@x.org", "type": "other"});
    vec![
        case("P001", "U2", add("nickName", json!("Jay")), Changed(json!({"nickName": "Jay"}))),
        case("P002", "U1", add("nickName", json!("Bob")), Changed(json!({"nickName": "Bob"}))),
        case("P003", "U1", add("nickName", json!("Babs")), Same),
        case("P004", "U1", add("emails", json!([other])), Changed(emails_and(other.clone()))),
        case("P005", "U1", add("emails", other.clone()), Changed(emails_and(other))),
        case("P006", "U1", add("emails", json!([{"value": WORK, "type": "work"}])), Same),
        case(
            "P007",
            "U1",
            add("emails", json!([{"value": WORK, "type": "home"}])),
            Changed(emails_and(json!({"value": WORK, "type": "home"}))),
        ),
        case(
            "P008",
            "U1",
            add("emails", json!([{"value": "n@x.org", "primary": true}])),
            Changed(json!({"emails": [
                {"value": WORK, "type": "work", "primary": false},
                {"value": HOME, "type": "home"},
                {"value": "n@x.org", "primary": true}
            ]})),
        ),
        case(
            "P009",
            "U1",
            add("emails", json!([{"value": "n@x.org", "primary": true}, {"value": "m@x.org", "primary": true}])),
            Fails("invalidValue"),
        ),
        case("P010", "U1", add("emails", json!("n@x.org")), Changed(emails_and(json!({"value": "n@x.org"}))))
            .strict(Fails("invalidValue")),
        case("P011", "U1", add("emails", json!([])), Same),
        case("P018", "U1", bare("add", json!("abc")), Fails("invalidValue")),
        case("P019", "U1", add("<ENT>", json!({"division": "D"})), Changed(json!({"<ENT>": {"division": "D"}}))),
        case(
            "P020",
            "U2",
            add("<ENT>:employeeNumber", json!("77")),
            Changed(json!({"<ENT>": {"employeeNumber": "77"}})),
        ),
        case("P021", "U1", add("name", json!({"middleName": "J"})), Changed(json!({"name": {"middleName": "J"}}))),
        case("P022", "U1", add("name.middleName", json!("J")), Changed(json!({"name": {"middleName": "J"}}))),
        case(
            "P023",
            "U1",
            add("emails[type eq \"work\"].display", json!("B. J.")),
            Changed(json!({"emails": [
                {"value": WORK, "type": "work", "primary": true, "display": "B. J."}, {"value": HOME, "type": "home"}
            ]})),
        ),
        case("P030", "U1", json!({"op": "add", "path": "nickName"}), Fails("invalidValue")),
        case("P031", "U1", add("<ENT>:manager", json!("u3")), Changed(json!({"<ENT>": {"manager": {"value": "u3"}}})))
            .strict(Fails("invalidValue")),
        case(
            "P032",
            "U1",
            add("<ENT>:manager", json!({"value": "u3", "displayName": "Fake"})),
            Changed(json!({"<ENT>": {"manager": {"value": "u3"}}})),
        ),
        case(
            "P127",
            "U1",
            add("<ENT>:manager", json!([{"value": "u3"}])),
            Changed(json!({"<ENT>": {"manager": {"value": "u3"}}})),
        )
        .strict(Fails("invalidValue")),
    ]
}

fn adds_without_path() -> Vec<Case> {
    vec![
        case(
            "P012",
            "U1",
            bare("add", json!({"nickName": "B", "emails": [{"value": "n@x.org"}]})),
            Changed(json!({"nickName": "B", "emails": emails_and(json!({"value": "n@x.org"}))["emails"]})),
        ),
        case(
            "P013",
            "U1",
            bare("add", json!({"name": {"middleName": "J"}})),
            Changed(json!({"name": {"middleName": "J"}})),
        ),
        case(
            "P014",
            "U1",
            bare("add", json!({"<ENT>": {"department": "X"}})),
            Changed(json!({"<ENT>": {"department": "X"}})),
        ),
        case(
            "P015",
            "U2",
            bare("add", json!({"<ENT>:department": "X"})),
            Changed(json!({"<ENT>": {"department": "X"}})),
        ),
        case(
            "P016",
            "U1",
            bare("add", json!({"name.givenName": "Babs"})),
            Changed(json!({"name": {"givenName": "Babs"}})),
        )
        .strict(Fails("invalidSyntax")),
        case(
            "P017",
            "U1",
            bare("add", json!({"shoeSize": 44, "nickName": "B"})),
            Changed(json!({"nickName": "B", "shoeSize": 44})),
        )
        .strict(Fails("invalidSyntax")),
    ]
}

fn creations() -> Vec<Case> {
    let other = || Changed(emails_and(json!({"type": "other", "value": "o@x.org"})));
    vec![
        case("P024", "U1", add("emails[type eq \"other\"].value", json!("o@x.org")), other()).strict(Fails("noTarget")),
        case(
            "P025",
            "U2",
            add("emails[type eq \"home\" and primary eq true].value", json!("h@x.org")),
            Changed(json!({"emails": [
                {"value": "jsmith@example.org", "type": "work"}, {"type": "home", "primary": true, "value": "h@x.org"}
            ]})),
        )
        .strict(Fails("noTarget")),
        case(
            "P026",
            "U1",
            add("emails[type eq \"other\" or type eq \"x\"].value", json!("o@x.org")),
            Fails("noTarget"),
        ),
        case(
            "P027",
            "U1",
            add("emails[type ne \"work\" and type ne \"home\"].value", json!("o@x.org")),
            Fails("noTarget"),
        ),
        case(
            "P028",
            "U1",
            add("emails[type eq \"work\"]", json!({"display": "d"})),
            Changed(json!({"emails": [
                {"value": WORK, "type": "work", "primary": true, "display": "d"}, {"value": HOME, "type": "home"}
            ]})),
        ),
        case("P029", "U3", add("emails.type", json!("work")), Changed(json!({"emails": [{"type": "work"}]}))),
        case("P040", "U1", replace("emails[type eq \"other\"].value", json!("o@x.org")), other())
            .strict(Fails("noTarget")),
        case("P041", "U1", replace("emails[type eq \"other\"]", json!({"value": "o@x.org"})), Fails("noTarget")),
        case("P042", "U1", replace("emails[type sw \"oth\"].value", json!("o@x.org")), Fails("noTarget")),
    ]
}

fn typed_values() -> Vec<Case> {
    let hired = |at: &str| json!({"<X>": {"hireDate": at}});
    vec![
        case("P033", "U2", add("<X>:hireDate", json!("2021-01-01T00:00:00Z")), Changed(hired("2021-01-01T00:00:00Z"))),
        case("P034", "U1", add("<X>:hireDate", json!("2021-01-01T00:00:00Z")), Fails("mutability")),
        case("P035", "U1", replace("<X>:hireDate", json!("2020-01-01T01:00:00+01:00")), Same),
        case(
            "P036",
            "U1",
            add("<X>:tags", json!(["green", "red"])),
            Changed(json!({"<X>": {"tags": ["red", "blue", "green"]}})),
        ),
        case("P037", "U1", replace("<X>:badge", json!("43")), Fails("invalidValue")),
        case("P038", "U1", replace("<X>:badge", json!(43.0)), Fails("invalidValue")),
        case("P039", "U2", replace("<X>:hireDate", json!("2020-01-01")), Fails("invalidValue")),
    ]
}

fn replacements() -> Vec<Case> {
    let work = |value: &str| json!({"emails": [{"value": value, "type": "work", "primary": true}, {"value": HOME, "type": "home"}]});
    let home_first = || {
        Changed(json!({"emails": [
            {"value": WORK, "type": "work", "primary": false}, {"value": HOME, "type": "home", "primary": true}
        ]}))
    };
    let new = json!("new@x.org");
    vec![
        case("P043", "U1", replace("emails[type eq \"work\"].value", new.clone()), Changed(work("new@x.org"))),
        case("P044", "U1", replace("EMAILS[TYPE EQ \"work\"].VALUE", new.clone()), Changed(work("new@x.org"))),
        case("P045", "U1", replace("<CORE>:emails[type eq \"work\"].value", new), Changed(work("new@x.org"))),
        case(
            "P046",
            "U1",
            replace("<CORE>:name.familyName", json!("J2")),
            Changed(json!({"name": {"familyName": "J2"}})),
        ),
        case(
            "P047",
            "U1",
            replace("emails[type eq \"work\"]", json!({"value": "new@x.org", "type": "work"})),
            Changed(json!({"emails": [{"value": "new@x.org", "type": "work"}, {"value": HOME, "type": "home"}]})),
        ),
        case("P048", "U1", replace("emails[type eq \"home\"].primary", json!(true)), home_first()),
        case("P049", "U1", replace("emails[type eq \"home\"].primary", json!("True")), home_first())
            .strict(Fails("invalidValue")),
        case("P050", "U1", replace("emails[type pr].primary", json!(true)), Fails("invalidValue")),
        case(
            "P051",
            "U1",
            replace("emails", json!([{"value": "one@x.org"}])),
            Changed(json!({"emails": [{"value": "one@x.org"}]})),
        ),
        case("P052", "U1", replace("emails", json!([])), Changed(json!({"emails": null}))),
        case("P053", "U1", replace("emails", json!(null)), Changed(json!({"emails": null}))),
        case("P054", "U1", replace("nickName", json!(null)), Changed(json!({"nickName": null}))),
        case("P055", "U1", replace("nickName", json!("")), Changed(json!({"nickName": null})))
            .strict(Changed(json!({"nickName": ""}))),
        case("P056", "U1", replace("<ENT>:manager", json!("")), Changed(json!({"<ENT>": {"manager": null}})))
            .strict(Fails("invalidValue")),
        case("P057", "U1", replace("userName", json!("")), Fails("mutability")).strict(Fails("invalidValue")),
        case("P058", "U1", replace("userName", json!(null)), Fails("mutability")),
        case("P059", "U1", replace("userName", json!("JSMITH")), Changed(json!({"userName": "JSMITH"}))),
        case(
            "P060",
            "U1",
            replace("userName", json!("BJensen@example.com")),
            Changed(json!({"userName": "BJensen@example.com"})),
        ),
        case(
            "P061",
            "U1",
            replace("name", json!({"familyName": "J2"})),
            Changed(json!({"name": {"familyName": "J2"}})),
        ),
        case("P062", "U1", replace("name", json!("J2")), Fails("invalidValue")),
        case("P063", "U1", replace("active", json!("False")), Changed(json!({"active": false})))
            .strict(Fails("invalidValue")),
        case("P064", "U1", replace("active", json!("no")), Fails("invalidValue")),
        case("P065", "U1", replace("active", json!(null)), Fails("invalidValue")),
        case(
            "P074",
            "U1",
            replace("addresses[type eq \"work\"].streetAddress", json!("1010 Broadway Ave")),
            Changed(json!({"addresses": [
                {"type": "work", "streetAddress": "1010 Broadway Ave", "locality": "Hollywood", "region": "CA",
                 "postalCode": "91608", "country": "US", "primary": true},
                {"type": "home", "locality": "Hollywood", "country": "US"}
            ]})),
        ),
        case(
            "P075",
            "U1",
            replace("emails.type", json!("other")),
            Changed(json!({"emails": [
                {"value": WORK, "type": "other", "primary": true}, {"value": HOME, "type": "other"}
            ]})),
        ),
    ]
}

fn the_server_s() -> Vec<Case> {
    vec![
        case("P066", "U1", replace("id", json!("x")), Fails("mutability")),
        case("P067", "U1", replace("meta.created", json!("2000-01-01T00:00:00Z")), Fails("mutability")),
        case("P068", "U1", replace("groups", json!([{"value": "g2"}])), Fails("mutability")),
        case("P069", "U1", replace("<ENT>:manager.displayName", json!("Z")), Fails("mutability")),
        case("P070", "U1", bare("replace", json!({"id": "u1", "active": false})), Changed(json!({"active": false}))),
        case("P071", "U1", bare("replace", json!({"id": "zzz", "nickName": "B"})), Changed(json!({"nickName": "B"})))
            .strict(Fails("mutability")),
        case(
            "P072",
            "U1",
            bare("replace", json!({"emails": [{"value": "one@x.org"}], "nickName": null})),
            Changed(json!({"emails": [{"value": "one@x.org"}], "nickName": null})),
        ),
        case(
            "P073",
            "U1",
            replace("<ENT>", json!({"department": "X"})),
            Changed(json!({"<ENT>": {"department": "X"}})),
        ),
        case("P105", "U1", add("schemas", json!(["urn:x:unknown"])), Fails("invalidValue")),
    ]
}

fn bad_paths() -> Vec<Case> {
    let x = || json!("x");
    [
        ("P076", "shoeSize", "invalidPath"),
        ("P077", "name.shoe", "invalidPath"),
        ("P078", "urn:unknown:2.0:User:foo", "invalidPath"),
        ("P079", "<ENT>.department", "invalidPath"),
        ("P080", "name[familyName eq \"Jensen\"].givenName", "invalidPath"),
        ("P081", "emails[type eq \"work\"", "invalidPath"),
        ("P082", "emails[type xx \"work\"].value", "invalidFilter"),
        ("P083", "emails[foo eq \"work\"].value", "invalidFilter"),
        ("P084", "emails[0].value", "invalidFilter"),
        ("P085", "/emails/0/value", "invalidPath"),
        ("P086", "emails[type eq \"work\"].value.x", "invalidPath"),
        ("P087", "", "invalidPath"),
    ]
    .into_iter()
    .map(|(number, path, keyword)| case(number, "U1", replace(path, x()), Fails(keyword)))
    .collect()
}

fn removals() -> Vec<Case> {
    let emails = |list: Value| Changed(json!({"emails": list}));
    let home = json!({"value": HOME, "type": "home"});
    vec![
        case("P088", "U1", json!({"op": "remove"}), Fails("noTarget")),
        case("P089", "U1", remove("nickName"), Changed(json!({"nickName": null}))),
        case("P090", "U2", remove("nickName"), Same),
        case("P091", "U1", remove("name.givenName"), Changed(json!({"name": {"givenName": null}}))),
        case("P092", "U1", remove("emails"), Changed(json!({"emails": null}))),
        case("P093", "U1", remove("emails[type eq \"work\" and value ew \"example.com\"]"), emails(json!([home]))),
        case("P094", "U1", remove("emails[type eq \"other\"]"), Same),
        case(
            "P095",
            "U1",
            remove("emails[type eq \"work\"].primary"),
            emails(json!([{"value": WORK, "type": "work"}, home])),
        ),
        case(
            "P096",
            "U1",
            remove("emails[type eq \"work\"].value"),
            emails(json!([{"type": "work", "primary": true}, home])),
        ),
        case("P097", "U1", remove("userName"), Fails("mutability")),
        case("P098", "U1", remove("id"), Fails("mutability")),
        case("P099", "U1", remove("<X>:hireDate"), Fails("mutability")),
        case("P100", "U1", remove("<X>:tags[value eq \"red\"]"), Changed(json!({"<X>": {"tags": ["blue"]}}))),
        case("P101", "U1", remove("<X>:tags[value pr]"), Changed(json!({"<X>": {"tags": null}}))),
        case("P102", "U1", remove("<ENT>"), Changed(json!({"<ENT>": null}))),
        case("P103", "U2", remove("<ENT>"), Same),
        case(
            "P104",
            "U1",
            json!([remove("<ENT>:manager"), remove("<ENT>:employeeNumber"), remove("<ENT>:department")]),
            Changed(json!({"<ENT>": null})),
        ),
    ]
}

fn groups() -> Vec<Case> {
    vec![
        case("P106", "G1", add("members", json!([{"value": "u1"}, {"value": "u3"}])), Members(&["u1", "u2", "u3"])),
        case("P107", "G1", add("members", json!([{"value": "u1", "display": "Other"}])), Same),
        // Which members exist is known to the store alone; the library hands all of them on.
        case(
            "P108",
            "G1",
            add("members", json!([{"value": "nobody"}, {"value": "u3"}])),
            Members(&["u1", "u2", "nobody", "u3"]),
        ),
        case("P109", "G1", add("members", json!([{"value": "U1"}])), Members(&["u1", "u2", "U1"])),
        case("P110", "G1", add("members", json!(["u3"])), Members(&["u1", "u2", "u3"])).strict(Fails("invalidValue")),
        case("P113", "G1", remove("members"), Members(&[])),
        case("P114", "G1", remove("members[value eq \"u1\"]"), Members(&["u2"])),
        case("P115", "G1", remove("members[value eq \"nobody\"]"), Same),
        case("P116", "G1", json!({"op": "remove", "path": "members", "value": [{"value": "u1"}]}), Members(&["u2"])),
        case("P117", "G1", remove("members[value eq \"u1\" or value eq \"u2\"]"), Members(&[])),
        case("P118", "G1", replace("members[value eq \"u1\"].value", json!("u3")), Fails("mutability")),
        case("P119", "G1", replace("members", json!([{"value": "u3"}])), Members(&["u3"])),
        case(
            "P120",
            "G1",
            bare("replace", json!({"id": "g1", "displayName": "Guides"})),
            Changed(json!({"displayName": "Guides"})),
        ),
        case("P121", "G1", remove("displayName"), Fails("mutability")),
    ]
}

fn sequences() -> Vec<Case> {
    vec![
        case(
            "P122",
            "U1",
            json!([
                add("emails", json!([{"value": "o@x", "type": "other"}])),
                replace("emails[type eq \"other\"].value", json!("p@x"))
            ]),
            Changed(emails_and(json!({"value": "p@x", "type": "other"}))),
        ),
        case("P123", "U1", json!([replace("nickName", json!("Z")), remove("userName")]), Fails("mutability")),
        case("P124", "U1", json!([remove("nickName"), add("nickName", json!("Babs"))]), Same),
    ]
}

fn messages() -> Vec<Case> {
    let b = || Changed(json!({"nickName": "B"}));
    let value = json!({"nickName": "B"});
    vec![
        case("P125", "U1", json!([bare("Replace", json!({"nickName": "A"})), bare("ADD", value.clone())]), b()),
        case("P126", "U1", json!({"op": "replace", "path": null, "value": value}), b()).strict(Fails("invalidSyntax")),
        case("P128", "U1", bare("move", value.clone()), Fails("invalidSyntax")),
        message("P129", "U1", operations(json!([])), Fails("invalidSyntax")),
        message("P129", "U1", object(json!({"schemas": [doorward_scim::schema::PATCH_OP]})), Fails("invalidSyntax")),
        message(
            "P130",
            "U1",
            object(json!({"schemas": [doorward_scim::schema::PATCH_OP], "operations": [bare("add", value.clone())]})),
            b(),
        ),
        message("P131", "U1", object(json!({"Operations": [bare("add", value)]})), b()).strict(Fails("invalidSyntax")),
    ]
}

#[test]
fn p001_to_p131_hold_in_both_profiles() {
    let tables = [
        adds(),
        adds_without_path(),
        creations(),
        typed_values(),
        replacements(),
        the_server_s(),
        bad_paths(),
        removals(),
        groups(),
        sequences(),
        messages(),
    ];
    let mut wrong = Vec::new();
    let mut numbers = std::collections::BTreeSet::new();
    for case in tables.into_iter().flatten() {
        numbers.insert(case.number);
        for (profile, expected) in [(Profile::Tolerant, &case.tolerant), (Profile::Strict, &case.strict)] {
            let outcome = run(case.target, Version::V2, case.body.clone(), profile);
            if let Some(reason) = expected.contradicts(case.target, &outcome) {
                wrong.push(format!("{} {profile:?}: {reason}", case.number));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases fail\n{}", wrong.len(), wrong.join("\n"));
    // P111 and P112 are about which group it is, P132 is the JSON reader's.
    let missing: Vec<_> = (1..=131)
        .map(|number| format!("P{number:03}"))
        .filter(|number| !numbers.contains(number.as_str()) && number != "P111" && number != "P112")
        .collect();
    assert!(missing.is_empty(), "not in the table: {missing:?}");
}

#[test]
fn p132_a_value_given_twice_is_refused_before_it_is_read() {
    let body = br#"{"Operations": [{"op": "add", "path": "nickName", "value": "a", "value": "b"}]}"#;
    assert_eq!(reader::parse_object(body).map_err(|error| error.scim_type()), Err("invalidSyntax"));
}
