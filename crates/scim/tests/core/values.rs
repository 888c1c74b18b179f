use doorward_scim::Error;
use doorward_scim::quirks::{Leniency, Quirk};
use doorward_scim::schema::{Attribute, AttributeType};
use doorward_scim::value::{accept_value, bytes, instant, same_value};
use serde_json::{Value, json};

use crate::fixtures::{ENT, outcome, user_type};

fn accept(attribute: &Attribute, value: Value, mut leniency: Leniency) -> Result<Option<Value>, Error> {
    accept_value(attribute, value, &mut leniency)
}

fn attribute(name: &str) -> Attribute {
    let user = user_type();
    user.core_attribute(name).or_else(|| user.unqualified(name).map(|(_, found)| found)).expect("known").clone()
}

/// The value in the tolerant and in the strict profile; `None` for a refusal.
#[track_caller]
fn check(name: &str, value: Value, tolerant: Option<Value>, strict: Option<Value>) {
    for (leniency, expected) in [(Leniency::tolerant(), tolerant), (Leniency::strict(), strict)] {
        let profile = leniency.profile();
        match (accept(&attribute(name), value.clone(), leniency), expected) {
            (Ok(accepted), Some(expected)) => {
                assert_eq!(accepted.unwrap_or_default(), expected, "{name} {value} {profile:?}");
            }
            (Err(error), None) => assert_eq!(error.scim_type(), "invalidValue", "{name} {value} {profile:?}"),
            (result, expected) => panic!("{name} {value} {profile:?}: {result:?} instead of {expected:?}"),
        }
    }
}

#[test]
fn s_7643_2_3_2_01_d17_booleans() {
    check("active", json!(true), Some(json!(true)), Some(json!(true)));
    for (text, value) in [("True", true), ("true", true), ("FALSE", false), ("False", false)] {
        check("active", json!(text), Some(json!(value)), None);
    }
    for wrong in [json!(1), json!(0), json!("yes"), json!("no"), json!("1"), json!({"value": true}), json!([true])] {
        check("active", wrong, None, None);
    }
}

#[test]
fn s_7643_2_3_4_01_integers() {
    check("badge", json!(42), Some(json!(42)), Some(json!(42)));
    check("badge", json!(-1), Some(json!(-1)), Some(json!(-1)));
    for wrong in ["42.5", "42.0", "4e1", "\"42\"", "123456789012345678901234567890", "true"] {
        check("badge", serde_json::from_str(wrong).expect("JSON"), None, None);
    }
}

#[test]
fn s_7643_2_3_3_01_decimals() {
    check("score", json!(1.5), Some(json!(1.5)), Some(json!(1.5)));
    check("score", json!(2), Some(json!(2)), Some(json!(2)));
    check("score", json!("1.5"), None, None);
    assert!(same_value(Some(&attribute("score")), &json!(2), &json!(2.0)));
}

#[test]
fn s_7643_2_3_5_01_instants() {
    for text in [
        "2008-01-23T04:56:22Z",
        "2008-01-23T04:56:22.123456+05:30",
        "2008-01-23T04:56:22.1234567890123Z",
        "2020-02-29T23:59:59-11:00",
        "2020-01-01T00:00:00",
    ] {
        check("hireDate", json!(text), Some(json!(text)), Some(json!(text)));
    }
    for text in [
        "2008-01-23",
        "04:56:22",
        "2008-13-01T00:00:00Z",
        "2021-02-29T00:00:00Z",
        "2008-01-23 04:56:22Z",
        "2008-01-23T04:56Z",
        "2008-01-23T04:56:60Z",
        "2008-01-23T25:00:00Z",
        "2008-01-23T04:56:22.Z",
        "2008-01-23T04:56:22+5:30",
        "2008-01-23T04:56:22+15:00",
        "2008-01-23T04:56:22Z[UTC]",
        "2008-01-23t04:56:22z",
        "２００８-01-23T04:56:22Z",
        "yesterday",
    ] {
        assert_eq!(instant(text), None, "{text}");
        check("hireDate", json!(text), None, None);
    }
    check("hireDate", json!(1_577_836_800), None, None);
}

#[test]
fn s_7643_2_3_5_02_an_instant_without_zone_is_utc() {
    assert_eq!(instant("2020-01-01T00:00:00"), instant("2020-01-01T00:00:00Z"));
    assert_eq!(instant("2020-01-01T00:00:00Z"), instant("2020-01-01T05:30:00.000+05:30"));
    assert_ne!(instant("2020-01-01T00:00:00Z"), instant("2020-01-01T00:00:00.000000001Z"));
}

#[test]
fn s_7643_2_3_6_01_binary() {
    assert_eq!(bytes("QUI="), bytes("QUI"));
    check("cert", json!("QUI="), Some(json!("QUI=")), Some(json!("QUI=")));
    check("cert", json!("QUI"), Some(json!("QUI")), Some(json!("QUI")));
    for wrong in ["Q U I", "@@@", "Q"] {
        check("cert", json!(wrong), None, None);
    }
    assert!(same_value(Some(&attribute("cert")), &json!("QUI="), &json!("QUI")));
    assert!(!same_value(Some(&attribute("cert")), &json!("QUI="), &json!("qui=")));
}

#[test]
fn s_7643_4_1_2_10_one_certificate() {
    let der = json!([{"value": "MAMCAQU="}]);
    check("x509Certificates", der.clone(), Some(der.clone()), Some(der));
    let chain = json!([{"value": "MAMCAQUwAwIBBQ=="}]);
    check("x509Certificates", chain.clone(), Some(chain), None);
    let pem = json!([{"value": "-----BEGIN CERTIFICATE-----\nMAMCAQU=\n-----END CERTIFICATE-----\n"}]);
    check("x509Certificates", pem.clone(), Some(pem), None);
    check("x509Certificates", json!([{"value": "not base64 at all"}]), None, None);
}

#[test]
fn d20_an_empty_string_clears() {
    check("nickName", json!(""), Some(Value::Null), Some(json!("")));
    check("active", json!(""), Some(Value::Null), None);
    check("manager", json!(""), Some(Value::Null), None);
    check("emails", json!(""), Some(Value::Null), None);
    check("name", json!({"givenName": "Ada", "familyName": ""}), Some(json!({"givenName": "Ada"})), {
        Some(json!({"givenName": "Ada", "familyName": ""}))
    });
    // Okta pushes a cleared e-mail address as an element without value.
    let pushed = json!([{"primary": true, "type": "work", "value": ""}, {"value": "a@b.example"}]);
    let mut leniency = Leniency::tolerant();
    assert_eq!(accept_value(&attribute("emails"), pushed, &mut leniency), Ok(Some(json!([{"value": "a@b.example"}]))));
    assert_eq!(leniency.used().collect::<Vec<_>>(), [Quirk::EmptyStringClears]);
}

#[test]
fn d15_a_blank_required_value_is_missing() {
    check("userName", json!(""), Some(Value::Null), None);
    check("userName", json!(" \t"), Some(Value::Null), None);
    check("userName", json!(7), None, None);
}

#[test]
fn sec_09_a_user_name_shows_all_it_holds() {
    for name in ["a\u{202e}b", "a\u{200b}b", "a\nb", "\u{feff}a"] {
        check("userName", json!(name), None, None);
    }
    // Other attributes are free text, line breaks included (S-7643-4.1.2-05).
    check("title", json!("a\nb"), Some(json!("a\nb")), Some(json!("a\nb")));
}

#[test]
fn p010_p031_p062_text_for_a_complex_value() {
    check("emails", json!(["n@x.org"]), Some(json!([{"value": "n@x.org"}])), None);
    check("emails", json!("n@x.org"), Some(json!([{"value": "n@x.org"}])), None);
    check("manager", json!("u3"), Some(json!({"value": "u3"})), None);
    check("name", json!("J2"), None, None);
    check("addresses", json!(["Hollywood"]), None, None);
}

#[test]
fn d38_an_array_for_a_single_complex_value() {
    check("manager", json!([{"value": "u3"}]), Some(json!({"value": "u3"})), None);
    check("manager", json!([{"value": "u3"}, {"value": "u4"}]), None, None);
    check("manager", json!([]), Some(Value::Null), Some(Value::Null));
    check("manager", json!(["u3"]), None, None);
    check("title", json!(["Guide"]), None, None);
}

#[test]
fn one_value_for_a_list() {
    check("emails", json!({"value": "n@x.org"}), Some(json!([{"value": "n@x.org"}])), None);
    check("tags", json!("red"), Some(json!(["red"])), None);
    check("tags", json!(["red", "blue", "red"]), Some(json!(["red", "blue"])), Some(json!(["red", "blue"])));
    check("tags", json!([1]), None, None);
}

#[test]
fn s_7643_2_4_02_h010_one_primary() {
    let two = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    check("emails", two, None, None);
    let text = json!([{"value": "a", "primary": "True"}, {"value": "b", "primary": "false"}]);
    check("emails", text, Some(json!([{"value": "a", "primary": true}, {"value": "b", "primary": false}])), None);
}

#[test]
fn s_7643_2_4_05_one_pair_of_value_and_type_once() {
    let twice = json!([
        {"value": "a@x.org", "type": "work"},
        {"value": "a@x.org", "type": "home"},
        {"value": "A@x.org", "type": "Work", "primary": true},
    ]);
    let once = json!([{"value": "a@x.org", "type": "work", "primary": true}, {"value": "a@x.org", "type": "home"}]);
    check("emails", twice, Some(once.clone()), Some(once));
    let addresses = json!([{"type": "work", "locality": "A"}, {"type": "work", "locality": "A"}]);
    check("addresses", addresses.clone(), Some(addresses.clone()), Some(addresses));
}

#[test]
fn s_7643_2_5_01_null_and_empty_are_unassigned() {
    for nothing in [json!(null), json!([]), json!({})] {
        for name in ["nickName", "emails", "name", "manager", "badge"] {
            check(name, nothing.clone(), Some(Value::Null), Some(Value::Null));
        }
    }
    let emails = json!([null, {}, {"value": "a@x.org", "type": null, "display": null}]);
    let left = json!([{"value": "a@x.org"}]);
    check("emails", emails, Some(left.clone()), Some(left));
    check("tags", json!([null, {}, [], "red"]), Some(json!(["red"])), Some(json!(["red"])));
}

#[test]
fn s_7643_2_1_01_sub_attributes_come_out_in_canonical_spelling() {
    let name = json!({"GIVENNAME": "Ada", "familyname": "Lovelace"});
    let canonical = json!({"givenName": "Ada", "familyName": "Lovelace"});
    check("name", name, Some(canonical.clone()), Some(canonical));
}

#[test]
fn d18_unknown_sub_attributes_are_kept_or_refused() {
    let role = json!([{"value": "r", "displayName": "Reader", "x": {"y": null, "z": [1, null]}}]);
    check("roles", role, Some(json!([{"value": "r", "displayName": "Reader", "x": {"z": [1]}}])), None);
}

#[test]
fn s_7643_4_3_01_the_managers_display_name_is_the_servers() {
    let manager = json!({"value": "u2", "displayName": "Boss", "$ref": "https://x.example/scim/v2/Users/u9"});
    check("manager", manager, Some(json!({"value": "u2"})), Some(json!({"value": "u2"})));
    for reference in ["https://x.example/scim/v1/Users/u9", "../Users/u9", "Users/u9/", "/Users/u9?x=1#y"] {
        let alone = json!({"$ref": reference});
        check("manager", alone, Some(json!({"value": "u9"})), Some(json!({"value": "u9"})));
    }
    assert!(user_type().extension(ENT).is_some());
}

#[test]
fn s_7643_4_1_1_05_urls() {
    for (name, text, strict) in [
        ("profileUrl", "https://login.example.com/ada", true),
        ("profileUrl", "not a url", false),
        ("profileUrl", "ftp://x", false),
        ("profileUrl", "https://", false),
    ] {
        check(name, json!(text), Some(json!(text)), strict.then(|| json!(text)));
    }
    let photo = json!([{"value": "data:image/png;base64,AA=="}]);
    check("photos", photo.clone(), Some(photo), None);
    check("profileUrl", json!(7), None, None);
}

#[test]
fn s_7643_4_1_1_06_languages_zones_and_countries() {
    for (name, text, strict) in [
        ("preferredLanguage", "en-US,en;q=0.8", true),
        ("preferredLanguage", "I like English", false),
        ("locale", "en-US", true),
        ("locale", "en_US", true),
        ("locale", "e", false),
        ("timezone", "America/Los_Angeles", true),
        ("timezone", "America/Argentina/Buenos_Aires", true),
        ("timezone", "Etc/GMT+5", true),
        ("timezone", "UTC", true),
        ("timezone", "Pacific Standard Time", false),
        ("timezone", "America/", false),
    ] {
        check(name, json!(text), Some(json!(text)), strict.then(|| json!(text)));
    }
    for (country, strict) in [("US", true), ("USA", false), ("Germany", false)] {
        let addresses = json!([{"country": country}]);
        check("addresses", addresses.clone(), Some(addresses.clone()), strict.then_some(addresses));
    }
}

#[test]
fn numbers_for_texts_that_are_numbered() {
    check("employeeNumber", json!(701_984), Some(json!("701984")), None);
    check("externalId", json!(5), Some(json!("5")), None);
    check("displayName", json!(5), None, None);
    check("title", json!(true), None, None);
}

#[test]
fn sec_12_a_password_is_dropped_unread() {
    for value in [json!("secret"), json!(7), json!({"a": 1})] {
        assert_eq!(outcome(accept(&attribute("password"), value.clone(), Leniency::strict())), "ok");
        check("password", value, Some(Value::Null), Some(Value::Null));
    }
}

#[test]
fn the_schema_of_every_attribute_of_the_table_is_complete() {
    for schema in user_type().extensions.iter().map(|extension| &extension.schema).chain([&user_type().schema]) {
        for attribute in &schema.attributes {
            assert_eq!(attribute.attribute_type == AttributeType::Complex, !attribute.sub_attributes.is_empty());
            // Only the Schema resource itself may nest (S-7643-2.3.8-02).
            assert!(attribute.sub_attributes.iter().all(|sub| !sub.is_complex()), "{}", attribute.name);
        }
    }
}
