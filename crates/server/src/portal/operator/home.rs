//! The first page (O2): how the directories are, and what to do first.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_store::organization::OrganizationFilter;
use doorward_store::paging::{Cursor, Order};
use http::StatusCode;

use super::events::{Shown, latest};
use crate::app::App;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, render};
use crate::service::{api_keys, organizations, people};

/// One of the first steps: what to do, where, and whether it is done.
struct Step {
    name: &'static str,
    address: String,
    done: bool,
}

#[derive(Template)]
#[template(path = "operator/home.html")]
struct HomePage {
    page: Page,
    tally: Vec<(&'static str, i64)>,
    steps: Vec<Step>,
    events: Vec<Shown>,
}

/// `GET /admin`
pub async fn get(State(app): State<App>, who: Operator) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let tally = people::tally(app.store(), &who.scope).await.map_err(fail)?;
    let first = Cursor::first(1, Order::Ascending);
    let some =
        organizations::list(app.store(), &who.scope, first, OrganizationFilter::default()).await.map_err(fail)?;
    let keys = api_keys::list(app.store(), &who.scope).await.map_err(fail)?;
    let events = latest(&app, &who.scope, None, 8).await.map_err(fail)?;
    let heard = tally.iter().any(|(word, _)| matches!(*word, "active" | "connected"));
    let organization = some.items.first().map(|row| format!("/admin/organizations/{}", row.id));
    let new_directory = organization.map(|address| format!("{address}/directories/new"));
    let step = |name, address: &str, done| Step { name, address: address.to_owned(), done };
    let steps = vec![
        step("organization", "/admin/organizations/new", !some.items.is_empty()),
        step("directory", new_directory.as_deref().unwrap_or("/admin/organizations"), !tally.is_empty()),
        step("connect", "/admin/organizations", heard),
        step("api_key", "/admin/api-keys", !keys.is_empty()),
    ];
    let steps = if steps.iter().all(|step| step.done) { Vec::new() } else { steps };
    let page = who.view.page(who.view.text.t("home.title"), Some(Part::Home));
    Ok(render(StatusCode::OK, &HomePage { page, tally, steps, events }))
}
