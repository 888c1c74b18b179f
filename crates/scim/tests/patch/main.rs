//! PATCH and the wire forms against the hard cases of the requirements, the messages of identity providers, laws, and a
//! plain model of group members.

mod cases_1_1;
mod cases_2_0;
#[path = "../filter/fixtures.rs"]
mod fixtures;
mod idp;
mod laws;
mod members;
mod round_trip;
mod support;
