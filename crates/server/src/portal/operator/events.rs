//! The event log (O10): everything that happened, in the order in which it did.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use doorward_store::event::EventRow;
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;
use http::StatusCode;
use serde_json::Value;

use super::webhooks::{self, Endpoint};
use super::{Query, ROWS, asked, encoded};
use crate::app::App;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, render};
use crate::portal::shown::{Around, Time, about, brief, json};
use crate::service::error::Result as Served;
use crate::service::events::{self, EventFilter, Place};

/// Endpoints that the page shows.
const CONSUMERS: i64 = 10;

/// An event as a page shows it.
pub struct Shown {
    /// Its place in the log.
    pub position: i64,
    /// Its id.
    pub id: String,
    /// For example `dsync.user.created`.
    pub event_type: String,
    /// What it is about: a name, as far as the event has one.
    pub about: String,
    /// Who caused it: a word of the section `actor`.
    pub actor: String,
    /// When.
    pub time: Time,
    /// The directory; empty when there is none.
    pub directory: String,
    /// The whole of it.
    pub json: String,
}

impl Shown {
    /// For a page.
    pub fn new(row: &EventRow) -> Self {
        let data: Value = serde_json::from_str(&row.data).unwrap_or_default();
        Shown {
            position: row.position,
            id: row.id.to_string(),
            event_type: row.event_type.clone(),
            about: brief(&about(&data)),
            actor: row.origin.actor.clone(),
            time: Time::of(row.created_at),
            directory: row.directory_id.map(|id| id.to_string()).unwrap_or_default(),
            json: json(&data),
        }
    }
}

/// The last events, newest first.
///
/// # Errors
/// When the database fails.
pub async fn latest(app: &App, by: &OperatorScope, filter: Option<EventFilter>, most: i64) -> Served<Vec<Shown>> {
    let place = Place { after: None, before: None, limit: most, order: Order::Descending };
    let slice = events::list(app.store(), by, place, filter.unwrap_or_default()).await?;
    Ok(slice.items.iter().map(Shown::new).collect())
}

#[derive(Template)]
#[template(path = "operator/events.html")]
struct EventsPage {
    page: Page,
    events: Vec<Shown>,
    /// The endpoints that the log is sent to, with how far each has come.
    consumers: Vec<Endpoint>,
    /// The last position.
    head: i64,
    event_type: String,
    directory: String,
    organization: String,
    around: Around,
}

/// `GET /admin/events`
pub async fn list(State(app): State<App>, who: Operator, query: Query) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let text = |name| asked(&query, name).unwrap_or_default();
    let (event_type, directory, organization) = (text("type"), text("directory"), text("organization"));
    let filter = EventFilter {
        types: Some(event_type.clone()).filter(|word| !word.is_empty()).into_iter().collect(),
        directory_id: directory.parse().ok(),
        organization_id: organization.parse().ok(),
        ..EventFilter::default()
    };
    let position = |name| asked(&query, name).and_then(|id| id.parse::<EventId>().ok());
    let position = |name| position(name).map(|id| doorward_store::event::position_of(&id));
    let place = Place { after: position("after"), before: position("before"), limit: ROWS, order: Order::Descending };
    let slice = events::list(app.store(), &who.scope, place, filter).await.map_err(fail)?;
    let ends = [slice.items.first(), slice.items.last()].map(|row| row.map(|row| row.id.to_string()));
    let [first, last] = ends;
    let asked = encoded(&[("type", &event_type), ("directory", &directory), ("organization", &organization)]);
    let around = Around::of(&format!("/admin/events?{asked}"), first, last, (slice.more_before, slice.more_after));
    let shown = slice.items.iter().map(Shown::new).collect();
    let page = who.view.page(who.view.text.t("events.title"), Some(Part::Events));
    let consumers = webhooks::latest(&app, &who, CONSUMERS).await.map_err(fail)?;
    let head = events::head(app.store(), &who.scope).await.map_err(fail)?;
    let page = EventsPage { page, events: shown, consumers, head, event_type, directory, organization, around };
    Ok(render(StatusCode::OK, &page))
}
