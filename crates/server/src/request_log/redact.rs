//! Takes secrets out of what is kept of a request (SEC-12, SEC-23): by name where there is a name, by shape everywhere.

use doorward_store::Secret;
use http::{HeaderMap, header};
use serde_json::Value;

/// What stands in the place of a secret.
pub const REMOVED: &str = "(removed)";

/// The most bytes that are kept of a body.
pub const BODY: usize = 16 * 1024;

/// The most bytes that are kept of a path, a query or a header.
const LINE: usize = 2048;

/// What every secret of Doorward begins with, and what begins those of others that people paste by mistake.
const BEGINNINGS: [&str; 4] = ["dw_", "sk_", "whsec_", "eyJ"];

/// Names of attributes and parameters whose values are secrets, or parts of such names.
const SECRET_NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "authorization",
    "apikey",
    "api_key",
    "privatekey",
    "private_key",
];

/// Headers whose values are kept. Of all others the name alone.
const HEADERS: [&str; 15] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "if-match",
    "if-none-match",
    "user-agent",
    "x-http-method-override",
];

/// Takes one credential out of texts, wherever it stands, and whatever looks like one.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    secrets: Vec<Secret>,
}

impl Redactor {
    /// For a request that presented this credential. What is shorter than eight characters is no credential but part of many words.
    pub fn of(secrets: impl IntoIterator<Item = String>) -> Self {
        Redactor { secrets: secrets.into_iter().filter(|text| text.len() >= 8).map(Secret::new).collect() }
    }

    /// A line of text that may be kept: without secrets, at most 2 KiB.
    pub fn line(&self, text: &str) -> String {
        let (text, whole) = cut(text, LINE);
        let text = self.text(text);
        if whole { text } else { text + "…" }
    }

    /// A query: filters stay, for it is the directory's own log; parameters that SCIM does not know lose their values, and so does a
    /// filter on a secret.
    pub fn query(&self, query: &str) -> String {
        let kept = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if is_known(name) && !self.speaks_of_secret(&decoded(value)) => {
                self.line(&format!("{name}={value}"))
            }
            Some((name, _)) => format!("{}={REMOVED}", self.line(name)),
            None => self.line(pair),
        });
        let kept: Vec<String> = kept.collect();
        self.line(&kept.join("&"))
    }

    fn speaks_of_secret(&self, value: &str) -> bool {
        mentions_secret(value) || self.text(value) != value
    }

    /// The headers that may be kept, in the order sent.
    pub fn headers(&self, headers: &HeaderMap) -> Vec<(String, String)> {
        let shown = headers.iter().take(64).map(|(name, value)| {
            let value = match value.to_str() {
                Ok(text) if HEADERS.contains(&name.as_str()) => self.line(text),
                Ok(text) if name == header::AUTHORIZATION => scheme(text).to_owned(),
                _ => REMOVED.to_owned(),
            };
            (name.as_str().to_owned(), value)
        });
        shown.collect()
    }

    /// A body that may be kept, at most 16 KiB and then marked. What is no JSON is not kept, because a secret cannot be found in it.
    pub fn body(&self, bytes: &[u8]) -> Option<String> {
        let mut value: Value = serde_json::from_slice(bytes).ok()?;
        self.value(&mut value);
        let text = value.to_string();
        let (kept, whole) = cut(&text, BODY);
        Some(if whole { text } else { format!("{kept}… (cut; {} bytes)", text.len()) })
    }

    /// The same facts without secrets in their texts.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn facts<T: serde::Serialize + serde::de::DeserializeOwned>(&self, facts: &T) -> serde_json::Result<T> {
        let mut value = serde_json::to_value(facts)?;
        self.value(&mut value);
        serde_json::from_value(value)
    }

    fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(object) => {
                // {"op": "replace", "path": "password", "value": …}, {"name": "token", "value": …}, and a filter on a password.
                let naming = ["path", "name", "attribute", "type"];
                let named = object.iter().any(|(key, value)| {
                    naming.iter().any(|name| key.eq_ignore_ascii_case(name)) && value.as_str().is_some_and(is_secret)
                });
                for (key, value) in object.iter_mut() {
                    let filter = key.eq_ignore_ascii_case("filter") && value.as_str().is_some_and(mentions_secret);
                    if filter || is_secret(key) || (named && key.eq_ignore_ascii_case("value")) {
                        *value = Value::from(REMOVED);
                    } else {
                        self.value(value);
                    }
                }
                if object.keys().any(|key| self.text(key) != *key) {
                    *object = std::mem::take(object).into_iter().map(|(key, value)| (self.text(&key), value)).collect();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A text without the credential and without whatever looks like one.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.secrets {
            if text.contains(secret.expose()) {
                text = text.replace(secret.expose(), REMOVED);
            }
        }
        if BEGINNINGS.iter().any(|beginning| text.contains(beginning)) { without_look_alikes(&text) } else { text }
    }
}

/// Whether the last part of a name or path (`urn:…:User:password`, `x.secret`) names a secret.
fn is_secret(name: &str) -> bool {
    let last = name.rsplit([':', '.']).find(|part| !part.is_empty()).unwrap_or(name).to_ascii_lowercase();
    SECRET_NAMES.iter().any(|secret| last.contains(secret))
}

/// Whether a filter or another value speaks of a secret.
fn mentions_secret(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["password", "secret", "passwd", "passphrase"].iter().any(|name| text.contains(name))
}

/// A value with its `%XX` decoded, to be looked at.
fn decoded(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        let hex = others.get(..2).filter(|_| first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = others.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(first);
                rest = others;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The parameters of SCIM.
fn is_known(name: &str) -> bool {
    let known = ["filter", "attributes", "excludedAttributes", "startIndex", "count", "sortBy", "sortOrder", "cursor"];
    known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// `Bearer (removed)`: the form, which is what goes wrong, without the credential.
fn scheme(text: &str) -> &'static str {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let is = |place: usize, name: &str| words.get(place).is_some_and(|word| word.eq_ignore_ascii_case(name));
    match words.len() {
        0 => "(empty)",
        1 if is(0, "bearer") || is(0, "basic") => "(a scheme without a credential)",
        1 => REMOVED,
        _ if is(0, "bearer") && is(1, "bearer") => "Bearer Bearer (removed)",
        _ if is(0, "bearer") => "Bearer (removed)",
        _ if is(0, "basic") => "Basic (removed)",
        _ => "(another scheme) (removed)",
    }
}

/// The text without words that begin like a secret and are long enough to be one.
fn without_look_alikes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let found = BEGINNINGS.iter().filter_map(|beginning| Some((rest.find(beginning)?, *beginning))).min();
        let Some((start, beginning)) = found else { break };
        let (before, secret) = rest.split_at(start);
        out.push_str(before);
        let after = secret.split_at(beginning.len()).1;
        let length = after.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-./+=".contains(byte)).count();
        out.push_str(if length >= 6 { REMOVED } else { beginning });
        rest = after.split_at(if length >= 6 { length } else { 0 }).1;
    }
    out + rest
}

/// At most so many bytes of a text, and whether that is all of it.
fn cut(text: &str, most: usize) -> (&str, bool) {
    if text.len() <= most {
        return (text, true);
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    (text.split_at(end).0, false)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn redactor() -> Redactor {
        Redactor::of(["canary-credential".to_owned()])
    }

    #[test]
    fn sec_12_passwords_and_other_secrets_are_removed_by_structure() {
        let body = json!({
            "userName": "ada", "password": "canary1", "PassWord": {"a": ["canary2"]},
            "urn:x:User": {"client_secret": "canary3", "apiKey": "canary4", "department": "kept"},
            "urn:ietf:params:scim:schemas:core:2.0:User:password": "canary5",
            "Operations": [
                {"op": "replace", "path": "password", "value": "canary6"},
                {"op": "replace", "PATH": "urn:x:User:accessToken", "Value": {"x": "canary7"}},
                {"op": "add", "value": {"password": "canary8", "title": "kept too"}},
                {"op": "replace", "path": "title", "value": "still kept"},
            ],
            "filter": "password eq \"canary9\"",
        });
        let kept = redactor().body(body.to_string().as_bytes()).unwrap();
        assert!(!kept.contains("canary"), "{kept}");
        for word in ["ada", "\"department\":\"kept\"", "kept too", "still kept"] {
            assert!(kept.contains(word), "{word}: {kept}");
        }
    }

    #[test]
    fn sec_23_credentials_are_removed_wherever_they_stand() {
        let redactor = redactor();
        for text in [
            "canary-credential",
            "/scim/canary-credential/x",
            "a dw_canaryabcdef b",
            "x=sk_canaryabcdef",
            "eyJcanary.ab.c",
        ] {
            assert!(!redactor.line(text).contains("canary"), "{text}");
        }
        assert_eq!(redactor.text("dw_ and sk_x stay"), "dw_ and sk_x stay");
        assert_eq!(redactor.text("a dw_abcdefgh, b"), format!("a {REMOVED}, b"));
        let body = json!({"displayName": "token canary-credential", "dw_canarykey12": 1, "list": ["whsec_canary123"]});
        assert!(!redactor.body(body.to_string().as_bytes()).unwrap().contains("canary"));
        assert_eq!(redactor.body(b"{\"password\": \"canary"), None, "what cannot be read is not kept");
    }

    #[test]
    fn sec_23_a_query_keeps_filters_and_no_foreign_parameters() {
        let query = redactor().query(
            "filter=userName%20eq%20%22ada%22&access_token=canary&count=1&aadOptscim062020&startIndex=dw_canary1",
        );
        assert_eq!(
            query,
            "filter=userName%20eq%20%22ada%22&access_token=(removed)&count=1&aadOptscim062020&startIndex=(removed)"
        );
        for filter in
            ["Password%20sw%20%22canary%22", "%70assword%20eq%20%22canary%22", "id%20eq%20%22dw%5Fcanary1234%22"]
        {
            assert_eq!(redactor().query(&format!("filter={filter}")), "filter=(removed)");
        }
    }

    #[test]
    fn sec_23_headers_are_kept_by_a_list_of_harmless_names() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("authorization", "Bearer canary"),
            ("cookie", "canary=1"),
            ("x-api-key", "canary"),
            ("user-agent", "Okta canary-credential"),
            ("content-type", "application/scim+json"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let kept = redactor().headers(&headers);
        assert!(!format!("{kept:?}").contains("canary"), "{kept:?}");
        assert_eq!(kept[0], ("authorization".to_owned(), "Bearer (removed)".to_owned()));
        assert_eq!(kept[4].1, "application/scim+json");
    }

    #[test]
    fn long_bodies_are_cut_at_a_character_and_marked() {
        let body = json!({"displayName": "é".repeat(20_000)}).to_string();
        let kept = redactor().body(body.as_bytes()).unwrap();
        assert!(kept.len() < BODY + 64 && kept.ends_with("bytes)"), "{}", kept.len());
    }
}
