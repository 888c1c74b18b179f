//! Where a run is, for whoever watches it.

use indicatif::{ProgressBar, ProgressStyle};

/// One step forward.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// What is being looked at.
    pub chapter: &'static str,
    /// Checks done.
    pub done: usize,
    /// Checks in all.
    pub total: usize,
    /// Checks that failed so far.
    pub failed: usize,
}

/// A progress bar on standard error, for [`run()`](crate::run()). It draws nothing when standard error is not a terminal.
pub fn bar() -> impl FnMut(Progress) + Send {
    let style = ProgressStyle::with_template("{prefix:>16} {bar:32} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    move |progress: Progress| {
        bar.set_length(progress.total as u64);
        bar.set_position(progress.done as u64);
        bar.set_prefix(progress.chapter);
        if progress.failed > 0 {
            bar.set_message(format!("{} failed", progress.failed));
        }
        if progress.done == progress.total {
            bar.finish_and_clear();
        }
    }
}
