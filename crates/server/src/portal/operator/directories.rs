//! Directories (O5, O6).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::Secret;
use doorward_store::directory::{AuthMode, DirectoryRow, Settings};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::organization::OrganizationRow;
use http::StatusCode;

use super::events::{Shown, latest};
use super::id;
use crate::app::App;
use crate::portal::findings::{self, Finding};
use crate::portal::form::{Fields, Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::portal::shown::{Directory, Token, brief, provider_key};
use crate::service::directories::NewDirectory;
use crate::service::directory_type::DIRECTORY_TYPES;
use crate::service::{directories, directory_type, events, organizations, tokens};

#[derive(Template)]
#[template(path = "operator/directory_new.html")]
struct NewPage {
    page: Page,
    organization: String,
    /// The kinds of provider: value and word.
    providers: Vec<(&'static str, String)>,
    base: String,
    fields: Fields,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "operator/directory.html")]
struct DirectoryPage {
    page: Page,
    directory: Directory,
    tokens: Vec<Token>,
    /// How many credentials were ever made; a form that was sent twice is known by it.
    made: usize,
    live: usize,
    /// The secret of the credential just made, shown this once, with its user name if it has one.
    fresh: Option<(Secret, String)>,
    problem: Problem,
    findings: Vec<Finding>,
    events: Vec<Shown>,
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

/// `GET /admin/organizations/{id}/directories/new`
pub async fn new(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let owner = owner(&app, &who, &given).await?;
    let fields = Fields::with("type", "okta scim v2.0");
    Ok(render(StatusCode::OK, &new_page(&app, &who, &owner, fields, Problem::default())))
}

async fn owner(app: &App, who: &Operator, given: &str) -> Result<OrganizationRow, Failure> {
    let organization: OrganizationId = id(&who.view, given)?;
    organizations::get(app.store(), &who.scope, organization).await.map_err(|error| who.view.failed(error))
}

fn new_page(app: &App, who: &Operator, owner: &OrganizationRow, fields: Fields, problem: Problem) -> NewPage {
    let text = who.view.text;
    let page = who.view.page(text.t("directory_new.title"), Some(Part::Organizations));
    let page = page
        .below("/admin/organizations", text.t("organizations.title"))
        .below(format!("/admin/organizations/{}", owner.id), brief(&owner.name));
    let providers = DIRECTORY_TYPES.iter().map(|kind| (*kind, page.word("provider", &provider_key(kind)))).collect();
    let base = format!("{}/scim/", app.public_url());
    NewPage { page, organization: owner.id.to_string(), providers, base, fields, problem }
}

/// `POST /admin/organizations/{id}/directories`
pub async fn create(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let owner = owner(&app, &who, &given).await?;
    let auth = if fields.get("auth") == "basic" { AuthMode::Basic } else { AuthMode::Bearer };
    let made = match directory_type::parse(fields.get("type")) {
        Ok(directory_type) => {
            let (name, label) = (fields.get("name").to_owned(), fields.some("label"));
            let settings = Settings::default();
            let new = NewDirectory { organization_id: owner.id, name, directory_type, label, auth, settings };
            directories::create(app.store(), &who.scope, new).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok(row) => Ok(lead_to(&format!("/admin/directories/{}", row.id), "directory_created")),
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&app, &who, &owner, fields, problem)))
        }
    }
}

/// `GET /admin/directories/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    show(&app, &who, &row, StatusCode::OK, None, Problem::default()).await
}

/// The directory of an address.
pub async fn find(app: &App, who: &Operator, given: &str) -> Result<DirectoryRow, Failure> {
    let directory: DirectoryId = id(&who.view, given)?;
    directories::get(app.store(), &who.scope, directory).await.map_err(|error| who.view.failed(error))
}

/// A page inside a directory, below its organization.
pub async fn within(
    app: &App,
    who: &Operator,
    row: &DirectoryRow,
    title: String,
    below_directory: bool,
) -> Result<Page, Failure> {
    let owner = organizations::get(app.store(), &who.scope, row.organization_id).await;
    let owner = owner.map_err(|error| who.view.failed(error))?;
    let page = who.view.page(title, Some(Part::Organizations));
    let page = page
        .below("/admin/organizations", who.view.text.t("organizations.title"))
        .below(format!("/admin/organizations/{}", owner.id), brief(&owner.name));
    Ok(if below_directory { page.below(format!("/admin/directories/{}", row.id), brief(&row.name)) } else { page })
}

/// The page of a directory, with what has just been made for it.
pub async fn show(
    app: &App,
    who: &Operator,
    row: &DirectoryRow,
    status: StatusCode,
    fresh: Option<(Secret, String)>,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let page = within(app, who, row, brief(&row.name), false).await?;
    let now = app.clock().now();
    let rows = tokens::list(app.store(), &who.scope, row.id).await.map_err(fail)?;
    let tokens: Vec<Token> = rows.iter().rev().map(|token| Token::new(token, now)).collect();
    let filter = events::EventFilter { directory_id: Some(row.id), ..events::EventFilter::default() };
    let events = latest(app, &who.scope, Some(filter), 10).await.map_err(fail)?;
    let findings = findings::of(app, &who.scope, row).await.map_err(fail)?;
    let directory = Directory::new(row, &page, app.public_url());
    let live = tokens.iter().filter(|token| token.live).count();
    let page = DirectoryPage { page, directory, made: rows.len(), live, tokens, fresh, problem, findings, events };
    Ok(render(status, &page))
}

/// `GET /admin/directories/{id}/disable`
pub async fn confirm_disable(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let text = who.view.text;
    let page = within(&app, &who, &row, text.t1("directory.disable_title", brief(&row.name)), true).await?;
    let back = format!("/admin/directories/{}", row.id);
    Ok(confirm(page, text.t("directory.disable_text").to_owned(), format!("{back}/disable"), "directory.disable", back))
}

/// A page that asks once more before something is done.
pub fn confirm(page: Page, text: String, action: String, button: &'static str, back: String) -> Response {
    render(StatusCode::OK, &ConfirmPage { page, text, action, button, back })
}

/// `POST /admin/directories/{id}/disable`
pub async fn disable(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let directory: DirectoryId = id(&who.view, &given)?;
    let done = directories::disable(app.store(), &who.scope, directory).await;
    app.forget_scopes();
    switched(done, &who)
}

/// `POST /admin/directories/{id}/enable`
pub async fn enable(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let directory: DirectoryId = id(&who.view, &given)?;
    let done = directories::enable(app.store(), &who.scope, directory).await;
    app.forget_scopes();
    switched(done, &who)
}

fn switched(done: crate::service::error::Result<DirectoryRow>, who: &Operator) -> Result<Response, Failure> {
    let row = done.map_err(|error| who.view.failed(error))?;
    let word = if row.state == doorward_store::directory::State::Unlinked { "disabled" } else { "enabled" };
    Ok(lead_to(&format!("/admin/directories/{}", row.id), word))
}
