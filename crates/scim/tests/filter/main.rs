//! Filters and PATCH paths against the hard cases of the requirements, a second evaluator, another crate's parser, and
//! hostile input.

mod cases;
mod errors;
mod fixtures;
mod hostile;
mod model;
mod paths;
mod peer;
mod print;
mod reference;
