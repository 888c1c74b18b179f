//! Laws that hold for any user and any operation.

use doorward_scim::patch::{self, Patch};
use doorward_scim::quirks::{Leniency, Profile};
use doorward_scim::resource::{self, Resource};
use doorward_scim::schema::ResourceType;
use doorward_scim::version::v2;
use doorward_scim::{Error, Object};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use crate::data::spelled_out;
use crate::fixtures::user_type;
use crate::support::operations;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![select(vec!["a", "A", "b", "é", "work", "Ada \"L\""]).prop_map(str::to_owned), "[a-z]{1,3}"]
}

fn with(pairs: Vec<(&'static str, Option<Value>)>) -> Value {
    let present = |(name, value): (&str, Option<Value>)| value.map(|value| (name.to_owned(), value));
    Value::Object(pairs.into_iter().filter_map(present).collect::<Map<_, _>>())
}

/// A list element that says something.
pub fn email() -> impl Strategy<Value = Value> {
    let kind = option::of(select(vec!["work", "home", "other"]));
    (select(vec!["a@x.org", "A@x.org", "b@x.org", "c@x.org"]), kind, option::of(any::<bool>()), option::of(text()))
        .prop_map(|(value, kind, primary, display)| {
            with(vec![
                ("value", Some(json!(value))),
                ("type", kind.map(Value::from)),
                ("primary", primary.map(Value::from)),
                ("display", display.map(Value::from)),
            ])
        })
}

/// At most one primary, as a body must have it.
pub fn emails() -> impl Strategy<Value = Value> {
    vec(email(), 0..4).prop_map(|mut list| {
        let mut seen = false;
        for email in &mut list {
            let primary = email["primary"] == json!(true);
            if primary && seen {
                email["primary"] = json!(false);
            }
            seen |= primary;
        }
        // `[]` once indexed would be null.
        list.iter_mut().filter_map(Value::as_object_mut).for_each(|email| email.retain(|_, value| !value.is_null()));
        Value::Array(list)
    })
}

pub fn address() -> impl Strategy<Value = Value> {
    (option::of(text()), option::of(select(vec!["work", "home"]))).prop_map(|(locality, kind)| {
        with(vec![
            ("locality", locality.map(Value::from)),
            ("type", kind.map(Value::from)),
            ("country", Some(json!("US"))),
        ])
    })
}

/// The body of any user.
pub fn user() -> impl Strategy<Value = Value> {
    let name = (option::of(text()), option::of(text()));
    let extensions = (option::of(text()), option::of(text()), option::of(any::<i32>()), vec(text(), 0..3));
    (text(), option::of(text()), name, any::<bool>(), emails(), vec(address(), 0..3), extensions).prop_map(
        |(user_name, nick, (given, family), active, emails, addresses, (department, manager, badge, tags))| {
            let body = with(vec![
                ("userName", Some(json!(user_name))),
                ("nickName", nick.map(Value::from)),
                (
                    "name",
                    Some(with(vec![("givenName", given.map(Value::from)), ("familyName", family.map(Value::from))])),
                ),
                ("active", Some(json!(active))),
                ("emails", Some(emails)),
                ("addresses", Some(json!(addresses))),
                (
                    "<ENT>",
                    Some(with(vec![
                        ("department", department.map(Value::from)),
                        ("manager", manager.map(|manager| json!({"value": manager}))),
                    ])),
                ),
                ("<X>", Some(with(vec![("badge", badge.map(Value::from)), ("tags", Some(json!(tags)))]))),
            ]);
            serde_json::from_str(&spelled_out(&body.to_string())).expect("JSON")
        },
    )
}

const PATHS: [&str; 21] = [
    "nickName",
    "title",
    "externalId",
    "name.givenName",
    "name.familyName",
    "<ENT>:department",
    "<ENT>:manager.value",
    "emails.display",
    "emails[type eq \"work\"].value",
    "emails[type eq \"other\"].value",
    "emails[value eq \"a@x.org\"].display",
    "addresses[type eq \"home\"].locality",
    "addresses[type eq \"work\" and country eq \"US\"].region",
    "emails",
    "addresses",
    "<X>:tags",
    "<X>:badge",
    "active",
    "emails[type eq \"home\"].primary",
    "name",
    "<ENT>",
];

fn value_for(path: &str) -> BoxedStrategy<Value> {
    match path {
        "emails" => emails().boxed(),
        "addresses" => vec(address(), 0..3).prop_map(Value::from).boxed(),
        "<X>:tags" => vec(text(), 0..3).prop_map(Value::from).boxed(),
        "<X>:badge" => any::<i32>().prop_map(Value::from).boxed(),
        "name" => text().prop_map(|text| json!({"middleName": text})).boxed(),
        "<ENT>" => text().prop_map(|text| json!({"division": text})).boxed(),
        path if path == "active" || path.ends_with("primary") => any::<bool>().prop_map(Value::from).boxed(),
        _ => text().prop_map(Value::from).boxed(),
    }
}

/// A path of every kind, and a value that fits it.
fn place() -> impl Strategy<Value = (&'static str, Value)> {
    select(PATHS.to_vec()).prop_flat_map(|path| (Just(path), value_for(path)))
}

/// A path and two values that fit it.
fn place_twice() -> impl Strategy<Value = (&'static str, Value, Value)> {
    select(PATHS.to_vec()).prop_flat_map(|path| (Just(path), value_for(path), value_for(path)))
}

fn operation() -> impl Strategy<Value = Value> {
    prop_oneof![
        place().prop_map(|(path, value)| json!({"op": "add", "path": path, "value": value})),
        place().prop_map(|(path, value)| json!({"op": "replace", "path": path, "value": value})),
        place()
            .prop_filter("active cannot be left open", |(path, _)| *path != "active")
            .prop_map(|(path, _)| json!({"op": "remove", "path": path})),
        (text(), emails())
            .prop_map(|(nick, emails)| json!({"op": "add", "value": {"nickName": nick, "emails": emails}})),
    ]
}

fn stored(body: &Value, user: &ResourceType) -> Resource {
    let Value::Object(body) = body.clone() else { panic!("no object") };
    resource::read(body, user, &mut Leniency::tolerant()).expect("a user").resource
}

fn read(message: Object, user: &ResourceType, profile: Profile) -> Result<Patch, Error> {
    v2::read_patch(message, user, &mut Leniency::new(profile))
}

fn apply(current: &Resource, list: Value, user: &ResourceType) -> Result<Resource, Error> {
    let patch = read(operations(list), user, Profile::Tolerant)?;
    patch::apply(current, &patch, user, &mut Leniency::tolerant())
}

/// What holds for every stored resource, whoever made it.
fn check_canonical(result: &Resource, user: &ResourceType) {
    let again = Resource::from_attributes(result.as_object().clone(), user);
    assert_eq!(&again, result, "schemas follow from the extensions");
    assert_eq!(&Resource::from_stored(&result.to_stored()).expect("JSON"), result);
    resource::check(result, user).expect("required attributes are there");
    let read_again = stored(&Value::Object(result.as_object().clone()), user);
    for (name, value) in result.as_object() {
        assert_ne!(*value, json!({}), "{name}");
        assert_ne!(*value, json!([]), "{name}");
        let primaries =
            value.as_array().into_iter().flatten().filter(|element| element["primary"] == json!(true)).count();
        assert!(primaries <= 1, "{name} has {primaries} primary values");
        if let (Value::Object(object), true) = (value, name.contains(':')) {
            assert!(object.values().all(|value| !value.is_null()), "{name}");
        }
        assert!(read_again.get(name).is_some(), "{name} would be lost by a PUT of what was read");
    }
}

proptest! {
    #[test]
    fn add_once_more_changes_nothing((path, value) in place(), body in user()) {
        let user = user_type();
        let current = stored(&body, &user);
        let add = json!({"op": "add", "path": path, "value": value});
        if let Ok(once) = apply(&current, add.clone(), &user) {
            prop_assert_eq!(apply(&once, add, &user), Ok(once));
        }
    }

    #[test]
    fn what_was_removed_is_absent((path, _) in place(), body in user()) {
        let user = user_type();
        let current = stored(&body, &user);
        prop_assume!(path != "active");
        let remove = json!({"op": "remove", "path": path});
        let result = apply(&current, remove.clone(), &user).expect("anything else can be removed");
        prop_assert_eq!(&apply(&result, remove, &user), &Ok(result.clone()), "a second removal finds nothing");
        if !path.contains(['.', '[', '<']) {
            prop_assert_eq!(result.get(path), None);
        }
    }

    #[test]
    fn of_two_replacements_the_last_one_stays((path, first, last) in place_twice(), body in user()) {
        // A primary that was moved away does not come back, and a value named in the filter may be what was replaced.
        prop_assume!(!path.ends_with("primary") && !path.starts_with("emails["));
        let user = user_type();
        let current = stored(&body, &user);
        let replace = |value: &Value| json!({"op": "replace", "path": path, "value": value});
        let both = apply(&current, json!([replace(&first), replace(&last)]), &user);
        prop_assert_eq!(both, apply(&current, replace(&last), &user));
    }

    #[test]
    fn operations_apply_in_order_each_on_the_result_of_the_one_before(list in vec(operation(), 1..6), body in user()) {
        let user = user_type();
        let current = stored(&body, &user);
        let at_once = apply(&current, Value::Array(list.clone()), &user);
        let one_by_one = list.into_iter().try_fold(current, |current, one| apply(&current, one, &user));
        if let (Ok(at_once), Ok(one_by_one)) = (&at_once, &one_by_one) {
            prop_assert_eq!(at_once, one_by_one);
        }
        prop_assert_eq!(at_once.is_ok(), one_by_one.is_ok());
    }

    #[test]
    fn a_failing_operation_undoes_the_others(list in vec(operation(), 0..5), at in 0_usize..6, body in user()) {
        let user = user_type();
        let current = stored(&body, &user);
        let before = current.to_stored();
        let mut list = list;
        list.insert(at.min(list.len()), json!({"op": "remove", "path": "userName"}));
        prop_assert!(apply(&current, Value::Array(list), &user).is_err());
        prop_assert_eq!(current.to_stored(), before);
    }

    #[test]
    fn every_result_is_canonical(list in vec(operation(), 1..6), body in user()) {
        let user = user_type();
        if let Ok(result) = apply(&stored(&body, &user), Value::Array(list), &user) {
            check_canonical(&result, &user);
        }
    }

    #[test]
    fn what_the_strict_profile_takes_the_tolerant_one_takes_alike(list in vec(operation(), 1..4), body in user()) {
        let user = user_type();
        let current = stored(&body, &user);
        let message = operations(Value::Array(list.clone()));
        let strict = read(message, &user, Profile::Strict)
            .and_then(|patch| patch::apply(&current, &patch, &user, &mut Leniency::strict()));
        if let Ok(strict) = strict {
            prop_assert_eq!(apply(&current, Value::Array(list), &user), Ok(strict));
        }
    }

    #[test]
    fn sec_34_no_message_breaks_the_reader(path in ".{0,40}", op in "[a-zA-Z]{0,8}", key in ".{0,20}") {
        let user = user_type();
        let body = json!({"Operations": [{"op": op, "path": path, "value": {key.clone(): {key: [1, null, "x"]}}}]});
        let Value::Object(body) = body else { unreachable!() };
        let mut leniency = Leniency::tolerant();
        if let Ok(patch) = v2::read_patch(body, &user, &mut leniency) {
            let current = stored(&json!({"userName": "ada"}), &user);
            if let Ok(result) = patch::apply(&current, &patch, &user, &mut leniency) {
                prop_assert_eq!(result.text("userName"), Some("ada"));
            }
        }
    }
}
