//! How a check ends, inside the engine.

/// Why a check did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The answer was not the expected one.
    Failed {
        /// What the requirement demands.
        expected: String,
        /// What came instead.
        got: String,
    },
    /// The check says nothing about this server, for this reason.
    Skipped(String),
    /// No answer came.
    Silent(String),
    /// The run is being ended; nothing more is sent.
    Interrupted,
}

/// `Ok` is a passed check.
pub(crate) type Verdict = Result<(), Stop>;

/// A failure in words.
pub(crate) fn failed(expected: impl Into<String>, got: impl Into<String>) -> Stop {
    Stop::Failed { expected: expected.into(), got: got.into() }
}

/// Passes when `holds`.
pub(crate) fn expect(holds: bool, expected: impl Into<String>, got: impl Into<String>) -> Verdict {
    if holds { Ok(()) } else { Err(failed(expected, got)) }
}

/// Ends the check without a word against the server.
pub(crate) fn skip<T>(why: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Skipped(why.into()))
}
