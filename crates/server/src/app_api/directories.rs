//! `/directories`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::directory::{AuthMode, DirectoryFilter, KnownUsersPolicy, Settings, Strictness};
use doorward_store::ids::DirectoryId;
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
use crate::service::directories::{self, NewDirectory, Wanted};
use crate::service::tokens::NewToken;
use crate::service::{deletion, directory_type};

/// `GET /directories`; filters `organization_id`, `search`, `domain`.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let filter = DirectoryFilter {
        organization_id: parameters.id("organization_id")?,
        search: parameters.text("search").map(str::to_owned),
        domain: parameters.text("domain").map(str::to_ascii_lowercase),
    };
    let slice = directories::list(app.store(), &by, cursor(&parameters, Order::Descending)?, filter).await?;
    let object = |row| Ok::<_, Failure>(directories::object(&row, app.public_url()));
    Ok(Json(List::new(slice, |row| row.id, object)?))
}

/// `GET /directories/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let row = directories::get(app.store(), &by, directory(&id)?).await?;
    Ok(Json(directories::object(&row, app.public_url())))
}

/// An id that names nothing this caller can see is answered alike, whatever it looks like.
pub(super) fn directory(id: &str) -> Result<DirectoryId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Directory"))
}

/// What a directory is made of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDirectoryInput {
    /// Whose it is to be.
    organization_id: String,
    /// Its name for people.
    #[schema(max_length = 200)]
    name: String,
    /// The kind of identity provider, such as `okta scim v2.0`; letter case, underscores and hyphens do not matter.
    #[serde(rename = "type")]
    kind: String,
    /// Its part of the SCIM base URL: lower-case letters, digits, hyphens. One is made of the names when there is none.
    #[schema(max_length = 63)]
    label: Option<String>,
    /// How the identity provider proves itself; `bearer` unless said otherwise.
    auth: Option<AuthInput>,
    /// The domain shown with it.
    domain: Option<String>,
    /// Its settings.
    settings: Option<SettingsInput>,
    /// Whether its first credential is made with it; `true` unless said otherwise.
    create_token: Option<bool>,
}

/// How an identity provider proves itself.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthInput {
    /// A bearer token.
    Bearer,
    /// User name and password (HTTP Basic).
    Basic,
}

/// Settings of a directory; what is left out stays as it is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsInput {
    /// How strictly SCIM is read: `tolerant` understands the known habits of identity providers.
    profile: Option<ProfileInput>,
    /// Whether groups are taken in.
    groups: Option<bool>,
    /// What becomes of people whose account the application has already.
    known_users: Option<KnownUsersInput>,
}

/// What becomes of people whose account the application has already.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KnownUsersInput {
    /// Nothing.
    Off,
    /// The identity provider is refused.
    Refuse,
    /// They are linked when the userName is the same.
    LinkUsername,
    /// They are linked when an address is the same whose domain the organization has verified.
    LinkEmail,
    /// Somebody is asked.
    Ask,
}

impl From<KnownUsersInput> for KnownUsersPolicy {
    fn from(policy: KnownUsersInput) -> Self {
        match policy {
            KnownUsersInput::Off => Self::Off,
            KnownUsersInput::Refuse => Self::Refuse,
            KnownUsersInput::LinkUsername => Self::LinkUsername,
            KnownUsersInput::LinkEmail => Self::LinkEmail,
            KnownUsersInput::Ask => Self::Ask,
        }
    }
}

/// How strictly SCIM is read.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProfileInput {
    /// What the RFCs demand and no more.
    Strict,
    /// The known habits of identity providers are understood.
    Tolerant,
}

impl From<ProfileInput> for Strictness {
    fn from(profile: ProfileInput) -> Self {
        match profile {
            ProfileInput::Strict => Strictness::Strict,
            ProfileInput::Tolerant => Strictness::Tolerant,
        }
    }
}

/// `POST /directories`: the answer holds the SCIM base URL and, this once, the credential (WO-6).
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<NewDirectoryInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let settings = input.settings.unwrap_or_default();
    let base = Settings::default();
    let new = NewDirectory {
        organization_id: input.organization_id.parse().map_err(|_| Failure::not_found("Organization"))?,
        name: input.name,
        directory_type: directory_type::parse(&input.kind)?,
        label: input.label,
        auth: match input.auth {
            Some(AuthInput::Basic) => AuthMode::Basic,
            Some(AuthInput::Bearer) | None => AuthMode::Bearer,
        },
        settings: Settings {
            profile: settings.profile.map_or(base.profile, Strictness::from),
            groups: settings.groups.unwrap_or(base.groups),
            known_users: settings.known_users.map_or(base.known_users, KnownUsersPolicy::from),
            ..base
        },
    };
    let first = input.create_token.unwrap_or(true).then(NewToken::first);
    let (row, created) = directories::create_with(app.store(), &by, new, input.domain, first).await?;
    Ok((StatusCode::CREATED, Json(directories::created_object(&row, created.as_ref(), app.public_url()))))
}

/// What of a directory is to be changed; what is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryInput {
    /// Its name for people.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// Its part of the SCIM base URL. The identity provider must be given the new one: the old one is refused at once.
    #[schema(max_length = 63)]
    label: Option<String>,
    /// The kind of identity provider.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The domain shown with it; `null` takes it away.
    #[serde(default, deserialize_with = "given")]
    domain: Option<Option<String>>,
    /// Its settings.
    settings: Option<SettingsInput>,
}

/// `PATCH /directories/{id}`.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<DirectoryInput>,
) -> Result<Json<Value>, Failure> {
    let settings = input.settings.unwrap_or_default();
    let wanted = Wanted {
        name: input.name,
        label: input.label,
        directory_type: input.kind.as_deref().map(directory_type::parse).transpose()?,
        domain: input.domain,
        profile: settings.profile.map(Strictness::from),
        groups: settings.groups,
        known_users: settings.known_users.map(KnownUsersPolicy::from),
    };
    let row = directories::update(app.store(), &by, directory(&id)?, wanted).await?;
    app.forget_scopes();
    Ok(Json(directories::object(&row, app.public_url())))
}

/// `POST /directories/{id}/disable`: SCIM requests are refused with 403 and a reason.
pub async fn disable(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let row = directories::disable(app.store(), &by, directory(&id)?).await?;
    app.forget_scopes();
    Ok(Json(directories::object(&row, app.public_url())))
}

/// `POST /directories/{id}/enable`.
pub async fn enable(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let row = directories::enable(app.store(), &by, directory(&id)?).await?;
    app.forget_scopes();
    Ok(Json(directories::object(&row, app.public_url())))
}

/// `GET /directories/{id}/deletion_preview`: who would lose access.
pub async fn preview(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let row = directories::get(app.store(), &by, directory(&id)?).await?;
    Ok(Json(deletion::preview(&row, app.config().limits.deletion_grace_days)))
}

/// `DELETE /directories/{id}`: its credentials end at once, its removal begins after `grace_days`.
pub async fn delete(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let days = parameters.number("grace_days", 0, i64::from(deletion::LONGEST_GRACE_DAYS))?;
    let days = days.and_then(|days| u32::try_from(days).ok()).unwrap_or(app.config().limits.deletion_grace_days);
    let row = deletion::schedule(app.store(), &by, directory(&id)?, days).await?;
    app.forget_scopes();
    Ok((StatusCode::ACCEPTED, Json(directories::object(&row, app.public_url()))))
}

/// `POST /directories/{id}/restore`: while the time of grace runs.
pub async fn restore(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let row = deletion::restore(app.store(), &by, directory(&id)?).await?;
    app.forget_scopes();
    Ok(Json(directories::object(&row, app.public_url())))
}
