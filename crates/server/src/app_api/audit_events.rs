//! `/audit_events`: who did what, when, with which request, to whom.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use http::{HeaderValue, header};
use serde_json::{Value, json};

use super::auth::Caller;
use super::page::{List, cursor};
use super::parameters::Parameters;
use super::reply::Failure;
use crate::app::App;
use crate::service::audit;
use crate::service::audit_export::{Export, Format};
use crate::service::events::{self, EventFilter, Place};
use crate::service::sealing::{self, Head};
use crate::streamed;

/// `GET /audit_events`; `organization_id`, `directory`, `actor`, `actor_id`, `actions`, `target`, `request_id`, `range_start`, `range_end`,
/// `after`, `before`, `limit`, `order`; newest first unless told otherwise.
pub async fn list(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<List<Value>>, Failure> {
    let cursor = cursor::<EventId>(&parameters, Order::Descending)?;
    let mut place = Place { after: None, before: None, limit: cursor.limit, order: cursor.order };
    if let Some(id) = cursor.after {
        place.after = Some(events::position_of(app.store(), &by, "after", id).await?);
    }
    if let Some(id) = cursor.before {
        place.before = Some(events::position_of(app.store(), &by, "before", id).await?);
    }
    let slice = events::list(app.store(), &by, place, filter(&parameters)?).await?;
    let values = app.config().audit.values;
    Ok(Json(List::new(slice, |row| row.id, |row| audit::object(&row, values))?))
}

/// `GET /audit_events/export?format=csv|ndjson`, with the filters of the list; oldest first, as a file.
pub async fn export(State(app): State<App>, Caller(by): Caller, parameters: Parameters) -> Result<Response, Failure> {
    let wrong = || Failure::Parameter { field: "format", message: "must be csv or ndjson".to_owned() };
    let format = Format::parse(parameters.text("format").unwrap_or("ndjson")).ok_or_else(wrong)?;
    let filter = filter(&parameters)?;
    let place = app.streams().open(by.api_key_id(), &app.config().limits)?;
    let mut export = Export::begin(app.store(), &by, filter, format, app.config().audit.values).await?;
    let (content_type, disposition) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit_events.csv\""),
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit_events.ndjson\""),
    };
    let (sender, mut response) = streamed::answer(content_type);
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static(disposition));
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

/// `GET /audit_events/verification`: the end of the hash chain, to be kept elsewhere. With `head=HASH@POSITION` also whether the chain
/// still holds one that was kept.
pub async fn verification(
    State(app): State<App>,
    Caller(by): Caller,
    parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let kept = parameters.text("head").map(str::parse::<Head>).transpose();
    let kept = kept.map_err(|message| Failure::Parameter { field: "head", message: message.to_owned() })?;
    let now = sealing::head(app.store(), &by).await?;
    let missing = match &kept {
        Some(kept) => sealing::missing(app.store(), &by, kept).await?,
        None => None,
    };
    Ok(Json(json!({
        "object": "audit_verification",
        "head": now.head.as_ref().map(Head::to_string),
        "sealed_sequence": now.head.as_ref().map(|head| head.position),
        "unsealed": now.unsealed,
        "begins_after_sequence": now.begins_after,
        "holds": kept.is_some().then_some(missing.is_none()),
        "problem": missing,
    })))
}

/// The filters of the audit log.
fn filter(parameters: &Parameters) -> Result<EventFilter, Failure> {
    let text = |name: &str| parameters.text(name).map(str::to_owned);
    Ok(EventFilter {
        types: parameters.list("actions")?,
        actor: parameters.text("actor").map(audit::checked_actor).transpose()?,
        actor_id: text("actor_id"),
        subject_id: text("target"),
        request_id: text("request_id"),
        ..super::events::filter(parameters)?
    })
}
