//! What every case begins with: a directory that holds the fixtures, and another one beside it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::data::{self, Variables};
use crate::custom_schemas::{declare, x};
use crate::support::{Directory, Kind, Service};

/// A directory with the fixtures.
pub struct Scene {
    pub directory: Directory,
    pub strict: bool,
    /// The version of a request that names none.
    pub version: &'static str,
    pub variables: Variables,
}

impl Scene {
    pub async fn new(service: &Arc<Service>, strict: bool) -> Self {
        Self::timed(service, strict, async || {}).await
    }

    /// Runs something before the last change of U2, the only fixture that was changed a day later.
    pub async fn timed(service: &Arc<Service>, strict: bool, a_day_passes: impl AsyncFn()) -> Self {
        let kind = if strict { Kind::strict() } else { Kind::of("generic scim v2.0") };
        let directory = service.directory(kind.clone()).await;
        let other = service.directory(kind).await;
        declare(&directory, x()).await;
        let mut variables = Variables::default();
        variables.set("label", directory.label.as_str());
        variables.set("secret", directory.secret.as_str());
        variables.set("base1", directory.base("v1"));
        variables.set("base2", directory.base("v2"));
        variables.set("other", other.authorization.as_str());
        variables.set("other label", other.label.as_str());
        let mut scene = Scene { directory, strict, version: "v2", variables };
        let fixtures = data::read(data::FIXTURES);
        for name in ["U2", "U1", "U3"] {
            scene.create(name, "/Users", &fixtures["users"][name]).await;
        }
        for name in ["G1", "G2"] {
            let mut group = fixtures["groups"][name].clone();
            let ids = group["members"].as_array().unwrap().clone();
            group["members"] = ids.into_iter().map(|id| json!({ "value": id })).collect();
            scene.create(name, "/Groups", &group).await;
        }
        a_day_passes().await;
        let display_name = fixtures["users"]["U2"]["displayName"].clone();
        let change = json!([{"op": "replace", "path": "displayName", "value": display_name}]);
        scene.directory.operations(&format!("/Users/{}", scene.id("U2")), change).await.expect(200);
        scene
    }

    async fn create(&mut self, name: &str, endpoint: &str, fixture: &Value) {
        let mut body = self.variables.value(fixture);
        if name == "U2" {
            body["displayName"] = json!("J. Smith");
        }
        let created = self.directory.post(endpoint, body).await.expect(201).json();
        let id = created["id"].as_str().unwrap();
        self.variables.set(&name.to_lowercase(), id);
        self.variables.set(name, id.to_uppercase());
    }

    /// The id of a fixture.
    pub fn id(&self, name: &str) -> String {
        self.variables.text(&format!("{{{}}}", name.to_lowercase()))
    }

    /// The ids of some fixtures, in order.
    pub fn ids(&self, names: &Value) -> Vec<String> {
        names.as_array().unwrap().iter().map(|name| self.id(name.as_str().unwrap())).collect()
    }

    /// The path of a fixture.
    pub fn path(&self, name: &str) -> String {
        let endpoint = if name.starts_with('U') { "Users" } else { "Groups" };
        format!("/{endpoint}/{}", self.id(name))
    }

    /// How many events have come of the directory.
    pub async fn events(&self) -> usize {
        self.directory.events_after(0).await.len()
    }
}
