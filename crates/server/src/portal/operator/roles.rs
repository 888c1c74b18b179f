//! The catalogue of roles (O13): the default set, and the set of an organization.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::directory::DirectoryFilter;
use doorward_store::ids::{OrganizationId, RoleId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::role::RoleRow;
use http::StatusCode;

use super::id;
use crate::app::App;
use crate::portal::form::{Fields, Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::portal::role_rules::{Unknown, word_of};
use crate::portal::shown::brief;
use crate::service::roles::catalogue::{self, MOST, NewRole, RoleChange};
use crate::service::roles::{publish, unknown};
use crate::service::{Error, directories, organizations};

/// Directories whose rules the page of an organization shows.
const DIRECTORIES: i64 = 50;

struct Row {
    id: String,
    name: String,
    slug: String,
    description: String,
    priority: i64,
    default: bool,
}

/// How a directory of the organization gives roles.
struct InDirectory {
    id: String,
    name: String,
    rules: i64,
    mode: String,
    unknown_values: String,
    unknown: Vec<Unknown>,
}

#[derive(Template)]
#[template(path = "operator/roles.html")]
struct ListPage {
    page: Page,
    /// Where the form for a new role goes.
    address: String,
    /// The organization; empty: this is the default set.
    organization: String,
    /// Whether the organization has roles of its own.
    own: bool,
    rows: Vec<Row>,
    directories: Vec<InDirectory>,
    fields: Fields,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "operator/role.html")]
struct RolePage {
    page: Page,
    id: String,
    slug: String,
    name: String,
    description: String,
    priority: String,
    default: bool,
    back: String,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "operator/role_delete.html")]
struct DeletePage {
    page: Page,
    id: String,
    back: String,
    /// Directories whose rules give it: id, name, how many rules.
    uses: Vec<(String, String, i64)>,
}

/// `GET /admin/roles`
pub async fn list(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    show(&app, &who, None, StatusCode::OK, Fields::default(), Problem::default()).await
}

/// `GET /admin/organizations/{id}/roles`
pub async fn of_organization(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
) -> Result<Response, Failure> {
    let organization: OrganizationId = id(&who.view, &given)?;
    show(&app, &who, Some(organization), StatusCode::OK, Fields::default(), Problem::default()).await
}

/// `POST /admin/roles`
pub async fn create(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    make(&app, &who, None, fields).await
}

/// `POST /admin/organizations/{id}/roles`
pub async fn create_for(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let organization: OrganizationId = id(&who.view, &given)?;
    make(&app, &who, Some(organization), fields).await
}

async fn make(
    app: &App,
    who: &Operator,
    organization: Option<OrganizationId>,
    fields: Fields,
) -> Result<Response, Failure> {
    let known = catalogue::list(app.store(), &who.scope, organization).await.map_err(|error| who.view.failed(error))?;
    let problem = match priority(&fields) {
        _ if known.len() >= MOST => Problem::new(&who.view, "name", "roles.too_many"),
        None => Problem::new(&who.view, "priority", "roles.bad_priority"),
        Some(priority) => {
            let new = NewRole {
                organization_id: organization,
                slug: fields.some("slug"),
                name: fields.get("name").to_owned(),
                description: fields.some("description"),
                priority,
                is_default: !fields.get("default").is_empty(),
            };
            match catalogue::create(app.store(), &who.scope, new).await {
                Ok(_) => return Ok(lead_to(&address(organization), "role_created")),
                Err(error) => Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?,
            }
        }
    };
    show(app, who, organization, StatusCode::UNPROCESSABLE_ENTITY, fields, problem).await
}

/// The priority filled in, which may be left out.
fn priority(fields: &Fields) -> Option<i64> {
    let text = fields.get("priority");
    if text.is_empty() { Some(0) } else { text.parse().ok().filter(|number| (0..=1_000_000).contains(number)) }
}

fn address(organization: Option<OrganizationId>) -> String {
    organization.map_or_else(|| "/admin/roles".to_owned(), |id| format!("/admin/organizations/{id}/roles"))
}

async fn show(
    app: &App,
    who: &Operator,
    organization: Option<OrganizationId>,
    status: StatusCode,
    fields: Fields,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let roles = catalogue::list(app.store(), &who.scope, organization).await.map_err(fail)?;
    let page = frame(app, who, organization, who.view.text.t("roles.title").to_owned()).await?;
    let page = ListPage {
        page,
        address: address(organization),
        own: organization.is_none() || roles.iter().any(|role| role.organization_id.is_some()),
        organization: organization.map(|id| id.to_string()).unwrap_or_default(),
        rows: roles.iter().map(row).collect(),
        directories: match organization {
            Some(id) => in_directories(app, who, id).await?,
            None => Vec::new(),
        },
        fields,
        problem,
    };
    Ok(render(status, &page))
}

fn row(role: &RoleRow) -> Row {
    Row {
        id: role.id.to_string(),
        name: brief(&role.name),
        slug: role.slug.clone(),
        description: brief(role.description.as_deref().unwrap_or_default()),
        priority: role.priority,
        default: role.is_default,
    }
}

/// The frame of a page about the roles of an organization, or about the default set.
async fn frame(
    app: &App,
    who: &Operator,
    organization: Option<OrganizationId>,
    title: String,
) -> Result<Page, Failure> {
    let Some(id) = organization else { return Ok(who.view.page(title, Some(Part::Roles))) };
    let owner = organizations::get(app.store(), &who.scope, id).await.map_err(|error| who.view.failed(error))?;
    let page = who.view.page(title, Some(Part::Organizations));
    Ok(page
        .below("/admin/organizations", who.view.text.t("organizations.title"))
        .below(format!("/admin/organizations/{id}"), brief(&owner.name)))
}

async fn in_directories(app: &App, who: &Operator, organization: OrganizationId) -> Result<Vec<InDirectory>, Failure> {
    let fail = |error| who.view.failed(error);
    let filter = DirectoryFilter { organization_id: Some(organization), ..DirectoryFilter::default() };
    let first = Cursor::first(DIRECTORIES, Order::Ascending);
    let slice = directories::list(app.store(), &who.scope, first, filter).await.map_err(fail)?;
    let mut found = Vec::new();
    for row in &slice.items {
        let draft = publish::current(app.store(), &who.scope, row.id).await.map_err(fail)?;
        let unknown = unknown::list(app.store(), &who.scope, row.id).await.map_err(fail)?;
        found.push(InDirectory {
            id: row.id.to_string(),
            name: brief(&row.name),
            rules: i64::try_from(draft.rules.len()).unwrap_or_default(),
            mode: word_of(draft.settings.mode),
            unknown_values: word_of(draft.settings.unknown_values),
            unknown: unknown.iter().map(Unknown::new).collect(),
        });
    }
    Ok(found)
}

async fn find(app: &App, who: &Operator, given: &str) -> Result<RoleRow, Failure> {
    let role: RoleId = id(&who.view, given)?;
    catalogue::get(app.store(), &who.scope, role).await.map_err(|error| who.view.failed(error))
}

/// `GET /admin/roles/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let role = find(&app, &who, &given).await?;
    let shown = (role.name.clone(), role.description.clone().unwrap_or_default(), role.priority.to_string());
    edit(&app, &who, &role, StatusCode::OK, (shown, role.is_default), Problem::default()).await
}

async fn edit(
    app: &App,
    who: &Operator,
    role: &RoleRow,
    status: StatusCode,
    ((name, description, priority), default): ((String, String, String), bool),
    problem: Problem,
) -> Result<Response, Failure> {
    let page = frame(app, who, role.organization_id, brief(&role.name)).await?;
    let back = address(role.organization_id);
    let page = page.below(back.clone(), who.view.text.t("roles.title"));
    let (id, slug) = (role.id.to_string(), role.slug.clone());
    Ok(render(status, &RolePage { page, id, slug, name, description, priority, default, back, problem }))
}

/// `POST /admin/roles/{id}`
pub async fn update(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let role = find(&app, &who, &given).await?;
    let default = !fields.get("default").is_empty();
    let problem = match priority(&fields) {
        None => Problem::new(&who.view, "priority", "roles.bad_priority"),
        Some(priority) => {
            let change = RoleChange {
                name: Some(fields.get("name").to_owned()),
                description: Some(fields.some("description")),
                priority: Some(priority),
                is_default: Some(default),
            };
            match catalogue::update(app.store(), &who.scope, role.id, change).await {
                Ok(row) => return Ok(lead_to(&address(row.organization_id), "role_changed")),
                Err(error) => Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?,
            }
        }
    };
    let text = |name: &str| fields.get(name).to_owned();
    let shown = ((text("name"), text("description"), text("priority")), default);
    edit(&app, &who, &role, StatusCode::UNPROCESSABLE_ENTITY, shown, problem).await
}

/// `GET /admin/roles/{id}/delete`
pub async fn confirm(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let role = find(&app, &who, &given).await?;
    ask(&app, &who, &role, StatusCode::OK).await
}

/// Asks once more, or says which rules stand in the way.
async fn ask(app: &App, who: &Operator, role: &RoleRow, status: StatusCode) -> Result<Response, Failure> {
    let uses = catalogue::uses(app.store(), &who.scope, role.id).await.map_err(|error| who.view.failed(error))?;
    let page = frame(app, who, role.organization_id, who.view.text.t1("roles.delete_title", brief(&role.name))).await?;
    let back = address(role.organization_id);
    let page = page.below(back.clone(), who.view.text.t("roles.title"));
    let using = uses
        .iter()
        .map(|(row, count)| (row.id.to_string(), brief(&row.name), i64::try_from(*count).unwrap_or(i64::MAX)));
    Ok(render(status, &DeletePage { page, id: role.id.to_string(), back, uses: using.collect() }))
}

/// `POST /admin/roles/{id}/delete`
pub async fn delete(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let role = find(&app, &who, &given).await?;
    match catalogue::delete(app.store(), &who.scope, role.id).await {
        Ok(()) => Ok(lead_to(&address(role.organization_id), "role_deleted")),
        // Rules give it: the same page tells which.
        Err(Error::Invalid { .. }) => ask(&app, &who, &role, StatusCode::UNPROCESSABLE_ENTITY).await,
        Err(error) => Err(who.view.failed(error)),
    }
}
