//! `/directories/{id}/tokens`: the credentials of identity providers. A secret is in the answer to its making and nowhere else.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::ids::TokenId;
use http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::auth::Caller;
use super::body::{Input, given};
use super::directories::directory;
use super::page::List;
use super::reply::Failure;
use crate::app::App;
use crate::service::tokens::{self, Lifetime, NewToken};

/// What a credential is made of. It is of the kind that the directory uses.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenInput {
    /// A name to know it by; `token` unless said otherwise.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// The days until it expires, 1 to 36,500; 365 unless said otherwise, `null`: it does not expire.
    #[serde(default, deserialize_with = "given")]
    expires_in_days: Option<Option<u32>>,
    /// Whether it opens the directory for reading alone.
    read_only: Option<bool>,
}

/// `GET /directories/{id}/tokens`: all of them, ended ones too, oldest first.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    let id = directory(&id)?;
    let rows = tokens::list(app.store(), &by, id).await?;
    Ok(Json(List::whole(rows.iter().map(|row| tokens::object(row, id)).collect())))
}

/// `GET /directories/{id}/tokens/{token_id}`.
pub async fn get(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, token)): Path<(String, String)>,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    Ok(Json(tokens::object(&tokens::get(app.store(), &by, id, parsed(&token)?).await?, id)))
}

/// `POST /directories/{id}/tokens`: `token`, or `username` and `password`, are in this answer and never again.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<TokenInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let id = directory(&id)?;
    let new = NewToken {
        name: input.name.unwrap_or_else(|| "token".to_owned()),
        lifetime: match input.expires_in_days {
            None => Lifetime::default(),
            Some(None) => Lifetime::Unlimited,
            Some(Some(days)) => Lifetime::Days(days),
        },
        supplied: None,
        read_only: input.read_only.unwrap_or(false),
    };
    let created = tokens::create_within(app.store(), &by, id, new, app.config().limits.live_tokens).await?;
    Ok((StatusCode::CREATED, Json(tokens::created_object(&created, id))))
}

/// `DELETE /directories/{id}/tokens/{token_id}`: it ends at once.
pub async fn revoke(
    State(app): State<App>,
    Caller(by): Caller,
    Path((id, token)): Path<(String, String)>,
) -> Result<StatusCode, Failure> {
    tokens::revoke(app.store(), &by, directory(&id)?, parsed(&token)?).await?;
    app.forget_scopes();
    Ok(StatusCode::NO_CONTENT)
}

fn parsed(token: &str) -> Result<TokenId, Failure> {
    token.parse().map_err(|_| Failure::not_found("Token"))
}
