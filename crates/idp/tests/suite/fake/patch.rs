//! PATCH of both versions, as far as the dialects send it.

use serde_json::{Map, Value, json};

use super::Object;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// SCIM 2.0.
pub fn apply(mut resource: Object, body: &Object) -> Object {
    for operation in body["Operations"].as_array().unwrap() {
        let op = operation["op"].as_str().unwrap().to_lowercase();
        let value = operation.get("value");
        match operation["path"].as_str() {
            Some("members") => members(&mut resource, &op, value),
            Some(path) => set(&mut resource, path, value.filter(|_| op != "remove")),
            None => {
                for (path, value) in value.unwrap().as_object().unwrap() {
                    match path.as_str() {
                        "id" | "schemas" => {}
                        "members" => members(&mut resource, &op, Some(value)),
                        _ => set(&mut resource, path, Some(value)),
                    }
                }
            }
        }
    }
    resource
}

fn members(group: &mut Object, op: &str, value: Option<&Value>) {
    let given: Vec<Value> = match value {
        Some(Value::Array(items)) => items.clone(),
        _ => Vec::new(),
    };
    match op {
        "replace" => _ = group.insert("members".to_owned(), Value::Array(given)),
        "add" => given.iter().for_each(|member| add_member(group, member)),
        _ => given.iter().for_each(|member| remove_member(group, member["value"].as_str().unwrap())),
    }
}

fn add_member(group: &mut Object, member: &Value) {
    let list = group.entry("members").or_insert_with(|| json!([])).as_array_mut().unwrap();
    if !list.iter().any(|known| known["value"] == member["value"]) {
        list.push(json!({"value": member["value"], "display": member["display"]}));
    }
}

pub fn remove_member(group: &mut Object, id: &str) {
    if let Some(Value::Array(list)) = group.get_mut("members") {
        list.retain(|member| member["value"] != id);
    }
}

fn set(resource: &mut Object, path: &str, value: Option<&Value>) {
    let value = value.filter(|v| !v.is_null() && **v != json!(""));
    if let Some(id) = path.strip_prefix("members[value eq \"") {
        return remove_member(resource, id.strip_suffix("\"]").unwrap());
    }
    if let Some((list, rest)) = path.split_once("[type eq \"") {
        let (kind, name) = rest.split_once("\"].").unwrap();
        let list = resource.entry(list).or_insert_with(|| json!([])).as_array_mut().unwrap();
        let index = list.iter().position(|element| element["type"] == kind).unwrap_or_else(|| {
            list.push(json!({"type": kind}));
            list.len() - 1
        });
        return put(list[index].as_object_mut().unwrap(), name, value);
    }
    if path == "manager" || path.ends_with(":manager") {
        let reference = match value {
            Some(Value::Array(items)) => Some(json!({"value": items[0]["value"]})),
            Some(Value::String(id)) => Some(json!({"value": id})),
            _ => None,
        };
        return put(child(resource, ENTERPRISE), "manager", reference.as_ref());
    }
    if path.starts_with("urn:") && !path.ends_with(":User") && !path.ends_with("Role") {
        let (urn, name) = path.rsplit_once(':').unwrap();
        return put(child(resource, urn), name, value);
    }
    match (path.split_once('.').filter(|_| !path.starts_with("urn:")), value) {
        (Some((parent, name)), _) => put(child(resource, parent), name, value),
        (None, Some(Value::Object(parts))) => {
            for (name, part) in parts {
                put(child(resource, path), name, Some(part).filter(|v| !v.is_null() && **v != json!("")));
            }
        }
        (None, _) => put(resource, path, value),
    }
}

fn child<'a>(resource: &'a mut Object, name: &str) -> &'a mut Object {
    resource.entry(name).or_insert_with(|| Value::Object(Map::new())).as_object_mut().unwrap()
}

fn put(object: &mut Object, name: &str, value: Option<&Value>) {
    match value {
        Some(value) => _ = object.insert(name.to_owned(), value.clone()),
        None => _ = object.remove(name),
    }
}

/// SCIM 1.1: `meta.attributes` are removed first, then the partial resource is merged.
pub fn merge(mut resource: Object, body: &Object) -> Object {
    for path in body.get("meta").and_then(|m| m["attributes"].as_array()).into_iter().flatten() {
        resource.remove(path.as_str().unwrap());
    }
    for (name, value) in body.iter().filter(|(n, _)| !["id", "schemas", "meta", "members"].contains(&n.as_str())) {
        resource.insert(name.clone(), value.clone());
    }
    for member in body.get("members").and_then(Value::as_array).into_iter().flatten() {
        match member["operation"].as_str() {
            Some("delete") => remove_member(&mut resource, member["value"].as_str().unwrap()),
            _ => add_member(&mut resource, member),
        }
    }
    resource
}
