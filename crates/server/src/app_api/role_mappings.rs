//! `/role_mappings`: the rules of a directory; and what belongs to them under `/directories/{id}` and `/directory_users/{id}`.

use axum::Json;
use axum::extract::{Path, State};
use doorward_scim::Object;
use doorward_store::directory::RoleSettings;
use doorward_store::ids::{DirectoryId, RoleMappingId};
use doorward_store::role_mapping::{Condition, Rule};
use http::StatusCode;
use serde_json::Value;

use super::auth::Caller;
use super::body::Body;
use super::form::{Form, wrong};
use super::page::List;
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::roles::{mappings, preview, recompute, settings, unknown, why};

/// `GET /role_mappings`; `directory` is required. All of them, in order: there are at most a hundred.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let id = parameters.id("directory")?.ok_or_else(|| wrong("directory", "is required"))?;
    let rows = mappings::list(app.store(), &by, id).await?;
    Ok(Json(List::whole(rows.iter().map(|row| Value::Object(mappings::object(row))).collect())))
}

/// `POST /role_mappings`.
pub async fn create(
    State(app): State<App>,
    Caller(by): Caller,
    Body(body): Body,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let mut form = Form::new(body);
    let id = form.id("directory_id")?.ok_or_else(|| wrong("directory_id", "is required"))?;
    let position = form.number("position", 1)?;
    let rule = rule(&mut form)?;
    form.end()?;
    let row = mappings::create(app.store(), &by, id, rule, position).await?;
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
    Body(body): Body,
) -> Result<Json<Value>, Failure> {
    let mut form = Form::new(body);
    let position = form.number("position", 1)?;
    let condition = form.object("condition")?.map(condition).transpose()?;
    let (role, environment) = (form.nullable("role")?, form.nullable("environment")?);
    form.end()?;
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
pub async fn preview(State(app): State<App>, Caller(by): Caller, Body(body): Body) -> Result<Json<Value>, Failure> {
    let mut form = Form::new(body);
    let id = form.id("directory_id")?.ok_or_else(|| wrong("directory_id", "is required"))?;
    let mut rules = Vec::new();
    for item in form.list("mappings")? {
        let Value::Object(item) = item else { return Err(wrong("mappings", "must be a list of objects")) };
        let mut item = Form::new(item);
        rules.push(rule(&mut item)?);
        item.end()?;
    }
    let users = form.list("users")?.into_iter();
    let users = users.map(|id| {
        id.as_str().and_then(|id| id.parse().ok()).ok_or_else(|| wrong("users", "must be a list of ids of users"))
    });
    let users = users.collect::<Result<Vec<_>, _>>()?;
    form.end()?;
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
    Body(body): Body,
) -> Result<Json<Value>, Failure> {
    let id = directory(&id)?;
    let mut form = Form::new(body);
    let mode = word(form.text("mode")?, "mode", "must be single or multiple")?;
    let unknown = word(form.text("unknown_values")?, "unknown_values", "must be reject, ignore or flag")?;
    form.end()?;
    let edit = move |settings: &mut RoleSettings| {
        settings.mode = mode.unwrap_or(settings.mode);
        settings.unknown_values = unknown.unwrap_or(settings.unknown_values);
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

fn rule(form: &mut Form) -> Result<Rule, Failure> {
    let given = form.object("condition")?.ok_or_else(|| wrong("condition", "is required"))?;
    Ok(Rule {
        condition: condition(given)?,
        role: form.text("role")?,
        environment: form.text("environment")?.unwrap_or_default(),
    })
}

/// What a condition says; its `type` may be left out, because its fields tell it.
fn condition(object: Object) -> Result<Condition, Failure> {
    let mut form = Form::new(object);
    let kind = form.text("type")?;
    let (group_id, group_name) = (form.id("group_id")?, form.text("group_name")?);
    let (path, value) = (form.text("path")?, form.text("value")?);
    form.end()?;
    let condition = match (group_id, group_name, path, value) {
        (Some(group_id), None, None, None) => Condition::GroupId { group_id },
        (None, Some(group_name), None, None) => Condition::GroupName { group_name },
        (None, None, Some(path), Some(value)) => Condition::Attribute { path, value },
        (None, None, Some(path), None) => Condition::AttributeRole { path },
        _ => return Err(wrong("condition", "must have group_id, or group_name, or path and value, or path alone")),
    };
    let named = match condition {
        Condition::GroupId { .. } => "group_id",
        Condition::GroupName { .. } => "group_name",
        Condition::Attribute { .. } => "attribute",
        Condition::AttributeRole { .. } => "attribute_role",
    };
    match kind {
        Some(kind) if kind != named => Err(wrong("condition", &format!("has the fields of {named}, not of its type"))),
        _ => Ok(condition),
    }
}

/// One of the words of a setting.
fn word<T: serde::de::DeserializeOwned>(
    text: Option<String>,
    field: &str,
    message: &str,
) -> Result<Option<T>, Failure> {
    text.map(|text| serde_json::from_value(Value::String(text)).map_err(|_| wrong(field, message))).transpose()
}

fn mapping(id: &str) -> Result<RoleMappingId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Role mapping"))
}

fn directory(id: &str) -> Result<DirectoryId, Failure> {
    id.parse().map_err(|_| Failure::not_found("Directory"))
}
