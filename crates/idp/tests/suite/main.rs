//! Tests of the simulated providers against a server in memory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop where it is")]

mod application;
mod desk;
mod fake;
mod headers;
mod lifecycle;
mod wire_entra;
mod wire_okta;
mod wire_others;
