//! What the identity provider asked, and what was wrong with it (O9).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::request_log::RequestFilter;
use http::StatusCode;
use serde_json::Value;

use super::directories::{find, within};
use super::{Query, asked, cursor, encoded};
use crate::app::App;
use crate::portal::findings::Request;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::shown::{Around, json, text_of, visible};
use crate::service::requests::{self, Wanted};

#[derive(Template)]
#[template(path = "operator/requests.html")]
struct RequestsPage {
    page: Page,
    directory: String,
    rows: Vec<Request>,
    only: String,
    around: Around,
}

#[derive(Template)]
#[template(path = "operator/request.html")]
struct RequestPage {
    page: Page,
    request: Request,
    /// The id that the answer carried.
    request_id: String,
    address: String,
    detail: String,
    headers: Vec<(String, String)>,
    request_body: String,
    response_body: String,
}

/// `GET /admin/directories/{id}/requests`
pub async fn list(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
    query: Query,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let page = within(&app, &who, &row, who.view.text.t("requests.title").to_owned(), true).await?;
    let only = asked(&query, "only").unwrap_or_default();
    let filter = RequestFilter { failed: (only == "failed").then_some(true), ..RequestFilter::default() };
    requests::flush(&app).await;
    let slice = requests::list(app.store(), &who.scope, row.id, cursor(&query), filter).await;
    let slice = slice.map_err(|error| who.view.failed(error))?;
    let [first, last] = [slice.items.first(), slice.items.last()].map(|item| item.map(|item| item.id.to_string()));
    let address = format!("/admin/directories/{}/requests?{}", row.id, encoded(&[("only", &only)]));
    let around = Around::of(&address, first, last, (slice.more_before, slice.more_after));
    let rows = slice.items.iter().map(|item| Request::new(&item.object)).collect();
    Ok(render(StatusCode::OK, &RequestsPage { page, directory: row.id.to_string(), rows, only, around }))
}

/// `GET /admin/directories/{id}/requests/{request}`
pub async fn get(
    State(app): State<App>,
    Path((given, request)): Path<(String, String)>,
    who: Operator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let object = requests::get(app.store(), &who.scope, row.id, Wanted::read(&request)).await;
    let object = object.map_err(|error| who.view.failed(error))?;
    let shown = Request::new(&object);
    let page = within(&app, &who, &row, format!("{} {}", shown.method, shown.path), true).await?;
    let page = page.below(format!("/admin/directories/{}/requests", row.id), who.view.text.t("requests.title"));
    let headers = object.get("headers").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let page = RequestPage {
        page,
        request: shown,
        request_id: text_of(&object, "request_id"),
        address: text_of(&object, "address"),
        detail: visible(&text_of(&object, "detail")),
        headers: headers
            .iter()
            .map(|pair| (visible(&text_of(pair, "name")), visible(&text_of(pair, "value"))))
            .collect(),
        request_body: body(&object, "request_body"),
        response_body: body(&object, "response_body"),
    };
    Ok(render(StatusCode::OK, &page))
}

/// A body: indented where it is JSON, as text where it is not; empty when none was kept.
fn body(object: &Value, name: &str) -> String {
    match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => {
            serde_json::from_str::<Value>(text).map_or_else(|_| visible(text), |parsed| json(&parsed))
        }
        Some(other) => json(other),
    }
}
