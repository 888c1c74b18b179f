//! One authenticated request: what every handler needs of it, and how resources are written for it.

use std::sync::Arc;

use axum::body::Body;
use axum::response::Response;
use doorward_scim::Object;
use doorward_scim::patch::Patch;
use doorward_scim::project::Projection;
use doorward_scim::quirks::Leniency;
use doorward_scim::resource::Incoming;
use doorward_scim::schema::{Extended, ResourceType};
use doorward_scim::version::{GroupRef, Parts, Version, v1, v2};
use doorward_store::scope::DirectoryScope;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::body;
use super::query::Query;
use super::record::Recording;
use super::refusal::Refusal;
use super::reply::Form;
use super::route::Route;
use crate::App;
use crate::service::diagnose::facts::Noted;
use crate::service::diagnose::observe;
use crate::service::groups::GroupView;
use crate::service::members::member_refs;
use crate::service::schema::{group_type, leniency, stored, user_type};
use crate::service::tolerated::Tolerated;
use crate::service::users::UserView;

/// One authenticated request.
pub struct Call {
    /// The service.
    pub app: App,
    /// The directory that the credential opened.
    pub scope: Arc<DirectoryScope>,
    /// The version of the protocol.
    pub version: Version,
    /// The SCIM base URL that the client uses, absolute and without a slash at its end.
    pub base: String,
    /// The parameters.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// How the answer is written.
    pub form: Form,
    /// Which departures from the standards the request makes use of.
    pub tolerated: Tolerated,
    /// What is noted of the request for its log.
    pub noted: Noted,
}

impl Call {
    /// Puts a request together. Absolute URLs come from the configuration, never from `Host` (SEC-36), and keep the shape
    /// that the client uses: with the label or without it.
    pub fn new(
        app: App,
        scope: Arc<DirectoryScope>,
        route: &Route,
        query: Query,
        form: Form,
        headers: HeaderMap,
        recording: &Recording,
    ) -> Self {
        let version = route.version;
        let base = match &route.label {
            Some(label) => format!("{}/scim/{label}/{}", app.public_url(), version.segment()),
            None => format!("{}/scim/{}", app.public_url(), version.segment()),
        };
        let (tolerated, noted) = (recording.tolerated().clone(), recording.noted().clone());
        Call { app, scope, version, base, query, headers, form, tolerated, noted }
    }

    /// What the directory tolerates.
    pub fn leniency(&self) -> Leniency {
        leniency(&self.scope)
    }

    /// Which part of a resource the client wants to see.
    ///
    /// # Errors
    /// 400 `invalidValue` for `attributes` together with `excludedAttributes` (D30).
    pub fn projection(&self, resource_type: &ResourceType) -> Result<Projection, Refusal> {
        let (attributes, excluded) = (self.query.attributes.as_deref(), self.query.excluded_attributes.as_deref());
        match self.version {
            Version::V1 => Ok(Projection::for_v1(attributes, resource_type)),
            Version::V2 => Ok(Projection::parse(attributes, excluded, resource_type)?),
        }
    }

    /// Reads the body of a POST or PUT.
    ///
    /// # Errors
    /// As [`body::object`], and 400 for a resource that cannot be taken.
    pub async fn incoming(&self, body: Body, resource_type: &ResourceType) -> Result<Incoming, Refusal> {
        self.resource(body::object(&self.headers, body, self.limit(resource_type)).await?, resource_type)
    }

    /// Reads the data of a POST or PUT, whether it is a body or part of one.
    ///
    /// # Errors
    /// 400 for a resource that cannot be taken.
    pub fn resource(&self, data: Object, resource_type: &ResourceType) -> Result<Incoming, Refusal> {
        self.noted.with(|facts| observe::resource(facts, &data, self.version, extended(resource_type), &self.scope));
        let mut leniency = self.leniency();
        let incoming = self.version.read_resource(data, resource_type, &mut leniency)?;
        self.tolerated.note(&leniency);
        Ok(incoming)
    }

    /// Reads the body of a PATCH.
    ///
    /// # Errors
    /// As [`body::object`], and 400 for a message that is none.
    pub async fn patch(&self, body: Body, resource_type: &ResourceType) -> Result<Patch, Refusal> {
        self.edits(body::object(&self.headers, body, self.limit(resource_type)).await?, resource_type)
    }

    /// Reads the data of a PATCH, whether it is a body or part of one.
    ///
    /// # Errors
    /// 400 for a message that is none.
    pub fn edits(&self, data: Object, resource_type: &ResourceType) -> Result<Patch, Refusal> {
        self.noted.with(|facts| observe::patch(facts, &data, self.version, extended(resource_type), &self.scope));
        let mut leniency = self.leniency();
        let patch = self.version.read_patch(data, resource_type, &mut leniency)?;
        self.tolerated.note(&leniency);
        Ok(patch)
    }

    fn limit(&self, resource_type: &ResourceType) -> usize {
        let limits = &self.app.config().limits;
        if resource_type.is_group() { limits.group_body } else { limits.user_body }
    }

    /// Whether a PATCH is answered without a body: Microsoft asks for that (idp-wire 4.6), every other provider gets the
    /// resource, and who names attributes gets them (P-7644-3.5.2-11).
    pub fn patch_without_body(&self, projection: &Projection) -> bool {
        projection.is_default() && self.scope.directory_type().starts_with("azure")
    }

    /// Answers with a user.
    ///
    /// # Errors
    /// 500 when the stored document is damaged.
    pub fn user(&self, status: StatusCode, user: &UserView, projection: &Projection) -> Result<Response, Refusal> {
        let mut text = String::new();
        self.write_user(user, projection, &mut text)?;
        Ok(self.form.resource(status, text, user.row.version, &self.user_location(user)))
    }

    /// Answers with a group.
    ///
    /// # Errors
    /// 500 when the stored document is damaged.
    pub fn group(&self, status: StatusCode, group: &GroupView, projection: &Projection) -> Result<Response, Refusal> {
        let mut text = String::new();
        self.write_group(group, projection, &mut text)?;
        Ok(self.form.resource(status, text, group.row.version, &self.group_location(group)))
    }

    /// Appends a user as JSON text.
    ///
    /// # Errors
    /// 500 when the stored document is damaged.
    pub fn write_user(&self, user: &UserView, projection: &Projection, out: &mut String) -> Result<(), Refusal> {
        let groups: Vec<GroupRef> = user
            .groups
            .iter()
            .map(|group| GroupRef { id: group.id.to_string(), display: group.display.clone() })
            .collect();
        let parts = Parts {
            id: &user.row.id.to_string(),
            created: user.row.created_at,
            last_modified: user.row.updated_at,
            version: user.row.version,
            location: &self.user_location(user),
            groups: Some(&groups),
            members: None,
            base: &self.base,
            manager_display: user.manager_display.as_deref(),
        };
        self.write(&user.row.doc, &parts, user_type(&self.scope), projection, out)
    }

    /// Appends a group as JSON text.
    ///
    /// # Errors
    /// 500 when the stored document is damaged.
    pub fn write_group(&self, group: &GroupView, projection: &Projection, out: &mut String) -> Result<(), Refusal> {
        let members = group.members.as_deref().map(member_refs);
        let parts = Parts {
            id: &group.row.id.to_string(),
            created: group.row.created_at,
            last_modified: group.row.updated_at,
            version: group.row.version,
            location: &self.group_location(group),
            groups: None,
            members: members.as_deref(),
            base: &self.base,
            manager_display: None,
        };
        self.write(&group.row.doc, &parts, group_type(&self.scope), projection, out)
    }

    /// The stored bytes as they are when everything is wanted in 2.0, which is nearly always, and those of them that are wanted when a
    /// part is; else by way of a tree. They stand in the spelling in which they came, also when the directory has declared another one
    /// since then; but a part is chosen by the names that are declared now.
    fn write(
        &self,
        doc: &str,
        parts: &Parts<'_>,
        resource_type: &ResourceType,
        projection: &Projection,
        out: &mut String,
    ) -> Result<(), Refusal> {
        if self.version == Version::V2 && projection.is_default() {
            v2::render_text(doc, parts, out);
            return Ok(());
        }
        if self.version == Version::V2 && self.scope.types().is_usual() {
            v2::render_projected_text(doc, parts, projection, resource_type, out);
            return Ok(());
        }
        let stored = stored(&self.scope, doc, resource_type)?;
        let object = projection.apply(v2::render(&stored, parts, resource_type));
        let object = match self.version {
            Version::V1 => v1::rename(object, resource_type),
            Version::V2 => object,
        };
        out.push_str(&Value::Object(object).to_string());
        Ok(())
    }

    fn user_location(&self, user: &UserView) -> String {
        format!("{}/Users/{}", self.base, user.row.id)
    }

    fn group_location(&self, group: &GroupView) -> String {
        format!("{}/Groups/{}", self.base, group.row.id)
    }
}

fn extended(resource_type: &ResourceType) -> Extended {
    if resource_type.is_group() { Extended::Group } else { Extended::User }
}
