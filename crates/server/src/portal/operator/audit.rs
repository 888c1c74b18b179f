//! The audit log (O16): who did what to whom, as a list, a record with what it changed, and a file.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

use super::{Query, ROWS, asked, encoded, id};
use crate::app::App;
use crate::portal::gate::Operator;
use crate::portal::page::{Failure, Page, Part, render};
use crate::portal::shown::{Around, Time, brief, text_of, visible};
use crate::service::audit_export::{Export, Format};
use crate::service::error::Result as Served;
use crate::service::events::{self, EventFilter, Place};
use crate::service::{api_keys, audit, instant, operators};
use crate::streamed;

/// A day in microseconds.
const DAY: i64 = 86_400_000_000;

/// The names of the filters, which are those of the addresses.
const FILTERS: [&str; 7] = ["actor", "actor_id", "action", "target", "organization", "from", "until"];

/// A record as a page shows it.
pub struct Record {
    /// Its id.
    pub id: String,
    position: i64,
    /// The type of its event.
    pub action: String,
    /// A word of the section `actor`.
    pub actor: String,
    actor_id: String,
    /// The name of an account or a key; empty for others.
    pub actor_name: String,
    target: String,
    /// The name of what was acted upon.
    pub target_name: String,
    organization: String,
    directory: String,
    request: String,
    address: String,
    /// When.
    pub time: Time,
    changes: Vec<Change>,
}

/// One thing that changed.
struct Change {
    field: String,
    before: String,
    after: String,
    /// Whether the values are somebody's and not shown.
    redacted: bool,
}

impl Record {
    fn new(object: &Value, names: &HashMap<String, String>) -> Self {
        let changes = object.get("changes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let (actor, target) = (object.get("actor").cloned().unwrap_or_default(), &object["target"]);
        let actor_id = text_of(&actor, "id");
        Record {
            id: text_of(object, "id"),
            position: object.get("sequence").and_then(Value::as_i64).unwrap_or_default(),
            action: text_of(object, "action"),
            actor: text_of(&actor, "type"),
            actor_name: names.get(&actor_id).map(|name| brief(name)).unwrap_or_default(),
            actor_id,
            target: text_of(target, "id"),
            target_name: brief(&text_of(target, "name")),
            organization: text_of(object, "organization_id"),
            directory: text_of(object, "directory_id"),
            request: text_of(object, "request_id"),
            address: text_of(&object["context"], "address"),
            time: Time::read(&text_of(object, "occurred_at")),
            changes: changes.iter().map(Change::new).collect(),
        }
    }

    /// The names of what changed, for one line.
    fn fields(&self) -> String {
        brief(&self.changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>().join(", "))
    }
}

impl Change {
    fn new(object: &Value) -> Self {
        let value = |name: &str| match object.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => visible(text),
            Some(other) => visible(&serde_json::to_string_pretty(other).unwrap_or_default()),
        };
        Change {
            field: brief(&text_of(object, "field")),
            before: value("before"),
            after: value("after"),
            redacted: object.get("redacted").and_then(Value::as_bool) == Some(true),
        }
    }
}

/// What is filled in above the list.
#[derive(Default)]
struct Asked(HashMap<&'static str, String>);

impl Asked {
    fn of(query: &Query) -> Self {
        Asked(FILTERS.iter().filter_map(|name| Some((*name, asked(query, name)?))).collect())
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// As part of an address.
    fn query(&self) -> String {
        encoded(&FILTERS.map(|name| (name, self.get(name))))
    }

    fn filter(&self) -> EventFilter {
        let some = |name| Some(self.get(name).to_owned()).filter(|text| !text.is_empty());
        let day = |name| instant::parse(&format!("{}T00:00:00Z", self.get(name)));
        EventFilter {
            types: some("action").into_iter().collect(),
            organization_id: self.get("organization").parse().ok(),
            range_start: day("from"),
            range_end: day("until").map(|day| day + DAY),
            actor: some("actor"),
            actor_id: some("actor_id"),
            subject_id: some("target"),
            ..EventFilter::default()
        }
    }
}

#[derive(Template)]
#[template(path = "operator/audit.html")]
struct AuditPage {
    page: Page,
    records: Vec<Record>,
    asked: Asked,
    actors: &'static [&'static str],
    export: String,
    around: Around,
}

#[derive(Template)]
#[template(path = "operator/audit_record.html")]
struct RecordPage {
    page: Page,
    record: Record,
}

/// `GET /admin/audit`
pub async fn list(State(app): State<App>, who: Operator, query: Query) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let wanted = Asked::of(&query);
    let position = |name| asked(&query, name).and_then(|id| id.parse::<EventId>().ok());
    let position = |name| position(name).map(|id| doorward_store::event::position_of(&id));
    let place = Place { after: position("after"), before: position("before"), limit: ROWS, order: Order::Descending };
    let slice = events::list(app.store(), &who.scope, place, wanted.filter()).await.map_err(fail)?;
    let [first, last] = [slice.items.first(), slice.items.last()].map(|row| row.map(|row| row.id.to_string()));
    let around =
        Around::of(&format!("/admin/audit?{}", wanted.query()), first, last, (slice.more_before, slice.more_after));
    let (names, values) = (names(&app, &who).await.map_err(fail)?, app.config().audit.values);
    let records = slice.items.iter().map(|row| Ok(Record::new(&audit::object(row, values)?, &names)));
    let records = records.collect::<Served<Vec<Record>>>().map_err(fail)?;
    let page = who.view.page(who.view.text.t("audit.title"), Some(Part::Audit));
    let export = wanted.query();
    let page = AuditPage { page, records, asked: wanted, actors: audit::ACTORS, export, around };
    Ok(render(StatusCode::OK, &page))
}

/// What operators did last.
///
/// # Errors
/// When the database fails.
pub async fn latest(app: &App, who: &Operator, most: i64) -> Served<Vec<Record>> {
    let place = Place { after: None, before: None, limit: most, order: Order::Descending };
    let filter = EventFilter { actor: Some("operator".to_owned()), ..EventFilter::default() };
    let slice = events::list(app.store(), &who.scope, place, filter).await?;
    let (names, values) = (names(app, who).await?, app.config().audit.values);
    slice.items.iter().map(|row| Ok(Record::new(&audit::object(row, values)?, &names))).collect()
}

/// The names of accounts and keys, by id.
async fn names(app: &App, who: &Operator) -> Served<HashMap<String, String>> {
    let people = operators::list(app.store(), &who.scope).await?;
    let keys = api_keys::list(app.store(), &who.scope).await?;
    let people = people.into_iter().map(|row| (row.id.to_string(), row.name));
    Ok(people.chain(keys.into_iter().map(|row| (row.id.to_string(), row.name))).collect())
}

/// `GET /admin/audit/{id}`
pub async fn get(State(app): State<App>, Path(given): Path<String>, who: Operator) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let record: EventId = id(&who.view, &given)?;
    let row = events::get(app.store(), &who.scope, record).await.map_err(fail)?;
    let object = audit::object(&row, app.config().audit.values).map_err(fail)?;
    let record = Record::new(&object, &names(&app, &who).await.map_err(fail)?);
    let title = who.view.page("", None).word("event", &record.action);
    let page = who.view.page(title, Some(Part::Audit)).below("/admin/audit", who.view.text.t("audit.title"));
    Ok(render(StatusCode::OK, &RecordPage { page, record }))
}

/// `GET /admin/audit/export?format=csv|ndjson`, with the filters of the list: a file, oldest first.
pub async fn export(State(app): State<App>, who: Operator, query: Query) -> Result<Response, Failure> {
    let fail = |error| who.view.failed(error);
    let format = asked(&query, "format").and_then(|name| Format::parse(&name)).unwrap_or(Format::Ndjson);
    let filter = Asked::of(&query).filter();
    let mut export =
        Export::begin(app.store(), &who.scope, filter, format, app.config().audit.values).await.map_err(fail)?;
    let (content_type, disposition) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
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
    });
    Ok(response)
}
