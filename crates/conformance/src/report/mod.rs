//! What a run found, for programs (`serde`), for people ([`text`]) and for a browser ([`html()`]).

mod html;
mod text;

use serde::{Serialize, Serializer};

pub use html::html;

use crate::check::{Chapter, Check, Level, Version};
use crate::cleanup::Cleanup;
use crate::client::Exchange;
use crate::reference;
use crate::run::name;
use crate::verdict::{Stop, Verdict};

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// As demanded.
    Passed,
    /// Not as demanded by a MUST.
    Failed {
        /// What the requirement demands.
        expected: String,
        /// What came instead.
        got: String,
    },
    /// Not as asked for by a SHOULD.
    Warned {
        /// What the requirement asks for.
        expected: String,
        /// What came instead.
        got: String,
    },
    /// Nothing can be said.
    Skipped {
        /// The reason.
        why: String,
    },
}

/// One check and how it ended.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Chapter and name, such as `create/location`.
    pub check: String,
    /// What the chapter is about.
    pub chapter: &'static str,
    /// The requirement's id.
    pub requirement: &'static str,
    /// The section of the standard.
    pub reference: String,
    /// How strongly the standard asks for it.
    pub level: Level,
    /// What holds when the check passes.
    pub title: &'static str,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What was sent and what came.
    pub exchanges: Vec<Exchange>,
}

impl Entry {
    pub(crate) fn new(chapter: &Chapter, check: &Check, verdict: Verdict, exchanges: Vec<Exchange>) -> Self {
        Entry {
            check: name(chapter, check),
            chapter: chapter.title,
            requirement: check.requirement,
            reference: reference::section(check.requirement),
            level: check.level,
            title: check.title,
            outcome: outcome(check.level, verdict),
            exchanges,
        }
    }

    /// A MUST that was not met.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        matches!(self.outcome, Outcome::Failed { .. })
    }
}

fn outcome(level: Level, verdict: Verdict) -> Outcome {
    let (expected, got) = match verdict {
        Ok(()) => return Outcome::Passed,
        Err(Stop::Skipped(why)) => return Outcome::Skipped { why },
        Err(Stop::Interrupted) => return Outcome::Skipped { why: "the run was interrupted".to_owned() },
        Err(Stop::Silent(why)) => ("an answer".to_owned(), why),
        Err(Stop::Failed { expected, got }) => (expected, got),
    };
    match level {
        Level::Must => Outcome::Failed { expected, got },
        Level::Should => Outcome::Warned { expected, got },
        Level::Option => Outcome::Skipped { why: format!("not offered: {expected}; {got}") },
    }
}

/// How many checks ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// As demanded.
    pub passed: usize,
    /// A MUST was not met.
    pub failed: usize,
    /// A SHOULD was not met.
    pub warned: usize,
    /// Nothing can be said.
    pub skipped: usize,
}

impl Counts {
    fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Self {
        let mut counts = Counts::default();
        for entry in entries {
            *match entry.outcome {
                Outcome::Passed => &mut counts.passed,
                Outcome::Failed { .. } => &mut counts.failed,
                Outcome::Warned { .. } => &mut counts.warned,
                Outcome::Skipped { .. } => &mut counts.skipped,
            } += 1;
        }
        counts
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed", self.passed)?;
        for (count, name) in [(self.failed, "failed"), (self.warned, "warned"), (self.skipped, "skipped")] {
            if count > 0 {
                write!(f, ", {count} {name}")?;
            }
        }
        Ok(())
    }
}

/// What a run found.
#[derive(Debug, Clone)]
pub struct Report {
    /// The tested URL.
    pub url: String,
    /// The version of the protocol.
    pub version: Version,
    /// With what the names of everything began that the run made.
    pub prefix: String,
    /// The run was ended before all checks were done.
    pub interrupted: bool,
    /// Requests sent, those for cleaning up included.
    pub requests: usize,
    /// How long it took.
    pub milliseconds: u64,
    /// All checks in their order.
    pub checks: Vec<Entry>,
    /// What became of what the run made.
    pub cleanup: Cleanup,
}

impl Report {
    /// No MUST failed.
    #[must_use]
    pub fn conforms(&self) -> bool {
        !self.checks.iter().any(Entry::is_failure)
    }

    /// How many checks ended in which way.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts::of(&self.checks)
    }

    /// The chapters in their order, each with its checks.
    fn chapters(&self) -> Vec<(&'static str, Vec<&Entry>)> {
        let mut chapters: Vec<(&'static str, Vec<&Entry>)> = Vec::new();
        for entry in &self.checks {
            match chapters.last_mut() {
                Some((chapter, entries)) if *chapter == entry.chapter => entries.push(entry),
                _ => chapters.push((entry.chapter, vec![entry])),
            }
        }
        chapters
    }

    /// The last sentence about the server.
    fn verdict(&self) -> String {
        match (self.conforms(), self.interrupted) {
            (false, _) => format!("The server does NOT conform to SCIM {}: see what failed above.", self.version),
            (true, true) => "The run was interrupted; nothing failed until then.".to_owned(),
            (true, false) => format!("No MUST of SCIM {} that was checked is violated.", self.version),
        }
    }

    /// The last sentence about what the run has made.
    fn tidied(&self) -> String {
        let Cleanup { made, left, verified } = &self.cleanup;
        if left.is_empty() {
            return format!(
                "{made} resources were made and deleted; nothing with the prefix {} is left ({verified}).",
                self.prefix
            );
        }
        format!("{made} resources were made; STILL THERE, to be deleted by hand: {} ({verified}).", left.join(", "))
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shown<'a> {
            url: &'a str,
            version: Version,
            prefix: &'a str,
            conforms: bool,
            interrupted: bool,
            counts: Counts,
            requests: usize,
            milliseconds: u64,
            cleanup: &'a Cleanup,
            clean: bool,
            checks: &'a [Entry],
        }
        let shown = Shown {
            url: &self.url,
            version: self.version,
            prefix: &self.prefix,
            conforms: self.conforms(),
            interrupted: self.interrupted,
            counts: self.counts(),
            requests: self.requests,
            milliseconds: self.milliseconds,
            cleanup: &self.cleanup,
            clean: self.cleanup.is_clean(),
            checks: &self.checks,
        };
        shown.serialize(serializer)
    }
}
