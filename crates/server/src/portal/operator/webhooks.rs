//! Webhook endpoints (O11): where events are sent, how far they have come, and with which secret they are signed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use doorward_store::Secret;
use doorward_store::ids::EndpointId;
use doorward_store::paging::{Cursor, Order};
use doorward_store::webhook::EndpointRow;
use doorward_store::webhook::standing::{self, Standing};
use http::StatusCode;

use super::deliveries::Delivery;
use super::directories::confirm as confirmed;
use super::{Query, cursor, id};
use crate::app::App;
use crate::portal::form::{Posted, Problem};
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, lead_to, render};
use crate::portal::shown::{Around, Time, brief};
use crate::service::error::Result as Served;
use crate::service::webhooks::{self, Changes};
use crate::service::{Error, deliveries};

/// Deliveries that the page of an endpoint shows.
const LATEST: i64 = 10;

/// An endpoint as a page shows it.
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// For people; may be empty.
    pub description: String,
    /// A word of the section `status`: `enabled`, `failing`, `disabled` or `stopped`.
    pub status: &'static str,
    /// Why nothing is sent, a word of the section `webhook_reason`; empty when something is.
    pub reason: &'static str,
    /// The organization whose events it gets; empty: of all.
    pub organization: String,
    /// The types that it gets; empty: all.
    pub events: Vec<String>,
    /// Since when nothing was accepted.
    pub failing_since: Option<Time>,
    /// The end of its secret.
    pub secret_end: String,
    /// Until when the secret before counts.
    pub previous_until: Option<Time>,
    /// When it was made.
    pub created: Time,
    /// What a form to rotate the secret must name: one that is sent again does nothing.
    pub revision: i64,
    /// How far it has come.
    pub standing: Standing,
}

impl Endpoint {
    /// With where it stands.
    pub fn new(row: &EndpointRow, standing: Standing) -> Self {
        let reason = row.disabled.map_or("", doorward_store::webhook::Disabled::as_str);
        Endpoint {
            id: row.id.to_string(),
            url: brief(&row.url),
            description: brief(&row.description),
            status: match (reason, row.failing_since) {
                ("", None) => "enabled",
                ("", Some(_)) => "failing",
                ("requested", _) => "disabled",
                _ => "stopped",
            },
            reason,
            organization: row.organization_id.map(|id| id.to_string()).unwrap_or_default(),
            events: row.events.clone(),
            failing_since: row.failing_since.map(Time::of),
            secret_end: row.secret_last_four.clone(),
            previous_until: row.previous.as_ref().map(|previous| Time::of(previous.until)),
            created: Time::of(row.created_at),
            revision: row.revision,
            standing,
        }
    }

    /// Whether events are sent to it.
    pub fn sends(&self) -> bool {
        self.reason.is_empty()
    }

    /// What waits, in words.
    pub fn waiting(&self, page: &Page) -> String {
        counted(page, "webhooks.waiting", self.standing.waiting)
    }

    /// What was given up, in words.
    pub fn parked(&self, page: &Page) -> String {
        counted(page, "webhooks.parked", self.standing.parked)
    }

    /// Since when the first event waits.
    pub fn waiting_since(&self) -> Option<Time> {
        self.standing.waiting_since.map(Time::of)
    }

    /// When the next attempt is due.
    pub fn next_attempt(&self) -> Option<Time> {
        self.standing.next_attempt_at.map(Time::of)
    }
}

/// A count, or that there are more than anybody counts.
fn counted(page: &Page, key: &str, count: i64) -> String {
    if count < standing::MOST { page.n(key, &count) } else { page.t(&format!("{key}.many")).to_owned() }
}

#[derive(Template)]
#[template(path = "operator/webhooks.html")]
struct ListPage {
    page: Page,
    endpoints: Vec<Endpoint>,
    around: Around,
}

#[derive(Template)]
#[template(path = "operator/webhook.html")]
struct EndpointPage {
    page: Page,
    endpoint: Endpoint,
    /// The secret just made, shown this once.
    fresh: Option<Secret>,
    deliveries: Vec<Delivery>,
    problem: Problem,
}

/// `GET /admin/webhooks`
pub async fn list(State(app): State<App>, who: Operator, query: Query) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let slice = webhooks::list(app.store(), &who.scope, cursor(&query)).await.map_err(fail)?;
    let [first, last] = [slice.items.first(), slice.items.last()].map(|row| row.map(|row| row.id.to_string()));
    let around = Around::of("/admin/webhooks", first, last, (slice.more_before, slice.more_after));
    let endpoints = standing_of(&app, &who, &slice.items).await.map_err(fail)?;
    let page = who.view.page(who.view.text.t("webhooks.title"), Some(Part::Webhooks));
    Ok(render(StatusCode::OK, &ListPage { page, endpoints, around }))
}

/// The endpoints made last, with where they stand.
///
/// # Errors
/// When the database fails.
pub async fn latest(app: &App, who: &Operator, most: i64) -> Served<Vec<Endpoint>> {
    let slice = webhooks::list(app.store(), &who.scope, Cursor::first(most, Order::Descending)).await?;
    standing_of(app, who, &slice.items).await
}

async fn standing_of(app: &App, who: &Operator, rows: &[EndpointRow]) -> Served<Vec<Endpoint>> {
    let mut endpoints = Vec::with_capacity(rows.len());
    for row in rows {
        // One that was deleted meanwhile is left out.
        match deliveries::standing(app.store(), &who.scope, row.id).await {
            Ok(standing) => endpoints.push(Endpoint::new(row, standing)),
            Err(Error::NotFound { .. }) => (),
            Err(error) => return Err(error),
        }
    }
    Ok(endpoints)
}

/// The endpoint of an address.
pub async fn find(app: &App, who: &Operator, given: &str) -> Result<EndpointRow, Failure> {
    let endpoint: EndpointId = id(&who.view, given)?;
    webhooks::get(app.store(), &who.scope, endpoint).await.map_err(|error| who.view.failed(error))
}

/// A page below that of an endpoint.
pub fn within(who: &Operator, row: &EndpointRow, title: String) -> Page {
    let page = who.view.page(title, Some(Part::Webhooks));
    let page = page.below("/admin/webhooks", who.view.text.t("webhooks.title"));
    page.below(format!("/admin/webhooks/{}", row.id), brief(&row.url))
}

/// `GET /admin/webhooks/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    show(&app, &who, row, StatusCode::OK, None, Problem::default()).await
}

/// The page of an endpoint, with the secret that was just made for it.
///
/// # Errors
/// When the database fails.
pub async fn show(
    app: &App,
    who: &Operator,
    row: EndpointRow,
    status: StatusCode,
    fresh: Option<Secret>,
    problem: Problem,
) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let standing = deliveries::standing(app.store(), &who.scope, row.id).await.map_err(fail)?;
    let first = Cursor::first(LATEST, Order::Descending);
    let slice = deliveries::list(app.store(), &who.scope, row.id, None, first).await.map_err(fail)?;
    let page = who.view.page(brief(&row.url), Some(Part::Webhooks));
    let page = page.below("/admin/webhooks", who.view.text.t("webhooks.title"));
    let deliveries = slice.items.iter().map(Delivery::new).collect();
    let endpoint = Endpoint::new(&row, standing);
    Ok(render(status, &EndpointPage { page, endpoint, fresh, deliveries, problem }))
}

/// `GET /admin/webhooks/{id}/disable`
pub async fn confirm_disable(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let (text, back) = (who.view.text, format!("/admin/webhooks/{}", row.id));
    let page = within(&who, &row, text.t("webhook.disable_title").to_owned());
    let said = text.t("webhook.disable_text").to_owned();
    Ok(confirmed(page, said, format!("{back}/disable"), "directory.disable", back))
}

/// `POST /admin/webhooks/{id}/disable`
pub async fn disable(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    switch(&app, &who, &given, false).await
}

/// `POST /admin/webhooks/{id}/enable`
pub async fn enable(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    switch(&app, &who, &given, true).await
}

async fn switch(app: &App, who: &Operator, given: &str, enabled: bool) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let endpoint: EndpointId = id(&who.view, given)?;
    let rules = app.webhook_rules().await.map_err(fail)?;
    let changes = Changes { enabled: Some(enabled), ..Changes::default() };
    let row = webhooks::update(app.store(), &who.scope, &rules, endpoint, changes).await.map_err(fail)?;
    let done = if enabled { "webhook_enabled" } else { "webhook_disabled" };
    Ok(lead_to(&format!("/admin/webhooks/{}", row.id), done))
}

/// `POST /admin/webhooks/{id}/secret`: a new secret, shown in the answer; the one before counts for a while (SEC-45).
pub async fn rotate(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, fields }: Posted,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    if fields.get("revision") != row.revision.to_string() {
        return Ok(lead_to(&format!("/admin/webhooks/{}", row.id), "secret_exists"));
    }
    let overlap = fields.get("overlap").parse().unwrap_or(webhooks::OVERLAP);
    let rules = app.webhook_rules().await.map_err(|error| who.view.failed(error))?;
    match webhooks::rotate(app.store(), &who.scope, &rules, row.id, overlap).await {
        Ok((row, secret)) => show(&app, &who, row, StatusCode::OK, Some(secret), Problem::default()).await,
        Err(error) => {
            let problem = problem(&who, error)?;
            show(&app, &who, row, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// `GET /admin/webhooks/{id}/delete`
pub async fn confirm_delete(
    State(app): State<App>,
    Path(given): Path<String>,
    who: Operator,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    let (text, back) = (who.view.text, format!("/admin/webhooks/{}", row.id));
    let page = within(&who, &row, text.t("webhook.delete_title").to_owned());
    Ok(confirmed(page, text.t("webhook.delete_text").to_owned(), format!("{back}/delete"), "webhook.delete", back))
}

/// `POST /admin/webhooks/{id}/delete`
pub async fn delete(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let endpoint: EndpointId = id(&who.view, &given)?;
    webhooks::delete(app.store(), &who.scope, endpoint).await.map_err(|error| who.view.failed(error))?;
    Ok(lead_to("/admin/webhooks", "webhook_deleted"))
}

/// `POST /admin/webhooks/{id}/test`
pub async fn test(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    match deliveries::test(app.store(), &who.scope, row.id).await {
        Ok(row) => Ok(lead_to(&format!("/admin/webhooks/{}", row.id), "webhook_tested")),
        Err(error) => {
            let problem = problem(&who, error)?;
            show(&app, &who, row, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// `POST /admin/webhooks/{id}/retry`: everything that was given up.
pub async fn retry_parked(
    State(app): State<App>,
    Path(given): Path<String>,
    Posted { who, .. }: Posted,
) -> Result<Response, Failure> {
    let row = find(&app, &who, &given).await?;
    match deliveries::retry_parked(app.store(), &who.scope, row.id).await {
        Ok(_) => Ok(lead_to(&format!("/admin/webhooks/{}", row.id), "webhook_retried")),
        Err(error) => {
            let problem = problem(&who, error)?;
            show(&app, &who, row, StatusCode::UNPROCESSABLE_ENTITY, None, problem).await
        }
    }
}

/// What is wrong with a form; an organization that is not there is wrong in its field.
///
/// # Errors
/// When it is about none of its fields.
pub fn problem(who: &Operator, error: Error) -> Result<Problem, Failure> {
    match error {
        Error::NotFound { what: "Organization" } => {
            Ok(Problem::new(&who.view, "organization_id", "invalid.organization_id"))
        }
        Error::TooOften(_) => Ok(Problem::new(&who.view, "test", "webhook.too_often")),
        error => Problem::of(&who.view, error).map_err(|error| who.view.failed(error)),
    }
}
