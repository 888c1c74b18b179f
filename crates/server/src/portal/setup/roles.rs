//! Attributes and roles (C5): what the application sees of people and from where it comes, and which rules give them which role.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use doorward_store::directory::DirectoryRow;
use http::StatusCode;

use super::frame::{self, Frame, address, find};
use crate::app::App;
use crate::portal::form::Posted;
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, lead_to, render};
use crate::portal::role_rules::{self, Outcome, Place, Rules};
use crate::portal::shown::brief;
use crate::service::received_attributes::{self, Attribute};

#[derive(Template)]
#[template(path = "setup/roles.html")]
struct RulesPage {
    page: Page,
    frame: Frame,
    rules: Rules,
}

#[derive(Template)]
#[template(path = "setup/attributes.html")]
struct AttributesPage {
    page: Page,
    frame: Frame,
    looked_at: i64,
    fields: Vec<Attribute>,
    others: Vec<Attribute>,
}

fn place(row: &DirectoryRow) -> Place<'_> {
    Place { row, address: format!("{}/roles", address(row.id)), links: false }
}

/// `GET /setup/directories/{id}/roles`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Administrator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let rules = role_rules::open(&app, &who.scope, &who.view, place(&row)).await;
    show(&app, &who, &row, StatusCode::OK, rules.map_err(|error| who.view.failed(error))?).await
}

/// `POST /setup/directories/{id}/roles`: works on the draft; publishes it when that was pressed.
pub async fn post(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted<Administrator>,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let outcome = role_rules::sent(&app, &who.scope, &who.view, place(&row), &fields).await;
    Ok(match outcome.map_err(|error| who.view.failed(error))? {
        Outcome::Published => lead_to(&place(&row).address, "rules_published"),
        Outcome::Again(rules, wrong) => {
            let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            show(&app, &who, &row, status, *rules).await?
        }
        Outcome::Unusable => who.view.problem(StatusCode::UNPROCESSABLE_ENTITY, "unusable").into_response(),
    })
}

async fn show(
    app: &App,
    who: &Administrator,
    row: &DirectoryRow,
    status: StatusCode,
    rules: Rules,
) -> Result<Response, Failure> {
    let page = frame::page(who, row, who.view.text.t("rules.title"));
    let frame = Frame::of(app, who, row, &page, "roles").await?;
    Ok(render(status, &RulesPage { page, frame, rules }))
}

/// `GET /setup/directories/{id}/attributes`
pub async fn attributes(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let found = received_attributes::list(app.store(), &who.scope, row.id).await;
    let found = found.map_err(|error| who.view.failed(error))?;
    let page = frame::page(&who, &row, who.view.text.t("attributes.title"));
    let frame = Frame::of(&app, &who, &row, &page, "attributes").await?;
    let brief = |mut attribute: Attribute| {
        let Attribute { field, path, sample, .. } = &mut attribute;
        [field, path, sample].into_iter().for_each(|text| *text = brief(text));
        attribute
    };
    let page = AttributesPage {
        page,
        frame,
        looked_at: found.looked_at,
        fields: found.fields.into_iter().map(brief).collect(),
        others: found.others.into_iter().map(brief).collect(),
    };
    Ok(render(StatusCode::OK, &page))
}
