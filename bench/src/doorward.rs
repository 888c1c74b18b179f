//! The real `doorward` binary: started, asked through its command line, weighed, restarted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use doorward_testkit::{KillableServer, TestDatabase};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::figures::Sample;
use crate::http::{Connection, Endpoint};

const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Receivers of webhooks are on this machine.
const LOCAL_RECEIVERS: [&str; 2] = ["--webhook-allow-network", "127.0.0.0/8"];

/// A running Doorward on a database of its own.
pub struct Doorward {
    server: KillableServer,
    program: PathBuf,
    organization: String,
    database: TestDatabase,
}

impl Doorward {
    /// Starts `program` on `database`, which is empty, and makes an organization.
    pub fn start(program: &Path, database: TestDatabase) -> Result<Self> {
        let url = database.url().to_owned();
        let mut arguments =
            vec!["serve", "--listen", "{listen}", "--public-url", "http://{listen}", "--database", &url];
        arguments.extend(LOCAL_RECEIVERS);
        let server = KillableServer::start(program, &arguments)?;
        let mut doorward = Self { server, program: program.to_owned(), organization: String::new(), database };
        let organization = doorward.command(&["org", "create", "Bench"])?;
        doorward.organization = text(&organization, "id")?;
        Ok(doorward)
    }

    /// A new directory, as its identity provider addresses it.
    pub fn directory(&self, label: &str) -> Result<Endpoint> {
        let created = self.command(&[
            "directory",
            "create",
            "--org",
            &self.organization,
            "--name",
            label,
            "--label",
            label,
            "--type",
            "okta scim v2.0",
        ])?;
        let endpoint = text(&created, "endpoint")?;
        let path = endpoint.splitn(4, '/').nth(3).with_context(|| format!("endpoint without a path: {endpoint}"))?;
        Ok(Endpoint::new(self.server.address(), &format!("/{path}"), &text(&created, "token")?))
    }

    /// Makes a webhook endpoint for these types of events, comma separated; its id.
    pub fn webhook(&self, url: &str, event_types: &str) -> Result<String> {
        let [flag, network] = LOCAL_RECEIVERS;
        text(&self.command(&["webhook", "create", url, "--events", event_types, flag, network])?, "id")
    }

    /// The id of the organization.
    pub fn organization(&self) -> &str {
        &self.organization
    }

    /// Makes a key of an application.
    pub fn api_key(&self) -> Result<String> {
        text(&self.command(&["api-key", "create", "--name", "bench"])?, "key")
    }

    /// `enable` or `disable`.
    pub fn switch_webhook(&self, id: &str, verb: &str) -> Result<()> {
        self.command(&["webhook", verb, id]).map(drop)
    }

    /// Resident memory in MiB.
    pub fn memory(&self) -> Result<Sample> {
        let pid = self.server.pid().context("Doorward is not running")?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).context("reading /proc (Linux only)")?;
        let kibibytes =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok());
        let kibibytes: f64 = kibibytes.context("no VmRSS in /proc")?;
        Ok(Sample::of_rate(kibibytes / 1024.0))
    }

    /// Stops it and measures from the start of the process to its first SCIM answer.
    pub fn cold_start(&mut self, runtime: &Runtime, directory: &Endpoint) -> Result<Sample> {
        self.server.terminate(STOP_LIMIT)?;
        let start = Instant::now();
        self.server.restart()?;
        let (status, _) = get(runtime, directory, "/Users?count=1")?;
        let elapsed = start.elapsed();
        if status != 200 {
            bail!("the first answer after a restart was {status}");
        }
        // A start has a latency and no rate.
        Ok(Sample { rate: 0.0, ..Sample::new(elapsed, vec![elapsed], 0, None) })
    }

    /// Whether SQLite or PostgreSQL is underneath.
    pub fn database_name(&self) -> &'static str {
        self.database.name()
    }

    fn command(&self, arguments: &[&str]) -> Result<Value> {
        let output = Command::new(&self.program)
            .args(arguments)
            .args(["--json", "--database", self.database.url()])
            .output()
            .context("starting doorward")?;
        if !output.status.success() {
            bail!("doorward {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        serde_json::from_slice(&output.stdout).with_context(|| format!("doorward {} --json", arguments.join(" ")))
    }
}

/// One GET outside every measurement.
pub fn get(runtime: &Runtime, endpoint: &Endpoint, path: &str) -> Result<(u16, Vec<u8>)> {
    runtime.block_on(async {
        let mut request = Vec::new();
        endpoint.request(&mut request, "GET", format_args!("{path}"), b"");
        let mut connection = Connection::open(endpoint.address).await?;
        let answer = connection.exchange(&request).await?;
        Ok((answer.status, answer.body.to_vec()))
    })
}

/// `totalResults` of the directory's users.
pub fn total_users(runtime: &Runtime, endpoint: &Endpoint) -> Result<usize> {
    let (_, body) = get(runtime, endpoint, "/Users?count=1")?;
    let list: Value = serde_json::from_slice(&body)?;
    let total = list.get("totalResults").and_then(Value::as_u64).context("a list without totalResults")?;
    Ok(usize::try_from(total)?)
}

fn text(object: &Value, key: &str) -> Result<String> {
    Ok(object.get(key).and_then(Value::as_str).with_context(|| format!("no `{key}` in {object}"))?.to_owned())
}
