//! The form of a webhook endpoint (O11): made, its secret shown once, and changed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::ids::OrganizationId;
use doorward_store::paging::{Cursor, Order};
use doorward_store::webhook::EndpointRow;
use http::StatusCode;

use super::webhooks::{find, problem, show, within};
use crate::app::App;
use crate::portal::form::{Fields, Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::service::Error;
use crate::service::error::Result as Served;
use crate::service::webhooks::{self, Changes, NewEndpoint};

#[derive(Template)]
#[template(path = "operator/webhook_edit.html")]
struct EditPage {
    page: Page,
    action: String,
    button: &'static str,
    /// The newest endpoint when the form was shown: one that is sent again makes no second.
    newest: String,
    fields: Fields,
    problem: Problem,
}

async fn newest(app: &App, who: &Operator) -> Result<String, Failure> {
    let first = Cursor::first(1, Order::Descending);
    let slice = webhooks::list(app.store(), &who.scope, first).await.map_err(|error| who.view.failed(error))?;
    Ok(slice.items.first().map(|row| row.id.to_string()).unwrap_or_default())
}

/// `GET /admin/webhooks/new`
pub async fn new(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    let newest = newest(&app, &who).await?;
    Ok(render(StatusCode::OK, &new_page(&who, newest, Fields::default(), Problem::default())))
}

fn new_page(who: &Operator, newest: String, fields: Fields, problem: Problem) -> EditPage {
    let page = who.view.page(who.view.text.t("webhook_edit.new"), Some(Part::Webhooks));
    let page = page.below("/admin/webhooks", who.view.text.t("webhooks.title"));
    EditPage { page, action: "/admin/webhooks".to_owned(), button: "webhook_edit.create", newest, fields, problem }
}

/// What a form says of the events that are wanted.
fn types(fields: &Fields) -> Vec<String> {
    let words = fields.get("events").split([',', ' ', '\n', '\r', '\t']);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The organization that a form names, `None` for all. An id that is none is wrong.
fn organization(fields: &Fields) -> Served<Option<OrganizationId>> {
    let wrong = |_| Error::Invalid { field: "organization_id".to_owned(), message: "is not an id".to_owned() };
    fields.some("organization_id").map(|text| text.parse().map_err(wrong)).transpose()
}

/// `POST /admin/webhooks`. The answer itself shows the secret.
pub async fn create(State(app): State<App>, Posted { who, fields }: Posted) -> Result<Response, Failure> {
    let newest = newest(&app, &who).await?;
    if fields.get("newest") != newest {
        return Ok(lead_to("/admin/webhooks", "webhook_exists"));
    }
    let rules = app.webhook_rules().await.map_err(|error| who.view.failed(error))?;
    let made = match organization(&fields) {
        Ok(organization_id) => {
            let (url, description) = (fields.get("endpoint_url").to_owned(), fields.get("description").to_owned());
            let new = NewEndpoint { url, description, organization_id, events: types(&fields) };
            webhooks::create(app.store(), &who.scope, &rules, new).await
        }
        Err(error) => Err(error),
    };
    match made {
        Ok((row, secret)) => show(&app, &who, row, StatusCode::OK, Some(secret), Problem::default()).await,
        Err(error) => {
            let problem = problem(&who, error)?;
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &new_page(&who, newest, fields, problem)))
        }
    }
}

/// `GET /admin/webhooks/{id}/edit`
pub async fn edit(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let fields = Fields::of([
        ("endpoint_url", row.url.clone()),
        ("description", row.description.clone()),
        ("events", row.events.join("\n")),
        ("organization_id", row.organization_id.map(|id| id.to_string()).unwrap_or_default()),
    ]);
    Ok(render(StatusCode::OK, &edit_page(&who, &row, fields, Problem::default())))
}

fn edit_page(who: &Operator, row: &EndpointRow, fields: Fields, problem: Problem) -> EditPage {
    let page = within(who, row, who.view.text.t("webhook_edit.title").to_owned());
    let action = format!("/admin/webhooks/{}", row.id);
    EditPage { page, action, button: "webhook_edit.save", newest: String::new(), fields, problem }
}

/// `POST /admin/webhooks/{id}`
pub async fn update(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let rules = app.webhook_rules().await.map_err(|error| who.view.failed(error))?;
    let changed = match organization(&fields) {
        Ok(organization_id) => {
            let changes = Changes {
                url: Some(fields.get("endpoint_url").to_owned()),
                description: Some(fields.get("description").to_owned()),
                organization_id: Some(organization_id),
                events: Some(types(&fields)),
                enabled: None,
            };
            webhooks::update(app.store(), &who.scope, &rules, row.id, changes).await
        }
        Err(error) => Err(error),
    };
    match changed {
        Ok(row) => Ok(lead_to(&format!("/admin/webhooks/{}", row.id), "webhook_changed")),
        Err(error) => {
            let problem = problem(&who, error)?;
            Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &edit_page(&who, &row, fields, problem)))
        }
    }
}
