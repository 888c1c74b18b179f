//! Doorward, the program: `serve` runs the service, the other commands administer it through the same database.

mod cli;
mod commands;
mod database;
mod output;
mod pages;

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};

use crate::cli::Cli;
use crate::output::Output;

/// Idle memory and the speed of small allocations are both better than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A panic's own text may quote what a customer sent, so only the place is told (SEC-23). `serve` tells it in its log instead.
fn report_panics_by_place_only() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        // Nothing can be done where even standard error is gone.
        let _ = writeln!(std::io::stderr(), "doorward panicked at {place}; this is a fault of Doorward");
    }));
}

fn main() -> ExitCode {
    report_panics_by_place_only();
    let cli = Cli::read();
    let output = Output::new(cli.global.json);
    match run(cli, output) {
        Ok(code) => code,
        Err(error) => {
            output.error(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli, output: Output) -> anyhow::Result<ExitCode> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow!("the TLS provider was installed twice"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(commands::run(cli, output))
}
