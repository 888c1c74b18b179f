//! Everything that goes through the real router, over real HTTP, on both databases.
#![expect(clippy::needless_pass_by_value, reason = "a body written as json!(…) reads better without an ampersand")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what the tests share may fail as loudly as the tests"
)]

mod accept_verbatim;
mod answers;
mod app_api;
mod audit;
mod bad_credentials;
mod bulk;
mod concurrency;
mod credentials;
mod custom_schemas;
mod event_log;
mod events;
mod groups;
mod hard_cases;
mod history;
mod known_users;
mod lists;
mod mission;
mod orders;
mod pending;
mod protocol;
mod random_filters;
mod random_service;
mod requests;
mod roles;
mod security;
mod simulators;
mod slow_clients;
mod soak;
mod support;
mod users;
mod v1;
mod webhooks;
mod wire;
mod writing;
