//! What is wrong with a directory's connection, as the pages show it: the diagnoses of its requests, in words.
//!
//! The API and `doorward doctor` say the same in English.

use std::collections::BTreeMap;

use doorward_store::directory::DirectoryRow;
use doorward_store::scope::Authority;
use serde::Deserialize as _;
use serde_json::Value;

use super::page::Page;
use super::shown::{Time, brief, text_of, visible};
use crate::app::App;
use crate::service::diagnose::catalogue::{self, Language, Said};
use crate::service::diagnose::{Diagnosis, Severity};
use crate::service::error::Result;
use crate::service::requests;

/// One diagnosis.
#[derive(Debug)]
pub struct Finding {
    /// Its code, for example `D05`.
    pub code: String,
    /// `error`, `warning` or `note`.
    pub severity: String,
    /// What happened, in English.
    pub message: String,
    diagnosis: Diagnosis,
    directory_type: String,
    /// How many requests; 0 where it is said of a single one.
    pub count: i64,
    /// When it was last seen; `None` where it is said of a single request.
    pub last: Option<Time>,
}

impl Finding {
    /// From its form in the API.
    pub fn new(object: &Value) -> Self {
        let last = text_of(object, "last_seen_at");
        let severity = object.get("severity").and_then(|word| Severity::deserialize(word).ok());
        let parameters = object.get("parameters").and_then(|parameters| BTreeMap::deserialize(parameters).ok());
        let diagnosis = Diagnosis {
            key: text_of(object, "id"),
            severity: severity.unwrap_or(Severity::Note),
            parameters: parameters.unwrap_or_default(),
        };
        Finding {
            code: text_of(object, "code"),
            severity: text_of(object, "severity"),
            message: visible(&text_of(object, "message")),
            diagnosis,
            directory_type: text_of(object, "directory_type"),
            count: object.get("count").and_then(Value::as_i64).unwrap_or_default(),
            last: (!last.is_empty()).then(|| Time::read(&last)),
        }
    }

    /// What happened, why, and what to do, in the language of the page. It may quote what somebody sent.
    pub fn said(&self, page: &Page) -> Said {
        let said = catalogue::say_in(Language::of(page.lang()), &self.diagnosis, &self.directory_type);
        Said { message: visible(&said.message), cause: visible(&said.cause), fix: visible(&said.fix), ..said }
    }
}

/// What is wrong now, the gravest first, without mere notes.
///
/// # Errors
/// When the database fails.
pub async fn of<A>(app: &App, by: &A, row: &DirectoryRow) -> Result<Vec<Finding>>
where
    A: Authority + Clone + Send + 'static,
{
    requests::flush(app).await;
    let found = requests::diagnoses(app.store(), by, row.id, app.public_url()).await?;
    Ok(found.iter().map(Finding::new).filter(|finding| finding.severity != "note").collect())
}

/// A request of a list.
#[derive(Debug)]
pub struct Request {
    /// Its id in the log.
    pub id: String,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The status of the answer; empty when there was none.
    pub status: String,
    /// Whether it was refused.
    pub failed: bool,
    /// Milliseconds.
    pub latency: String,
    /// The client, as it names itself.
    pub agent: String,
    /// When.
    pub time: Time,
    /// What was seen in it.
    pub findings: Vec<Finding>,
}

impl Request {
    /// From its form in the API.
    pub fn new(object: &Value) -> Self {
        let status = object.get("status").and_then(Value::as_i64);
        let findings = object.get("diagnoses").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let query = text_of(object, "query");
        let path = text_of(object, "path");
        Request {
            id: text_of(object, "id"),
            method: brief(&text_of(object, "method")),
            path: brief(&if query.is_empty() { path } else { format!("{path}?{query}") }),
            failed: status.is_none_or(|status| status >= 400),
            status: status.map(|status| status.to_string()).unwrap_or_default(),
            latency: object.get("latency_ms").and_then(Value::as_f64).unwrap_or_default().to_string(),
            agent: brief(&text_of(object, "user_agent")),
            time: Time::read(&text_of(object, "created_at")),
            findings: findings.iter().map(Finding::new).collect(),
        }
    }
}
