//! Who did what in this organization (C11), and the same as a table for spreadsheets.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use doorward_store::event::{EventRow, position_of};
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::frame::{Asked, Frame, asked, find, page};
use crate::app::App;
use crate::portal::gate::Administrator;
use crate::portal::page::{Failure, Page, render};
use crate::portal::shown::{Around, Time, about, brief, text_of};
use crate::service::audit;
use crate::service::audit_export::{Export, Format};
use crate::service::events::{self, EventFilter, Place};
use crate::streamed;

/// Rows on one page.
const ROWS: i64 = 25;

/// Changed fields that are named.
const MOST_FIELDS: usize = 6;

/// Something that somebody did.
struct Entry {
    id: String,
    action: String,
    about: String,
    actor: String,
    /// The names of what it changed.
    fields: Vec<String>,
    time: Time,
}

#[derive(Template)]
#[template(path = "setup/activity.html")]
struct ActivityPage {
    page: Page,
    frame: Frame,
    entries: Vec<Entry>,
    actors: &'static [&'static str],
    actor: String,
    around: Around,
}

/// `GET /setup/directories/{id}/activity?actor=`: everything of the organization, and of no other one: the session's scope sees no more.
pub async fn get(
    State(app): State<App>,
    Path(given): Path<String>,
    query: Asked,
    who: Administrator,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let row = find(&app, &who, &given).await?;
    let page = page(&who, &row, who.view.text.t("activity.title"));
    let frame = Frame::of(&app, &who, &row, &page, "activity").await?;
    let actor = Some(asked(&query, "actor")).filter(|word| audit::ACTORS.contains(&word.as_str())).unwrap_or_default();
    let position = |name| asked(&query, name).parse::<EventId>().ok().map(|id| position_of(&id));
    let place = Place { after: position("after"), before: position("before"), limit: ROWS, order: Order::Descending };
    let filter = EventFilter {
        organization_id: Some(row.organization_id),
        actor: Some(actor.clone()).filter(|word| !word.is_empty()),
        ..EventFilter::default()
    };
    let slice = events::list(app.store(), &who.scope, place, filter).await.map_err(fail)?;
    let entries = slice.items.iter().map(entry).collect::<Result<Vec<_>, _>>().map_err(fail)?;
    let (first, last) = (entries.first().map(|entry| entry.id.clone()), entries.last().map(|entry| entry.id.clone()));
    let own = if actor.is_empty() { frame.own.clone() } else { format!("{}?actor={actor}", frame.own) };
    let around = Around::of(&own, first, last, (slice.more_before, slice.more_after));
    Ok(render(StatusCode::OK, &ActivityPage { page, frame, entries, actors: audit::ACTORS, actor, around }))
}

fn entry(row: &EventRow) -> Result<Entry, crate::service::Error> {
    let data: Value = serde_json::from_str(&row.data).unwrap_or_default();
    // Which fields, not what stood in them: that is on the page of the person.
    let object = audit::object(row, false)?;
    let changes = object["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(Entry {
        id: row.id.to_string(),
        action: row.event_type.clone(),
        about: brief(&about(&data)),
        actor: row.origin.actor.clone(),
        // Who joined which group is said already.
        fields: changes
            .iter()
            .map(|change| text_of(change, "field"))
            .filter(|field| field != "members")
            .take(MOST_FIELDS)
            .map(|field| brief(&field))
            .collect(),
        time: Time::of(row.created_at),
    })
}

/// `GET /setup/directories/{id}/activity/export`: all of it as CSV, oldest first. No cell of it is a formula (SEC-53).
pub async fn export(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Administrator,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let row = find(&app, &who, &given).await?;
    let filter = EventFilter { organization_id: Some(row.organization_id), ..EventFilter::default() };
    let place = app.streams().open_page(who.scope.link_id(), &app.config().limits);
    let place = place.map_err(|_| fail(crate::service::Error::Unavailable))?;
    let values = app.config().audit.values;
    let mut export = Export::begin(app.store(), &who.scope, filter, Format::Csv, values).await.map_err(fail)?;
    let (sender, mut response) = streamed::answer("text/csv; charset=utf-8");
    let disposition = HeaderValue::from_static("attachment; filename=\"activity.csv\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    tokio::spawn(async move {
        while let Some(part) = export.next().await.transpose() {
            let part = part.map(Bytes::from).map_err(std::io::Error::other);
            let broken = part.is_err();
            if sender.send(part).await.is_err() || broken {
                break;
            }
        }
        drop(place);
    });
    Ok(response)
}
