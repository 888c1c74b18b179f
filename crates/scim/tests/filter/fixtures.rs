//! The users and groups of chapter 16, as they are rendered.

use std::sync::LazyLock;

use doorward_scim::Object;
use doorward_scim::schema::{Attribute, ResourceType, Schema};
use serde_json::{Value, json};

use crate::data;

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

/// The fixtures as the data file has them.
static DATA: LazyLock<Value> =
    LazyLock::new(|| data::read(include_str!("../../../testkit/data/hard_cases/fixtures.json")));

/// A resource of the data file with what a server adds to it.
fn rendered(name: &str, kind: &str, resource_type: &str) -> Object {
    let mut resource = DATA[kind][name].clone();
    resource["id"] = json!(name.to_lowercase());
    resource["meta"] = meta(resource_type, &DATA["lastModified"][name]);
    match resource {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

pub fn users() -> Vec<(&'static str, Object)> {
    let user = |name| {
        let mut user = rendered(name, "users", "User");
        if name != "U3" {
            user.insert("groups".to_owned(), json!([{"value": "g1", "display": "Tour Guides", "type": "direct"}]));
        }
        (name, user)
    };
    ["U1", "U2", "U3"].map(user).to_vec()
}

pub fn groups() -> Vec<(&'static str, Object)> {
    let group = |name| {
        let mut group = rendered(name, "groups", "Group");
        let ids = group["members"].as_array().cloned().unwrap_or_default();
        let members = ids.iter().filter_map(Value::as_str).map(|id| {
            let (kind, endpoint) = if id.starts_with('u') { ("User", "Users") } else { ("Group", "Groups") };
            json!({"value": id, "$ref": format!("https://x.example/v2/{endpoint}/{id}"), "type": kind})
        });
        group["members"] = members.collect();
        (name, group)
    };
    ["G1", "G2"].map(group).to_vec()
}

fn meta(resource_type: &str, last_modified: &Value) -> Value {
    json!({
        "resourceType": resource_type,
        "created": "2011-05-13T04:42:34Z",
        "lastModified": last_modified,
        "location": "https://x.example/v2/Users/u1",
        "version": "W/\"1\""
    })
}
