//! The keys of applications (O14).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::Secret;
use doorward_store::api_key::ApiKeyRow;
use doorward_store::ids::ApiKeyId;
use http::StatusCode;

use super::directories::confirm as confirmed;
use super::id;
use super::tokens::lifetime;
use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::portal::shown::{Time, brief, standing};
use crate::service::{Error, api_keys};

struct Key {
    id: String,
    name: String,
    hint: String,
    standing: &'static str,
    live: bool,
    created: Time,
    expires: Option<Time>,
    used: Option<Time>,
}

impl Key {
    fn new(row: &ApiKeyRow, now: i64) -> Self {
        let standing = standing(row.revoked_at, row.expires_at, now);
        Key {
            id: row.id.to_string(),
            name: brief(&row.name),
            hint: format!("{}…{}", row.prefix, row.last_four),
            standing,
            live: standing == "live",
            created: Time::of(row.created_at),
            expires: row.expires_at.map(Time::of),
            used: row.last_used_at.map(Time::of),
        }
    }
}

#[derive(Template)]
#[template(path = "operator/api_keys.html")]
struct KeysPage {
    page: Page,
    keys: Vec<Key>,
    made: usize,
    /// The key just made, shown this once.
    fresh: Option<Secret>,
    problem: Problem,
}

/// `GET /admin/api-keys`
pub async fn list(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    show(&app, &who, StatusCode::OK, None, Problem::default()).await
}

async fn show(
    app: &App,
    who: &Operator,
    status: StatusCode,
    fresh: Option<Secret>,
    problem: Problem,
) -> Result<Response, Failure> {
    let rows = api_keys::list(app.store(), &who.scope).await.map_err(|error| who.view.failed(error))?;
    let now = app.clock().now();
    let keys = rows.iter().rev().map(|row| Key::new(row, now)).collect();
    let page = who.view.page(who.view.text.t("api_keys.title"), Some(Part::ApiKeys));
    Ok(render(status, &KeysPage { page, keys, made: rows.len(), fresh, problem }))
}

/// `POST /admin/api-keys`. The answer itself shows the key.
pub async fn create(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    let known = api_keys::list(app.store(), &who.scope).await.map_err(|error| who.view.failed(error))?;
    // As with the tokens of a directory: a form that is sent again makes no second key.
    if fields.get("made") != known.len().to_string() {
        return Ok(lead_to("/admin/api-keys", "key_exists"));
    }
    let made = api_keys::create(app.store(), &who.scope, fields.get("name"), lifetime(fields.get("lifetime"))).await;
    match made {
        Ok((_, key)) => show(&app, &who, StatusCode::OK, Some(key), Problem::default()).await,
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            show(&app, &who, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// `GET /admin/api-keys/{id}/revoke`
pub async fn confirm(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let key: ApiKeyId = id(&who.view, &given)?;
    let known = api_keys::list(app.store(), &who.scope).await.map_err(|error| who.view.failed(error))?;
    let found = known.iter().find(|row| row.id == key);
    let found = found.ok_or_else(|| who.view.failed(Error::NotFound { what: "API key" }))?;
    let text = who.view.text;
    let page = who.view.page(text.t1("api_keys.revoke_title", brief(&found.name)), Some(Part::ApiKeys));
    let page = page.below("/admin/api-keys", text.t("api_keys.title"));
    let said = text.t("api_keys.revoke_text").to_owned();
    Ok(confirmed(page, said, format!("/admin/api-keys/{key}/revoke"), "api_keys.revoke", "/admin/api-keys".to_owned()))
}

/// `POST /admin/api-keys/{id}/revoke`
pub async fn revoke(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let key: ApiKeyId = id(&who.view, &given)?;
    api_keys::revoke(app.store(), &who.scope, key).await.map_err(|error| who.view.failed(error))?;
    app.api_keys().forget_all();
    Ok(lead_to("/admin/api-keys", "key_revoked"))
}
