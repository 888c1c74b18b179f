//! The model itself: text, JSON, attribute values, bodies of POST and PUT, projection, discovery.
//!
//! Tests carry the id of the requirement they prove: `h007_…` is hard case H007, `sec_09_…` the rule SEC-9, `d17_…` the
//! project rule D17.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a failed step of a fixture is a failed test, and fixtures read best with json! written in place"
)]

mod bulk;
mod declarations;
mod discovery;
mod fixtures;
mod groups;
mod json;
mod laws;
mod paths;
mod project;
mod projected;
mod put;
mod read;
mod text;
mod values;
