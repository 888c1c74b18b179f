//! What a check is, and the tables that checks stand in.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use serde::Serialize;

use crate::probe::{Feature, Probe};
use crate::verdict::Verdict;

/// The version of the protocol that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Version {
    /// SCIM 1.1.
    #[serde(rename = "1.1")]
    V1,
    /// SCIM 2.0.
    #[serde(rename = "2.0")]
    V2,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Version::V1 => "1.1",
            Version::V2 => "2.0",
        })
    }
}

impl std::str::FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "1.1" => Ok(Version::V1),
            "2.0" | "2" => Ok(Version::V2),
            other => Err(format!("there is no SCIM {other}; known: 2.0, 1.1")),
        }
    }
}

/// How strongly the standard asks for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A server that does otherwise does not conform.
    Must,
    /// A server may have a reason to do otherwise.
    Should,
    /// Left open; doing otherwise says nothing against the server.
    Option,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::Option => "OPTION",
        })
    }
}

pub(crate) type Running<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// One question to the server.
pub(crate) struct Check {
    /// The requirement's id, such as `P-7644-3.4.2-01`; [`crate::reference`] knows the section that it stands for.
    pub(crate) requirement: &'static str,
    pub(crate) level: Level,
    /// Unique in its chapter.
    pub(crate) name: &'static str,
    /// What holds when the check passes.
    pub(crate) title: &'static str,
    pub(crate) run: for<'a> fn(&'a Probe) -> Running<'a>,
}

/// Checks about one subject.
pub(crate) struct Chapter {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Without this feature the whole chapter says nothing about a server.
    pub(crate) needs: Option<Feature>,
    pub(crate) checks: &'static [Check],
}

/// The rows of a chapter: level, requirement, name, title, and what is done.
macro_rules! checks {
    ($($level:ident $requirement:literal $name:ident: $title:literal, |$probe:ident| $doing:expr;)*) => {
        &[$($crate::check::Check {
            requirement: $requirement,
            level: $crate::check::Level::$level,
            name: stringify!($name),
            title: $title,
            run: |$probe| Box::pin($doing),
        }),*]
    };
}
pub(crate) use checks;
