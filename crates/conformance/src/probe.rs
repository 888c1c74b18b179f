//! What a check has in hand: the client, what the server says about itself, the resources made for reading, and names that
//! nobody else uses.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::Version;
use crate::client::{Client, Request, with_query};
use crate::fixtures::Fixtures;
use crate::verdict::{Stop, failed, skip};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
pub(crate) const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
pub(crate) const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
pub(crate) const CORE_V1: &str = "urn:scim:schemas:core:1.0";

/// What a server may leave out, and says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Feature {
    Patch,
    Bulk,
    Filter,
    Sort,
    Etag,
    Cursor,
    /// Not in the configuration: the server has a `/Groups`.
    Groups,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Feature::Patch => "patch",
            Feature::Bulk => "bulk",
            Feature::Filter => "filter",
            Feature::Sort => "sort",
            Feature::Etag => "etag",
            Feature::Cursor => "pagination.cursor",
            Feature::Groups => "groups",
        })
    }
}

/// What the server says about itself, as it was when the run began.
#[derive(Debug, Default)]
pub(crate) struct Features {
    /// ServiceProviderConfig; `Null` when there is none.
    pub(crate) config: Value,
    pub(crate) groups: bool,
}

impl Features {
    pub(crate) fn has(&self, feature: Feature) -> bool {
        match feature {
            Feature::Groups => self.groups,
            Feature::Cursor => self.config["pagination"]["cursor"] == true,
            other => self.config[other.to_string()]["supported"] == true,
        }
    }

    pub(crate) fn why_not(feature: Feature) -> String {
        match feature {
            Feature::Groups => "the server has no /Groups".to_owned(),
            Feature::Cursor => "ServiceProviderConfig does not advertise pagination.cursor".to_owned(),
            other => format!("ServiceProviderConfig does not advertise {other}.supported"),
        }
    }
}

/// What a check has in hand.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) client: Client,
    pub(crate) version: Version,
    /// With what every name of this run begins.
    pub(crate) prefix: String,
    pub(crate) features: Features,
    pub(crate) fixtures: Fixtures,
    names: AtomicU32,
}

impl Probe {
    pub(crate) fn new(client: Client, version: Version, prefix: String) -> Self {
        let (features, fixtures) = (Features::default(), Fixtures::default());
        Probe { client, version, prefix, features, fixtures, names: AtomicU32::new(0) }
    }

    /// A name that has not been used yet.
    pub(crate) fn fresh(&self, what: &str) -> String {
        format!("{}-{}-{what}", self.prefix, self.names.fetch_add(1, Ordering::Relaxed))
    }

    /// Ends the check when the server does not offer something.
    pub(crate) fn needs(&self, feature: Feature) -> Result<(), Stop> {
        if self.features.has(feature) { Ok(()) } else { skip(Features::why_not(feature)) }
    }

    pub(crate) async fn send(&self, request: Request) -> Result<Answer, Stop> {
        self.client.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Stop> {
        self.send(Request::new("GET", path)).await
    }

    /// GET with query parameters.
    pub(crate) async fn query(&self, path: &str, parameters: &[(&str, &str)]) -> Result<Answer, Stop> {
        self.get(&with_query(path, parameters)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Stop> {
        self.send(Request::new("POST", path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Answer, Stop> {
        self.send(Request::new("PUT", path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Result<Answer, Stop> {
        self.send(Request::new("PATCH", path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Answer, Stop> {
        self.send(Request::new("DELETE", path)).await
    }

    /// PATCH of SCIM 2.0 with these operations.
    pub(crate) async fn operations(&self, path: &str, operations: Value) -> Result<Answer, Stop> {
        self.patch(path, &json!({"schemas": [PATCH_OP], "Operations": operations})).await
    }

    /// GET of the URL that an answer named. The credential goes to no other place than the tested one.
    pub(crate) async fn follow(&self, url: &str) -> Result<Answer, Stop> {
        match url.strip_prefix(self.client.base()) {
            Some(path) if path.starts_with('/') => self.get(path).await,
            _ if url.starts_with('/') || !url.contains("://") => {
                skip(format!("\"{url}\" is relative; where it leads cannot be told for certain"))
            }
            _ => skip(format!("\"{url}\" is not below the tested URL, so the credential was not sent there")),
        }
    }

    /// A user that every server should take, with `more` on top.
    pub(crate) fn person(&self, what: &str, more: Value) -> Value {
        let name = format!("{}@example.com", self.fresh(what));
        let schema = if self.version == Version::V1 { CORE_V1 } else { USER };
        let mut body = json!({
            "schemas": [schema],
            "userName": name,
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [{"value": name, "type": "work", "primary": true}],
            "active": true,
        });
        merge(&mut body, more);
        body
    }

    /// A group of this name with these members, with `more` on top.
    pub(crate) fn team(&self, what: &str, members: &[&str], more: Value) -> Value {
        let schema = if self.version == Version::V1 { CORE_V1 } else { GROUP };
        let mut body = json!({"schemas": [schema], "displayName": self.fresh(what)});
        if !members.is_empty() {
            body["members"] = members.iter().map(|id| json!({"value": id})).collect();
        }
        merge(&mut body, more);
        body
    }

    /// Makes something that a check needs. When that is refused, another check says so.
    pub(crate) async fn made(&self, endpoint: &str, body: &Value) -> Result<Value, Stop> {
        let answer = self.post(endpoint, body).await?;
        match &answer.json {
            Some(made) if answer.status == 201 && made["id"].is_string() => Ok(made.clone()),
            _ => {
                skip(format!("what this check needs could not be made: POST {endpoint} was answered {}", answer.told()))
            }
        }
    }

    /// Makes a user for a check: the resource and its path.
    pub(crate) async fn user(&self, what: &str, more: Value) -> Result<(Value, String), Stop> {
        let made = self.made("/Users", &self.person(what, more)).await?;
        let path = path_of("/Users", &made);
        Ok((made, path))
    }

    /// Makes a group for a check: the resource and its path.
    pub(crate) async fn group(&self, what: &str, members: &[&str]) -> Result<(Value, String), Stop> {
        self.needs(Feature::Groups)?;
        let made = self.made("/Groups", &self.team(what, members, json!({}))).await?;
        let path = path_of("/Groups", &made);
        Ok((made, path))
    }

    /// What the server has under a path that must be there.
    pub(crate) async fn read(&self, path: &str) -> Result<Value, Stop> {
        Ok(self.get(path).await?.resource(200)?.clone())
    }

    /// A limit or other number of the configuration.
    pub(crate) fn limit(&self, feature: &str, name: &str) -> Option<u64> {
        self.features.config[feature][name].as_u64().filter(|limit| *limit > 0)
    }
}

/// The path of a resource below the base URL.
pub(crate) fn path_of(endpoint: &str, resource: &Value) -> String {
    format!("{endpoint}/{}", text(&resource["id"]))
}

/// A string, or nothing.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The string under a JSON pointer, or a failure.
pub(crate) fn text_at<'a>(value: &'a Value, pointer: &str) -> Result<&'a str, Stop> {
    let found = value.pointer(pointer);
    let name = pointer.trim_start_matches('/').replace('/', ".");
    found.and_then(Value::as_str).filter(|text| !text.is_empty()).ok_or_else(|| {
        failed(
            format!("{name} is a non-empty string"),
            found.map_or_else(|| "it is absent".to_owned(), Value::to_string),
        )
    })
}

/// Puts the members of `more` over those of `body`; null takes one away.
fn merge(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        for (name, value) in more {
            if value.is_null() {
                body.remove(&name);
            } else {
                body.insert(name, value);
            }
        }
    }
}
