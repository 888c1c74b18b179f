//! Load driver: Doorward's figures beside the limits of the machine, measured in the same run.
//!
//! Absolute figures of a shared machine are worthless, so every figure is a ratio of two loads of the same round. The
//! client shares the cores with the server; it is therefore one thread and does next to nothing for a request.

mod doorward;
mod figures;
mod goals;
mod http;
mod limits;
mod load;
mod machine;
mod people;
mod report;
mod session;
mod visible;
mod webhooks;
mod workloads;

use std::fs;
use std::io::{Write, stderr, stdout};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand, ValueEnum};
use doorward_testkit::TestDatabase;

use session::Settings;

#[derive(Parser)]
#[command(about = "Measures Doorward beside the limits of this machine, on SQLite and PostgreSQL")]
struct Arguments {
    /// Short rounds and few people; prints the tables only
    #[arg(long)]
    quick: bool,
    /// Which databases
    #[arg(long, value_enum, default_value = "both")]
    database: Databases,
    /// People in the directory [default: 110000, quick: 12000; at least 3000]
    #[arg(long)]
    users: Option<usize>,
    /// Rounds, each of them with every load and every limit [default: 3]
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Measure only the limits
    #[arg(long)]
    limits_only: bool,
    /// The binary to measure [default: a release build made now]
    #[arg(long)]
    doorward: Option<PathBuf>,
    /// File for the tables [default: bench/RESULTS.md, quick: none]
    #[arg(long)]
    output: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Action>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Databases {
    Sqlite,
    Postgres,
    Both,
}

#[derive(Subcommand)]
enum Action {
    /// The plain axum server that the HTTP limits are measured on
    #[command(hide = true)]
    LimitServer { listen: SocketAddr },
    /// How fast webhooks catch up after their receiver was down
    Webhooks {
        /// Events that have piled up
        #[arg(long, default_value_t = 100_000)]
        events: usize,
    },
    /// How soon a role change and a deactivation are visible to the application while people are created
    Visible {
        /// For how long each of the two is measured
        #[arg(long, default_value_t = 30, value_name = "SECONDS")]
        seconds: u64,
    },
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if let Some(Action::LimitServer { listen }) = &arguments.command {
        let listen = *listen;
        return limits::http_server::serve(listen);
    }
    let mut databases: Vec<fn() -> TestDatabase> = Vec::new();
    if arguments.database != Databases::Postgres {
        databases.push(TestDatabase::sqlite);
    }
    if arguments.database != Databases::Sqlite {
        databases.push(TestDatabase::postgres);
    }
    match arguments.command {
        Some(Action::Webhooks { events }) => {
            return each(&arguments, &databases, |program, database| webhooks::run(program, database, events));
        }
        Some(Action::Visible { seconds }) => {
            let duration = Duration::from_secs(seconds);
            return each(&arguments, &databases, |program, database| visible::run(program, database, duration));
        }
        Some(Action::LimitServer { .. }) | None => {}
    }
    let settings = settings(&arguments)?;
    let mut text = introduction(&settings);
    let mut errors = Vec::new();
    for database in databases {
        let outcome = session::run(&settings, database())?;
        text += &format!("\n{}", outcome.text);
        errors.extend(outcome.errors);
    }
    stdout().write_all(text.as_bytes())?;
    let published = !arguments.quick && !arguments.limits_only;
    let output = arguments.output.or_else(|| published.then(|| PathBuf::from("bench/RESULTS.md")));
    if let Some(output) = output {
        fs::write(&output, text).with_context(|| format!("writing {}", output.display()))?;
    }
    if !errors.is_empty() {
        bail!("there were answers other than expected, so the figures do not count:\n{}", errors.join("\n"));
    }
    Ok(())
}

fn settings(arguments: &Arguments) -> Result<Settings> {
    let (users, import, milliseconds) = if arguments.quick { (12_000, 2_000, 500) } else { (110_000, 10_000, 3_000) };
    let users = arguments.users.unwrap_or(users);
    if users < 3_000 || arguments.rounds == 0 {
        bail!("at least 3000 users and one round are needed");
    }
    let doorward = match &arguments.doorward {
        _ if arguments.limits_only => None,
        Some(program) => Some(program.canonicalize().with_context(|| format!("{}", program.display()))?),
        None => Some(build()?),
    };
    Ok(Settings { users, import, rounds: arguments.rounds, duration: Duration::from_millis(milliseconds), doorward })
}

/// Measures on each database and prints what came out.
fn each(
    arguments: &Arguments,
    databases: &[fn() -> TestDatabase],
    measure: impl Fn(&Path, TestDatabase) -> Result<String>,
) -> Result<()> {
    let program = match &arguments.doorward {
        Some(program) => program.canonicalize().with_context(|| format!("{}", program.display()))?,
        None => build()?,
    };
    for database in databases {
        stdout().write_all(measure(&program, database())?.as_bytes())?;
    }
    Ok(())
}

/// Builds the release binary, so that no stale one is measured, and returns its path.
fn build() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status =
        Command::new(cargo).args(["build", "--release", "-p", "doorward"]).status().context("starting cargo")?;
    if !status.success() {
        bail!("doorward does not build");
    }
    let program = std::env::current_exe()?.with_file_name("doorward");
    if !program.is_file() {
        bail!("{} is not there; run the benches with cargo run --release -p doorward-bench", program.display());
    }
    Ok(program)
}

fn introduction(settings: &Settings) -> String {
    format!(
        "# Figures\n\n\
         Made by `cargo run --release -p doorward-bench`. {}. Client and server on the same cores, over loopback HTTP.\n\
         {} rounds of {:.1} s a load, limits and loads interleaved; every comparison is made within a round; the median of the\n\
         rounds, the lowest (or worst) beside it. A write counts when its 2xx follows an fsynced commit that holds the event.\n\
         \"Half\" of a goal that is an upper bound is twice the bound. Goals in absolute units (pages, users, milliseconds) were set\n\
         for moments in which the plain axum server manages 100,000 requests a second; the rows \"at a hello of 100,000/s\" are scaled\n\
         by what it managed in their round.\n",
        machine::describe(),
        settings.rounds,
        settings.duration.as_secs_f64(),
    )
}

/// A line of progress.
fn note(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}
