//! The portal, over real HTTP on both databases, and in a real browser.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests, where the lints' exceptions for test functions do not reach"
)]

mod audit;
mod browser;
mod customer;
mod guide;
mod home;
mod hostile;
mod language;
mod roles;
mod roles_by_hand;
mod screens;
mod second_factor;
mod security;
mod sessions;
mod settings;
mod setup;
mod support;
mod walk;
mod webhooks;
