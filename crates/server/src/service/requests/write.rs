//! From the queue into the table: what was captured is completed, judged, cleared of secrets, and written in batches.

use doorward_scim::version::Version;
use doorward_store::request_log::{self, RequestValues};
use doorward_store::scope::SystemScope;
use doorward_store::{Lane, Tx, event};

use super::looked_up::{self, Looked};
use crate::App;
use crate::request_log::Captured;
use crate::service::diagnose::{self, Context, Diagnosis, Seen};
use crate::service::directories::endpoint;
use crate::service::error::{Error, Result};

/// The most batches that are written because somebody wants to read: more than the queue holds.
const BATCHES: usize = 40;

const JOB: &str = "request-log.write";

/// Notes how far the event log has come before this process adds to it.
pub async fn note_head(app: &App) {
    let head = app.store().read(|tx| Ok::<_, Error>(event::head(tx, &SystemScope::job(JOB))?)).await;
    match head {
        Ok(head) => app.request_log().set_floor(head),
        // Only the events of the first requests are found more slowly without it.
        Err(error) => tracing::warn!(%error, "the end of the event log could not be read"),
    }
}

/// Writes what waits, so that a reader sees the requests that were answered before his own.
pub async fn flush(app: &App) {
    for _ in 0..BATCHES {
        if !write_some(app).await {
            return;
        }
    }
}

/// Writes one batch. Whether there was one.
pub async fn write_some(app: &App) -> bool {
    let _turn = app.request_log().turn().await;
    let batch = app.request_log().take();
    let count = batch.len();
    if count == 0 {
        return false;
    }
    if let Err(error) = write(app, batch).await {
        app.request_log().add_lost(count);
        tracing::warn!(%error, requests = count, "requests could not be recorded");
    }
    true
}

async fn write(app: &App, batch: Vec<Captured>) -> Result<()> {
    let url = app.public_url().to_owned();
    // On a reader's thread: the writers' time belongs to those who wait for it.
    let values: Vec<RequestValues> = app
        .store()
        .read(move |tx| {
            let by = SystemScope::job(JOB);
            let values = batch.into_iter().map(|captured| values(tx, &by, captured, &url));
            Ok::<_, Error>(values.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
        .await?;
    if values.is_empty() {
        return Ok(());
    }
    let job = move |tx: &mut Tx<'_>| {
        request_log::add(tx, &SystemScope::job(JOB), &values)?;
        Ok(())
    };
    app.store().write(Lane::Any, job).await
}

/// The row of a request; `None` when it belongs to no directory.
fn values(tx: &mut Tx<'_>, by: &SystemScope, mut captured: Captured, url: &str) -> Result<Option<RequestValues>> {
    let Some(Looked { scope, credential, is_own }) = looked_up::owner(tx, by, &captured.owner, url)? else {
        return Ok(None);
    };
    if !is_own {
        // Who does not belong here shows nothing of whom he looked for.
        captured.query = None;
    }
    // Diagnoses quote them.
    captured.facts = captured.redactor.facts(&captured.facts).map_err(damaged)?;
    let (own, other) = match captured.version {
        "1.1" => (Version::V1, Version::V2),
        _ => (Version::V2, Version::V1),
    };
    let mut context = Context {
        expected_url: endpoint(url, scope.label(), own),
        other_url: endpoint(url, scope.label(), other),
        credential,
        ..Context::default()
    };
    let accepted = context.credential.is_accepted();
    if accepted {
        looked_up::context(tx, &scope, &captured, &mut context)?;
    }
    let diagnoses = diagnose::request(&seen(&captured, &context));
    Ok(Some(RequestValues {
        token_id: scope.token_id().filter(|_| accepted),
        codes: codes(&diagnoses),
        diagnoses: text(&diagnoses)?,
        ..row(captured, scope.directory_id())?
    }))
}

fn seen<'a>(captured: &'a Captured, context: &'a Context) -> Seen<'a> {
    Seen {
        method: &captured.method,
        path: &captured.path,
        version: captured.version,
        status: captured.status,
        scim_type: captured.scim_type,
        tolerated: &captured.tolerated,
        request_bytes: captured.request_bytes,
        facts: &captured.facts,
        context,
    }
}

/// Each code once.
fn codes(diagnoses: &[Diagnosis]) -> Vec<String> {
    let mut codes: Vec<String> = diagnoses.iter().map(|diagnosis| diagnosis.code().to_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn row(captured: Captured, directory_id: doorward_store::ids::DirectoryId) -> Result<RequestValues> {
    let redactor = &captured.redactor;
    let body = |bytes: &bytes::Bytes| {
        redactor.body(bytes).unwrap_or_else(|| format!("(not kept: {} bytes that are not JSON)", bytes.len()))
    };
    let size = |bytes: Option<u64>| bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    Ok(RequestValues {
        facts: text(&captured.facts)?,
        headers: text(&captured.headers)?,
        request_body: captured.request_body.as_ref().filter(|bytes| !bytes.is_empty()).map(body),
        response_body: captured.response_body.as_ref().filter(|bytes| !bytes.is_empty()).map(body),
        request_id: captured.request_id,
        method: captured.method,
        path: captured.path,
        query: captured.query,
        version: captured.version.to_owned(),
        status: captured.status.map(i64::from),
        scim_type: captured.scim_type.map(str::to_owned),
        latency: captured.latency,
        user_agent: captured.user_agent,
        address: captured.address,
        credential: captured.credential.to_owned(),
        tolerated: captured.tolerated,
        subject_id: captured.subject_id,
        events_after: captured.events.map(|(after, _)| after),
        events_until: captured.events.map(|(_, until)| until),
        request_bytes: size(captured.request_bytes),
        response_bytes: size(captured.response_bytes),
        ..RequestValues::of(directory_id, captured.started_at)
    })
}

fn text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(damaged)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn damaged(error: serde_json::Error) -> Error {
    Error::Internal(error.to_string())
}
