//! `/role_mappings`: the rules of a directory; and what belongs to them under `/directories/{id}` and `/directory_users/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_store::directory::{RoleMode, RoleSettings, UnknownRoles};
use doorward_store::ids::{DirectoryId, RoleMappingId};
use doorward_store::role_mapping::Rule;
use http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::body::Input;
use super::page::List;
use super::parameters::Parameters;
use super::reply::Failure;
use super::role_mapping_input::{
    RoleConditionInput, RoleMappingChange, RoleMappingInput, RoleMappingPreviewInput, RoleRule, RoleSettingsInput,
};
use crate::app::App;
use crate::service::roles::{mappings, preview, recompute, settings, unknown, why};

/// `GET /role_mappings`; `directory` is required. All of them, in order: there are at most a hundred.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let id = parameters.id("directory")?.ok_or_else(|| Failure::wrong("directory", "is required"))?;
    let rows = mappings::list(app.store(), &by, id).await?;
    Ok(Json(List::whole(rows.iter().map(|row| Value::Object(mappings::object(row))).collect())))
}

/// `POST /role_mappings`.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<RoleMappingInput>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let (id, position) = (input.directory_id, input.position);
    let row = mappings::create(app.store(), &by, id, input.rule()?, position).await?;
    Ok((StatusCode::CREATED, Json(Value::Object(mappings::object(&row)))))
}

/// `GET /role_mappings/{id}`.
pub async fn get(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    Ok(Json(Value::Object(mappings::object(&mappings::get(app.store(), &by, mapping(&id)?).await?))))
}

/// `PATCH /role_mappings/{id}`: what is absent stays.
pub async fn update(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<RoleMappingChange>,
) -> Result<Json<Value>, Failure> {
    let RoleMappingChange { condition, role, environment, position } = input;
    let condition = condition.map(RoleConditionInput::checked).transpose()?;
    let edit = move |rule: &mut Rule| {
        if let Some(condition) = &condition {
            rule.condition = condition.clone();
        }
        if let Some(role) = &role {
            rule.role.clone_from(role);
        }
        if let Some(environment) = &environment {
            rule.environment = environment.clone().unwrap_or_default();
        }
    };
    let row = mappings::update(app.store(), &by, mapping(&id)?, position, edit).await?;
    Ok(Json(Value::Object(mappings::object(&row))))
}

/// `DELETE /role_mappings/{id}`.
pub async fn delete(State(app): State<App>, Caller(by): Caller, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    mappings::delete(app.store(), &by, mapping(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /role_mappings/preview`: what `mappings`, in place of all rules of the directory, would do. Saves nothing.
pub async fn preview(
    State(app): State<App>,
    Caller(by): Caller,
    Input(input): Input<RoleMappingPreviewInput>,
) -> Result<Json<Value>, Failure> {
    let id = input.directory_id;
    let rules = input.mappings.unwrap_or_default().into_iter().map(RoleRule::rule).collect::<Result<_, _>>()?;
    let users = input.users.unwrap_or_default();
    Ok(Json(preview::preview(app.store(), &by, id, rules, None, users).await?))
}

/// `GET /directories/{id}/role_settings`; with `recomputing`, how far a change of rules has come in a large directory.
pub async fn get_settings(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    let of_directory = settings::get(app.store(), &by, id).await?;
    Ok(Json(shown(&app, &by, id, of_directory).await?))
}

/// `PATCH /directories/{id}/role_settings`; `mode`, `unknown_values`.
pub async fn update_settings(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
    Input(input): Input<RoleSettingsInput>,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    let edit = move |settings: &mut RoleSettings| {
        settings.mode = input.mode.map_or(settings.mode, RoleMode::from);
        settings.unknown_values = input.unknown_values.map_or(settings.unknown_values, UnknownRoles::from);
    };
    let changed = settings::change(app.store(), &by, id, edit).await?;
    Ok(Json(shown(&app, &by, id, changed).await?))
}

async fn shown(
    app: &App,
    by: &doorward_store::scope::ApplicationScope,
    id: DirectoryId,
    of_directory: RoleSettings,
) -> Result<Value, Failure> {
    let mut object = settings::object(id, of_directory);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("recomputing".to_owned(), recompute::progress(app.store(), by, id).await?);
    }
    Ok(object)
}

/// `GET /directories/{id}/unknown_role_values`.
pub async fn list_unknown(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    Ok(Json(List::whole(unknown::list(app.store(), &by, directory(&id)?).await?)))
}

/// `GET /directory_users/{id}/roles`: each role, and why.
pub async fn of_user(
    State(app): State<App>,
    Caller(by): Caller,
    Path(id): Path<String>,
) -> Result<Json<List<Value>>, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("User"))?;
    Ok(Json(List::whole(why::list(app.store(), &by, id).await?)))
}

fn mapping(id: &str) -> Result<RoleMappingId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Role mapping"))
}

fn directory(id: &str) -> Result<DirectoryId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Directory"))
}
