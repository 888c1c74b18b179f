//! `doorward simulate`: an identity provider that knows what it meant, played against any SCIM endpoint.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use doorward_idp::{Application, Credential, Dialect, Plan, Report};
use serde_json::{Value, json};

use crate::output::Output;

/// What to play, and against what.
#[derive(Args)]
#[command(after_help = dialects())]
pub struct Arguments {
    /// The provider, see below
    #[arg(value_name = "DIALECT")]
    dialect: Dialect,
    /// The SCIM base URL
    #[arg(long, value_name = "URL")]
    url: String,
    /// The bearer token
    #[arg(long, value_name = "TOKEN", env = "DOORWARD_SIMULATE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// The user name, where the endpoint wants HTTP Basic
    #[arg(long, value_name = "NAME", requires = "password", conflicts_with = "token")]
    username: Option<String>,
    /// The password that goes with it
    #[arg(long, value_name = "PASSWORD", env = "DOORWARD_SIMULATE_PASSWORD", hide_env_values = true)]
    password: Option<String>,
    /// People to assign at first
    #[arg(long, default_value_t = 100)]
    users: usize,
    /// Groups to push at first
    #[arg(long, default_value_t = 10)]
    groups: usize,
    /// Changes of the day that follows
    #[arg(long, default_value_t = 100)]
    changes: usize,
    /// Where all variation comes from: the same seed plays the same run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests at the same time
    #[arg(long, default_value_t = 4)]
    concurrency: usize,
    /// The application's API, to have its view compared too
    #[arg(long, value_name = "URL", requires_all = ["api_key", "directory"])]
    api_url: Option<String>,
    /// The key for the application's API
    #[arg(long, value_name = "KEY", env = "DOORWARD_SIMULATE_API_KEY", hide_env_values = true)]
    api_key: Option<String>,
    /// The id of the directory, for the application's API
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
}

pub async fn run(arguments: Arguments, output: Output) -> Result<ExitCode> {
    let credential = match (&arguments.token, &arguments.username, &arguments.password) {
        (Some(token), None, _) => arguments.dialect.credential(token),
        (None, Some(user), Some(password)) => Credential::basic(user, password),
        _ => bail!("give the credential: --token TOKEN, or --username NAME with --password PASSWORD"),
    };
    let mut plan = Plan::new(arguments.dialect, arguments.url, credential);
    plan.users = arguments.users;
    plan.groups = arguments.groups;
    plan.changes = arguments.changes;
    plan.seed = arguments.seed;
    plan.concurrency = arguments.concurrency;
    if let (Some(url), Some(api_key), Some(directory)) = (arguments.api_url, arguments.api_key, arguments.directory) {
        plan.application = Some(Application { url, api_key, directory });
    }
    let report = play(plan).await?;
    output.answer(&with_verdict(&report)?, || format!("{report}\n{}", verdict(&report)))?;
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Plays a plan, with a progress bar where there is a terminal.
pub async fn play(plan: Plan) -> Result<Report> {
    let mut bar = doorward_idp::bar();
    Ok(doorward_idp::run(plan, &mut bar).await?)
}

/// The report for programs, with the verdict in one word.
pub fn with_verdict(report: &Report) -> Result<Value> {
    let mut value = serde_json::to_value(report)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("clean".to_owned(), json!(report.is_clean()));
    }
    Ok(value)
}

/// The verdict in one sentence.
pub fn verdict(report: &Report) -> &'static str {
    if report.is_clean() {
        "Verdict: the server has exactly the state that the identity provider meant."
    } else {
        "Verdict: the server does NOT have the state that the identity provider meant; see above."
    }
}

fn dialects() -> String {
    let width = Dialect::ALL.iter().map(|dialect| dialect.name().len()).max().unwrap_or(0);
    let line = |dialect: Dialect| format!("  {:width$}  {}", dialect.name(), dialect.title());
    format!("Dialects:\n{}", Dialect::ALL.map(line).join("\n"))
}
