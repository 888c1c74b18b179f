//! The first page of a directory, and switching it off and on (C9).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::directory::DirectoryRow;
use http::StatusCode;

use super::frame::{Frame, address, find, page};
use super::guide;
use super::panel::{self, Person};
use super::progress::{Stand, stands};
use crate::app::App;
use crate::portal::findings::{self, Finding};
use crate::portal::form::Posted;
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, lead_to, render};
use crate::portal::shown::brief;
use crate::service::directories;

#[derive(Template)]
#[template(path = "setup/directory.html")]
struct DirectoryPage {
    page: Page,
    frame: Frame,
    /// The guide's next step: its address and the key of its title. `None`: all is done, or there are several guides to choose from.
    next: Option<(String, String)>,
    done: usize,
    steps: usize,
    findings: Vec<Finding>,
    people: Vec<Person>,
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

/// A page that asks before something is done that cannot be taken back, or that hurts.
pub fn confirm(page: Page, text: String, action: String, button: &'static str, back: String) -> Response {
    render(StatusCode::OK, &ConfirmPage { page, text, action, button, back })
}

/// `GET /setup/directories/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Administrator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let findings = findings::of(&app, &who.scope, &row).await.map_err(|error| who.view.failed(error))?;
    let page = who.view.page(brief(&row.name), None);
    let frame = Frame::of(&app, &who, &row, &page, "").await?;
    let (next, done, steps) = standing(&row, &findings);
    let people = panel::people(&app, &who, &row).await?;
    Ok(render(StatusCode::OK, &DirectoryPage { page, frame, next, done, steps, findings, people }))
}

/// What the guide would do next, how many of its steps are done, and how many there are.
fn standing(row: &DirectoryRow, findings: &[Finding]) -> (Option<(String, String)>, usize, usize) {
    let guides = guide::of(&row.directory_type, row.auth);
    let Some(advised) = guides.first() else { return (None, 0, 0) };
    let stands = stands(advised, row, findings);
    let is_done = |stand: &Stand| matches!(stand, Stand::Seen | Stand::Skipped);
    let done = stands.iter().filter(|stand| is_done(stand)).count();
    let open = stands.iter().position(|stand| !is_done(stand)).and_then(|place| advised.steps.get(place));
    let next = open.map(|step| {
        let end = if guides.len() == 1 { format!("/{}/{}", advised.slug, step.slug) } else { String::new() };
        (format!("{}/guide{end}", address(row.id)), format!("step_title.{}", step.slug))
    });
    (next, done, stands.len())
}

/// `GET /setup/directories/{id}/disable`
pub async fn confirm_disable(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let text = who.view.text;
    let page = page(&who, &row, &text.t1("directory.disable_title", brief(&row.name)));
    let (said, back) = (text.t("directory.disable_text").to_owned(), address(row.id));
    Ok(confirm(page, said, format!("{back}/disable"), "directory.disable", back))
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
