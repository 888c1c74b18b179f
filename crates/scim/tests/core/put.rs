use doorward_scim::Error;
use doorward_scim::resource::{Resource, replace};
use serde_json::{Value, json};

use crate::fixtures::{CORE, X, object, outcome, tolerant, u1, user, user_type};

/// A PUT of a body on a stored user.
fn put(current: &Resource, body: Value) -> Result<Resource, Error> {
    let incoming = tolerant(body)?;
    replace(current, incoming.resource, incoming.active_given, &user_type())
}

/// U1 with some members changed; null removes.
fn changed(changes: Value) -> Value {
    let mut body = object(u1());
    for (name, value) in object(changes) {
        body.insert(name, value);
    }
    Value::Object(body)
}

#[test]
fn h015_everything_left_out_is_cleared_except_active() {
    let inactive = user(changed(json!({"active": false})));
    let put = put(&inactive, json!({"schemas": [CORE], "userName": "b"})).expect("accepted");
    // The immutable hireDate stays too (H019).
    assert_eq!(
        Value::Object(put.into_object()),
        json!({
            "schemas": [CORE, X], "userName": "b", "active": false, X: {"hireDate": "2020-01-01T00:00:00Z"},
        })
    );
}

#[test]
fn h016_d19_another_id_is_ignored() {
    let current = user(u1());
    assert_eq!(put(&current, changed(json!({"id": "zzz"}))), Ok(current));
}

#[test]
fn h017_user_name_is_required() {
    assert_eq!(outcome(put(&user(u1()), json!({"schemas": [CORE], "nickName": "B"}))), "invalidValue");
    assert_eq!(outcome(put(&user(u1()), changed(json!({"userName": null})))), "invalidValue");
}

#[test]
fn h019_immutable_attributes() {
    let current = user(u1());
    let hired = |date: Value| changed(json!({X: {"badge": 43, "hireDate": date}}));
    assert_eq!(outcome(put(&current, hired(json!("2021-01-01T00:00:00Z")))), "mutability");
    for kept in [json!("2020-01-01T00:00:00Z"), json!("2020-01-01T01:00:00+01:00"), json!(null)] {
        let next = put(&current, hired(kept)).expect("accepted");
        assert_eq!(next.get(X), Some(&json!({"badge": 43, "hireDate": "2020-01-01T00:00:00Z"})));
    }
    let unset = user(changed(json!({X: {"badge": 42}})));
    let set = put(&unset, hired(json!("2021-01-01T00:00:00Z"))).expect("the first value");
    assert_eq!(set.extension(X).and_then(|x| x.get("hireDate")), Some(&json!("2021-01-01T00:00:00Z")));
}

#[test]
fn h021_p_7644_3_5_1_09_an_echo_changes_nothing() {
    let current = user(u1());
    let mut echo = object(u1());
    echo.insert("id".to_owned(), json!("u1"));
    echo.insert("meta".to_owned(), json!({"resourceType": "User", "version": "W/\"3\""}));
    echo.insert("groups".to_owned(), json!([{"value": "g1"}]));
    assert_eq!(put(&current, Value::Object(echo)), Ok(current.clone()));
    // Members in another order, another spelling of the same instant.
    let mut turned: Vec<(String, Value)> = object(u1()).into_iter().collect();
    turned.reverse();
    assert_eq!(put(&current, Value::Object(turned.into_iter().collect())), Ok(current));
}

#[test]
fn p_7644_3_5_1_03_null_and_empty_clear() {
    let next = put(&user(u1()), changed(json!({"nickName": null, "emails": [], "title": ""}))).expect("accepted");
    for name in ["nickName", "emails", "title"] {
        assert_eq!(next.get(name), None, "{name}");
    }
    assert_eq!(next.text("displayName"), Some("Babs Jensen"));
}

#[test]
fn d22_active_in_a_put() {
    let inactive = user(changed(json!({"active": false})));
    for (active, expected) in
        [(json!(null), false), (json!(""), false), (json!(true), true), (json!("True"), true), (json!(false), false)]
    {
        let next = put(&inactive, changed(json!({"active": active}))).expect("accepted");
        assert_eq!(next.active(), expected, "{active}");
    }
}

#[test]
fn s_7643_4_1_1_03_names_are_not_derived_from_each_other() {
    let mut body = object(u1());
    body["name"]["givenName"] = json!("Babs");
    let next = put(&user(u1()), Value::Object(body)).expect("accepted");
    assert_eq!(next.text("name.formatted"), Some("Ms. Barbara J Jensen III"));
    assert_eq!(next.text("name.givenName"), Some("Babs"));
}
