//! The credentials of a directory: made, shown once, revoked (SEC-51).

use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::ids::TokenId;
use http::StatusCode;

use super::directories::{confirm as confirmed, find, show, within};
use super::id;
use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, lead_to};
use crate::portal::shown::brief;
use crate::service::Error;
use crate::service::tokens::{self, Lifetime, NewToken};

/// `POST /admin/directories/{id}/tokens`. The answer itself shows the secret: it is in no page that can be asked for again.
pub async fn create(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let known = tokens::list(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
    // Reloading the page with the secret sends the form again; then this is not the number that its page showed.
    if fields.get("made") != known.len().to_string() {
        return Ok(lead_to(&format!("/admin/directories/{}", row.id), "token_exists"));
    }
    let new = NewToken {
        name: fields.get("name").to_owned(),
        lifetime: lifetime(fields.get("lifetime")),
        supplied: None,
        read_only: false,
    };
    let most = app.config().limits.live_tokens;
    match tokens::create_within(app.store(), &who.scope, row.id, new, most).await {
        Ok(created) => {
            let username = created.row.username.unwrap_or_default();
            let fresh = created.secret.map(|secret| (secret, username));
            show(&app, &who, &row, StatusCode::OK, fresh, Problem::default()).await
        }
        Err(Error::State(_)) => {
            let problem = Problem::new(&who.view, "name", "token.too_many");
            show(&app, &who, &row, StatusCode::CONFLICT, None, problem).await
        }
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            show(&app, &who, &row, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// The lifetime that the form names: a number of days, or `never`.
pub fn lifetime(word: &str) -> Lifetime {
    match word {
        "never" => Lifetime::Unlimited,
        days => days.parse().map_or_else(|_| Lifetime::default(), Lifetime::Days),
    }
}

/// `GET /admin/directories/{id}/tokens/{token}/revoke`
pub async fn confirm(
    State(app): State<App>,
    Path((given, token)): Path<(String, String)>,
    who: Operator,
) -> Result<Response, Failure> {
    let (row, token): (_, TokenId) = (find(&app, &who, &given).await?, id(&who.view, &token)?);
    let known = tokens::list(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
    let now = app.clock().now();
    let is_live =
        |row: &&doorward_store::token::TokenRow| row.revoked_at.is_none() && row.expires_at.is_none_or(|end| end > now);
    let live = known.iter().filter(is_live).count();
    let found = known.iter().find(|row| row.id == token);
    let found = found.ok_or_else(|| who.view.failed(Error::NotFound { what: "Token" }))?;
    let text = who.view.text;
    let page = within(&app, &who, &row, text.t1("token.revoke_title", brief(&found.name)), true).await?;
    let said = text.t(if live > 1 { "token.revoke_text" } else { "token.revoke_last_text" }).to_owned();
    let back = format!("/admin/directories/{}", row.id);
    Ok(confirmed(page, said, format!("{back}/tokens/{token}/revoke"), "token.revoke", back))
}

/// `POST /admin/directories/{id}/tokens/{token}/revoke`
pub async fn revoke(
    State(app): State<App>,
    Path((given, token)): Path<(String, String)>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let (row, token): (_, TokenId) = (find(&app, &who, &given).await?, id(&who.view, &token)?);
    tokens::revoke(app.store(), &who.scope, row.id, token).await.map_err(|error| who.view.failed(error))?;
    app.forget_scopes();
    Ok(lead_to(&format!("/admin/directories/{}", row.id), "token_revoked"))
}
