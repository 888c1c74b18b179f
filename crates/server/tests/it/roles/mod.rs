//! Roles and access checks: what an application sets, what identity providers bring, what comes of both.

mod access;
mod administration;
mod large;
mod mapping;
mod random;

use serde_json::{Value, json};

use crate::app_api::Api;
use crate::support::{Directory, Kind, USER, with_directory, with_json};
use crate::wire::Answer;

pub const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

/// A directory of an organization with four roles, and the application that made them.
pub struct Scene {
    pub idp: Directory,
    pub api: Api,
}

impl Scene {
    /// A role of the organization.
    pub async fn role(&self, name: &str, default: bool) -> Value {
        let body = json!({"organization_id": self.idp.organization_id, "name": name, "default": default});
        self.send("POST", "/roles", body).await.expect(201).json()
    }

    /// A rule at the end of the order.
    pub async fn rule(&self, condition: Value, role: Option<&str>, environment: Option<&str>) -> Value {
        let body =
            json!({"directory_id": self.idp.id, "condition": condition, "role": role, "environment": environment});
        self.send("POST", "/role_mappings", body).await.expect(201).json()
    }

    /// The rule that takes the value at a path of Workato's extension for the role.
    pub async fn by_value(&self, attribute: &str, environment: Option<&str>) -> Value {
        self.rule(json!({"path": format!("{WORKATO}:{attribute}")}), None, environment).await
    }

    pub async fn settings(&self, body: Value) -> Value {
        self.send("PATCH", &format!("/directories/{}/role_settings", self.idp.id), body).await.expect(200).json()
    }

    pub async fn send(&self, method: &str, target: &str, body: Value) -> Answer {
        with_json(self.api.request(method, target), body).send().await
    }

    pub async fn user(&self, id: &str) -> Value {
        self.api.found(&format!("/directory_users/{id}")).await
    }

    /// The slugs of somebody's roles.
    pub async fn roles(&self, id: &str) -> Vec<String> {
        slugs(&self.user(id).await)
    }

    /// Somebody with roles in Workato's extension; the id.
    pub async fn person(&self, user_name: &str, extension: Value) -> String {
        let body = person(user_name, extension);
        self.idp.post("/Users", body).await.expect(201).json()["id"].as_str().unwrap().to_owned()
    }

    pub async fn check(&self, query: &str) -> Value {
        let organization = self.idp.organization_id;
        self.api.found(&format!("/access_checks?organization={organization}&{query}")).await
    }
}

pub fn person(user_name: &str, extension: Value) -> Value {
    json!({"schemas": [USER, WORKATO], "userName": user_name, "externalId": format!("x-{user_name}"), WORKATO: extension})
}

/// The slugs in `roles`, the first of which is `role`.
pub fn slugs(user: &Value) -> Vec<String> {
    let slugs: Vec<String> =
        user["roles"].as_array().unwrap().iter().map(|role| role["slug"].as_str().unwrap().to_owned()).collect();
    assert_eq!(user["role"], slugs.first().map_or(Value::Null, |slug| json!({"slug": slug})));
    slugs
}

/// Runs a test in a directory whose organization has the roles Admin, Analyst, Operator and `<No access>`, and no rules yet.
pub async fn with_roles(test: impl AsyncFn(Scene)) {
    with_directory(Kind::okta(), async |idp| {
        let api = Api::of(&idp.service).await;
        let scene = Scene { idp, api };
        for name in ["Admin", "Analyst", "Operator", "<No access>"] {
            scene.role(name, false).await;
        }
        test(scene).await;
    })
    .await;
}
