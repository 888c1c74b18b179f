//! Query strings, and filters as far as the dialects send them: `attribute op "value"`, joined by `and`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Object;

pub fn parameters(query: &str) -> BTreeMap<String, String> {
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.to_owned(), decode(v))).collect()
}

fn decode(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
                rest = &rest[2..];
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

pub fn matches(filter: &str, resource: &Object) -> bool {
    filter.split("\" and ").all(|term| {
        let (attribute, rest) = term.split_once(' ').unwrap();
        let (operator, literal) = rest.split_once(' ').unwrap();
        assert!(operator.eq_ignore_ascii_case("eq"), "{filter}");
        let literal =
            if literal.ends_with('"') && literal.len() > 1 { literal.to_owned() } else { format!("{literal}\"") };
        let wanted: String = serde_json::from_str(&literal).unwrap_or_else(|e| panic!("{e}: {filter}"));
        values(attribute, resource).iter().any(|value| value.to_lowercase() == wanted.to_lowercase())
    })
}

fn values(attribute: &str, resource: &Object) -> Vec<String> {
    let manager = || resource.values().filter_map(|v| v["manager"]["value"].as_str()).map(str::to_owned).collect();
    if attribute == "manager" {
        return manager();
    }
    let Some((_, value)) = resource.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute)) else {
        return Vec::new();
    };
    match value {
        Value::Array(items) => items.iter().filter_map(|i| i["value"].as_str()).map(str::to_owned).collect(),
        other => other.as_str().map(str::to_owned).into_iter().collect(),
    }
}
