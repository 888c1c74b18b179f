//! `doorward doctor DIRECTORY`: what is wrong with one connection, and what its administrator can do.

use std::process::ExitCode;

use anyhow::Result;
use doorward_server::service::{directory_status, requests};
use serde_json::{Value, json};

use super::directory::Named;
use crate::cli::Global;
use crate::database::{Absent, Administration};
use crate::output::Output;

/// Fails when there is an error among what was found.
pub async fn run(global: &Global, directory: String, output: Output) -> Result<ExitCode> {
    let at = Administration::open(global, Absent::Refused, output).await?;
    let row = Named { directory }.find(&at).await?;
    let found = requests::diagnoses(&at.store, &at.operator, row.id, at.public_url.as_str()).await?;
    let failed = found.iter().any(|diagnosis| diagnosis["severity"] == "error");
    let status = directory_status::of(&row).as_str();
    let whole = json!({ "ok": !failed, "directory_id": row.id, "status": status, "diagnoses": found });
    output.answer(&whole, || {
        let mut lines = vec![format!("{} ({}) is {status}.", row.name, row.label)];
        if found.is_empty() {
            lines.push("Nothing is wrong in the requests of the last seven days.".to_owned());
        }
        lines.extend(found.iter().map(text));
        lines.join("\n")
    })?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn text(diagnosis: &Value) -> String {
    let word = |name: &str| diagnosis[name].as_str().unwrap_or_default();
    let sign = match word("severity") {
        "error" => "ERROR  ",
        "warning" => "warning",
        _ => "note   ",
    };
    let (first, last) = (word("first_seen_at"), word("last_seen_at"));
    let times = match diagnosis["count"].as_u64() {
        Some(count @ 2..) => format!("{count} times, {first} to {last}"),
        _ => last.to_owned(),
    };
    format!(
        "\n{sign} {}  {}\n         why: {}\n         → {}\n         ({times})",
        word("code"),
        word("message"),
        word("cause"),
        word("fix")
    )
}
