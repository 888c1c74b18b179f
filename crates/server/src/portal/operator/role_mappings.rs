//! The rules that give people of a directory roles: worked on, looked at with real people, published.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use doorward_store::directory::DirectoryRow;
use http::StatusCode;

use super::directories::{find, within};
use crate::app::App;
use crate::portal::form::Posted;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, lead_to, render};
use crate::portal::role_rules::{self, Outcome, Place, Rules};

#[derive(Template)]
#[template(path = "operator/role_mappings.html")]
struct RulesPage {
    page: Page,
    rules: Rules,
    /// The organization's roles.
    catalogue: String,
}

fn place(row: &DirectoryRow) -> Place<'_> {
    Place { row, address: format!("/admin/directories/{}/roles", row.id), links: true }
}

/// `GET /admin/directories/{id}/roles`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let rules = role_rules::open(&app, &who.scope, &who.view, place(&row)).await;
    show(&app, &who, &row, StatusCode::OK, rules.map_err(|error| who.view.failed(error))?).await
}

/// `POST /admin/directories/{id}/roles`: works on the draft; publishes it when that was pressed.
pub async fn post(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let outcome = role_rules::sent(&app, &who.scope, &who.view, place(&row), &fields).await;
    match outcome.map_err(|error| who.view.failed(error))? {
        Outcome::Published => Ok(lead_to(&place(&row).address, "rules_published")),
        Outcome::Again(rules, wrong) => {
            let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            show(&app, &who, &row, status, *rules).await
        }
        Outcome::Unusable => Ok(who.view.problem(StatusCode::UNPROCESSABLE_ENTITY, "unusable").into_response()),
    }
}

async fn show(
    app: &App,
    who: &Operator,
    row: &DirectoryRow,
    status: StatusCode,
    rules: Rules,
) -> Result<Response, Failure> {
    let page = within(app, who, row, who.view.text.t("rules.title").to_owned(), true).await?;
    let catalogue = format!("/admin/organizations/{}/roles", row.organization_id);
    Ok(render(status, &RulesPage { page, rules, catalogue }))
}
