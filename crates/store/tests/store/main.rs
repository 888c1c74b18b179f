//! The storage layer on SQLite and PostgreSQL: every test runs its body on both.
#![expect(clippy::expect_used, clippy::panic, reason = "a test without its fixture cannot go on")]

mod batches;
mod common;
mod credentials;
mod declarations;
mod events;
mod hints;
mod leases;
mod lists;
mod memberships;
mod migrations;
mod organizations;
mod request_log;
mod tenants;
mod users;
mod webhooks;
