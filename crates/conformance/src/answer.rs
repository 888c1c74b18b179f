//! One answer of the server, and the questions that checks put to it. Each question either gives something back or ends
//! the check with what was expected and what came.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::client::cut;
use crate::verdict::{Stop, Verdict, expect, failed};

/// Headers that SCIM gives a meaning to.
const TELLING: [&str; 8] = [
    "content-type",
    "location",
    "content-location",
    "etag",
    "www-authenticate",
    "allow",
    "retry-after",
    "cache-control",
];

/// One answer, read whole.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The request in one line.
    pub(crate) line: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; `None` when empty or not JSON.
    pub(crate) json: Option<Value>,
    /// The body as text.
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub(crate) fn telling_headers(&self) -> Vec<String> {
        TELLING.iter().filter_map(|name| Some(format!("{name}: {}", self.header(name)?))).collect()
    }

    /// What came, in one line.
    pub(crate) fn told(&self) -> String {
        if self.text.is_empty() {
            return format!("{} without a body", self.status);
        }
        format!("{} with {}", self.status, cut(&self.text).chars().take(400).collect::<String>())
    }

    /// A member of the body; `Null` where there is none.
    pub(crate) fn get(&self, name: &str) -> &Value {
        self.json.as_ref().and_then(|json| json.get(name)).unwrap_or(&Value::Null)
    }

    /// The answer has this status.
    pub(crate) fn status(&self, status: u16) -> Result<&Self, Stop> {
        self.one_of(&[status])
    }

    /// The answer has one of these statuses.
    pub(crate) fn one_of(&self, statuses: &[u16]) -> Result<&Self, Stop> {
        if statuses.contains(&self.status) {
            return Ok(self);
        }
        let names: Vec<String> = statuses.iter().map(ToString::to_string).collect();
        Err(failed(format!("{} is answered {}", self.line, names.join(" or ")), self.told()))
    }

    /// The request was refused: 4xx or 501, and no other 5xx.
    pub(crate) fn refused(&self) -> Result<&Self, Stop> {
        if (400..500).contains(&self.status) || self.status == 501 {
            return Ok(self);
        }
        Err(failed(format!("{} is refused", self.line), self.told()))
    }

    /// The body is a JSON object.
    pub(crate) fn object(&self) -> Result<&Value, Stop> {
        match &self.json {
            Some(object @ Value::Object(_)) => Ok(object),
            _ => Err(failed(format!("{} is answered with a JSON object", self.line), self.told())),
        }
    }

    /// A success with a JSON object.
    pub(crate) fn resource(&self, status: u16) -> Result<&Value, Stop> {
        self.status(status)?.object()
    }

    /// The resources of a list response.
    pub(crate) fn resources(&self) -> Result<&[Value], Stop> {
        let list = self.resource(200)?;
        match (list.get("Resources"), list.get("totalResults").and_then(Value::as_u64)) {
            (Some(Value::Array(resources)), _) => Ok(resources),
            (None | Some(Value::Null), Some(_)) => Ok(&[]),
            _ => Err(failed(format!("{} is answered with a list response", self.line), self.told())),
        }
    }

    /// `totalResults` of a list response.
    pub(crate) fn total(&self) -> Result<u64, Stop> {
        let total = self.resource(200)?.get("totalResults").and_then(Value::as_u64);
        total.ok_or_else(|| failed("totalResults is an integer", self.told()))
    }

    /// The `schemas` of the body name this URI.
    pub(crate) fn has_schema(&self, uri: &str) -> Verdict {
        let named = self.get("schemas").as_array().is_some_and(|all| all.iter().any(|one| one == uri));
        expect(named, format!("schemas of the answer to {} name {uri}", self.line), self.get("schemas").to_string())
    }

    /// Content-Type is of this media type, whatever its parameters.
    pub(crate) fn media_type(&self, wanted: &[&str]) -> Verdict {
        let header = self.header("content-type").unwrap_or_default();
        let media = header.split(';').next().unwrap_or_default().trim();
        let fits = wanted.iter().any(|one| one.eq_ignore_ascii_case(media));
        expect(fits, format!("Content-Type {}", wanted.join(" or ")), format!("Content-Type \"{header}\""))
    }

    /// 400 (or another status) with this scimType.
    pub(crate) fn refusal(&self, status: u16, scim_type: &str) -> Verdict {
        self.status(status)?;
        let named = self.get("scimType") == scim_type;
        expect(named, format!("{status} with scimType {scim_type}"), self.told())
    }
}
