//! Reads accounts as NDJSON while they come: a line each, in portions, with bounded memory however many they are.

use doorward_store::Store;
use doorward_store::ids::DirectoryId;
use doorward_store::known_user::{KnownUserId, KnownUserValues};
use doorward_store::scope::Authority;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::directories;
use super::super::error::Result;
use super::loading;

/// Accounts that are taken in together.
const PORTION: usize = 500;

/// The longest line, in bytes.
const LONGEST_LINE: usize = 16 << 10;

/// The longest value, in bytes.
const LONGEST_VALUE: usize = 1_000;

/// Lines that are told of; the others are counted.
const MOST_ERRORS: usize = 100;

/// A line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it, without what stands in it.
    pub message: String,
}

/// What became of an import.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Lines that hold something.
    pub received: u64,
    /// Accounts that were not known.
    pub created: i64,
    /// Accounts of which something else was said before.
    pub updated: i64,
    /// Accounts of which the same was said.
    pub unchanged: i64,
    /// People of the directory who were linked.
    pub linked: i64,
    /// People of the directory about whom somebody is asked.
    pub conflicts: i64,
    /// Lines that cannot be used.
    pub failed: u64,
    /// The first of those.
    pub errors: Vec<LineError>,
}

impl Report {
    /// The report as applications see it.
    pub fn object(&self, directory: DirectoryId) -> Value {
        let errors = self.errors.iter().map(|error| json!({ "line": error.line, "message": error.message }));
        json!({
            "object": "known_users_import",
            "directory_id": directory,
            "received": self.received,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "linked": self.linked,
            "conflicts": self.conflicts,
            "failed": self.failed,
            "errors": errors.collect::<Vec<_>>(),
        })
    }

    /// Whether there were lines and none of them could be used.
    pub fn is_useless(&self) -> bool {
        self.received > 0 && self.failed == self.received
    }
}

/// An import under way. What a portion has brought stays when a later one fails; the same lines again change nothing.
pub struct Import<'a, A> {
    store: &'a Store,
    by: &'a A,
    directory: DirectoryId,
    lines: Lines,
    waiting: Vec<KnownUserValues>,
    report: Report,
}

impl<'a, A: Authority + Clone + Send + 'static> Import<'a, A> {
    /// Begins.
    ///
    /// # Errors
    /// [`Error::NotFound`](super::super::Error::NotFound) for the directory.
    pub async fn begin(store: &'a Store, by: &'a A, directory: DirectoryId) -> Result<Self> {
        directories::get(store, by, directory).await?;
        let (lines, waiting, report) = (Lines::default(), Vec::new(), Report::default());
        Ok(Import { store, by, directory, lines, waiting, report })
    }

    /// Takes the next bytes, which may end anywhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some(line) = self.lines.next(&mut bytes) {
            self.take(line).await?;
        }
        Ok(())
    }

    /// There is no more.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(mut self) -> Result<Report> {
        if let Some(line) = self.lines.last() {
            self.take(line).await?;
        }
        self.write().await?;
        Ok(self.report)
    }

    async fn take(&mut self, line: Line) -> Result<()> {
        let account = match line.text {
            Some(text) if text.trim_ascii().is_empty() => return Ok(()),
            Some(text) => read(&text),
            None => Err(format!("has more than {LONGEST_LINE} bytes")),
        };
        self.report.received += 1;
        match account {
            Ok(account) => self.waiting.push(account),
            Err(message) => {
                self.report.failed += 1;
                if self.report.errors.len() < MOST_ERRORS {
                    self.report.errors.push(LineError { line: line.number, message });
                }
            }
        }
        if self.waiting.len() >= PORTION { self.write().await } else { Ok(()) }
    }

    async fn write(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let portion = loading::load(self.store, self.by, self.directory, std::mem::take(&mut self.waiting)).await?;
        self.report.created += portion.loaded.created;
        self.report.updated += portion.loaded.updated;
        self.report.unchanged += portion.loaded.unchanged;
        self.report.linked += portion.linked;
        self.report.conflicts += portion.conflicts;
        Ok(())
    }
}

/// A line; without its text when that is too long.
struct Line {
    number: u64,
    text: Option<Vec<u8>>,
}

/// Cuts bytes into lines.
#[derive(Default)]
struct Lines {
    /// The beginning of a line that is not there yet.
    begun: Vec<u8>,
    /// Whether the line is too long to be kept.
    too_long: bool,
    number: u64,
}

impl Lines {
    /// The next whole line; what follows it stays in `bytes`. `None`: there is no whole line, and `bytes` is empty.
    fn next(&mut self, bytes: &mut &[u8]) -> Option<Line> {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (part, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        self.too_long |= self.begun.len() + part.len() > LONGEST_LINE;
        if self.too_long {
            self.begun = Vec::new();
        } else {
            self.begun.extend_from_slice(part);
        }
        *bytes = rest.get(1..).unwrap_or_default();
        end.map(|_| self.end())
    }

    /// What follows the last line break.
    fn last(&mut self) -> Option<Line> {
        (self.too_long || !self.begun.is_empty()).then(|| self.end())
    }

    fn end(&mut self) -> Line {
        self.number += 1;
        let text = std::mem::take(&mut self.begun);
        let text = (!std::mem::take(&mut self.too_long)).then_some(text);
        Line { number: self.number, text }
    }
}

/// A line as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    id: Value,
    username: Option<String>,
    email: Option<String>,
    external_id: Option<String>,
    name: Option<String>,
}

/// What a line says. The message of an error names the member and quotes nothing (SEC-23).
fn read(line: &[u8]) -> std::result::Result<KnownUserValues, String> {
    let value: Value = serde_json::from_slice(line).map_err(|_| "is not JSON".to_owned())?;
    if !value.is_object() {
        return Err("is not a JSON object".to_owned());
    }
    let account: Account = serde_json::from_value(value).map_err(|_| {
        "must have id, and may have username, email, external_id and name, all of them texts; nothing else".to_owned()
    })?;
    let id = match account.id {
        Value::String(text) => text,
        // Ids of many applications are numbers.
        Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        _ => return Err("id: must be a text or a whole number".to_owned()),
    };
    let id: KnownUserId = id.parse().map_err(|_| "id: must have 1 to 200 bytes on one line".to_owned())?;
    let values = KnownUserValues {
        id,
        user_name: bounded("username", account.username)?,
        email: bounded("email", account.email)?,
        external_id: bounded("external_id", account.external_id)?,
        name: bounded("name", account.name)?,
    };
    if values.user_name.is_none() && values.email.is_none() && values.external_id.is_none() {
        return Err("has neither username nor email nor external_id, so that nobody can be recognised".to_owned());
    }
    Ok(values)
}

fn bounded(name: &str, value: Option<String>) -> std::result::Result<Option<String>, String> {
    match value {
        Some(text) if text.trim().is_empty() => Ok(None),
        Some(text) if text.len() > LONGEST_VALUE => Err(format!("{name}: has more than {LONGEST_VALUE} bytes")),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(parts: &[&str]) -> Vec<(u64, Option<String>)> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for part in parts {
            let mut bytes = part.as_bytes();
            while let Some(line) = lines.next(&mut bytes) {
                found.push(line);
            }
            assert!(bytes.is_empty());
            assert!(lines.begun.len() <= LONGEST_LINE);
        }
        found.extend(lines.last());
        found.into_iter().map(|line| (line.number, line.text.map(|text| String::from_utf8(text).unwrap()))).collect()
    }

    #[test]
    fn lines_are_cut_wherever_the_bytes_end_and_long_ones_are_not_kept() {
        let text = |number, text: &str| (number, Some(text.to_owned()));
        assert_eq!(cut(&["a\nb", "c\n\n", "d"]), [text(1, "a"), text(2, "bc"), text(3, ""), text(4, "d")]);
        let long = "x".repeat(LONGEST_LINE);
        assert_eq!(cut(&[&long, "y", "z\nok\n"]), [(1, None), text(2, "ok")]);
        assert_eq!(cut(&[&long, "\n"]), [text(1, &long)]);
        assert!(cut(&[]).is_empty());
    }

    #[test]
    fn a_line_names_what_is_wrong_and_quotes_nothing() {
        let read = |line: &str| read(line.as_bytes());
        let good = read(r#"{"id": 7, "email": "ann@x.example", "name": ""}"#).unwrap();
        assert_eq!((good.id.as_str(), good.name), ("7", None));
        for (bad, words) in [
            ("{", "not JSON"),
            ("[]", "not a JSON object"),
            (r#"{"email": "secret"}"#, "must have id"),
            (r#"{"id": "a", "emial": "secret"}"#, "nothing else"),
            (r#"{"id": 1.5, "email": "secret"}"#, "whole number"),
            (r#"{"id": "", "email": "secret"}"#, "1 to 200"),
            (r#"{"id": "a", "name": "secret"}"#, "recognised"),
        ] {
            let message = read(bad).unwrap_err();
            assert!(message.contains(words) && !message.contains("secret"), "{bad}: {message}");
        }
    }
}
