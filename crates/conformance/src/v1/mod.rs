//! The checks of SCIM 1.1, a file for each chapter.

use crate::check::Chapter;

/// In the order in which they are run.
pub(crate) const CHAPTERS: &[&Chapter] = &[];
