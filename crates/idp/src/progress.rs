//! Where a run is, for whoever watches it.

use std::fmt;

use indicatif::{ProgressBar, ProgressStyle};

/// The parts of a run, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The provider's test of the connection.
    Connection,
    /// People are matched and created.
    Users,
    /// References to managers are written (Entra's second step).
    References,
    /// Groups are matched, created and, where the provider does so at once, filled.
    Groups,
    /// Members are written (Entra's last step).
    Memberships,
    /// The day of changes.
    Changes,
    /// The provider reads everything back.
    Import,
    /// The intended state is compared with the server's.
    Verdict,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Connection => "connection test",
            Self::Users => "people",
            Self::References => "managers",
            Self::Groups => "groups",
            Self::Memberships => "members",
            Self::Changes => "changes",
            Self::Import => "import",
            Self::Verdict => "verdict",
        })
    }
}

/// One step forward.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The part of the run.
    pub phase: Phase,
    /// Steps of this part that are done, 0 when it begins.
    pub done: usize,
    /// Steps of this part in all; 0 when that is not known beforehand.
    pub total: usize,
    /// Requests sent since the run began.
    pub requests: usize,
}

/// A progress bar on standard error, for [`run()`](crate::run()). It draws nothing when standard error is not a terminal.
pub fn bar() -> impl FnMut(Progress) + Send {
    let style = ProgressStyle::with_template("{prefix:>16} {bar:32} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let mut current: Option<(Phase, ProgressBar)> = None;
    move |progress: Progress| {
        let bar = match &mut current {
            Some((phase, bar)) if *phase == progress.phase => bar,
            slot => {
                if let Some((_, finished)) = slot.take() {
                    finished.finish();
                }
                let bar = ProgressBar::new(0).with_style(style.clone()).with_prefix(progress.phase.to_string());
                &mut slot.insert((progress.phase, bar)).1
            }
        };
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        bar.set_message(format!("{} requests", progress.requests));
        if progress.phase == Phase::Verdict && progress.done == progress.total {
            bar.finish();
        }
    }
}
