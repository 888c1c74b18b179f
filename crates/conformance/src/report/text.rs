//! The report for people at a terminal.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use super::{Counts, Entry, Outcome, Report};

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "SCIM {} at {}\n", self.version, printable(&self.url))?;
        for (chapter, entries) in self.chapters() {
            writeln!(f, "{chapter:<34}{}", Counts::of(entries.iter().copied()))?;
            for entry in &entries {
                problem(f, entry)?;
            }
            skipped(f, &entries)?;
        }
        let seconds = self.milliseconds / 1000;
        let tenths = self.milliseconds % 1000 / 100;
        let total = self.checks.len();
        writeln!(f, "\n{total} checks: {}; {} requests in {seconds}.{tenths} s.", self.counts(), self.requests)?;
        writeln!(f, "{}", printable(&self.tidied()))?;
        write!(f, "{}", self.verdict())
    }
}

/// A check that did not pass, with everything that is needed to repeat it.
fn problem(f: &mut Formatter<'_>, entry: &Entry) -> fmt::Result {
    let (word, expected, got) = match &entry.outcome {
        Outcome::Failed { expected, got } => ("FAILED", expected, got),
        Outcome::Warned { expected, got } => ("warned", expected, got),
        Outcome::Passed | Outcome::Skipped { .. } => return Ok(()),
    };
    writeln!(f, "  {word}  {}: {}", entry.check, entry.title)?;
    writeln!(f, "          {} {} ({})", entry.level, entry.requirement, entry.reference)?;
    if let Some(last) = entry.exchanges.last() {
        writeln!(f, "          sent      {}", printable(&last.line()))?;
        for header in &last.headers {
            writeln!(f, "                    {}", printable(header))?;
        }
        if let Some(body) = &last.body {
            writeln!(f, "                    {}", printable(body))?;
        }
    }
    writeln!(f, "          expected  {}", printable(expected))?;
    writeln!(f, "          came      {}", printable(got))
}

/// The skipped checks of a chapter, one line for each reason.
fn skipped(f: &mut Formatter<'_>, entries: &[&Entry]) -> fmt::Result {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries {
        if let Outcome::Skipped { why } = &entry.outcome {
            reasons.entry(why).or_default().push(entry.check.split('/').next_back().unwrap_or_default());
        }
    }
    for (why, checks) in reasons {
        let which =
            if checks.len() == entries.len() && checks.len() > 1 { "all".to_owned() } else { checks.join(", ") };
        writeln!(f, "  skipped {which}: {}", printable(why))?;
    }
    Ok(())
}

/// What a server sent must not move the cursor or colour the terminal, nor fill it.
fn printable(text: &str) -> String {
    let shown: String = text.chars().map(|char| if char.is_control() { ' ' } else { char }).take(600).collect();
    if shown.len() < text.len() && text.chars().count() > 600 { format!("{shown}…") } else { shown }
}
