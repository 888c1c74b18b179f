//! The real binary, over real HTTP, on SQLite and on PostgreSQL: what must hold whatever the code inside looks like.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, where the lints' exceptions for test functions do not reach"
)]

mod crash;
mod deletion;
mod follow;
mod hostile;
mod lifecycle;
mod races;
mod replay;
mod running;
mod tenancy;
mod webhooks;
