//! The customer's credentials (C7): seen, made with a lifetime, revoked, and changed for new ones without an interruption.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::Secret;
use doorward_store::directory::DirectoryRow;
use doorward_store::ids::TokenId;
use doorward_store::token::TokenRow;
use http::StatusCode;

use super::directory::confirm;
use super::frame::{Frame, address, find, none, page};
use super::guide::{self, Value};
use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, lead_to, render};
use crate::portal::shown::{Token, brief};
use crate::service::Error;
use crate::service::tokens::{self, Lifetime, NewToken};

/// The words of lifetimes in the section `lifetime`, the advised one first.
const LIFETIMES: [&str; 4] = ["365", "90", "730", "never"];

/// A credential just made; shown this once (SEC-51).
pub struct Fresh {
    /// The token, or the password.
    pub secret: Secret,
    /// The user name of Basic; empty otherwise.
    pub username: String,
}

/// The credentials that there are.
pub struct Held {
    rows: Vec<TokenRow>,
    /// All of them, the newest first.
    pub tokens: Vec<Token>,
    /// How many were ever made: what a form is checked against that was sent twice.
    pub made: usize,
    /// How many can be used.
    pub live: usize,
    /// The user name of the newest one that can be used, for Basic.
    pub username: Option<String>,
    /// The newest one that can be used, to recognise it by; empty when there is none.
    pub hint: String,
}

impl Held {
    /// Those of a directory.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn of(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Self, Failure> {
        let mut rows = tokens::list(app.store(), &who.scope, row.id).await.map_err(|error| who.view.failed(error))?;
        rows.reverse();
        let now = app.clock().now();
        let tokens: Vec<Token> = rows.iter().map(|token| Token::new(token, now)).collect();
        let newest = tokens.iter().find(|token| token.live);
        Ok(Held {
            made: rows.len(),
            live: tokens.iter().filter(|token| token.live).count(),
            username: newest.map(|token| token.username.clone()).filter(|name| !name.is_empty()),
            hint: newest.map(|token| token.hint.clone()).unwrap_or_default(),
            rows,
            tokens,
        })
    }

    /// Those that can be used, the newest first.
    fn usable(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.live)
    }
}

/// Makes a credential; a problem of the form comes back inside.
///
/// # Errors
/// When the database fails.
pub async fn make(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    name: &str,
    lifetime: Lifetime,
) -> Result<Result<Fresh, Problem>, Failure> {
    let new = NewToken { name: name.to_owned(), lifetime, ..NewToken::first() };
    match tokens::create_within(app.store(), &who.scope, row.id, new, app.config().limits.live_tokens).await {
        Ok(created) => {
            let username = created.row.username.unwrap_or_default();
            let secret = created.secret.ok_or_else(|| none(who, "Token"))?;
            Ok(Ok(Fresh { secret, username }))
        }
        Err(Error::State(_)) => Ok(Err(Problem::new(&who.view, "token", "token.too_many"))),
        Err(error) => Ok(Err(Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?)),
    }
}

fn lifetime(word: &str) -> Lifetime {
    match word {
        "never" => Lifetime::Unlimited,
        days => days.parse().map_or_else(|_| Lifetime::default(), Lifetime::Days),
    }
}

#[derive(Template)]
#[template(path = "setup/tokens.html")]
struct TokensPage {
    page: Page,
    frame: Frame,
    held: Held,
    lifetimes: [&'static str; 4],
    fresh: Option<Fresh>,
    problem: Problem,
}

/// `GET /setup/directories/{id}/tokens`
pub async fn list(State(app): State<App>, Path(given): Path<String>, who: Administrator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    show(&app, &who, &row, None, Problem::default()).await
}

async fn show(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    fresh: Option<Fresh>,
    problem: Problem,
) -> Result<Response, Failure> {
    let page = page(who, row, who.view.text.t("setup_tokens.title"));
    let frame = Frame::of(app, who, row, &page, "tokens").await?;
    let held = Held::of(app, who, row).await?;
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(render(status, &TokensPage { page, frame, held, lifetimes: LIFETIMES, fresh, problem }))
}

/// `POST /setup/directories/{id}/tokens`
pub async fn create(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    if fields.get("made") != Held::of(&app, &who, &row).await?.made.to_string() {
        return Ok(lead_to(&format!("{}/tokens", address(row.id)), "token_exists"));
    }
    let made = make(&app, &who, &row, fields.get("name"), lifetime(fields.get("lifetime"))).await?;
    let row = find(&app, &who, &given).await?;
    match made {
        Ok(fresh) => show(&app, &who, &row, Some(fresh), Problem::default()).await,
        Err(problem) => show(&app, &who, &row, None, problem).await,
    }
}

#[derive(Template)]
#[template(path = "setup/rotate.html")]
struct RotatePage {
    page: Page,
    frame: Frame,
    held: Held,
    lifetimes: [&'static str; 4],
    /// The successor; `None`: it is not made yet.
    new: Option<Token>,
    /// What it replaces, the newest first.
    old: Vec<Token>,
    /// Names of the field that it goes into.
    fields: Vec<&'static str>,
    fresh: Option<Fresh>,
    problem: Problem,
    waits: bool,
}

/// `GET /setup/directories/{id}/tokens/rotate`: a successor is made, takes its place at the identity provider, is seen to be used, and only
/// then the old one ends.
pub async fn rotation(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    rotate(&app, &who, &row, None, Problem::default()).await
}

async fn rotate(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    fresh: Option<Fresh>,
    problem: Problem,
) -> Result<Response, Failure> {
    let page = page(who, row, who.view.text.t("rotate.title"));
    let page = page.below(format!("{}/tokens", address(row.id)), who.view.text.t("setup_tokens.title"));
    let mut frame = Frame::of(app, who, row, &page, "tokens").await?;
    frame.own = format!("{}/tokens/rotate", address(row.id));
    let held = Held::of(app, who, row).await?;
    let mut usable: Vec<Token> = held.usable().cloned().collect();
    let new = (usable.len() > 1).then(|| usable.remove(0));
    let waits = fresh.is_none() && new.as_ref().is_some_and(|new| new.used.is_none());
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let fields = secret_fields(row);
    let lifetimes = LIFETIMES;
    Ok(render(status, &RotatePage { page, frame, held, lifetimes, new, old: usable, fields, fresh, problem, waits }))
}

/// What the field is called that the secret goes into: one name for each kind of application.
fn secret_fields(row: &DirectoryRow) -> Vec<&'static str> {
    let guides = guide::of(&row.directory_type, row.auth);
    let fields = guides.iter().flat_map(|guide| guide.steps).flat_map(|step| step.fields);
    let mut names: Vec<&str> =
        fields.filter(|(_, value)| matches!(value, Value::Secret | Value::WithBearer)).map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// `POST /setup/directories/{id}/tokens/rotate`
pub async fn begin_rotation(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    if fields.get("made") != Held::of(&app, &who, &row).await?.made.to_string() {
        return Ok(lead_to(&format!("{}/tokens/rotate", address(row.id)), "token_exists"));
    }
    let name = who.view.text.t("token.default_name");
    let made = make(&app, &who, &row, name, lifetime(fields.get("lifetime"))).await?;
    let row = find(&app, &who, &given).await?;
    match made {
        Ok(fresh) => rotate(&app, &who, &row, Some(fresh), Problem::default()).await,
        Err(problem) => rotate(&app, &who, &row, None, problem).await,
    }
}

/// `GET /setup/directories/{id}/tokens/{token}/revoke`
pub async fn confirm_revoke(
    State(app): State<App>,
    Path((given, token)): Path<(String, String)>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let token: TokenId = token.parse().map_err(|_| none(&who, "Token"))?;
    let held = Held::of(&app, &who, &row).await?;
    let found = held.rows.iter().find(|row| row.id == token).ok_or_else(|| none(&who, "Token"))?;
    let text = who.view.text;
    let hint = format!("{} ({}…{})", brief(&found.name), found.prefix, found.last_four);
    let back = format!("{}/tokens", address(row.id));
    let page = page(&who, &row, &text.t1("token.revoke_title", hint)).below(&back, text.t("setup_tokens.title"));
    let others: Vec<&Token> = held.usable().filter(|other| other.id != found.id.to_string()).collect();
    let said = match others.as_slice() {
        [] => "token.revoke_last_text",
        others if others.iter().any(|other| other.used.is_some()) => "token.revoke_text",
        _ => "token.revoke_unused_text",
    };
    let action = format!("{back}/{token}/revoke");
    Ok(confirm(page, text.t(said).to_owned(), action, "token.revoke", back))
}

/// `POST /setup/directories/{id}/tokens/{token}/revoke`
pub async fn revoke(
    State(app): State<App>,
    Path((given, token)): Path<(String, String)>,
    Posted { who, .. }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let token: TokenId = token.parse().map_err(|_| none(&who, "Token"))?;
    tokens::revoke(app.store(), &who.scope, row.id, token).await.map_err(|error| who.view.failed(error))?;
    app.forget_scopes();
    Ok(lead_to(&format!("{}/tokens", address(row.id)), "token_revoked"))
}
