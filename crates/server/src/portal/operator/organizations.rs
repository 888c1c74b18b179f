//! Organizations (O3, O4).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use doorward_store::directory::DirectoryFilter;
use doorward_store::ids::OrganizationId;
use doorward_store::organization::OrganizationFilter;
use doorward_store::paging::{Cursor, Order};
use http::StatusCode;

use super::events::{Shown, latest};
use super::links::{self, Link};
use super::{Query, asked, cursor, encoded, id};
use crate::app::App;
use crate::portal::form::{Fields, Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::portal::shown::{Around, Directory, Time, brief};
use crate::service::{directories, events, organizations};

/// Directories that the list shows of one organization.
const DIRECTORIES_IN_LIST: i64 = 4;

/// Directories that the page of an organization shows.
const DIRECTORIES: i64 = 100;

struct Row {
    id: String,
    name: String,
    external_id: String,
    directories: Vec<Directory>,
    created: Time,
}

#[derive(Template)]
#[template(path = "operator/organizations.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    search: String,
    around: Around,
}

#[derive(Template)]
#[template(path = "operator/organization_new.html")]
struct NewPage {
    page: Page,
    fields: Fields,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "operator/organization.html")]
struct OrganizationPage {
    page: Page,
    id: String,
    external_id: String,
    domains: Vec<(String, String)>,
    created: Time,
    directories: Vec<Directory>,
    links: Vec<Link>,
    /// The link just made, shown this once.
    fresh: Option<String>,
    problem: Problem,
    events: Vec<Shown>,
}

/// `GET /admin/organizations`
pub async fn list(State(app): State<App>, who: Operator, query: Query) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let search = asked(&query, "search").unwrap_or_default();
    let filter = OrganizationFilter { search: Some(search.clone()), ..OrganizationFilter::default() };
    let slice = organizations::list(app.store(), &who.scope, cursor(&query), filter).await.map_err(fail)?;
    let page = who.view.page(who.view.text.t("organizations.title"), Some(Part::Organizations));
    let mut rows = Vec::new();
    for row in &slice.items {
        rows.push(Row {
            id: row.id.to_string(),
            name: brief(&row.name),
            external_id: brief(row.external_id.as_deref().unwrap_or_default()),
            directories: directories_of(&app, &who, &page, row.id, DIRECTORIES_IN_LIST).await?,
            created: Time::of(row.created_at),
        });
    }
    let ends = [slice.items.first(), slice.items.last()].map(|row| row.map(|row| row.id.to_string()));
    let [first, last] = ends;
    let address = format!("/admin/organizations?{}", encoded(&[("search", &search)]));
    let around = Around::of(&address, first, last, (slice.more_before, slice.more_after));
    Ok(render(StatusCode::OK, &ListPage { page, rows, search, around }))
}

async fn directories_of(
    app: &App,
    who: &Operator,
    page: &Page,
    organization: OrganizationId,
    most: i64,
) -> Result<Vec<Directory>, Failure> {
    let filter = DirectoryFilter { organization_id: Some(organization), ..DirectoryFilter::default() };
    let first = Cursor::first(most, Order::Ascending);
    let found = directories::list(app.store(), &who.scope, first, filter).await;
    let found = found.map_err(|error| who.view.failed(error))?;
    Ok(found.items.iter().map(|row| Directory::new(row, page, app.public_url())).collect())
}

/// `GET /admin/organizations/new`
pub async fn new(who: Operator) -> Response {
    render(StatusCode::OK, &new_page(&who, Fields::default(), Problem::default()))
}

fn new_page(who: &Operator, fields: Fields, problem: Problem) -> NewPage {
    let text = who.view.text;
    let page = who.view.page(text.t("organization_new.title"), Some(Part::Organizations));
    NewPage { page: page.below("/admin/organizations", text.t("organizations.title")), fields, problem }
}

/// `POST /admin/organizations`
pub async fn create(State(app): State<App>, Posted { who, fields }: Posted) -> Response {
    match organizations::create(app.store(), &who.scope, fields.get("name"), fields.some("external_id")).await {
        Ok(row) => lead_to(&format!("/admin/organizations/{}", row.id), "organization_created"),
        Err(error) => match Problem::of(&who.view, error) {
            Ok(problem) => render(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&who, fields, problem)),
            Err(error) => who.view.failed(error).into_response(),
        },
    }
}

/// `GET /admin/organizations/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let organization: OrganizationId = id(&who.view, &given)?;
    show(&app, &who, organization, StatusCode::OK, None, Problem::default()).await
}

/// The page of an organization, with the setup link that has just been made for it.
pub async fn show(
    app: &App,
    who: &Operator,
    organization: OrganizationId,
    status: StatusCode,
    fresh: Option<String>,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let row = organizations::get(app.store(), &who.scope, organization).await.map_err(fail)?;
    let page = who.view.page(brief(&row.name), Some(Part::Organizations));
    let page = page.below("/admin/organizations", who.view.text.t("organizations.title"));
    let directories = directories_of(app, who, &page, organization, DIRECTORIES).await?;
    let filter = events::EventFilter { organization_id: Some(organization), ..events::EventFilter::default() };
    let events = latest(app, &who.scope, Some(filter), 10).await.map_err(fail)?;
    let page = OrganizationPage {
        page,
        id: row.id.to_string(),
        external_id: brief(row.external_id.as_deref().unwrap_or_default()),
        domains: row.domains.iter().map(|domain| (brief(&domain.domain), domain.state.clone())).collect(),
        created: Time::of(row.created_at),
        directories,
        links: links::of(app, who, organization).await?,
        fresh,
        problem,
        events,
    };
    Ok(render(status, &page))
}
