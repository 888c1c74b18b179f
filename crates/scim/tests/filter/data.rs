//! The hard cases as data (`crates/testkit/data/hard_cases`), read for the library: the id of U1 is `u1`.

use doorward_scim::schema::{ENTERPRISE, PATCH_OP, USER};
use serde_json::Value;

use crate::fixtures::X;

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE_1_1: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// Puts URNs and ids in the places of their short names.
pub fn spelled_out(text: &str) -> String {
    let mut text = text
        .replace("<CORE in upper case>", &USER.to_uppercase())
        .replace("<ENT in upper case>", &ENTERPRISE.to_uppercase());
    for (short, urn) in [
        ("<CORE>", USER),
        ("<ENT>", ENTERPRISE),
        ("<X>", X),
        ("<GROUP>", GROUP),
        ("<PATCH>", PATCH_OP),
        ("<ENT1>", ENTERPRISE_1_1),
    ] {
        text = text.replace(short, urn);
    }
    for id in ["u1", "u2", "u3", "g1", "g2"] {
        text = text.replace(&format!("{{{id}}}"), id);
        text = text.replace(&format!("{{{}}}", id.to_uppercase()), &id.to_uppercase());
    }
    text
}

/// One file of the data.
pub fn read(file: &str) -> Value {
    serde_json::from_str(&spelled_out(file)).unwrap_or_else(|error| panic!("the data is JSON: {error}"))
}

/// The cases of one file.
pub fn cases(file: &str) -> Vec<Value> {
    match read(file) {
        Value::Array(cases) => cases,
        other => panic!("not a list of cases: {other}"),
    }
}

/// How many random cases a test asks: few, or as many as `DOORWARD_RANDOM_CASES` says for a long run.
pub fn long_run(few: u32) -> u32 {
    std::env::var("DOORWARD_RANDOM_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(few)
}
