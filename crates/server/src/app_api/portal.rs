//! `/portal`: setup links for customers' administrators. The pages behind them are in `crate::portal::setup`.

use axum::Json;
use axum::extract::State;
use doorward_store::paging::Order;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::Input;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::portal_links::{self, DEFAULT_LIFETIME, NewLink};

/// What a setup link is made of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkInput {
    /// Whose administrator it is for: the id of an organization.
    organization: String,
    /// What can be set up with it; `dsync` in this version, and when it is left out.
    intent: Option<String>,
    /// Where its pages lead back to.
    return_url: Option<String>,
    /// Where its pages lead to when all is done.
    success_url: Option<String>,
    /// Your own id of the person that it is for; links can be revoked by it.
    external_user_id: Option<String>,
    /// The addresses of the people that it is for, at most 20.
    it_contact_emails: Option<Vec<String>>,
    /// How many seconds it can be opened, up to 30 days; 300 unless said otherwise.
    expires_in: Option<u32>,
}

/// `POST /portal/generate_link`: the link is in this answer and never again.
pub async fn generate(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<LinkInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let new = NewLink {
        organization_id: input.organization.parse().map_err(|_| Failure::not_found("Organization"))?,
        intent: input.intent.unwrap_or_else(|| "dsync".to_owned()),
        return_url: input.return_url,
        success_url: input.success_url,
        external_user_id: input.external_user_id,
        contacts: input.it_contact_emails.unwrap_or_default(),
        lifetime: input.expires_in.unwrap_or(DEFAULT_LIFETIME),
    };
    let (row, secret) = portal_links::create(app.store(), &by, new).await?;
    let mut object = portal_links::object(&row, app.clock().now());
    if let Some(members) = object.as_object_mut() {
        members.insert("link".to_owned(), json!(portal_links::address(app.public_url(), &secret)));
    }
    Ok((StatusCode::CREATED, Json(object)))
}

/// Which links are to end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeInput {
    /// One link, by its id; or else `organization` and `external_user_id`.
    id: Option<String>,
    /// Whose links.
    organization: Option<String>,
    /// All that were made for this person.
    external_user_id: Option<String>,
}

/// `POST /portal/revoke_link`: the links, and the sessions opened with them, end at once.
pub async fn revoke(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<RevokeInput>,
) -> Result<StatusCode, Failure> {
    match (input.id, input.organization, input.external_user_id) {
        (Some(id), None, None) => {
            let id = id.parse().map_err(|_| Failure::not_found("Setup link"))?;
            portal_links::revoke(app.store(), &by, id).await?;
        }
        (None, Some(organization), Some(person)) => {
            let organization = organization.parse().map_err(|_| Failure::not_found("Organization"))?;
            portal_links::revoke_of_person(app.store(), &by, organization, person).await?;
        }
        _ => {
            let message = "or else organization and external_user_id: one of the two is required".to_owned();
            return Err(Failure::Parameter { field: "id", message });
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /portal/links`; filter `organization`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let cursor = cursor(&parameters, Order::Descending)?;
    let slice = portal_links::list(app.store(), &by, cursor, parameters.id("organization")?).await?;
    let now = app.clock().now();
    Ok(Json(List::new(slice, |row| row.id, |row| Ok::<_, Failure>(portal_links::object(&row, now)))?))
}
