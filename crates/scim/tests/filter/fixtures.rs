//! The users and groups of chapter 16, as they are rendered.

use doorward_scim::Object;
use doorward_scim::schema::{Attribute, ENTERPRISE, ResourceType, Schema};
use serde_json::{Value, json};

/// The extension `<X>` of chapter 16.
pub const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

pub fn user_type() -> ResourceType {
    let acme = Schema {
        id: X.to_owned(),
        name: "Acme".to_owned(),
        description: String::new(),
        attributes: vec![
            Attribute::integer("badge"),
            Attribute::decimal("score"),
            Attribute::date_time("hireDate").immutable(),
            Attribute::string("tags").multi_valued(),
            Attribute::binary("cert"),
        ],
    };
    ResourceType::user().with_extension(acme, false)
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

pub fn users() -> Vec<(&'static str, Object)> {
    vec![("U1", object(u1())), ("U2", object(u2())), ("U3", object(u3()))]
}

fn u1() -> Value {
    json!({
        "schemas": [CORE, ENTERPRISE, X],
        "id": "u1",
        "externalId": "EXT-1",
        "userName": "bjensen@example.com",
        "name": {
            "formatted": "Ms. Barbara J Jensen III",
            "familyName": "Jensen",
            "givenName": "Barbara",
            "honorificPrefix": "Ms."
        },
        "displayName": "Babs Jensen",
        "nickName": "Babs",
        "title": "Tour Guide",
        "userType": "Employee",
        "active": true,
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"}
        ],
        "phoneNumbers": [{"value": "555-555-5555", "type": "work"}],
        "addresses": [
            {
                "type": "work",
                "streetAddress": "100 Universal City Plaza",
                "locality": "Hollywood",
                "region": "CA",
                "postalCode": "91608",
                "country": "US",
                "primary": true
            },
            {"type": "home", "locality": "Hollywood", "country": "US"}
        ],
        "roles": [{"value": "admin"}],
        ENTERPRISE: {"employeeNumber": "701984", "department": "Tour Operations", "manager": {"value": "u2"}},
        X: {
            "badge": 42,
            "score": 1.5,
            "hireDate": "2020-01-01T00:00:00Z",
            "tags": ["red", "blue"],
            "cert": "QUI="
        },
        "groups": [{"value": "g1", "display": "Tour Guides", "type": "direct"}],
        "meta": meta("User", "2011-05-13T04:42:34Z")
    })
}

fn u2() -> Value {
    json!({
        "schemas": [CORE],
        "id": "u2",
        "externalId": "ext-2",
        "userName": "JSmith",
        "name": {"familyName": "Smith", "givenName": "John"},
        "displayName": "John Smith",
        "active": false,
        "emails": [{"value": "jsmith@example.org", "type": "work"}],
        "groups": [{"value": "g1", "display": "Tour Guides", "type": "direct"}],
        "meta": meta("User", "2011-05-14T00:00:00Z")
    })
}

fn u3() -> Value {
    json!({
        "schemas": [CORE],
        "id": "u3",
        "userName": "óscar",
        "name": {"familyName": "O'Malley"},
        "displayName": "Óscar \"Oz\" O'Malley",
        "userType": "Intern",
        "active": true,
        "meta": meta("User", "2011-05-13T04:42:34Z")
    })
}

pub fn groups() -> Vec<(&'static str, Object)> {
    let group = |id: &str, name: &str, members: Value| {
        object(json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "id": id,
            "displayName": name,
            "members": members,
            "meta": meta("Group", "2011-05-13T04:42:34Z")
        }))
    };
    let members = json!([
        {"value": "u1", "$ref": "https://x.example/v2/Users/u1", "type": "User"},
        {"value": "u2", "$ref": "https://x.example/v2/Users/u2", "type": "User"}
    ]);
    let nested = json!([{"value": "g1", "$ref": "https://x.example/v2/Groups/g1", "type": "Group"}]);
    vec![("G1", group("g1", "Tour Guides", members)), ("G2", group("g2", "Employees", nested))]
}

fn meta(resource_type: &str, last_modified: &str) -> Value {
    json!({
        "resourceType": resource_type,
        "created": "2011-05-13T04:42:34Z",
        "lastModified": last_modified,
        "location": "https://x.example/v2/Users/u1",
        "version": "W/\"1\""
    })
}
