//! The checks of SCIM 1.1, a file for each chapter.

mod bulk;
mod create;
mod discovery;
mod errors;
mod patch;
mod query;
mod read;
mod write;

use crate::check::Chapter;

/// In the order in which they are run.
pub(crate) const CHAPTERS: &[&Chapter] = &[
    &discovery::CHAPTER,
    &create::CHAPTER,
    &read::CHAPTER,
    &query::CHAPTER,
    &write::CHAPTER,
    &patch::CHAPTER,
    &bulk::CHAPTER,
    &errors::CHAPTER,
];
