//! `/organizations`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::organization::OrganizationFilter;
use doorward_store::paging::Order;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Input, given};
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::domain;
use crate::service::organizations::{self, DomainState, Wanted};

/// `GET /organizations`; filters `domains`, `search`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let filter = OrganizationFilter {
        domains: parameters
            .list("domains")?
            .iter()
            .map(|text| domain::spelled(text).unwrap_or_else(|| text.clone()))
            .collect(),
        search: parameters.text("search").map(str::to_owned),
    };
    let slice = organizations::list(app.store(), &by, cursor(&parameters, Order::Descending)?, filter).await?;
    let object = |row| Ok::<_, Failure>(organizations::object(&row));
    Ok(Json(List::new(slice, |row| row.id, object)?))
}

/// `GET /organizations/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Organization"))?;
    let row = organizations::get(app.store(), &by, id).await?;
    Ok(Json(organizations::object(&row)))
}

/// `GET /organizations/external_id/{external_id}`.
pub async fn get_by_external_id(
    State(app): State<App>,
    Caller(by): Caller,
    Path(external_id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let row = organizations::get_by_external_id(app.store(), &by, external_id).await?;
    Ok(Json(organizations::object(&row)))
}

/// What an organization is made of, or what of it is to be changed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationInput {
    /// Its name for people; required when it is made.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The domains it claims with their states, all of them.
    domain_data: Option<Vec<DomainInput>>,
    /// Domains to claim without a state: a new one is `pending`. Use one of `domains` and `domain_data`.
    domains: Option<Vec<String>>,
    /// Your notes, all of them: at most 50 keys of 40 characters with values of 600. `null` takes them away.
    #[serde(default, deserialize_with = "given")]
    metadata: Option<Option<BTreeMap<String, String>>>,
    /// Your own id of the customer, unique. `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 128)]
    external_id: Option<Option<String>>,
    /// Taken for the sake of SDKs; only `false` is offered.
    allow_profiles_outside_organization: Option<bool>,
}

/// A domain with its state.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DomainInput {
    /// The domain in any spelling.
    domain: String,
    /// How far its claim is proved.
    state: DomainInputState,
}

/// How far the claim of a domain is proved.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DomainInputState {
    /// Claimed, not proved.
    Pending,
    /// You answer for it; no other organization can claim it then.
    Verified,
    /// Could not be proved.
    Failed,
}

impl OrganizationInput {
    fn wanted(self) -> Result<Wanted, Failure> {
        let wrong = |field: &'static str, message: &str| Failure::Parameter { field, message: message.to_owned() };
        if self.allow_profiles_outside_organization == Some(true) {
            return Err(wrong("allow_profiles_outside_organization", "is not offered; leave it out or send false"));
        }
        let domains = match (self.domain_data, self.domains) {
            (Some(_), Some(_)) => return Err(wrong("domains", "cannot be given together with domain_data")),
            (Some(data), None) => {
                Some(data.into_iter().map(|domain| (domain.domain, Some(domain.state.into()))).collect())
            }
            (None, Some(names)) => Some(names.into_iter().map(|name| (name, None)).collect()),
            (None, None) => None,
        };
        let metadata = self.metadata.map(Option::unwrap_or_default);
        Ok(Wanted { name: self.name, external_id: self.external_id, metadata, domains })
    }
}

impl From<DomainInputState> for DomainState {
    fn from(state: DomainInputState) -> Self {
        match state {
            DomainInputState::Pending => DomainState::Pending,
            DomainInputState::Verified => DomainState::Verified,
            DomainInputState::Failed => DomainState::Failed,
        }
    }
}

/// `POST /organizations`.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<OrganizationInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let row = organizations::create_with(app.store(), &by, input.wanted()?).await?;
    Ok((StatusCode::CREATED, Json(organizations::object(&row))))
}

/// `PUT` and `PATCH /organizations/{id}`: what is left out stays as it is.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<OrganizationInput>,
) -> Result<Json<Value>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Organization"))?;
    let row = organizations::update(app.store(), &by, id, input.wanted()?).await?;
    Ok(Json(organizations::object(&row)))
}

/// `DELETE /organizations/{id}`; refused while it has directories.
pub async fn delete(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("Organization"))?;
    organizations::delete(app.store(), &by, id).await?;
    app.api_keys().forget_all();
    Ok(StatusCode::NO_CONTENT)
}
