//! What the program says: text for people or JSON for programs on standard output, everything else on standard error.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

/// Where and how to say it.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// With `json`, standard output carries JSON and nothing else.
    pub fn new(json: bool) -> Self {
        Output { json }
    }

    /// Whether a program reads along.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// The answer of a command: `value` for programs, or what `text` says for people.
    pub fn answer<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<()> {
        if self.json { self.json(value) } else { self.line(&text()) }
    }

    /// One JSON value on standard output, on one line, so that a stream of them can be read line by line.
    pub fn json<T: Serialize>(self, value: &T) -> Result<()> {
        let text = serde_json::to_string(value).context("writing JSON")?;
        self.line(&text)
    }

    /// One line on standard output.
    pub fn line(self, text: &str) -> Result<()> {
        let mut stdout = io::stdout().lock();
        let written = writeln!(stdout, "{text}").and_then(|()| stdout.flush());
        match written {
            // Whoever closed the pipe, such as `head`, has read enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => written.context("writing to standard output"),
        }
    }

    /// A part of a file on standard output, as it is.
    pub fn raw(self, text: &str) -> Result<()> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
            written => written.context("writing to standard output"),
        }
    }

    /// A remark for people on standard error; programs read it past.
    pub fn note(self, text: &str) {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Why the command failed, on standard error.
    pub fn error(self, error: &anyhow::Error) {
        let reason = format!("{error:#}");
        if self.json {
            self.note(&serde_json::json!({ "error": { "message": reason } }).to_string());
        } else {
            self.note(&format!("doorward: {reason}"));
        }
    }
}

/// Rows under headings, as wide as the terminal.
pub fn table(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(headings);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Names and values, one pair a line, the values under each other.
pub fn pairs(pairs: &[(&str, &str)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    pairs.iter().map(|(name, value)| format!("{name:width$}  {value}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_under_each_other() {
        assert_eq!(pairs(&[("id", "org_1"), ("name", "Acme")]), "id    org_1\nname  Acme");
        let rows = [vec!["org_1".to_owned(), "Acme".to_owned()], vec!["org_2".to_owned(), "B".to_owned()]];
        assert_eq!(table(&["ID", "NAME"], rows), "ID     NAME\norg_1  Acme\norg_2  B");
    }
}
