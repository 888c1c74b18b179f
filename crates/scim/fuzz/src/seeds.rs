//! Writes the first inputs of every target below `corpus`, from the hard cases and, for bulk, from `bulk.json`: `cargo +nightly run --bin seeds`.

use std::path::Path;

use serde_json::{Value, json};

const URNS: &[(&str, &str)] = &[
    ("<CORE in upper case>", "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER"),
    ("<ENT in upper case>", "URN:IETF:PARAMS:SCIM:SCHEMAS:EXTENSION:ENTERPRISE:2.0:USER"),
    ("<CORE>", "urn:ietf:params:scim:schemas:core:2.0:User"),
    ("<ENT>", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
    ("<X>", "urn:example:params:scim:schemas:extension:acme:2.0:User"),
    ("<PATCH>", "urn:ietf:params:scim:api:messages:2.0:PatchOp"),
    ("<ENT1>", "urn:scim:schemas:extension:enterprise:1.0"),
];

fn cases(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testkit/data/hard_cases").join(file);
    let mut text = std::fs::read_to_string(path).expect("the hard cases are there");
    for (short, urn) in URNS {
        text = text.replace(short, urn);
    }
    serde_json::from_str(&text).expect("the hard cases are JSON")
}

fn write(target: &str, name: &str, input: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    std::fs::create_dir_all(&folder).expect("the corpus can be made");
    std::fs::write(folder.join(name), input).expect("a seed can be written");
}

fn requests(file: &str, target: &str) {
    for (case, number, step) in cases(file).iter().flat_map(|case| {
        let steps = case["steps"].as_array().cloned().unwrap_or_default();
        steps.into_iter().enumerate().map(|(number, step)| (case["id"].clone(), number, step)).collect::<Vec<_>>()
    }) {
        let name = format!("{}-{number}", case.as_str().unwrap_or_default());
        if step["body"].is_object() {
            write(target, &name, &step["body"].to_string());
        }
        if let Some(query) = step["query"].as_object() {
            let pairs: Vec<String> = query.iter().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect();
            write("query", &name, &pairs.join("&").replace(' ', "+").replace('"', "%22"));
        }
    }
}

fn main() {
    for case in cases("filters.json") {
        let (id, filter) = (case["id"].as_str().unwrap_or_default(), case["filter"].as_str().unwrap_or_default());
        write("filter", id, filter);
        write("query", id, &format!("filter={}", filter.replace(' ', "+").replace('"', "%22")));
    }
    for case in cases("patches.json") {
        let id = case["id"].as_str().unwrap_or_default();
        let Some(operations) = case.get("operations") else { continue };
        let list = if operations.is_array() { operations.clone() } else { json!([operations]) };
        for path in list.as_array().into_iter().flatten().filter_map(|operation| operation["path"].as_str()) {
            write("path", id, path);
        }
        write("patch", id, &json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list}).to_string());
    }
    for case in cases("scim_1_1.json") {
        if let Some(patch) = case.get("patch") {
            write("scim_1_1", case["id"].as_str().unwrap_or_default(), &patch.to_string());
        }
    }
    requests("requests.json", "resource");
    requests("requirements.json", "resource");
    requests("scim_1_1.json", "scim_1_1");
    let bulk: Value = serde_json::from_str(include_str!("bulk.json")).expect("the bulk cases are JSON");
    for (name, message) in bulk.as_object().into_iter().flatten() {
        write("bulk", name, &message.to_string());
    }
    write("resource", "user", include_str!("user.json"));
}
