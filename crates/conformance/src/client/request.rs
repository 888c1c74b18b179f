//! A request before it is sent.

use serde_json::Value;

use crate::check::Version;

/// One request below the base URL.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
    pub(super) anonymous: bool,
}

impl Request {
    pub(crate) fn new(method: &'static str, path: impl Into<String>) -> Self {
        Request { method, path: path.into(), headers: Vec::new(), body: None, anonymous: false }
    }

    /// Sets a header; the usual one of this name is not sent then.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    pub(crate) fn text(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Leaves the credential out.
    pub(crate) fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// All headers but the credential, the usual ones first.
    pub(super) fn all_headers(&self, version: Version) -> Vec<(&'static str, String)> {
        let media = match version {
            Version::V1 => "application/json",
            Version::V2 => "application/scim+json",
        };
        let mut usual = vec![("Accept", media)];
        if self.body.is_some() {
            usual.push(("Content-Type", media));
        }
        let own = |name: &str| self.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let usual = usual.into_iter().filter(|(name, _)| !own(name)).map(|(name, value)| (name, value.to_owned()));
        usual.chain(self.headers.iter().cloned()).collect()
    }
}

/// A path with query parameters, percent-encoded: `+` and `%20` are not the same to every server.
pub(crate) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// Everything but RFC 3986's unreserved characters as `%XX`.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_url() {
        let path = with_query("/Users", &[("filter", r#"userName eq "a+b@é""#)]);
        assert_eq!(path, "/Users?filter=userName%20eq%20%22a%2Bb%40%C3%A9%22");
    }

    #[test]
    fn a_header_of_the_check_replaces_the_usual_one() {
        let request = Request::new("GET", "/Users").header("accept", "application/json");
        assert_eq!(request.all_headers(Version::V2), [("accept", "application/json".to_owned())]);
    }
}
