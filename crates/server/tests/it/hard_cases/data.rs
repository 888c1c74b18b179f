//! The data of the hard cases, and what its short names stand for.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{CORE_V1, ENTERPRISE, GROUP, PATCH_OP, USER};

/// The extension that the fixtures call `<X>`.
pub const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

pub const FIXTURES: &str = include_str!("../../../../testkit/data/hard_cases/fixtures.json");
pub const FILTERS: &str = include_str!("../../../../testkit/data/hard_cases/filters.json");
pub const GROUP_FILTERS: &str = include_str!("../../../../testkit/data/hard_cases/group_filters.json");
pub const PATCHES: &str = include_str!("../../../../testkit/data/hard_cases/patches.json");
pub const REQUESTS: &str = include_str!("../../../../testkit/data/hard_cases/requests.json");
pub const REQUIREMENTS: &str = include_str!("../../../../testkit/data/hard_cases/requirements.json");
pub const SCIM_1_1: &str = include_str!("../../../../testkit/data/hard_cases/scim_1_1.json");

/// One file, with URNs in the places of their short names.
pub fn read(file: &str) -> Value {
    let mut text = file
        .replace("<CORE in upper case>", &USER.to_uppercase())
        .replace("<ENT in upper case>", &ENTERPRISE.to_uppercase());
    for (short, urn) in [
        ("<CORE>", USER),
        ("<ENT>", ENTERPRISE),
        ("<X>", X),
        ("<GROUP>", GROUP),
        ("<PATCH>", PATCH_OP),
        ("<CORE1>", CORE_V1),
        ("<ENT1>", "urn:scim:schemas:extension:enterprise:1.0"),
        ("<SEARCH>", "urn:ietf:params:scim:api:messages:2.0:SearchRequest"),
        ("<BULK>", "urn:ietf:params:scim:api:messages:2.0:BulkRequest"),
    ] {
        text = text.replace(short, urn);
    }
    serde_json::from_str(&text).unwrap()
}

/// The cases of one file.
pub fn cases(file: &str) -> Vec<Value> {
    read(file).as_array().unwrap().clone()
}

/// What stands for `{name}` in a case: ids, tags, whole answers.
#[derive(Debug, Clone, Default)]
pub struct Variables(BTreeMap<String, Value>);

impl Variables {
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// A text with the variables in their places.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.0 {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text = text.replace(&format!("{{{name}}}"), &value);
        }
        text
    }

    /// A value with the variables in their places; a string that is one variable becomes its value.
    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
                name.and_then(|name| self.0.get(name)).cloned().unwrap_or_else(|| Value::String(self.text(text)))
            }
            Value::Array(list) => list.iter().map(|value| self.value(value)).collect(),
            Value::Object(object) => match (object.get("$one_more_than"), object.get("$of")) {
                (Some(count), Some(element)) => {
                    let count = self.value(count).as_u64().unwrap() + 1;
                    (0..count).map(|_| self.value(element)).collect()
                }
                _ => object.iter().map(|(name, value)| (name.clone(), self.value(value))).collect(),
            },
            other => other.clone(),
        }
    }
}

/// What comes of a case: it has one of these.
const OUTCOMES: &[&str] = &["finds", "error", "unchanged", "changed", "members"];

/// What a step or case says in one profile. What the tolerant profile answers says nothing about a refusal of the strict one.
pub fn in_profile(step: &Value, strict: bool) -> Value {
    let mut step = step.clone();
    let Some(differences) = step.as_object_mut().unwrap().shift_remove("strict").filter(|_| strict) else {
        return step;
    };
    if differences["status"].as_u64().is_some_and(|status| status >= 400) {
        let asks = ["send", "query", "headers", "body", "text"];
        step.as_object_mut().unwrap().retain(|key, _| asks.contains(&key.as_str()));
    }
    if OUTCOMES.iter().any(|key| differences.get(key).is_some()) {
        step.as_object_mut().unwrap().retain(|key, _| !OUTCOMES.contains(&key.as_str()));
    }
    for (key, value) in differences.as_object().unwrap() {
        step[key] = value.clone();
    }
    step
}
