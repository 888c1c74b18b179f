//! `doorward audit`: who did what, and whether the record of it is as it was written.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use doorward_server::service::audit_export::{Export, Format};
use doorward_server::service::events::{self, EventFilter, Place};
use doorward_server::service::sealing::{self, Head, Verification};
use doorward_server::service::{audit, instant};
use doorward_store::ids::{DirectoryId, EventId, OrganizationId};
use doorward_store::paging::Order;
use serde_json::{Value, json};

use crate::database::Administration;
use crate::output::{Output, pairs, table};

/// What can be done with the audit log.
#[derive(Subcommand)]
pub enum Command {
    /// Show records, newest first
    List(List),
    /// Write records to standard output as a file for other programs, oldest first
    Export(ExportArguments),
    /// Compare every record with the seals over the log, and name those that are not as they were written
    Verify {
        /// The end of the chain as it was kept elsewhere; see `doorward audit verify` and GET /audit_events/verification
        #[arg(long, value_name = "HASH@POSITION")]
        head: Option<Head>,
    },
}

/// Which records.
#[derive(Args)]
struct Which {
    /// Only those of this organization
    #[arg(long, value_name = "ID")]
    org: Option<OrganizationId>,
    /// Only those of this directory
    #[arg(long, value_name = "ID")]
    directory: Option<DirectoryId>,
    /// Only what these did: scim_auto_sync, api_key, operator, portal or system
    #[arg(long, value_name = "KIND", value_parser = actor)]
    actor: Option<String>,
    /// Only what this credential or job did
    #[arg(long, value_name = "ID")]
    actor_id: Option<String>,
    /// Only these actions, such as dsync.user.updated; several with commas
    #[arg(long = "action", value_name = "ACTIONS", value_delimiter = ',')]
    actions: Vec<String>,
    /// Only what was done to this object
    #[arg(long, value_name = "ID")]
    target: Option<String>,
    /// Only what was done with this request
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Only what happened at this instant or later, such as 2026-11-22T08:00:00Z
    #[arg(long, value_name = "INSTANT", value_parser = micros)]
    from: Option<i64>,
    /// Only what happened before this instant
    #[arg(long, value_name = "INSTANT", value_parser = micros)]
    until: Option<i64>,
    /// Show the values of personal attributes as well
    #[arg(long)]
    values: bool,
}

fn actor(kind: &str) -> Result<String, String> {
    audit::checked_actor(kind).map_err(|error| error.to_string())
}

fn micros(text: &str) -> Result<i64, String> {
    instant::parse(text).ok_or_else(|| "is not an ISO 8601 instant such as 2026-11-22T08:00:00Z".to_owned())
}

impl Which {
    fn filter(self) -> EventFilter {
        EventFilter {
            types: self.actions,
            organization_id: self.org,
            directory_id: self.directory,
            range_start: self.from,
            range_end: self.until,
            actor: self.actor,
            actor_id: self.actor_id,
            subject_id: self.target,
            request_id: self.request,
        }
    }
}

/// A part of the log.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    which: Which,
    /// Only those before this one
    #[arg(long, value_name = "RECORD")]
    before: Option<EventId>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

/// A file.
#[derive(Args)]
pub struct ExportArguments {
    #[command(flatten)]
    which: Which,
    /// The form of the file
    #[arg(long, value_enum, default_value_t = FileFormat::Ndjson)]
    format: FileFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum FileFormat {
    /// One JSON object a line
    Ndjson,
    /// A table for spreadsheets
    Csv,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<ExitCode> {
    match command {
        Command::List(wanted) => list(at, wanted, output).await?,
        Command::Export(wanted) => export(at, wanted, output).await?,
        Command::Verify { head } => return verify(at, head, output).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(at: &Administration, wanted: List, output: Output) -> Result<()> {
    // In descending order, what follows is older.
    let after = match wanted.before {
        Some(id) => Some(events::position_of(&at.store, &at.operator, "--before", id).await?),
        None => None,
    };
    let place = Place { after, before: None, limit: wanted.limit, order: Order::Descending };
    let values = wanted.which.values;
    let slice = events::list(&at.store, &at.operator, place, wanted.which.filter()).await?;
    let next = slice.items.last().filter(|_| slice.more_after).map(|row| row.id);
    let records = slice.items.iter().map(|row| audit::object(row, values)).collect::<Result<Vec<Value>, _>>()?;
    let object = json!({ "object": "list", "data": &records, "list_metadata": { "before": null, "after": next } });
    output.answer(&object, || {
        if records.is_empty() {
            return "There are no such records.".to_owned();
        }
        table(&["SEQUENCE", "TIME", "ACTION", "BY", "TARGET", "CHANGES"], records.iter().map(cells))
    })
}

/// A record on one line, for people.
fn cells(record: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let changes = record["changes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fields: Vec<&str> = changes.iter().filter_map(|change| change["field"].as_str()).collect();
    vec![
        record["sequence"].to_string(),
        text(&record["occurred_at"]),
        text(&record["action"]),
        [text(&record["actor"]["type"]), text(&record["actor"]["id"])].join(" ").trim_end().to_owned(),
        text(&record["target"]["id"]),
        fields.join(", "),
    ]
}

async fn export(at: &Administration, wanted: ExportArguments, output: Output) -> Result<()> {
    let format = match wanted.format {
        FileFormat::Ndjson => Format::Ndjson,
        FileFormat::Csv => Format::Csv,
    };
    let values = wanted.which.values;
    let mut export = Export::begin(&at.store, &at.operator, wanted.which.filter(), format, values).await?;
    while let Some(part) = export.next().await? {
        output.raw(&part)?;
    }
    Ok(())
}

async fn verify(at: &Administration, head: Option<Head>, output: Output) -> Result<ExitCode> {
    let found = sealing::verify(&at.store, &at.operator, head).await?;
    let findings: Vec<Value> = found
        .findings
        .iter()
        .map(|finding| json!({ "sequence": finding.position, "problem": finding.problem }))
        .collect();
    let object = json!({
        "object": "audit_verification",
        "intact": findings.is_empty(),
        "begins_after_sequence": found.begins_after,
        "verified": found.verified,
        "unsealed": found.unsealed,
        "head": found.head.as_ref().map(Head::to_string),
        "findings": findings,
    });
    output.answer(&object, || shown(&found))?;
    Ok(if found.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shown(found: &Verification) -> String {
    let head = found.head.as_ref().map_or_else(|| "none yet".to_owned(), Head::to_string);
    let mut text = pairs(&[
        ("verified", &found.verified.to_string()),
        ("not sealed yet", &found.unsealed.to_string()),
        ("head", &head),
    ]);
    if found.findings.is_empty() {
        text.push_str("\n\nEvery record is as it was written. Keep the head where nobody can write who can write to the database.");
        return text;
    }
    text.push_str("\n\nThe log is not as it was written:\n");
    let rows = found.findings.iter().map(|finding| vec![finding.position.to_string(), finding.problem.to_owned()]);
    text.push_str(&table(&["SEQUENCE", "PROBLEM"], rows));
    text
}
