//! The command line: what can be said, and how it is explained.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::commands::{api_key, demo, directory, doctor, events, org, serve, simulate, token};

/// Self-hosted directory sync: identity providers write users and groups over SCIM, your application reads them.
#[derive(Parser)]
#[command(
    name = "doorward",
    version,
    after_help = "Begin with `doorward demo` to see it work, or `doorward serve` to run it.\n\
                  Exit status: 0 done, 1 failed (or a check did not pass), 2 wrong usage."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads the command line of this process; wrong usage ends it with status 2.
    pub fn read() -> Self {
        let matches = Cli::command().get_matches();
        let mut innermost = &matches;
        while let Some((_, inner)) = innermost.subcommand() {
            innermost = inner;
        }
        let source = innermost.value_source("database");
        let mut cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        cli.global.database_is_flag = source == Some(ValueSource::CommandLine);
        cli
    }
}

/// What every command understands.
#[derive(Args, Clone)]
pub struct Global {
    /// Print JSON for programs instead of text for people
    #[arg(long, global = true)]
    pub json: bool,

    /// The database: sqlite:PATH or postgres://user:password@host/name [default: sqlite:doorward.db]
    #[arg(long, global = true, value_name = "URL", env = "DOORWARD_DATABASE_URL", hide_env_values = true)]
    pub database: Option<String>,

    /// Whether the database was named on the command line rather than by the environment.
    #[arg(skip)]
    pub database_is_flag: bool,

    /// The address under which identity providers reach the service [default: http:// and the address listened on]
    #[arg(long, global = true, value_name = "URL", env = "DOORWARD_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// A TOML file with settings; flags and environment override it
    #[arg(long, global = true, value_name = "FILE", env = "DOORWARD_CONFIG")]
    pub config: Option<PathBuf>,
}

/// What can be done.
#[derive(Subcommand)]
pub enum Command {
    /// Run the service
    Serve(serve::Arguments),
    /// See it work: a simulated Okta provisions people and groups into a database of its own
    Demo(demo::Arguments),
    /// Play an identity provider against a SCIM endpoint and compare the outcome with what it meant
    Simulate(simulate::Arguments),
    /// The organizations: the customers of your application
    #[command(subcommand)]
    Org(org::Command),
    /// The directories: one connection each of an organization with its identity provider
    #[command(subcommand)]
    Directory(directory::Command),
    /// The credentials that identity providers use
    #[command(subcommand)]
    Token(token::Command),
    /// The credentials that your application uses
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// The log of everything that happened
    #[command(subcommand)]
    Events(events::Command),
    /// Check that this installation can do its work, and say what to do where it cannot
    Doctor(doctor::Arguments),
}
