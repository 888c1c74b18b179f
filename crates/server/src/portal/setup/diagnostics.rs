//! What is wrong, and what to do (C8): refused requests by their diagnosis, what was seen and what was not, and a report to pass on.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use doorward_store::directory::DirectoryRow;
use doorward_store::paging::{Cursor, Order};
use doorward_store::request_log::RequestFilter;
use http::{StatusCode, header};
use serde_json::{Value, json};

use super::frame::{Asked, Frame, asked, find, page};
use super::progress::{Fact, facts};
use crate::app::App;
use crate::portal::findings::{self, Finding, Request};
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::shown::{text_of, visible};
use crate::service::{directories, directory_status, instant, requests};

/// Requests that stand below a diagnosis.
const EXAMPLES: i64 = 5;

/// Diagnoses that have requests below them.
const MOST: usize = 20;

/// Requests of a report.
const REPORTED: i64 = 100;

/// A diagnosis with some of the requests that it was made of.
struct Problem {
    finding: Finding,
    examples: Vec<Request>,
}

#[derive(Template)]
#[template(path = "setup/diagnostics.html")]
struct DiagnosticsPage {
    page: Page,
    frame: Frame,
    problems: Vec<Problem>,
    facts: Vec<Fact>,
}

/// `GET /setup/directories/{id}/diagnostics`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Administrator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let page = page(&who, &row, who.view.text.t("diagnostics.title"));
    let frame = Frame::of(&app, &who, &row, &page, "diagnostics").await?;
    let found = findings::of(&app, &who.scope, &row).await.map_err(|error| who.view.failed(error))?;
    let mut problems = Vec::new();
    for (place, finding) in found.into_iter().enumerate() {
        let examples = if place < MOST { examples(&app, &who, &row, &finding.code).await? } else { Vec::new() };
        problems.push(Problem { finding, examples });
    }
    let facts = facts(&app, &who, &row).await?;
    Ok(render(StatusCode::OK, &DiagnosticsPage { page, frame, problems, facts }))
}

async fn examples(app: &App, who: &Administrator, row: &DirectoryRow, code: &str) -> Result<Vec<Request>, Failure> {
    let filter = RequestFilter { code: Some(code.to_owned()), ..RequestFilter::default() };
    let first = Cursor::first(EXAMPLES, Order::Descending);
    let found = requests::list(app.store(), &who.scope, row.id, first, filter).await;
    let found = found.map_err(|error| who.view.failed(error))?;
    Ok(found.items.iter().map(|item| Request::new(&item.object)).collect())
}

/// `GET /setup/directories/{id}/diagnostics/report?format=json`: for whoever helps. It holds no credential, no header, no body and no query.
pub async fn report(
    State(app): State<App>,
    Path(given): Path<String>,
    query: Asked,
    who: Administrator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let report = gather(&app, &who, &row).await?;
    let (media_type, file, text) = if asked(&query, "format") == "json" {
        let text = serde_json::to_string_pretty(&report).unwrap_or_default();
        ("application/json", "attachment; filename=\"directory-report.json\"", text)
    } else {
        ("text/plain; charset=utf-8", "attachment; filename=\"directory-report.txt\"", as_text(&report))
    };
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, file)], text).into_response())
}

async fn gather(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Value, Failure> {
    let fail = |error| who.view.failed(error);
    requests::flush(app).await;
    let object = directories::object(row, app.public_url());
    let diagnoses = requests::diagnoses(app.store(), &who.scope, row.id, app.public_url()).await.map_err(fail)?;
    let first = Cursor::first(REPORTED, Order::Descending);
    let last = requests::list(app.store(), &who.scope, row.id, first, RequestFilter::default()).await.map_err(fail)?;
    let kept = |object: &Value, names: &[&str]| -> Value {
        names.iter().map(|name| ((*name).to_owned(), object[*name].clone())).collect::<serde_json::Map<_, _>>().into()
    };
    let request = |object: &Value| {
        let mut shown = kept(
            object,
            &[
                "created_at",
                "request_id",
                "method",
                "path",
                "scim_version",
                "status",
                "scim_type",
                "latency_ms",
                "user_agent",
            ],
        );
        let found = object["diagnoses"].as_array().map(Vec::as_slice).unwrap_or_default();
        shown["diagnoses"] = found.iter().map(|diagnosis| diagnosis["code"].clone()).collect();
        shown
    };
    let seen = facts(app, who, row).await?;
    Ok(json!({
        "made_at": instant::text(app.clock().now()),
        "directory": kept(&object, &["id", "name", "type", "created_at"]),
        "status": directory_status::of(row).as_str(),
        "endpoint": crate::portal::shown::own_endpoint(row, app.public_url()),
        "authentication": row.auth.as_str(),
        "users_active": row.counts.users_active,
        "users_inactive": row.counts.users_inactive,
        "groups": row.counts.groups,
        "pending_memberships": row.counts.pending,
        "seen": seen.iter().map(|fact| json!({"what": fact.word, "seen": fact.seen,
            "last_at": fact.time.as_ref().map(|time| &time.exact)})).collect::<Vec<_>>(),
        "diagnoses": diagnoses.iter().map(|found| kept(found, &["code", "severity", "message", "cause", "fix", "count",
            "first_seen_at", "last_seen_at"])).collect::<Vec<_>>(),
        "requests": last.items.iter().map(|item| request(&item.object)).collect::<Vec<_>>(),
    }))
}

/// The report for people, in English like the diagnoses: it goes to whoever made the application.
fn as_text(report: &Value) -> String {
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let mut text = format!("Report on the directory {}\n\n", plain(&report["directory"]["name"]));
    for name in ["made_at", "status", "endpoint", "authentication", "users_active", "users_inactive", "groups"] {
        text.push_str(&format!("{name}: {}\n", plain(&report[name])));
    }
    for name in ["id", "type", "created_at"] {
        text.push_str(&format!("directory {name}: {}\n", plain(&report["directory"][name])));
    }
    text.push_str("\nSeen\n");
    for fact in list("seen") {
        let mark = if fact["seen"] == true { "yes" } else { "no " };
        text.push_str(&format!("  {mark} {} {}\n", plain(&fact["what"]), plain(&fact["last_at"])));
    }
    text.push_str("\nProblems\n");
    for found in list("diagnoses") {
        let said = |name| visible(&text_of(&found, name)).replace('\n', " ");
        text.push_str(&format!(
            "  {} ({}, {}x, last {})\n",
            said("code"),
            said("severity"),
            found["count"],
            said("last_seen_at")
        ));
        text.push_str(&format!("    {}\n    {}\n    {}\n", said("message"), said("cause"), said("fix")));
    }
    text.push_str("\nLast requests\n");
    for request in list("requests") {
        let codes: Vec<String> = request["diagnoses"].as_array().into_iter().flatten().map(plain).collect();
        let parts = ["created_at", "method", "path", "status", "request_id"].map(|name| plain(&request[name]));
        text.push_str(&format!("  {} {}\n", parts.join(" "), codes.join(" ")));
    }
    text
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => visible(text).replace('\n', " "),
        other => other.to_string(),
    }
}
