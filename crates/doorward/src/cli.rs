//! The command line: what can be said, and how it is explained.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::commands::{
    access, api_key, audit, conformance, demo, directory, doctor, events, known_users, link, operator, org, role,
    role_mapping, serve, simulate, token, webhook,
};
use crate::output::Output;

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
        Self::parsed().unwrap_or_else(|error| refuse(&error))
    }

    fn parsed() -> Result<Self, clap::Error> {
        let matches = Cli::command().try_get_matches()?;
        let mut innermost = &matches;
        while let Some((_, inner)) = innermost.subcommand() {
            innermost = inner;
        }
        let source = innermost.value_source("database");
        let mut cli = Cli::from_arg_matches(&matches)?;
        cli.global.database_is_flag = source == Some(ValueSource::CommandLine);
        Ok(cli)
    }
}

/// Ends the process with help where help was asked for, else with what is wrong; for a program that reads along, in JSON.
fn refuse(error: &clap::Error) -> ! {
    // The flag is looked for by hand, because the command line could not be read.
    let json = std::env::args_os().skip(1).take_while(|argument| argument != "--").any(|argument| argument == "--json");
    if !(json && error.use_stderr()) {
        error.exit();
    }
    Output::new(true).error(&anyhow::Error::msg(reason(error)));
    std::process::exit(error.exit_code());
}

/// What is wrong, without the usage that a person is shown below it.
fn reason(error: &clap::Error) -> String {
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        // There the text is the help itself.
        return "a command is missing; --help lists them".to_owned();
    }
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let end = ["\n\nUsage:", "\n\nFor more information"].iter().filter_map(|mark| text.find(mark)).min();
    text[..end.unwrap_or(text.len())].trim().to_owned()
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

    /// A network that webhooks may be sent to although it is not public, also over plain http; can be repeated
    #[arg(
        long = "webhook-allow-network",
        global = true,
        value_name = "CIDR",
        env = "DOORWARD_WEBHOOK_ALLOW_NETWORKS",
        value_delimiter = ','
    )]
    pub webhook_allow_networks: Vec<String>,

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
    /// Measure any SCIM server against the standards, and leave nothing behind on it
    Conformance(conformance::Arguments),
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
    /// The people who sign in to the portal
    #[command(subcommand)]
    Operator(operator::Command),
    /// The links with which customers' administrators set up their directories
    #[command(subcommand)]
    Link(link::Command),
    /// The roles that your application knows
    #[command(subcommand)]
    Role(role::Command),
    /// The rules that give people of a directory roles
    #[command(subcommand)]
    RoleMapping(role_mapping::Command),
    /// The accounts that your application has already, and whose they are
    #[command(subcommand)]
    KnownUsers(known_users::Command),
    /// Whether a person may enter your application
    #[command(subcommand)]
    Access(access::Command),
    /// The log of everything that happened
    #[command(subcommand)]
    Events(events::Command),
    /// Who did what, and whether the record of it is as it was written
    #[command(subcommand)]
    Audit(audit::Command),
    /// The addresses of your application that events are sent to
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Check that this installation, or the connection of one directory, can do its work, and say what to do where it cannot
    Doctor(doctor::Arguments),
}
