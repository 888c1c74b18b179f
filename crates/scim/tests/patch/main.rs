//! PATCH and the wire forms against the hard cases of the requirements, the messages of identity providers, laws, and a
//! plain model of group members.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "what the tests share may fail as loudly as the tests"
)]
#![expect(clippy::needless_pass_by_value, reason = "tables of cases read better without references")]

mod cases;
#[path = "../filter/data.rs"]
mod data;
#[path = "../filter/fixtures.rs"]
mod fixtures;
mod idp;
mod laws;
mod matrix;
mod members;
mod model;
mod random;
mod reference;
mod round_trip;
mod rules_1_1;
mod support;
