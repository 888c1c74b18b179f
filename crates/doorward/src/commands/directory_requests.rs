//! `doorward directory requests`: the request log of one directory.

use anyhow::Result;
use clap::Args;
use doorward_server::service::requests::{self, Wanted};
use doorward_store::paging::{Cursor, Order};
use doorward_store::request_log::RequestFilter;
use serde_json::{Value, json};

use super::directory::Named;
use crate::database::Administration;
use crate::output::{Output, table};

/// Which requests are shown.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    directory: Named,
    /// Show one request with its headers, bodies and events: its id, or the x-request-id of its answer
    #[arg(long, value_name = "ID")]
    request: Option<String>,
    /// Only those that were refused
    #[arg(long)]
    failed: bool,
    /// Only those with this diagnosis, such as D12
    #[arg(long, value_name = "CODE")]
    diagnosis: Option<String>,
    /// At most so many, the newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

pub async fn run(at: &Administration, arguments: Arguments, output: Output) -> Result<()> {
    let id = arguments.directory.find(at).await?.id;
    if let Some(request) = &arguments.request {
        let found = requests::get(&at.store, &at.operator, id, Wanted::read(request)).await?;
        // Whoever looks at one request wants all of it.
        return output.answer(&found, || serde_json::to_string_pretty(&found).unwrap_or_default());
    }
    let filter = RequestFilter {
        failed: arguments.failed.then_some(true),
        code: arguments.diagnosis.map(|code| code.to_ascii_uppercase()),
        ..RequestFilter::default()
    };
    let first = Cursor::first(arguments.limit, Order::Descending);
    let found = requests::list(&at.store, &at.operator, id, first, filter).await?;
    let objects: Vec<Value> = found.items.into_iter().map(|found| found.object).collect();
    output.answer(&json!({ "object": "list", "data": objects }), || {
        if objects.is_empty() {
            return "There is no such request in the log.".to_owned();
        }
        table(&["TIME", "METHOD", "PATH", "STATUS", "MS", "DIAGNOSES", "REQUEST"], objects.iter().map(cells))
    })
}

fn cells(request: &Value) -> Vec<String> {
    let word = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
    let codes = request["diagnoses"].as_array().map(Vec::as_slice).unwrap_or_default();
    let codes: Vec<&str> = codes.iter().filter_map(|diagnosis| diagnosis["code"].as_str()).collect();
    vec![
        word("created_at"),
        word("method"),
        word("path"),
        request["status"].as_u64().map_or_else(|| "-".to_owned(), |status| status.to_string()),
        request["latency_ms"].to_string(),
        codes.join(" "),
        word("request_id"),
    ]
}
