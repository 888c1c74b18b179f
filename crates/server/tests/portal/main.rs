//! The portal, over real HTTP on both databases, and in a real browser.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, where the lints' exceptions for test functions do not reach"
)]

mod browser;
mod customer;
mod guide;
mod hostile;
mod language;
mod screens;
mod security;
mod sessions;
mod setup;
mod support;
mod walk;
