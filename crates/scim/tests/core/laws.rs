//! Laws that hold for every input.

use doorward_scim::attr::{AttrPath, fold, normalise_user_name};
use doorward_scim::project::Projection;
use doorward_scim::quirks::Leniency;
use doorward_scim::resource::{Resource, read, replace};
use doorward_scim::schema::ResourceType;
use doorward_scim::value::accept_value;
use doorward_scim::{Object, json};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::fixtures::{CORE, ENT, X, user_type};

/// Texts that mean something to somebody, and others.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("True".to_owned()),
        Just("2020-01-01T00:00:00Z".to_owned()),
        Just("2020-01-01T01:00:00+01:00".to_owned()),
        Just("QUI".to_owned()),
        Just("https://x.example/scim/v2/Users/u-1".to_owned()),
        "[a-zA-Z ]{0,6}",
        "[^\\x00]{0,4}",
    ]
}

pub fn name() -> impl Strategy<Value = String> {
    let names: Vec<String> = [
        "schemas",
        "id",
        "externalId",
        "meta",
        "userName",
        "USERNAME",
        "name",
        "givenName",
        "familyName",
        "displayName",
        "active",
        "password",
        "emails",
        "roles",
        "addresses",
        "groups",
        "members",
        "x509Certificates",
        "value",
        "type",
        "primary",
        "display",
        "$ref",
        "department",
        "manager",
        "name.givenName",
        "shoeSize",
        CORE,
        ENT,
        X,
        "badge",
        "hireDate",
        "tags",
        "cert",
        "score",
        "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole",
        "emails.value",
    ]
    .map(str::to_owned)
    .to_vec();
    prop_oneof![
        8 => proptest::sample::select(names),
        1 => Just(format!("{ENT}:department")),
        1 => Just(format!("{ENT}:manager.value")),
        1 => "[a-zA-Z:.]{0,5}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((name(), inner), 0..5).prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Bodies that often are users.
pub fn body() -> impl Strategy<Value = Object> {
    (vec((name(), value()), 0..6), any::<bool>()).prop_map(|(members, named)| {
        let mut body: Object = members.into_iter().collect();
        if named {
            body.insert("userName".to_owned(), Value::from("ada"));
            body.remove("USERNAME");
        }
        body
    })
}

fn holds_nothing_empty(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty() && elements.iter().all(holds_nothing_empty),
        Value::Object(members) => !members.is_empty() && members.values().all(holds_nothing_empty),
        _ => true,
    }
}

fn many() -> ProptestConfig {
    ProptestConfig { cases: 1000, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(many())]

    #[test]
    fn sec_09_folding_is_idempotent(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
        let key = normalise_user_name(&text);
        prop_assert_eq!(normalise_user_name(&key), key.clone());
        prop_assert_eq!(normalise_user_name(&format!("  {text}\t")), key);
    }

    #[test]
    fn accepting_twice_changes_nothing(value in value()) {
        let types = user_type();
        let extended = types.extensions.iter().flat_map(|extension| &extension.schema.attributes);
        for attribute in types.schema.attributes.iter().chain(extended) {
            for mut leniency in [Leniency::tolerant(), Leniency::strict()] {
                if let Ok(Some(once)) = accept_value(attribute, value.clone(), &mut leniency) {
                    prop_assert!(holds_nothing_empty(&once), "{}: {}", attribute.name, once);
                    let twice = accept_value(attribute, once.clone(), &mut leniency);
                    prop_assert_eq!(twice, Ok(Some(once)), "{}", &attribute.name);
                }
            }
        }
    }

    #[test]
    fn what_was_read_reads_the_same_again(body in body()) {
        let types = user_type();
        let Ok(first) = read(body, &types, &mut Leniency::tolerant()) else { return Ok(()) };
        let stored = first.resource.to_stored();
        let starts_well = stored.starts_with(r#"{"schemas":["urn:"#);
        prop_assert!(starts_well, "{}", stored);
        prop_assert_eq!(&Resource::from_stored(&stored)?, &first.resource);
        prop_assert!(first.resource.as_object().values().all(holds_nothing_empty), "{}", stored);
        for name in ["id", "meta", "groups", "password"] {
            prop_assert!(first.resource.as_object().get(name).is_none(), "{}", name);
        }
        let parsed = json::parse_object(stored.as_bytes());
        prop_assume!(parsed.is_ok());
        let again = read(parsed?, &types, &mut Leniency::tolerant())?;
        prop_assert_eq!(&again.resource, &first.resource);
    }

    #[test]
    fn putting_what_is_stored_changes_nothing(body in body()) {
        let types = user_type();
        let Ok(read) = read(body, &types, &mut Leniency::tolerant()) else { return Ok(()) };
        let stored = read.resource;
        prop_assert_eq!(replace(&stored, stored.clone(), true, &types), Ok(stored.clone()));
        prop_assert_eq!(replace(&stored, stored.clone(), false, &types), Ok(stored));
    }

    #[test]
    fn nothing_panics_on_any_text(text in any::<String>(), bytes in vec(any::<u8>(), 0..64)) {
        let _ = json::parse(&bytes);
        let _ = json::parse(text.as_bytes());
        let types = user_type();
        if let Ok(path) = AttrPath::parse(&text, &types) {
            prop_assert_eq!(path.to_string(), text.clone());
        }
        let _ = Projection::parse(Some(&text), None, &types);
        let _ = Projection::for_v1(Some(&text), &ResourceType::group());
    }

    #[test]
    fn paths_print_as_they_were_written(first in name(), second in name(), third in name()) {
        let types = user_type();
        for text in [first.clone(), format!("{first}.{second}"), format!("{first}:{second}.{third}")] {
            if let Ok(path) = AttrPath::parse(&text, &types) {
                prop_assert_eq!(path.to_string(), text);
            }
        }
    }

    #[test]
    fn a_projection_is_idempotent_and_keeps_the_minimum(body in body(), names in vec(name(), 0..4), only in any::<bool>()) {
        let types = user_type();
        let Ok(read) = read(body, &types, &mut Leniency::tolerant()) else { return Ok(()) };
        let mut object = read.resource.into_object();
        object.insert("id".to_owned(), Value::from("u1"));
        let list = names.join(",");
        let projection = if only {
            Projection::parse(Some(&list), None, &types)?
        } else {
            Projection::parse(None, Some(&list), &types)?
        };
        let shown = projection.apply(object.clone());
        prop_assert!(shown.contains_key("id") && shown.contains_key("schemas"));
        prop_assert_eq!(projection.apply(shown.clone()), shown.clone());
        for name in shown.keys() {
            prop_assert!(object.contains_key(name));
        }
    }
}
