//! Which identity provider it is (C1): the directories there are, and the choice for a new one.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use doorward_store::directory::{AuthMode, DirectoryFilter, DirectoryRow, Settings};
use doorward_store::paging::{Cursor, Order};
use http::StatusCode;

use super::frame::address;
use super::guide;
use crate::app::App;
use crate::portal::form::{Fields, Posted, Problem};
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::shown::{Directory, provider_key};
use crate::service::directories::NewDirectory;
use crate::service::directory_type::DIRECTORY_TYPES;
use crate::service::error::Result as Served;
use crate::service::{directories, directory_type, organizations, portal_links};

/// Directories that an administrator is shown.
const MOST: i64 = 50;

#[derive(Template)]
#[template(path = "setup/choose.html")]
struct ChoosePage {
    page: Page,
    directories: Vec<Directory>,
    providers: Vec<(&'static str, String)>,
    fields: Fields,
    problem: Problem,
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

/// `POST /setup`
pub async fn create(
    State(app): State<App>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let rows = own(&app, &who).await?;
    // One directory at first: a form sent twice makes no second one.
    if let [only] = rows.as_slice() {
        return Ok(Redirect::to(&address(only.id)).into_response());
    }
    let refuse = |problem| choose(&app, &who, &rows, StatusCode::UNPROCESSABLE_ENTITY, fields.clone(), problem);
    let auth = if fields.get("auth") == "basic" { AuthMode::Basic } else { AuthMode::Bearer };
    let kind = match directory_type::parse(fields.get("type")) {
        Ok(kind) if guide::takes(kind, auth) => kind,
        Ok(_) => return refuse(Problem::new(&who.view, "auth", "choose.other_auth")).await,
        Err(error) => return refuse(Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?).await,
    };
    match make(&app, &who, kind, auth).await {
        Ok(row) => Ok(Redirect::to(&format!("{}/guide", address(row.id))).into_response()),
        Err(error) => refuse(Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?).await,
    }
}

async fn make(app: &App, who: &Administrator, directory_type: &'static str, auth: AuthMode) -> Served<DirectoryRow> {
    let link = portal_links::own(app.store(), &who.scope).await?;
    let owner = organizations::get(app.store(), &who.scope, link.organization_id).await?;
    let provider = who.view.page("", None).word("provider", &provider_key(directory_type));
    let name: String = format!("{} {provider}", owner.name).chars().take(200).collect();
    let settings = Settings::default();
    let new = NewDirectory { organization_id: owner.id, name, directory_type, label: None, auth, settings };
    directories::create(app.store(), &who.scope, new).await
}
