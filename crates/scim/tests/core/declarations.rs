//! Schemas and catalogues that a directory declares.

use doorward_scim::discovery;
use doorward_scim::patch;
use doorward_scim::quirks::Leniency;
use doorward_scim::received;
use doorward_scim::resource::{self, Resource};
use doorward_scim::schema::{Catalogue, Declaration, MAX_ATTRIBUTES, MAX_DECLARATIONS, Types, check_together};
use doorward_scim::version::v2;
use serde_json::{Value, json};

use crate::fixtures::{X, object, outcome, u1, user_type};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

fn declare(attributes: Value) -> Result<Declaration, String> {
    let document =
        json!({"id": "urn:example:scim:schemas:x:1.0:User", "resource_type": "User", "attributes": attributes});
    Declaration::from_document(&object(document)).map_err(|invalid| invalid.to_string())
}

fn workato(closed: bool) -> Declaration {
    let role =
        |name: &str| json!({"name": name, "closed": closed, "canonicalValues": ["Admin", "Analyst", "<No access>"]});
    let attributes = json!([role("workato_role"), role("workato_role_test"), role("workato_role_prod")]);
    let document = json!({"id": WORKATO, "name": "WorkatoRole", "resource_type": "User", "attributes": attributes});
    Declaration::from_document(&object(document)).expect("a declaration")
}

fn types(declarations: &[Declaration]) -> std::sync::Arc<Types> {
    Types::of(declarations, &Catalogue::default())
}

/// The declaration of the hard cases' fixture.
fn x() -> Declaration {
    let document = json!({"id": X, "name": "Acme", "description": "What only Acme has", "resource_type": "User", "attributes": [
        {"name": "badge", "type": "integer"}, {"name": "score", "type": "decimal"},
        {"name": "hireDate", "type": "dateTime", "mutability": "immutable"},
        {"name": "tags", "multiValued": true}, {"name": "cert", "type": "binary"}]});
    Declaration::from_document(&object(document)).expect("a declaration")
}

#[test]
fn s_7643_3_2_01_the_fixture_of_the_hard_cases_can_be_declared() {
    assert_eq!(types(&[x()]).user, user_type());
    assert!(types(&[]).is_usual() && !types(&[x()]).is_usual());
}

#[test]
fn s_7643_2_1_02_names_have_the_form_of_names() {
    for name in ["a-b", "a_b", "a$b", "A9", "userName"] {
        assert!(declare(json!([{ "name": name }])).is_ok(), "{name}");
    }
    for name in ["9x", "a b", "é", "", "$ref", "$x", "a.b", "a:b", "not", "AND", "Or", "password", "a\nb"] {
        let error = declare(json!([{ "name": name }])).expect_err(name);
        assert!(error.starts_with("attributes[0].name "), "{error}");
    }
    let long = "a".repeat(101);
    assert!(declare(json!([{ "name": long }])).is_err());
    let reference =
        json!([{"name": "boss", "type": "complex", "subAttributes": [{"name": "$ref", "type": "reference"}]}]);
    assert!(declare(reference).is_ok());
    let twice = declare(json!([{"name": "a"}, {"name": "A"}])).expect_err("twice");
    assert_eq!(twice, "attributes[1].name `A` is there twice");
}

#[test]
fn s_7643_2_2_01_what_is_left_out_has_the_defaults() {
    let shown = declare(json!([{"name": "plain"}])).expect("a declaration").to_document();
    assert_eq!(shown["required"], false);
    assert_eq!(
        shown["attributes"][0],
        json!({"name": "plain", "type": "string", "multiValued": false, "required": false, "caseExact": false,
            "mutability": "readWrite", "returned": "default", "uniqueness": "none"})
    );
}

#[test]
fn s_7643_2_3_01_only_the_defined_types_are_taken() {
    for kind in ["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference"] {
        assert!(declare(json!([{"name": "a", "type": kind}])).is_ok(), "{kind}");
    }
    for kind in ["uuid", "String", "datetime", "object"] {
        let error = declare(json!([{"name": "a", "type": kind}])).expect_err(kind);
        assert!(error.starts_with("attributes[0].type ") && error.contains("dateTime"), "{error}");
    }
}

#[test]
fn s_7643_2_3_8_02_complex_attributes_have_one_level() {
    let nested = |inner: Value| declare(json!([{"name": "a", "type": "complex", "subAttributes": [inner]}]));
    assert!(nested(json!({"name": "b", "type": "integer"})).is_ok());
    let error = nested(json!({"name": "b", "type": "complex", "subAttributes": [{"name": "c"}]})).expect_err("nested");
    assert_eq!(error, "attributes[0].subAttributes[0].type must not be complex inside a complex attribute");
    assert!(declare(json!([{"name": "a", "type": "complex"}])).is_err(), "without parts");
    assert!(declare(json!([{"name": "a", "subAttributes": [{"name": "b"}]}])).is_err(), "parts of a string");
}

#[test]
fn what_could_not_be_kept_is_not_promised() {
    for (attribute, place) in [
        (json!({"name": "a", "uniqueness": "server"}), "uniqueness"),
        (json!({"name": "a", "closed": true}), "closed"),
        (json!({"name": "a", "type": "integer", "canonicalValues": ["1"]}), "canonicalValues"),
        (json!({"name": "a", "canonicalValues": ["x", "X"]}), "canonicalValues"),
        (json!({"name": "a", "required": true, "mutability": "writeOnly"}), "required"),
        (json!({"name": "a", "returned": "always", "mutability": "writeOnly"}), "returned"),
        (json!({"name": "a", "multiValued": "yes"}), "multiValued"),
        (json!({"name": "a", "referenceTypes": ["uri"]}), "referenceTypes"),
        (json!({"name": "a", "kind": "string"}), "kind"),
        (
            json!({"name": "a", "type": "complex", "multiValued": true, "subAttributes": [{"name": "primary"}]}),
            "subAttributes",
        ),
    ] {
        let error = declare(json!([attribute])).expect_err(place);
        assert!(error.starts_with(&format!("attributes[0].{place} ")), "{error}");
    }
    let many: Vec<Value> = (0..=MAX_ATTRIBUTES).map(|n| json!({"name": format!("a{n}")})).collect();
    assert!(declare(Value::from(many)).is_err());
    assert!(declare(json!([])).is_err() && declare(json!({})).is_err());
}

#[test]
fn s_7643_10_2_01_urns_of_the_standards_are_not_declared_again() {
    let with = |urn: &str| {
        let document = json!({"id": urn, "resource_type": "User", "attributes": [{"name": "a"}]});
        Declaration::from_document(&object(document))
    };
    for urn in [
        WORKATO,
        X,
        "urn:scim:schemas:extension:acme:1.0",
        "URN:x:y",
        "urn:ietf:params:scim:schemas:extension:acme:2.0:User",
    ] {
        assert!(with(urn).is_ok(), "{urn}");
    }
    for urn in [
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:Device",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user",
        "urn:scim:schemas:core:1.0",
        "urn:scim:schemas:extension:enterprise:1.0",
        "urn:ietf:params:scim:api:messages:2.0:PatchOp",
        "urn:okta:scim:schemas:core:1.0:Role",
        "http://example.com/schema",
        "urn:x",
        "urn:x:",
        "urn:x:a b",
        "urn:x:a[b]",
    ] {
        let error = with(urn).expect_err(urn);
        assert_eq!(error.field, "id", "{urn}");
    }
}

#[test]
fn declarations_stand_beside_each_other_only_when_paths_stay_clear() {
    let with = |urn: &str, attribute: &str| {
        let document = json!({"id": urn, "resource_type": "User", "attributes": [{ "name": attribute }]});
        Declaration::from_document(&object(document)).expect("a declaration")
    };
    assert!(check_together(&[with("urn:x:a:1.0", "b"), with("urn:x:a:1.0:User", "b")]).is_ok());
    assert!(check_together(&[with("urn:x:a:1.0", "user"), with("urn:x:a:1.0:User", "b")]).is_err());
    assert!(check_together(&[with("urn:x:a", "b"), with("URN:X:A", "c")]).is_err());
    let many: Vec<Declaration> = (0..=MAX_DECLARATIONS).map(|n| with(&format!("urn:x:a{n}"), "b")).collect();
    assert!(check_together(&many).is_err() && check_together(&many[1..]).is_ok());
}

#[test]
fn wt_16_a_closed_list_of_values_is_enforced_alike_in_every_method() {
    let (open, closed) = (types(&[workato(false)]), types(&[workato(true)]));
    let body = |role: &str| json!({"schemas": [WORKATO], "userName": "ada", WORKATO: {"workato_role": role}});
    let post = |types: &Types, role: &str| resource::read(object(body(role)), &types.user, &mut Leniency::tolerant());
    assert_eq!(outcome(post(&open, "Owner")), "ok");
    assert_eq!(outcome(post(&closed, "Owner")), "invalidValue");
    let ada = post(&closed, "<no ACCESS>").expect("in any letter case").resource;
    assert_eq!(ada.extension(WORKATO).expect("extension")["workato_role"], "<no ACCESS>", "kept as sent");
    let patched = |role: &str| {
        let message =
            json!({"Operations": [{"op": "replace", "path": format!("{WORKATO}:workato_role_test"), "value": role}]});
        let patch = v2::read_patch(object(message), &closed.user, &mut Leniency::tolerant())?;
        patch::apply(&ada, &patch, &closed.user, &mut Leniency::tolerant())
    };
    assert_eq!((outcome(patched("Admin")), outcome(patched("Owner"))), ("ok", "invalidValue"));
}

#[test]
fn r_draft_values_01_a_closed_catalogue_closes_the_attribute_of_users() {
    let catalogue = |closed: bool| {
        let values = json!(["admin", {"value": "old", "supported": false}]);
        Catalogue::from_document(&object(json!({"roles": {"closed": closed, "values": values}}))).expect("a catalogue")
    };
    let post = |closed: bool, role: &str| {
        let body = object(json!({"schemas": [], "userName": "ada", "roles": [{ "value": role }]}));
        outcome(resource::read(body, &Types::of(&[], &catalogue(closed)).user, &mut Leniency::tolerant()))
    };
    assert_eq!([post(false, "other"), post(false, "old"), post(true, "Admin")], ["ok"; 3]);
    assert_eq!([post(true, "other"), post(true, "old")], ["invalidValue"; 2]);
    let stored = serde_json::to_string(&catalogue(true)).expect("text");
    assert_eq!(serde_json::from_str::<Catalogue>(&stored).expect("read"), catalogue(true));
    for wrong in [
        json!({"rolls": {}}),
        json!({"roles": {"values": ["a", "A"]}}),
        json!({"roles": {"values": [{"display": "x"}]}}),
        json!({"roles": {"values": [""]}}),
        json!({"roles": []}),
    ] {
        assert!(Catalogue::from_document(&object(wrong.clone())).is_err(), "{wrong}");
    }
}

#[test]
fn declaring_keeps_what_was_there_and_brings_it_into_form() {
    let stored = json!({"schemas": [], "userName": "ada", X.to_uppercase(): {"Badge": 42, "TAGS": "red", "score": "high", "new": 1}});
    let resource = Resource::from_stored(&stored.to_string()).expect("stored");
    let adopted = resource::adopt(resource, &user_type());
    assert_eq!(
        adopted.extension(X).map(|object| Value::Object(object.clone())),
        Some(json!({"badge": 42, "tags": ["red"], "score": "high", "new": 1})),
        "what does not fit is kept"
    );
    assert_eq!(adopted.as_object()["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:User", X]));
}

#[test]
fn s_7643_6_03_a_newly_required_extension_does_not_stand_in_the_way_of_a_patch() {
    let usual = types(&[]);
    let ada = resource::read(object(json!({"userName": "ada"})), &usual.user, &mut Leniency::tolerant()).expect("ada");
    let required = types(&[Declaration { required: true, ..x() }]);
    let post = |body: Value| outcome(resource::read(object(body), &required.user, &mut Leniency::tolerant()));
    assert_eq!(post(json!({"userName": "bob"})), "invalidValue");
    assert_eq!(post(json!({"userName": "bob", X: {"badge": 1}})), "ok");
    let apply = |current: &Resource, operation: Value| {
        let message = object(json!({"Operations": [operation]}));
        let patch = v2::read_patch(message, &required.user, &mut Leniency::tolerant())?;
        patch::apply(current, &patch, &required.user, &mut Leniency::tolerant())
    };
    let off = apply(&ada.resource, json!({"op": "replace", "path": "active", "value": false})).expect("deactivated");
    assert!(!off.active());
    let with = apply(&off, json!({"op": "add", "path": format!("{X}:badge"), "value": 1})).expect("given");
    assert_eq!(outcome(apply(&with, json!({"op": "remove", "path": X}))), "mutability");
}

#[test]
fn wt_19_names_that_no_schema_declares_are_told() {
    let types = types(&[workato(false)]);
    let names = |found: Vec<received::Received>| -> Vec<String> {
        found.into_iter().map(|name| format!("{}|{}", name.urn.unwrap_or_default(), name.attribute)).collect()
    };
    let body =
        json!({"userName": "ada", "shoeSize": 1, WORKATO: {"workato_role": "Admin", "typo": "x"}, "urn:x:y": {"z": 1}});
    let ada = resource::read(object(body), &types.user, &mut Leniency::tolerant()).expect("ada").resource;
    let expected = [format!("{WORKATO}|typo"), "urn:x:y|z".to_owned(), "|shoeSize".to_owned()];
    let mut told = names(received::of_resource(&ada, &types.user));
    told.sort();
    assert_eq!(told, expected);
    let message = json!({"Operations": [
        {"op": "add", "value": {"hat": 1, "urn:x:scim:schemas:y:1.0:Z": {"q": 1}, "title": "x"}},
        {"op": "add", "path": "urn:x:scim:schemas:y:1.0:Z:r", "value": 1},
        {"op": "add", "path": WORKATO, "value": {"other": 1, "workato_role": "x"}},
        {"op": "remove", "path": "urn:x:scim:schemas:y:1.0:Z:s"}]});
    let patch = v2::read_patch(object(message), &types.user, &mut Leniency::tolerant()).expect("patch");
    assert_eq!(
        names(received::of_patch(&patch, &types.user)),
        ["|hat", "urn:x:scim:schemas:y:1.0:Z|q", "urn:x:scim:schemas:y:1.0:Z|r", &format!("{WORKATO}|other")]
    );
    let fixture = resource::read(object(u1()), &user_type(), &mut Leniency::tolerant()).expect("U1").resource;
    assert_eq!(received::of_resource(&fixture, &user_type()), []);
}

#[test]
fn s_7643_7_01_s_7643_6_02_declared_schemas_are_published_in_both_versions() {
    let types = types(&[Declaration { required: true, ..workato(true) }]);
    let all = [types.user.clone(), types.group.clone()];
    let schemas = discovery::schemas(&all, "https://x.example");
    let shown = schemas.iter().find(|schema| schema["id"] == WORKATO).expect("published");
    assert_eq!(shown["attributes"][0]["canonicalValues"], json!(["Admin", "Analyst", "<No access>"]));
    assert_eq!(shown["attributes"][0].get("closed"), None, "no characteristic of RFC 7643");
    let user = &discovery::resource_types(&all, "https://x.example")[0];
    assert_eq!(user["schemaExtensions"][1], json!({"schema": WORKATO, "required": true}));
    let v1 = &discovery::v1::schemas(&all, "https://x.example")[0];
    let attributes = v1["attributes"].as_array().expect("attributes");
    let role = attributes.iter().find(|attribute| attribute["name"] == "workato_role").expect("published");
    assert_eq!(role["schema"], WORKATO);
}
