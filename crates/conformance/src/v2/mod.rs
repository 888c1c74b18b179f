//! The checks of SCIM 2.0, a file for each chapter.

mod attributes;
pub(crate) mod authentication;
mod bulk;
mod create;
mod cursor;
mod delete;
mod discovery;
mod errors;
mod etag;
mod filter;
mod groups;
mod paging;
mod patch;
mod patch_refusals;
mod projection;
mod put;
mod query;
mod read;
mod schemas;
mod search;
mod sort;

use crate::check::Chapter;

/// In the order in which they are run.
pub(crate) const CHAPTERS: &[&Chapter] = &[
    &discovery::CHAPTER,
    &schemas::CHAPTER,
    &authentication::CHAPTER,
    &create::CHAPTER,
    &attributes::CHAPTER,
    &read::CHAPTER,
    &query::CHAPTER,
    &filter::CHAPTER,
    &sort::CHAPTER,
    &paging::CHAPTER,
    &cursor::CHAPTER,
    &projection::CHAPTER,
    &search::CHAPTER,
    &put::CHAPTER,
    &patch::CHAPTER,
    &patch_refusals::CHAPTER,
    &groups::CHAPTER,
    &delete::CHAPTER,
    &etag::CHAPTER,
    &bulk::CHAPTER,
    &errors::CHAPTER,
];
