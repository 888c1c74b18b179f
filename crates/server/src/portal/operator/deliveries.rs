//! What became of each event at a webhook endpoint (O11), and sending once more.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::ids::{DeliveryId, EndpointId, EventId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::webhook::delivery::{self, DeliveryRow};
use http::StatusCode;

use super::events::Shown;
use super::webhooks::{find, within};
use super::{Query, asked, cursor, encoded, id};
use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::portal::shown::{Around, Time, brief, visible};
use crate::service::events::{self, EventFilter, Place};
use crate::service::{Error, deliveries, webhooks};

/// The most endpoints among which a replay lets choose.
const MOST_ENDPOINTS: i64 = 100;

/// A delivery as a page shows it.
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// For example `dsync.user.created`.
    pub event_type: String,
    /// A word of the section `status`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: i64,
    /// The status of the last answer; empty: there was none.
    pub status: String,
    /// Milliseconds; empty: it was not tried.
    pub latency: String,
    /// Why the last attempt failed.
    pub error: String,
    /// The beginning of the last answer.
    pub excerpt: String,
    /// When it is tried again.
    pub next: Option<Time>,
    /// When it was tried first.
    pub created: Time,
    /// When it was tried last.
    pub updated: Time,
}

impl Delivery {
    /// For a page.
    pub fn new(row: &DeliveryRow) -> Self {
        let answered = row.response_status.map(|status| format!("answered {status}"));
        Delivery {
            id: row.id.to_string(),
            event_type: row.event_type.clone(),
            state: row.state.as_str(),
            attempts: row.attempts,
            status: row.response_status.map(|status| status.to_string()).unwrap_or_default(),
            latency: row.latency_ms.map(|latency| latency.to_string()).unwrap_or_default(),
            // The status stands there by itself.
            error: brief(row.error.as_deref().filter(|text| Some(*text) != answered.as_deref()).unwrap_or_default()),
            excerpt: visible(row.excerpt.as_deref().unwrap_or_default()),
            next: row.next_attempt_at.map(Time::of),
            created: Time::of(row.created_at),
            updated: Time::of(row.updated_at),
        }
    }
}

#[derive(Template)]
#[template(path = "operator/deliveries.html")]
struct DeliveriesPage {
    page: Page,
    endpoint: String,
    deliveries: Vec<Delivery>,
    state: String,
    states: [&'static str; 4],
    around: Around,
}

#[derive(Template)]
#[template(path = "operator/delivery.html")]
struct DeliveryPage {
    page: Page,
    endpoint: String,
    delivery: Delivery,
    sends: bool,
    /// What is delivered; none when it was removed from the log.
    events: Vec<Shown>,
    problem: Problem,
}

#[derive(Template)]
#[template(path = "operator/replay.html")]
struct ReplayPage {
    page: Page,
    event: Shown,
    /// Endpoints that can be chosen: id and address.
    endpoints: Vec<(String, String)>,
    problem: Problem,
}

/// `GET /admin/webhooks/{id}/deliveries`
pub async fn list(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
    query: Query,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let state = asked(&query, "state").unwrap_or_default();
    let wanted = delivery::State::ALL.into_iter().find(|known| known.as_str() == state);
    let slice = deliveries::list(app.store(), &who.scope, row.id, wanted, cursor(&query)).await;
    let slice = slice.map_err(|error| who.view.failed(error))?;
    let [first, last] = [slice.items.first(), slice.items.last()].map(|item| item.map(|item| item.id.to_string()));
    let address = format!("/admin/webhooks/{}/deliveries?{}", row.id, encoded(&[("state", &state)]));
    let around = Around::of(&address, first, last, (slice.more_before, slice.more_after));
    let page = within(&who, &row, who.view.text.t("deliveries.title").to_owned());
    let deliveries = slice.items.iter().map(Delivery::new).collect();
    let states = delivery::State::ALL.map(delivery::State::as_str);
    let page = DeliveriesPage { page, endpoint: row.id.to_string(), deliveries, state, states, around };
    Ok(render(StatusCode::OK, &page))
}

/// `GET /admin/webhooks/{id}/deliveries/{delivery}`
pub async fn get(
    State(app): State<App>,
    Path((given, delivery)): Path<(String, String)>,
    who: Operator,
) -> Result<Response, Failure> {
    show(&app, &who, &given, &delivery, StatusCode::OK, Problem::default()).await
}

async fn show(
    app: &App,
    who: &Operator,
    given: &str,
    delivery: &str,
    status: StatusCode,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let (endpoint, delivery): (_, DeliveryId) = (find(app, who, given).await?, id(&who.view, delivery)?);
    let row = deliveries::get(app.store(), &who.scope, endpoint.id, delivery).await.map_err(fail)?;
    let event = match events::get(app.store(), &who.scope, row.event_id()).await {
        Ok(event) => Some(event),
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(fail(error)),
    };
    let page = within(who, &endpoint, who.view.text.t("delivery.title").to_owned());
    let page = page.below(format!("/admin/webhooks/{}/deliveries", endpoint.id), who.view.text.t("deliveries.title"));
    let page = DeliveryPage {
        page,
        endpoint: endpoint.id.to_string(),
        sends: endpoint.disabled.is_none(),
        delivery: Delivery::new(&row),
        events: event.iter().map(Shown::new).collect(),
        problem,
    };
    Ok(render(status, &page))
}

/// `POST /admin/webhooks/{id}/deliveries/{delivery}/retry`
pub async fn retry(
    State(app): State<App>,
    Path((given, delivery)): Path<(String, String)>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let (endpoint, wanted): (EndpointId, DeliveryId) = (id(&who.view, &given)?, id(&who.view, &delivery)?);
    match deliveries::retry(app.store(), &who.scope, endpoint, wanted).await {
        Ok(row) => Ok(lead_to(&format!("/admin/webhooks/{endpoint}/deliveries/{}", row.id), "delivery_retried")),
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(|error| who.view.failed(error))?;
            show(&app, &who, &given, &delivery, StatusCode::UNPROCESSABLE_ENTITY, problem).await
        }
    }
}

/// `GET /admin/events/{id}/replay`: to which endpoint the log is sent once more, from this event on.
pub async fn confirm_replay(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
) -> Result<Response, Failure> {
    choose(&app, &who, id(&who.view, &given)?, StatusCode::OK, Problem::default()).await
}

async fn choose(
    app: &App,
    who: &Operator,
    event: EventId,
    status: StatusCode,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let event = events::get(app.store(), &who.scope, event).await.map_err(fail)?;
    let first = Cursor::first(MOST_ENDPOINTS, Order::Descending);
    let slice = webhooks::list(app.store(), &who.scope, first).await.map_err(fail)?;
    let enabled = slice.items.iter().filter(|row| row.disabled.is_none());
    let endpoints = enabled.map(|row| (row.id.to_string(), brief(&row.url))).collect();
    let page = who.view.page(who.view.text.t("webhook_replay.title"), Some(Part::Events));
    let page = page.below("/admin/events", who.view.text.t("events.title"));
    Ok(render(status, &ReplayPage { page, event: Shown::new(&event), endpoints, problem }))
}

/// `POST /admin/events/{id}/replay`
pub async fn replay(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let (event, endpoint): (EventId, EndpointId) = (id(&who.view, &given)?, id(&who.view, fields.get("endpoint"))?);
    let first = events::get(app.store(), &who.scope, event).await.map_err(fail)?;
    // The service begins behind an event; this one is to be among those that are sent.
    let place = Place { after: Some(first.position), before: None, limit: 1, order: Order::Descending };
    let before = events::list(app.store(), &who.scope, place, EventFilter::default()).await.map_err(fail)?;
    let after = before.items.first().map(|row| row.id);
    match deliveries::replay(app.store(), &who.scope, endpoint, after, None).await {
        Ok(_) => Ok(lead_to(&format!("/admin/webhooks/{endpoint}"), "webhook_replayed")),
        Err(error) => {
            let problem = Problem::of(&who.view, error).map_err(fail)?;
            choose(&app, &who, event, StatusCode::UNPROCESSABLE_ENTITY, problem).await
        }
    }
}
