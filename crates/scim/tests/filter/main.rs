//! Filters and PATCH paths against the hard cases of the requirements, a second evaluator, another crate's parser, and
//! hostile input.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests share may fail as loudly as the tests")]

mod cases;
mod data;
mod errors;
mod evaluator;
mod fixtures;
mod hostile;
mod model;
mod needed;
mod paths;
mod peer;
mod peer_paths;
mod print;
mod reference;
mod rules;
