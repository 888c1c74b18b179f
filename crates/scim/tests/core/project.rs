use doorward_scim::project::Projection;
use doorward_scim::schema::{Attribute, ResourceType, Returned};
use serde_json::{Value, json};

use crate::fixtures::{CORE, ENT, X, object, outcome, u1, user_type};

/// U1 as it is rendered.
fn rendered() -> Value {
    let mut user = object(u1());
    user.insert("id".to_owned(), json!("u1"));
    user.insert("groups".to_owned(), json!([{"value": "g1", "display": "Tour Guides", "type": "direct"}]));
    user.insert("meta".to_owned(), json!({"resourceType": "User", "version": "W/\"1\""}));
    Value::Object(user)
}

fn only(attributes: &str) -> Value {
    let projection = Projection::parse(Some(attributes), None, &user_type()).expect("one list");
    Value::Object(projection.apply(object(rendered())))
}

fn without(excluded: &str) -> Value {
    let projection = Projection::parse(None, Some(excluded), &user_type()).expect("one list");
    Value::Object(projection.apply(object(rendered())))
}

/// id and schemas, with some members more.
fn minimum(more: Value) -> Value {
    let mut user = object(json!({"schemas": [CORE, ENT, X], "id": "u1"}));
    user.extend(object(more));
    Value::Object(user)
}

#[test]
fn h030_d30_both_lists() {
    assert_eq!(outcome(Projection::parse(Some("userName"), Some("emails"), &user_type())), "invalidValue");
    assert_eq!(outcome(Projection::parse(Some("userName"), Some(" "), &user_type())), "ok");
}

#[test]
fn h031_to_h037_attributes() {
    let ent = u1()[ENT].clone();
    let table = [
        ("name.givenName".to_owned(), minimum(json!({"name": {"givenName": "Barbara"}}))),
        ("password".to_owned(), minimum(json!({}))),
        (ENT.to_owned(), minimum(json!({ENT: ent}))),
        (format!("{ENT}:manager.value"), minimum(json!({ENT: {"manager": {"value": "u2"}}}))),
        ("unknown".to_owned(), minimum(json!({}))),
        ("unknown.sub,,x y,nickName.sub".to_owned(), minimum(json!({}))),
        (" userName , NICKNAME ".to_owned(), minimum(json!({"userName": "bjensen@example.com", "nickName": "Babs"}))),
        (format!("{CORE}:nickName"), minimum(json!({"nickName": "Babs"}))),
        ("emails.type".to_owned(), minimum(json!({"emails": [{"type": "work"}, {"type": "home"}]}))),
        ("emails.display".to_owned(), minimum(json!({}))),
        ("department".to_owned(), minimum(json!({ENT: {"department": "Tour Operations"}}))),
        ("meta.version".to_owned(), minimum(json!({"meta": {"version": "W/\"1\""}}))),
        ("roles[primary eq \"a,b\"]".to_owned(), minimum(json!({"roles": [{"value": "admin"}]}))),
        ("name,name.givenName".to_owned(), minimum(json!({"name": u1()["name"]}))),
    ];
    for (attributes, expected) in table {
        assert_eq!(only(&attributes), expected, "{attributes}");
    }
}

#[test]
fn h033_h034_excluded_attributes() {
    let full = rendered();
    let left_out = |names: &[&str]| {
        let mut user = object(full.clone());
        for name in names {
            user.remove(*name);
        }
        Value::Object(user)
    };
    assert_eq!(without("id,schemas,nickName"), left_out(&["nickName"]));
    assert_eq!(without("MEMBERS,groups"), left_out(&["groups"]));
    assert_eq!(without("meta"), left_out(&["meta"]));
    assert_eq!(without(ENT), left_out(&[ENT]));
    assert_eq!(without("unknown,nickName.sub"), full);
    let types = without("emails.type");
    assert_eq!(
        types["emails"],
        json!([{"value": "bjensen@example.com", "primary": true}, {"value": "babs@jensen.org"}])
    );
    let manager = without(&format!("{ENT}:manager.value,{ENT}:department"));
    assert_eq!(manager[ENT], json!({"employeeNumber": "701984"}));
}

#[test]
fn h038_an_empty_list_counts_as_absent() {
    for empty in ["", " ", ",", " , ,"] {
        let projection = Projection::parse(Some(empty), None, &user_type()).expect("absent");
        assert!(projection.is_default(), "{empty:?}");
        assert_eq!(only(empty), rendered());
        assert_eq!(without(empty), rendered());
    }
}

#[test]
fn p_7644_3_5_02_members_need_not_be_loaded_in_vain() {
    let group = ResourceType::group();
    for (attributes, excluded, wanted) in [
        (None, None, true),
        (Some("displayName"), None, false),
        (Some("displayName,Members"), None, true),
        (Some("members.value"), None, true),
        (Some("urn:ietf:params:scim:schemas:core:2.0:Group:members"), None, true),
        (Some("urn:ietf:params:scim:schemas:core:2.0:Group"), None, true),
        (Some("id"), None, false),
        (None, Some("members"), false),
        (None, Some("members.display"), true),
        (None, Some("displayName"), true),
    ] {
        let projection = Projection::parse(attributes, excluded, &group).expect("one list");
        assert_eq!(projection.wants("members"), wanted, "{attributes:?} {excluded:?}");
    }
}

#[test]
fn s_7643_7_05_every_kind_of_returned() {
    let mut types = user_type();
    let attributes = &mut types.extensions[1].schema.attributes;
    attributes[0] = Attribute::integer("badge").returned(Returned::Always);
    attributes[1] = Attribute::decimal("score").returned(Returned::Request);
    attributes[3] = Attribute::string("tags").multi_valued().returned(Returned::Never);
    let shown = |attributes: Option<&str>, excluded: Option<&str>| {
        let projection = Projection::parse(attributes, excluded, &types).expect("one list");
        assert!(!projection.is_default());
        projection.apply(object(rendered())).get(X).cloned().unwrap_or_default()
    };
    let score = format!("{X}:score");
    let hired = "2020-01-01T00:00:00Z";
    assert_eq!(shown(None, None), json!({"badge": 42, "hireDate": hired}));
    assert_eq!(shown(Some("userName"), None), json!({"badge": 42}));
    assert_eq!(shown(Some(&score), None), json!({"badge": 42, "score": 1.5}));
    assert_eq!(shown(Some(&format!("{X}:tags")), None), json!({"badge": 42}));
    assert_eq!(shown(None, Some(X)), json!({"badge": 42}));
}

#[test]
fn v1_api_3_7_01_attributes_in_1_1() {
    let types = user_type();
    let apply =
        |attributes: Option<&str>| Value::Object(Projection::for_v1(attributes, &types).apply(object(rendered())));
    let with_meta = |more: Value| {
        let mut user = object(minimum(more));
        user.insert("meta".to_owned(), rendered()["meta"].clone());
        Value::Object(user)
    };
    assert_eq!(apply(None), rendered());
    assert_eq!(apply(Some("")), rendered());
    assert_eq!(apply(Some("nickName")), with_meta(json!({"nickName": "Babs"})));
    assert_eq!(apply(Some("urn:scim:schemas:core:1.0:nickName")), with_meta(json!({"nickName": "Babs"})));
    let manager = "urn:scim:schemas:extension:enterprise:1.0:manager.managerId";
    assert_eq!(apply(Some(manager)), with_meta(json!({ENT: {"manager": {"value": "u2"}}})));
}

#[test]
fn everything_is_everything() {
    assert!(Projection::everything().is_default());
    assert!(Projection::everything().wants("members"));
    assert_eq!(Value::Object(Projection::everything().apply(object(rendered()))), rendered());
}
