//! One file for each command.

pub mod access;
pub mod api_key;
pub mod audit;
pub mod conformance;
pub mod demo;
pub mod directory;
pub mod directory_catalogue;
pub mod directory_requests;
pub mod directory_schema;
pub mod doctor;
pub mod doctor_directory;
pub mod events;
pub mod known_users;
pub mod link;
pub mod operator;
pub mod org;
pub mod role;
pub mod role_mapping;
pub mod serve;
pub mod simulate;
pub mod token;
pub mod webhook;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::database::{Absent, Administration};
use crate::output::Output;

/// Runs the command.
pub async fn run(cli: Cli, output: Output) -> Result<ExitCode> {
    let global = cli.global;
    let absent = if begins(&cli.command) { Absent::Made } else { Absent::Refused };
    let open = || Administration::open(&global, absent, output);
    match cli.command {
        Command::Serve(arguments) => serve::run(&global, arguments, output).await?,
        Command::Demo(arguments) => return demo::run(&global, arguments, output).await,
        Command::Simulate(arguments) => return simulate::run(arguments, output).await,
        Command::Conformance(arguments) => return conformance::run(arguments, output).await,
        Command::Doctor(arguments) => return doctor::run(&global, arguments, output).await,
        Command::Org(command) => org::run(&open().await?, command, output).await?,
        Command::Directory(command) => directory::run(&open().await?, command, output).await?,
        Command::Token(command) => token::run(&open().await?, command, output).await?,
        Command::ApiKey(command) => api_key::run(&open().await?, command, output).await?,
        Command::Operator(command) => operator::run(&open().await?, command, output).await?,
        Command::Audit(command) => return audit::run(&open().await?, command, output).await,
        Command::Link(command) => link::run(&open().await?, command, output).await?,
        Command::Role(command) => role::run(&open().await?, command, output).await?,
        Command::RoleMapping(command) => role_mapping::run(&open().await?, command, output).await?,
        Command::KnownUsers(command) => known_users::run(&open().await?, command, output).await?,
        Command::Access(command) => access::run(&open().await?, command, output).await?,
        Command::Webhook(command) => webhook::run(&open().await?, &global, command, output).await?,
        Command::Events(command) => events::run(&open().await?, command, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The commands with which somebody may begin. All others are about something that is in the database already.
fn begins(command: &Command) -> bool {
    matches!(
        command,
        Command::Org(org::Command::Create { .. })
            | Command::ApiKey(api_key::Command::Create { .. })
            | Command::Operator(operator::Command::Create)
    )
}
