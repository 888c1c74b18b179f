//! The resources all cases start from, and short ways to read bodies.

use doorward_scim::quirks::Leniency;
use doorward_scim::resource::{self, Incoming, Resource};
use doorward_scim::schema::{Attribute, ResourceType, Schema};
use doorward_scim::{Error, Object};
use serde_json::{Value, json};

pub const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub const ENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

/// Users with the enterprise extension and the extension X of the hard cases.
pub fn user_type() -> ResourceType {
    let schema = Schema {
        id: X.to_owned(),
        name: "Acme".to_owned(),
        description: "What only Acme has".to_owned(),
        attributes: vec![
            Attribute::integer("badge"),
            Attribute::decimal("score"),
            Attribute::date_time("hireDate").immutable(),
            Attribute::string("tags").multi_valued(),
            Attribute::binary("cert"),
        ],
    };
    ResourceType::user().with_extension(schema, false)
}

/// The user U1 of the hard cases, as it is sent.
pub fn u1() -> Value {
    json!({
        "schemas": [CORE, ENT, X],
        "externalId": "EXT-1",
        "userName": "bjensen@example.com",
        "name": {
            "formatted": "Ms. Barbara J Jensen III",
            "familyName": "Jensen",
            "givenName": "Barbara",
            "honorificPrefix": "Ms.",
        },
        "displayName": "Babs Jensen",
        "nickName": "Babs",
        "title": "Tour Guide",
        "userType": "Employee",
        "active": true,
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"},
        ],
        "phoneNumbers": [{"value": "555-555-5555", "type": "work"}],
        "addresses": [
            {
                "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "region": "CA",
                "postalCode": "91608", "country": "US", "primary": true,
            },
            {"type": "home", "locality": "Hollywood", "country": "US"},
        ],
        "roles": [{"value": "admin"}],
        ENT: {"employeeNumber": "701984", "department": "Tour Operations", "manager": {"value": "u2"}},
        X: {"badge": 42, "score": 1.5, "hireDate": "2020-01-01T00:00:00Z", "tags": ["red", "blue"]},
    })
}

pub fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is not an object"),
    }
}

pub fn tolerant(body: Value) -> Result<Incoming, Error> {
    resource::read(object(body), &user_type(), &mut Leniency::tolerant())
}

pub fn strict(body: Value) -> Result<Incoming, Error> {
    resource::read(object(body), &user_type(), &mut Leniency::strict())
}

/// The stored form of a body, as JSON.
pub fn stored(body: Value) -> Value {
    Value::Object(tolerant(body).expect("the body is accepted").resource.into_object())
}

/// A stored user.
pub fn user(body: Value) -> Resource {
    tolerant(body).expect("the body is accepted").resource
}

/// `scimType` of a refusal, or `ok`.
pub fn outcome<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(error) => {
            assert!(!error.detail().is_empty(), "an error says what is wrong");
            error.scim_type()
        }
    }
}
