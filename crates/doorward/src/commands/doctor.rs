//! `doorward doctor`: whether this installation can do its work, and what to do where it cannot.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use doorward_server::config::{Config, PublicUrl};
use doorward_server::service::events::{self, EventFilter, Place};
use doorward_server::service::instant;
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::doctor_directory;
use crate::cli::Global;
use crate::database::{config, is_absent, shown};
use crate::output::Output;

/// What is examined.
#[derive(Args)]
pub struct Arguments {
    /// A directory, by id or label: what is wrong with its connection. Without it the installation is examined
    #[arg(value_name = "DIRECTORY")]
    directory: Option<String>,
    /// Where the service accepts or will accept connections [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT", env = "DOORWARD_LISTEN")]
    listen: Option<String>,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    /// As it should be.
    Ok,
    /// It works, but not for everyone or not well.
    Warning,
    /// It does not work.
    Failed,
}

/// One thing examined.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    outcome: Outcome,
    found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Check { name, outcome: Outcome::Ok, found: found.into(), advice: None }
    }

    fn warning(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Check { name, outcome: Outcome::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    fn failed(name: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Check { name, outcome: Outcome::Failed, found: found.into(), advice: Some(advice.into()) }
    }
}

pub async fn run(global: &Global, arguments: Arguments, output: Output) -> Result<ExitCode> {
    if let Some(directory) = arguments.directory {
        return doctor_directory::run(global, directory, output).await;
    }
    let mut checks = Vec::new();
    match config(global, arguments.listen) {
        Ok(config) => examine(&config, &mut checks).await,
        Err(error) => checks.push(Check::failed(
            "configuration",
            format!("{error:#}"),
            "correct the flag, the environment variable or the key of the file that is named",
        )),
    }
    let failed = checks.iter().any(|check| check.outcome == Outcome::Failed);
    output.answer(&serde_json::json!({ "ok": !failed, "checks": checks }), || text(&checks))?;
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn examine(config: &Config, checks: &mut Vec<Check>) {
    checks.push(Check::ok("configuration", "can be read"));
    if let Some(store) = database(config.database.expose(), checks).await {
        checks.push(durable_write(&store).await);
        checks.push(clock(&store).await);
        store.close().await;
    }
    checks.push(public_url(&config.public_url));
    checks.push(port(config).await);
}

/// Reachable, and with the tables of this version. What is missing is not made here: an examination changes nothing.
async fn database(url: &str, checks: &mut Vec<Check>) -> Option<Store> {
    let name = "database";
    let place = shown(url);
    if is_absent(url) {
        let advice = "`doorward serve` makes it; if it should exist, correct --database or DOORWARD_DATABASE_URL";
        checks.push(Check::warning(name, format!("{place} does not exist yet"), advice));
        return None;
    }
    let owned = url.to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let condition = doorward_store::inspect(&owned)?;
        if !condition.missing.is_empty() {
            return Ok(Err(condition.missing.len()));
        }
        Store::open(&owned, Options { readers: 1, writers: 1, ..Options::default() }).map(Ok)
    });
    match opened.await {
        Ok(Ok(Ok(store))) => {
            checks.push(Check::ok(name, format!("{place} answers and its tables are those of this version")));
            return Some(store);
        }
        Ok(Ok(Err(missing))) => {
            let found = format!("{place} answers, but {missing} migrations are missing");
            checks.push(Check::warning(name, found, "`doorward serve`, or any command that opens it, applies them"));
        }
        Ok(Err(error)) => checks.push(Check::failed(name, error.to_string(), database_advice(&error))),
        Err(error) => checks.push(Check::failed(name, error.to_string(), "try again")),
    }
    None
}

fn database_advice(error: &doorward_store::Error) -> &'static str {
    use doorward_store::Error;
    match error {
        Error::Url(_) => "write sqlite:PATH or postgres://user:password@host/name",
        Error::Migration(_) => {
            "use the version of Doorward that made this database, or a newer one; restore a backup if tables were changed by hand"
        }
        Error::Busy => "another program holds the database; end it, or wait until it is done",
        _ => {
            "see that the database server runs, the address and the login are right, and the file can be read and written"
        }
    }
}

/// A change that is on disk when it is answered, and how long that usually takes: the middle one of three, because a
/// disk that others use stalls now and then.
async fn durable_write(store: &Store) -> Check {
    const SLOW: Duration = Duration::from_millis(100);
    let name = "durable write";
    let mut times = Vec::new();
    for _ in 0..3 {
        match store.probe_write().await {
            Ok(time) => times.push(time),
            Err(error) => {
                let advice = "see that the disk has room, and that the file or the login may be written with";
                return Check::failed(name, error.to_string(), advice);
            }
        }
    }
    times.sort_unstable();
    let usual = times.get(1).copied().unwrap_or_default();
    let found = format!("committed in {:.1} ms", usual.as_secs_f64() * 1000.0);
    if usual > SLOW {
        let advice = "the disk syncs slowly and every change waits for it; put the database on a faster one";
        return Check::warning(name, found, advice);
    }
    Check::ok(name, found)
}

/// The clock must not stand before what it has stamped already, or tokens and events get wrong times.
async fn clock(store: &Store) -> Check {
    let name = "clock";
    let now = store.clock().now();
    let place = Place { after: None, before: None, limit: 1, order: Order::Descending };
    let last = events::list(store, &OperatorScope::local(), place, EventFilter::default()).await;
    let last = match last {
        Ok(slice) => slice.items.first().map(|event| event.created_at),
        Err(error) => return Check::failed(name, error.to_string(), "see the database"),
    };
    match last {
        Some(last) if now + 60_000_000 < last => Check::failed(
            name,
            format!("it is {} here, but the last event is of {}", instant::text(now), instant::text(last)),
            "set this machine's clock, best by NTP; on several nodes, all of them",
        ),
        _ => Check::ok(name, instant::text(now)),
    }
}

fn public_url(url: &PublicUrl) -> Check {
    let name = "public URL";
    let concerns = url.concerns();
    if concerns.is_empty() {
        return Check::ok(name, url.as_str());
    }
    Check::warning(
        name,
        format!("{url}: {}", concerns.join("; ")),
        "set --public-url or DOORWARD_PUBLIC_URL to the https address that your TLS proxy answers",
    )
}

/// Free, or taken by Doorward itself.
async fn port(config: &Config) -> Check {
    let name = "listen address";
    match TcpListener::bind(config.listen).await {
        Ok(_) => Check::ok(name, format!("{} is free", config.listen)),
        Err(_) if is_doorward(config).await => Check::ok(name, format!("Doorward runs on {}", config.listen)),
        Err(error) => Check::failed(
            name,
            format!("{}: {error}", config.listen),
            "end the program that listens there, or choose another address with --listen",
        ),
    }
}

/// Whether `/healthz` at the address answers as Doorward does.
async fn is_doorward(config: &Config) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(config.listen).await?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = Vec::new();
        stream.take(4096).read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer)
    };
    match timeout(Duration::from_secs(2), asked).await {
        Ok(Ok(answer)) => {
            let answer = String::from_utf8_lossy(&answer);
            answer.starts_with("HTTP/1.1 200") && answer.contains("x-request-id: req_") && answer.contains("\"ok\"")
        }
        _ => false,
    }
}

fn text(checks: &[Check]) -> String {
    let mut lines = Vec::new();
    for check in checks {
        let sign = match check.outcome {
            Outcome::Ok => "ok     ",
            Outcome::Warning => "warning",
            Outcome::Failed => "FAILED ",
        };
        lines.push(format!("{sign}  {}: {}", check.name, check.found));
        lines.extend(check.advice.iter().map(|advice| format!("         → {advice}")));
    }
    lines.join("\n")
}
