//! The customer's directory: choosing the identity provider (C1), connection details (C2, C7), the guide with its live steps (C3), and
//! switching it off and on (C9).

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::Secret;
use doorward_store::directory::{AuthMode, DirectoryFilter, DirectoryRow, Settings, State as Standing};
use doorward_store::ids::{DirectoryId, TokenId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::user::UserFilter;
use http::StatusCode;
use tokio::time::{Instant, timeout};

use super::guide::{self, Proof, Step, Value};
use crate::app::App;
use crate::portal::findings::{self, Finding};
use crate::portal::form::{Fields, Posted, Problem};
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, lead_to, render};
use crate::portal::shown::{Directory, Token, brief, provider_key, text_of};
use crate::service::directories::NewDirectory;
use crate::service::directory_reads::{self, Within};
use crate::service::directory_type::DIRECTORY_TYPES;
use crate::service::tokens::{self, NewToken};
use crate::service::{Error, directories, directory_type, organizations};

/// Directories that an administrator is shown.
const MOST: i64 = 50;

/// How long a page waits for news before it asks again.
const PATIENCE: Duration = Duration::from_secs(25);

/// How often is looked for refused requests while waiting.
const LOOK_AGAIN: Duration = Duration::from_millis(700);

#[derive(Template)]
#[template(path = "setup/choose.html")]
struct ChoosePage {
    page: Page,
    directories: Vec<Directory>,
    providers: Vec<(&'static str, String)>,
    fields: Fields,
    problem: Problem,
}

/// A step of the guide as it stands now.
struct Shown {
    text: &'static str,
    fields: Vec<(&'static str, Field)>,
    done: bool,
}

/// What goes into a field.
enum Field {
    Endpoint,
    Token,
    Text(&'static str),
}

/// Somebody who has arrived.
struct Person {
    name: String,
    username: String,
    email: String,
    state: String,
}

#[derive(Template)]
#[template(path = "setup/directory.html")]
struct DirectoryPage {
    page: Page,
    directory: Directory,
    steps: Vec<Shown>,
    people: Vec<Person>,
    tokens: Vec<Token>,
    made: usize,
    live: usize,
    fresh: Option<(Secret, String)>,
    problem: Problem,
    findings: Vec<Finding>,
    /// What the page shows, in short, so that it can ask whether there is news.
    seen: String,
}

#[derive(Template)]
#[template(path = "operator/confirm.html")]
struct ConfirmPage {
    page: Page,
    text: String,
    action: String,
    button: &'static str,
    back: String,
}

/// `GET /setup`: the directories there are, and the choice of an identity provider for a new one.
pub async fn list(State(app): State<App>, who: Administrator) -> Result<Response, Failure> {
    let rows = own(&app, &who).await?;
    if let [only] = rows.as_slice() {
        return Ok(Redirect::to(&address(only.id)).into_response());
    }
    choose(&app, &who, &rows, StatusCode::OK, Fields::with("type", "okta scim v2.0"), Problem::default()).await
}

async fn own(app: &App, who: &Administrator) -> Result<Vec<DirectoryRow>, Failure> {
    let first = Cursor::first(MOST, Order::Ascending);
    let found = directories::list(app.store(), &who.scope, first, DirectoryFilter::default()).await;
    Ok(found.map_err(|error| who.view.failed(error))?.items)
}

async fn choose(
    app: &App,
    who: &Administrator,
    rows: &[DirectoryRow],
    status: StatusCode,
    fields: Fields,
    problem: Problem,
) -> Result<Response, Failure> {
    let page = who.view.page(who.view.text.t("choose.title"), None);
    let directories = rows.iter().map(|row| Directory::new(row, &page, app.public_url())).collect();
    let providers = DIRECTORY_TYPES.iter().map(|kind| (*kind, page.word("provider", &provider_key(kind)))).collect();
    Ok(render(status, &ChoosePage { page, directories, providers, fields, problem }))
}

/// The address of its page.
pub fn address(id: DirectoryId) -> String {
    format!("/setup/directories/{id}")
}

/// `POST /setup`
pub async fn create(
    State(app): State<App>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let rows = own(&app, &who).await?;
    // One directory at first: a form sent twice makes no second one.
    if let [only] = rows.as_slice() {
        return Ok(Redirect::to(&address(only.id)).into_response());
    }
    let link = crate::service::portal_links::own(app.store(), &who.scope).await.map_err(fail)?;
    let owner = organizations::get(app.store(), &who.scope, link.organization_id).await.map_err(fail)?;
    let made = match directory_type::parse(fields.get("type")) {
        Ok(directory_type) => {
            let provider = who.view.page("", None).word("provider", &provider_key(directory_type));
            let auth = if fields.get("auth") == "basic" { AuthMode::Basic } else { AuthMode::Bearer };
            let name: String = format!("{} {provider}", owner.name).chars().take(200).collect();
            let settings = Settings::default();
            let new = NewDirectory { organization_id: owner.id, name, directory_type, label: None, auth, settings };
            directories::create(app.store(), &who.scope, new).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(row) => Ok(Redirect::to(&address(row.id)).into_response()),
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(fail)?;
            choose(&app, &who, &rows, StatusCode::UNPROCESSABLE_ENTITY, fields, problem).await
        }
    }
}

/// The directory of an address, which must be of the session's organization (SEC-50).
pub async fn find(app: &App, who: &Administrator, given: &str) -> Result<DirectoryRow, Failure> {
    let id: DirectoryId = given.parse().map_err(|_| who.view.failed(Error::NotFound { what: "Directory" }))?;
    directories::get(app.store(), &who.scope, id).await.map_err(|error| who.view.failed(error))
}

/// `GET /setup/directories/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Administrator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    show(&app, &who, &row, StatusCode::OK, None, Problem::default()).await
}

async fn show(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    status: StatusCode,
    fresh: Option<(Secret, String)>,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let findings = findings::of(app, &who.scope, row).await.map_err(fail)?;
    let page = who.view.page(brief(&row.name), None);
    let now = app.clock().now();
    let rows = tokens::list(app.store(), &who.scope, row.id).await.map_err(fail)?;
    let tokens: Vec<Token> = rows.iter().rev().map(|token| Token::new(token, now)).collect();
    let page = DirectoryPage {
        directory: Directory::new(row, &page, app.public_url()),
        page,
        steps: guide::steps(&row.directory_type).iter().map(|step| shown(step, row)).collect(),
        people: people(app, who, row).await?,
        made: rows.len(),
        live: tokens.iter().filter(|token| token.live).count(),
        tokens,
        fresh,
        problem,
        seen: findings::print(row, &findings),
        findings,
    };
    Ok(render(status, &page))
}

fn shown(step: &Step, row: &DirectoryRow) -> Shown {
    let done = match step.proof {
        Proof::Later => false,
        Proof::Connected => row.state == Standing::Linked,
        Proof::Person => row.counts.users() > 0,
        Proof::Group => row.counts.groups > 0,
    };
    let field = |value: Value| match value {
        Value::Endpoint => Field::Endpoint,
        Value::Token => Field::Token,
        Value::Text(text) => Field::Text(text),
    };
    Shown { text: step.text, fields: step.fields.iter().map(|(name, value)| (*name, field(*value))).collect(), done }
}

/// The people who arrived last.
async fn people(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Vec<Person>, Failure> {
    let Some(within) = Within::new(Some(row.id), None) else { return Ok(Vec::new()) };
    let first = Cursor::first(5, Order::Descending);
    let found = directory_reads::users(app.store(), &who.scope, within, first, UserFilter::default()).await;
    let found = found.map_err(|error| who.view.failed(error))?;
    let person = |object: &serde_json::Value| Person {
        name: brief(&text_of(object, "name")),
        username: brief(&text_of(object, "username")),
        email: brief(&text_of(object, "email")),
        state: text_of(object, "state"),
    };
    Ok(found.items.iter().map(|item| person(&item.object)).collect())
}

/// `GET /setup/directories/{id}/changes?seen=`: answers as soon as the page would show something else, or with 204 after a while. What is
/// refused makes no event, so that the log of requests is looked at too.
pub async fn changes(
    State(app): State<App>,
    Path(given): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    who: Administrator,
) -> Result<Response, Failure> {
    let end = Instant::now() + PATIENCE;
    let mut log_end = app.log_end().subscribe();
    while Instant::now() < end && !app.ending().is_cancelled() {
        let row = find(&app, &who, &given).await?;
        let found = findings::of(&app, &who.scope, &row).await.map_err(|error| who.view.failed(error))?;
        if query.get("seen") != Some(&findings::print(&row, &found)) {
            return Ok(StatusCode::OK.into_response());
        }
        // It makes no difference which of the two came first.
        let _ = timeout(LOOK_AGAIN, log_end.changed()).await;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /setup/directories/{id}/tokens`. The answer itself shows the secret (SEC-51).
pub async fn create_token(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let known = tokens::list(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
    if fields.get("made") != known.len().to_string() {
        return Ok(lead_to(&address(row.id), "token_exists"));
    }
    let name = who.view.text.t("token.default_name").to_owned();
    let new = NewToken { name, ..NewToken::first() };
    match tokens::create_within(app.store(), &who.scope, row.id, new, app.config().limits.live_tokens).await {
        Ok(created) => {
            let username = created.row.username.unwrap_or_default();
            // Its state has changed: there is a credential now.
            let row = find(&app, &who, &given).await?;
            let fresh = created.secret.map(|secret| (secret, username));
            show(&app, &who, &row, StatusCode::OK, fresh, Problem::default()).await
        }
        Err(Error::State(_)) => {
            let problem = Problem::new(&who.view, "token", "token.too_many");
            show(&app, &who, &row, StatusCode::CONFLICT, None, problem).await
        }
        Err(error) => Err(who.view.failed(error)),
    }
}

/// `GET /setup/directories/{id}/tokens/{token}/revoke`
pub async fn confirm_revoke(
    State(app): State<App>,
    Path((given, token)): Path<(String, String)>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let token: TokenId = token.parse().map_err(|_| who.view.failed(Error::NotFound { what: "Token" }))?;
    let known = tokens::list(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
    let now = app.clock().now();
    let live = known.iter().filter(|row| row.is_live(now)).count();
    let found = known.iter().find(|row| row.id == token);
    let found = found.ok_or_else(|| who.view.failed(Error::NotFound { what: "Token" }))?;
    let text = who.view.text;
    let hint = format!("{} ({}…{})", brief(&found.name), found.prefix, found.last_four);
    let page = who.view.page(text.t1("token.revoke_title", hint), None).below(address(row.id), brief(&row.name));
    let said = text.t(if live > 1 { "token.revoke_text" } else { "token.revoke_last_text" }).to_owned();
    let action = format!("{}/tokens/{token}/revoke", address(row.id));
    let page = ConfirmPage { page, text: said, action, button: "token.revoke", back: address(row.id) };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /setup/directories/{id}/tokens/{token}/revoke`
pub async fn revoke_token(
    State(app): State<App>,
    Path((given, token)): Path<(String, String)>,
    Posted { who, .. }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let token: TokenId = token.parse().map_err(|_| who.view.failed(Error::NotFound { what: "Token" }))?;
    tokens::revoke(app.store(), &who.scope, row.id, token).await.map_err(|error| who.view.failed(error))?;
    app.forget_scopes();
    Ok(lead_to(&address(row.id), "token_revoked"))
}

/// `GET /setup/directories/{id}/disable`
pub async fn confirm_disable(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let text = who.view.text;
    let page = who.view.page(text.t1("directory.disable_title", brief(&row.name)), None);
    let page = page.below(address(row.id), brief(&row.name));
    let (said, back) = (text.t("directory.disable_text").to_owned(), address(row.id));
    let page = ConfirmPage { page, text: said, action: format!("{back}/disable"), button: "directory.disable", back };
    Ok(render(StatusCode::OK, &page))
}

/// `POST /setup/directories/{id}/disable`
pub async fn disable(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    directories::disable(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
    app.forget_scopes();
    Ok(lead_to(&address(row.id), "disabled"))
}

/// `POST /setup/directories/{id}/enable`
pub async fn enable(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    directories::enable(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
    app.forget_scopes();
    Ok(lead_to(&address(row.id), "enabled"))
}
