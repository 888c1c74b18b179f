//! `If-Match` and `If-None-Match` (RFC 7644 section 3.14, RFC 9110 section 13.1).
//!
//! Doorward's tags are weak, `W/"7"`, and are compared weakly, so that `"7"` and `W/"7"` are one: SCIM clients copy
//! the tag from `meta.version` or from the header, with or without the prefix.

use http::HeaderMap;
use http::header::{IF_MATCH, IF_NONE_MATCH};

use super::refusal::Refusal;
use crate::service::precondition::Precondition;

/// The condition of a write.
///
/// # Errors
/// 400 `invalidSyntax` when the header is there and is no list of tags: to ignore it would be to overwrite.
pub fn precondition(headers: &HeaderMap) -> Result<Precondition, Refusal> {
    condition(joined(headers, &IF_MATCH).as_deref(), "The If-Match header")
}

/// The condition of a write in a bulk request: `version` is to it what `If-Match` is to a request (RFC 7644 section 3.7).
///
/// # Errors
/// As [`precondition`].
pub fn version(version: Option<&str>) -> Result<Precondition, Refusal> {
    condition(version, "The version of the operation")
}

fn condition(text: Option<&str>, what: &str) -> Result<Precondition, Refusal> {
    let Some(text) = text else { return Ok(Precondition::None) };
    match tags(text) {
        Some(Tags::Any) => Ok(Precondition::Exists),
        Some(Tags::List(versions)) => Ok(Precondition::OneOf(versions)),
        None => Err(Refusal::invalid_syntax(format!("{what} is not a list of entity tags such as W/\"7\"."))),
    }
}

/// Whether the caller of a read already holds this version. A header that cannot be read is as none.
pub fn is_held(headers: &HeaderMap, version: i64) -> bool {
    match joined(headers, &IF_NONE_MATCH).as_deref().and_then(tags) {
        Some(Tags::Any) => true,
        Some(Tags::List(versions)) => versions.iter().any(|held| *held == version.to_string()),
        None => false,
    }
}

enum Tags {
    Any,
    List(Vec<String>),
}

fn joined(headers: &HeaderMap, name: &http::HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

fn tags(text: &str) -> Option<Tags> {
    if text.trim() == "*" {
        return Some(Tags::Any);
    }
    let mut versions = Vec::new();
    let mut rest = text.trim();
    loop {
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (version, behind) = quoted.split_once('"')?;
        versions.push(version.to_owned());
        rest = behind.trim_start();
        if rest.is_empty() {
            return Some(Tags::List(versions));
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn if_match(text: &'static str) -> Result<Precondition, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, HeaderValue::from_static(text));
        precondition(&headers)
    }

    #[test]
    fn p_7644_3_14_03_weak_strong_list_star_and_garbage() {
        let seven = Precondition::OneOf(vec!["7".to_owned()]);
        assert_eq!(if_match("W/\"7\"").unwrap(), seven);
        assert_eq!(if_match(" \"7\" ").unwrap(), seven);
        assert_eq!(if_match("\"6\", W/\"7\"").unwrap(), Precondition::OneOf(vec!["6".to_owned(), "7".to_owned()]));
        assert_eq!(if_match("*").unwrap(), Precondition::Exists);
        for garbage in ["7", "W/7", "\"7", "\"7\" \"8\"", "", ",", "W/\"7\","] {
            assert_eq!(if_match(garbage).unwrap_err().status, 400, "{garbage:?}");
        }
        assert_eq!(precondition(&HeaderMap::new()).unwrap(), Precondition::None);
    }

    #[test]
    fn p_7644_3_14_02_if_none_match_reads_the_same_forms() {
        for (text, held) in [("W/\"7\"", true), ("\"6\", \"7\"", true), ("*", true), ("\"6\"", false), ("seven", false)]
        {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(text));
            assert_eq!(is_held(&headers, 7), held, "{text}");
        }
    }
}
