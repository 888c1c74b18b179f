//! `doorward conformance`: any SCIM server, measured against the standards.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use doorward_conformance::{Credential, Error, Plan, Report, Version};
use doorward_store::Entropy;
use tokio_util::sync::CancellationToken;

use super::serve::cancel_when_asked;
use crate::output::Output;

/// What to test, and how it is reached.
#[derive(Args)]
#[command(after_help = "Everything that is made on the server has a random name beginning with scimtest- and is \
                        deleted at the end, also after ctrl-c.\n\
                        Exit status: 0 no MUST failed, 1 one failed (or something could not be deleted), \
                        2 the server could not be tested.")]
pub struct Arguments {
    /// The SCIM base URL, below which /Users lies
    #[arg(long, value_name = "URL")]
    url: String,
    /// The bearer token
    #[arg(long, value_name = "TOKEN", env = "DOORWARD_CONFORMANCE_TOKEN", hide_env_values = true)]
    #[arg(required_unless_present = "basic")]
    token: Option<String>,
    /// User name and password, where the server wants HTTP Basic
    #[arg(long, value_name = "USER:PASSWORD", env = "DOORWARD_CONFORMANCE_BASIC", hide_env_values = true)]
    #[arg(conflicts_with = "token")]
    basic: Option<String>,
    /// The version of SCIM: 2.0 or 1.1
    #[arg(long, value_name = "VERSION", default_value = "2.0")]
    version: Version,
    /// Look at these chapters only, such as create,patch
    #[arg(long, value_name = "CHAPTERS", value_delimiter = ',')]
    only: Vec<String>,
    /// Write the report as a web page too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub async fn run(arguments: Arguments, output: Output) -> Result<ExitCode> {
    let mut nonce = [0; 8];
    Entropy::os().fill(&mut nonce);
    let nonce = u64::from_le_bytes(nonce);
    let mut plan = Plan::new(&arguments.url, credential(&arguments)?, arguments.version, nonce);
    plan.only.clone_from(&arguments.only);
    plan.interrupt = interrupt(output, plan.prefix());
    let report = match doorward_conformance::run(plan, &mut doorward_conformance::bar()).await {
        Ok(report) => report,
        Err(error) => return Ok(untested(error, output)),
    };
    output.answer(&report, || report.to_string())?;
    if let Some(file) = &arguments.html {
        let page = doorward_conformance::html(&report);
        std::fs::write(file, page).with_context(|| format!("writing {}", file.display()))?;
    }
    Ok(code(&report))
}

fn credential(arguments: &Arguments) -> Result<Credential> {
    match (&arguments.token, &arguments.basic) {
        (Some(token), _) => Ok(Credential::Bearer(token.clone())),
        (None, Some(pair)) => {
            let (user, password) = pair.split_once(':').context("--basic takes USER:PASSWORD")?;
            Ok(Credential::Basic { user: user.to_owned(), password: password.to_owned() })
        }
        (None, None) => Err(anyhow!("give the credential: --token TOKEN, or --basic USER:PASSWORD")),
    }
}

/// Ends the run at the first ctrl-c, in order; the second ends the process.
fn interrupt(output: Output, prefix: String) -> CancellationToken {
    let asked = CancellationToken::new();
    let heard = asked.clone();
    tokio::spawn(async move {
        cancel_when_asked(heard).await;
        output.note("Deleting what was made; press ctrl-c again to leave it there.");
        cancel_when_asked(CancellationToken::new()).await;
        output.note(&format!("What is left on the server has names beginning with {prefix}."));
        std::process::exit(2);
    });
    asked
}

fn untested(error: Error, output: Output) -> ExitCode {
    output.error(&anyhow::Error::new(error));
    ExitCode::from(2)
}

fn code(report: &Report) -> ExitCode {
    match (report.conforms() && report.cleanup.is_clean(), report.interrupted) {
        (false, _) => ExitCode::FAILURE,
        (true, true) => ExitCode::from(2),
        (true, false) => ExitCode::SUCCESS,
    }
}
