use doorward_scim::json;
use doorward_scim::quirks::{Leniency, Quirk};
use doorward_scim::resource::{self, Incoming, Resource};
use doorward_scim::schema::{GROUP, ResourceType};
use serde_json::{Value, json};

use crate::fixtures::{CORE, ENT, X, object, outcome, stored, strict, tolerant, u1, user, user_type};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

fn used(body: Value) -> Vec<Quirk> {
    let mut leniency = Leniency::tolerant();
    resource::read(object(body), &user_type(), &mut leniency).expect("accepted");
    leniency.used().collect()
}

#[test]
fn the_fixture_is_conformant_and_stored_as_it_was_sent() {
    assert_eq!(outcome(strict(u1())), "ok");
    assert_eq!(stored(u1()), u1());
    assert!(used(u1()).is_empty(), "{:?}", used(u1()));
    assert!(user(u1()).to_stored().starts_with(r#"{"schemas":["#));
}

#[test]
fn h003_user_name_missing_empty_or_blank() {
    for body in [json!({}), json!({"userName": ""}), json!({"userName": "  "}), json!({"userName": null})] {
        assert_eq!(outcome(tolerant(body.clone())), "invalidValue", "{body}");
        let mut conformant = object(body);
        conformant.insert("schemas".to_owned(), json!([CORE]));
        assert_eq!(outcome(strict(Value::Object(conformant))), "invalidValue");
    }
}

#[test]
fn h004_sec_11_what_belongs_to_the_server_is_ignored() {
    let body = json!({
        "schemas": [CORE], "id": "mine", "meta": {"created": "1999-01-01T00:00:00Z", "version": "W/\"9\""},
        "groups": [{"value": "g1"}], "userName": "ada",
    });
    assert_eq!(stored(body.clone()), json!({"schemas": [CORE], "userName": "ada", "active": true}));
    assert_eq!(outcome(strict(body)), "ok");
    // Whatever their shape.
    let odd = json!({"ID": 7, "Meta": "x", "GROUPS": true, "userName": "ada"});
    assert_eq!(stored(odd), json!({"schemas": [CORE], "userName": "ada", "active": true}));
}

#[test]
fn h005_names_ignore_letter_case() {
    assert_eq!(stored(json!({"SCHEMAS": [CORE], "USERNAME": "x"}))["userName"], "x");
}

#[test]
fn h006_one_attribute_twice() {
    let twice = json::parse_object(br#"{"userName": "a", "USERNAME": "b"}"#);
    assert_eq!(outcome(twice), "invalidSyntax");
    // SEC-10: nor through a path.
    for body in [
        json!({"userName": "a", "name": {"givenName": "A"}, "name.givenName": "B"}),
        json!({"userName": "a", "name.givenName": "B", "name": {"givenName": "A"}}),
        json!({"userName": "a", "name.givenName": "B", "NAME.GIVENNAME": "B"}),
        json!({"userName": "a", "urn:ietf:params:scim:schemas:core:2.0:User:userName": "b"}),
        json!({"userName": "a", ENT: {"department": "A"}, format!("{ENT}:department"): "B"}),
        json!({"userName": "a", CORE: {"userName": "b"}}),
    ] {
        assert_eq!(outcome(tolerant(body.clone())), "invalidSyntax", "{body}");
    }
}

#[test]
fn h007_schemas_missing_empty_or_no_array() {
    for (schemas, in_tolerant, in_strict) in [
        (None, "ok", "invalidSyntax"),
        (Some(json!(null)), "ok", "invalidSyntax"),
        (Some(json!([])), "ok", "invalidSyntax"),
        (Some(json!(CORE)), "invalidSyntax", "invalidSyntax"),
        (Some(json!({})), "invalidSyntax", "invalidSyntax"),
        (Some(json!([7])), "invalidSyntax", "invalidSyntax"),
        (Some(json!([""])), "invalidSyntax", "invalidSyntax"),
        (Some(json!([CORE, CORE.to_uppercase()])), "ok", "ok"),
        (Some(json!([ENT])), "ok", "invalidSyntax"),
    ] {
        let mut body = object(json!({"userName": "a"}));
        body.extend(schemas.map(|schemas| ("schemas".to_owned(), schemas)));
        assert_eq!(outcome(tolerant(Value::Object(body.clone()))), in_tolerant, "{body:?}");
        assert_eq!(outcome(strict(Value::Object(body.clone()))), in_strict, "{body:?}");
    }
    assert_eq!(used(json!({"userName": "a"})), [Quirk::MissingSchemas]);
}

#[test]
fn h008_an_extension_that_is_not_listed() {
    let body = json!({"schemas": [CORE], "userName": "a", ENT: {"department": "D"}});
    assert_eq!(stored(body.clone())["schemas"], json!([CORE, ENT]));
    assert_eq!(used(body.clone()), [Quirk::ExtensionNotListed]);
    assert_eq!(outcome(strict(body)), "invalidSyntax");
}

#[test]
fn h009_an_extension_that_is_listed_and_not_there() {
    let body = json!({"schemas": [CORE, ENT], "userName": "a"});
    assert_eq!(outcome(strict(body.clone())), "ok");
    assert_eq!(stored(body)["schemas"], json!([CORE]));
    let empty = json!({"schemas": [CORE, ENT], "userName": "a", ENT: {"department": null, "manager": {}}});
    assert_eq!(stored(empty), json!({"schemas": [CORE], "userName": "a", "active": true}));
}

#[test]
fn h010_two_primaries() {
    let emails = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    assert_eq!(outcome(tolerant(json!({"userName": "a", "emails": emails}))), "invalidValue");
}

#[test]
fn h014_sec_12_no_password_anywhere() {
    for password in [json!("canary"), json!(["canary"]), json!({"x": "canary"})] {
        for key in ["password", "PassWord", "urn:ietf:params:scim:schemas:core:2.0:User:password"] {
            let body = json!({"schemas": [CORE], "userName": "a", key: password});
            let read = tolerant(body).map(|incoming| format!("{incoming:?}"));
            assert!(!read.expect("accepted").contains("canary"), "{key}");
        }
    }
    for hidden in [
        json!({CORE: {"password": "canary"}}),
        json!({WORKATO: {"Password": "canary", "deep": [{"password": "canary"}]}}),
        json!({ENT: {"password": "canary"}}),
        json!({"name": {"givenName": "A", "password": "canary"}}),
        json!({"password.value": "canary", "urn:x:password": "canary", format!("{ENT}:password"): "canary"}),
    ] {
        let mut body = object(hidden);
        body.insert("userName".to_owned(), json!("a"));
        assert!(!user(Value::Object(body.clone())).to_stored().contains("canary"), "{body:?}");
    }
}

#[test]
fn s_7643_3_03_unknown_schema_uris() {
    let body = json!({"schemas": [CORE, "urn:x:unknown"], "userName": "a"});
    assert_eq!(stored(body.clone())["schemas"], json!([CORE]));
    assert_eq!(used(body.clone()), [Quirk::UnknownSchemaUri]);
    assert_eq!(outcome(strict(body)), "invalidValue");
}

#[test]
fn wb_81_entra_lists_a_uri_of_its_own_for_groups() {
    let body = json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "8aa1a0c0", "displayName": "Engineering", "meta": {"resourceType": "Group"},
    });
    let group = resource::read(object(body), &ResourceType::group(), &mut Leniency::tolerant()).expect("accepted");
    assert_eq!(
        Value::Object(group.resource.into_object()),
        json!({"schemas": [GROUP], "externalId": "8aa1a0c0", "displayName": "Engineering"})
    );
    assert_eq!(group.members, None);
}

#[test]
fn s_7643_3_04_uris_ignore_letter_case() {
    let upper = ENT.to_uppercase();
    let body = json!({"schemas": [CORE.to_uppercase(), upper], "userName": "a", upper: {"DEPARTMENT": "D"}});
    assert_eq!(
        stored(body.clone()),
        json!({"schemas": [CORE, ENT], "userName": "a", ENT: {"department": "D"}, "active": true})
    );
    assert_eq!(outcome(strict(body)), "ok");
}

#[test]
fn wb_09_a_custom_namespace_is_kept_as_it_was_sent() {
    let body = json!({
        "schemas": [CORE, WORKATO], "userName": "ada@corp.example",
        WORKATO: {"workato_role": "Admin", "none": null, "deep": {"list": [1, {}, {"a": []}]}},
    });
    assert_eq!(
        stored(body.clone()),
        json!({
            "schemas": [CORE, WORKATO], "userName": "ada@corp.example",
            WORKATO: {"workato_role": "Admin", "deep": {"list": [1]}}, "active": true,
        })
    );
    assert_eq!(used(body.clone()), [Quirk::UnknownAttribute]);
    assert_eq!(outcome(strict(body)), "invalidValue");
    let okta = json!({"userName": "a", "urn:okta:custom:user:1.0": {"shoe": 44}});
    assert_eq!(stored(okta)["schemas"], json!([CORE, "urn:okta:custom:user:1.0"]));
}

#[test]
fn d18_unknown_attributes() {
    let body = json!({"schemas": [CORE], "userName": "a", "shoeSize": 44, "empty": "", "nothing": [null]});
    assert_eq!(stored(body.clone()), json!({"schemas": [CORE], "userName": "a", "shoeSize": 44, "active": true}));
    assert_eq!(outcome(strict(body)), "invalidSyntax");
}

#[test]
fn wb_65_entra_creates_a_user_with_nulls_in_odd_places() {
    let body = json!({
        "schemas": [CORE, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
        "externalId": "0a21f0f2", "userName": "ada@corp.example", "active": "True",
        "emails": [{"primary": true, "type": "work", "value": "ada@corp.example"}],
        "meta": {"resourceType": "User"}, "name": {"formatted": "Ada Lovelace", "familyName": null},
        "roles": [], "title": null, "department": null, "manager": null, "addresses": null,
    });
    assert_eq!(
        stored(body),
        json!({
            "schemas": [CORE], "externalId": "0a21f0f2", "userName": "ada@corp.example", "active": true,
            "emails": [{"primary": true, "type": "work", "value": "ada@corp.example"}],
            "name": {"formatted": "Ada Lovelace"},
        })
    );
}

#[test]
fn wb_07_okta_creates_a_user() {
    let body = json!({
        "schemas": [CORE], "userName": "ada.lovelace@corp.example",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"primary": true, "value": "ada.lovelace@corp.example", "type": "work"}],
        "displayName": "Ada Lovelace", "locale": "en-US", "externalId": "00u1abcdEFGHijklm0x7",
        "groups": [], "password": "x7Kq02Lm", "active": true,
    });
    assert_eq!(outcome(strict(body.clone())), "ok");
    let Incoming { resource, members, active_given } = tolerant(body).expect("accepted");
    assert!(active_given && members.is_none());
    assert_eq!(resource.text("externalId"), Some("00u1abcdEFGHijklm0x7"));
    assert_eq!((resource.get("groups"), resource.get("password")), (None, None));
}

#[test]
fn d22_active_null_or_absent() {
    for body in
        [json!({"userName": "a"}), json!({"userName": "a", "active": null}), json!({"userName": "a", "active": ""})]
    {
        let incoming = tolerant(body).expect("accepted");
        assert!(!incoming.active_given && incoming.resource.active());
        assert_eq!(incoming.resource.get("active"), Some(&json!(true)));
    }
    let inactive = tolerant(json!({"userName": "a", "active": "False"})).expect("accepted");
    assert!(inactive.active_given && !inactive.resource.active());
}

#[test]
fn p_7644_3_10_03_unqualified_extension_attributes_find_their_place() {
    let body = json!({"userName": "a", "department": "D", "manager": [{"value": "u2"}], "badge": "no number"});
    assert_eq!(
        stored(body),
        json!({
            "schemas": [CORE, ENT], "userName": "a", "active": true,
            ENT: {"department": "D", "manager": {"value": "u2"}}, "badge": "no number",
        })
    );
    let both = json!({"userName": "a", "department": "top", ENT: {"department": "in"}});
    assert_eq!(stored(both)[ENT], json!({"department": "in"}));
    assert_eq!(outcome(strict(json!({"schemas": [CORE], "userName": "a", "department": "D"}))), "invalidSyntax");
}

#[test]
fn p_7644_3_5_2_15_paths_as_keys() {
    let body = json!({
        "userName": "a", "name.givenName": "Ada", "NAME.familyname": "Lovelace", format!("{ENT}:department"): "D",
        format!("{ENT}:manager.value"): "u2", format!("{WORKATO}:workato_role"): "Admin", format!("{CORE}:title"): "T",
    });
    assert_eq!(
        stored(body.clone()),
        json!({
            "schemas": [CORE, ENT, WORKATO], "userName": "a", "active": true, "title": "T",
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            ENT: {"department": "D", "manager": {"value": "u2"}}, WORKATO: {"workato_role": "Admin"},
        })
    );
    assert!(used(body).contains(&Quirk::DottedKey));
    let dotted = json!({"schemas": [CORE], "userName": "a", "name.givenName": "Ada"});
    assert_eq!(outcome(strict(dotted)), "invalidSyntax");
}

#[test]
fn core_attributes_under_the_core_urn() {
    let body = json!({"schemas": [CORE], "userName": "a", CORE: {"title": "T", "shoe": 1, "id": "x"}});
    assert_eq!(
        stored(body.clone()),
        json!({"schemas": [CORE], "userName": "a", "title": "T", "shoe": 1, "active": true})
    );
    assert_eq!(outcome(strict(body)), "invalidSyntax");
}

#[test]
fn wrong_types_are_refused_with_their_place() {
    for (body, place) in [
        (json!({"userName": 7}), "userName"),
        (json!({"userName": "a", "name": 7}), "name"),
        (json!({"userName": "a", "name": {"givenName": 7}}), "givenName"),
        (json!({"userName": "a", "emails": [{"value": "x"}, {"value": 7}]}), "emails[1]"),
        (json!({"userName": "a", ENT: 7}), ENT),
        (json!({"userName": "a", ENT: {"department": 7}}), ENT),
        (json!({"userName": "a", X: {"badge": "43"}}), "badge"),
        (json!({"userName": "a", X: {"hireDate": "2020-01-01"}}), "hireDate"),
    ] {
        let error = tolerant(body.clone()).expect_err("refused");
        assert_eq!(error.scim_type(), "invalidValue", "{body}");
        assert!(error.detail().contains(place), "{body}: {error}");
    }
}

#[test]
fn s_7643_6_03_a_required_extension() {
    let mut types = user_type();
    types.extensions[1].required = true;
    types.extensions[1].schema.attributes[0].required = true;
    for (body, expected) in [
        (json!({"userName": "a"}), "invalidValue"),
        (json!({"userName": "a", X: {"score": 1}}), "invalidValue"),
        (json!({"userName": "a", X: {"badge": 1}}), "ok"),
    ] {
        assert_eq!(outcome(resource::read(object(body), &types, &mut Leniency::tolerant())), expected);
    }
}

#[test]
fn keys_that_are_too_long_for_an_index() {
    let long = "a".repeat(1025);
    // One character that folds to eighteen.
    let grows = "\u{fdfa}".repeat(100);
    for value in [long.as_str(), grows.as_str()] {
        for body in [
            json!({"userName": value}),
            json!({"userName": "a", "externalId": value}),
            json!({"userName": "a", "displayName": value}),
            json!({"userName": "a", "emails": [{"value": value}]}),
        ] {
            assert_eq!(outcome(tolerant(body)), "invalidValue");
        }
    }
    let free = json!({"userName": "a".repeat(1024), "title": "x".repeat(65_536)});
    assert_eq!(outcome(tolerant(free)), "ok");
}

#[test]
fn stored_text_reads_back() {
    let resource = user(u1());
    assert_eq!(Resource::from_stored(&resource.to_stored()), Ok(resource.clone()));
    assert_eq!(resource.text("name.familyName"), Some("Jensen"));
    assert_eq!(resource.text("NICKNAME"), Some("Babs"));
    assert_eq!(resource.extension(ENT).and_then(|ent| ent.get("employeeNumber")), Some(&json!("701984")));
    assert_eq!(outcome(Resource::from_stored("{")), "invalidSyntax");
}
