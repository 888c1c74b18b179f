//! One file for each command.

pub mod api_key;
pub mod demo;
pub mod directory;
pub mod doctor;
pub mod events;
pub mod org;
pub mod serve;
pub mod simulate;
pub mod token;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::{Cli, Command};
use crate::database::Administration;
use crate::output::Output;

/// Runs the command.
pub async fn run(cli: Cli, output: Output) -> Result<ExitCode> {
    let global = cli.global;
    match cli.command {
        Command::Serve(arguments) => serve::run(&global, arguments, output).await?,
        Command::Demo(arguments) => return demo::run(&global, arguments, output).await,
        Command::Simulate(arguments) => return simulate::run(arguments, output).await,
        Command::Doctor(arguments) => return doctor::run(&global, arguments, output).await,
        Command::Org(command) => org::run(&Administration::open(&global).await?, command, output).await?,
        Command::Directory(command) => directory::run(&Administration::open(&global).await?, command, output).await?,
        Command::Token(command) => token::run(&Administration::open(&global).await?, command, output).await?,
        Command::ApiKey(command) => api_key::run(&Administration::open(&global).await?, command, output).await?,
        Command::Events(command) => events::run(&Administration::open(&global).await?, command, output).await?,
    }
    Ok(ExitCode::SUCCESS)
}
