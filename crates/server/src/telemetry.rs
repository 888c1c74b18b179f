//! The log: lines on standard error, for people or as JSON.
//!
//! What may be in a line: methods, route templates, ids, statuses, times, sizes. Never a query string, a header, a body,
//! a credential or a person's name (SEC-23).

mod lines;

use std::io::IsTerminal as _;
use std::str::FromStr;

use tracing_subscriber::EnvFilter;

pub use lines::Flusher;
use lines::Lines;

/// The shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line, for machines.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("`{other}` is not a log format; choose text or json")),
        }
    }
}

/// Starts logging with directives such as `info` or `warn,doorward=debug`. Lines may wait a moment; dropping the
/// [`Flusher`] writes those that do.
///
/// # Errors
/// The directives cannot be read, or a log was started before.
pub fn start(directives: &str, format: LogFormat) -> Result<Flusher, String> {
    // These write bodies, statements and headers at their lower levels, whatever is asked for.
    let quiet = ["hyper=info", "h2=info", "rustls=info", "tokio_postgres=info", "reqwest=info"];
    let mut filter = EnvFilter::try_new(directives).map_err(|error| format!("log filter: {error}"))?;
    for directive in quiet {
        let directive = directive.parse().map_err(|error| format!("log filter: {error}"))?;
        filter = filter.add_directive(directive);
    }
    let (writer, flusher) = Lines::to_stderr().map_err(|error| error.to_string())?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(writer)
        .with_target(false);
    match format {
        LogFormat::Text => lines.try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    }
    .map_err(|error| error.to_string())?;
    tell_of_panics();
    Ok(flusher)
}

/// Has a panic tell where it happened and nothing else: its message may quote a value that was not expected, which may
/// be a person's.
fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a part of the program panicked");
    }));
}
