//! Doorward's HTTP service as a library, so that the binary, the tests and the benches run the same code in process.
//!
//! The surfaces ([`scim_api`] for identity providers, [`app_api`] for applications) only translate between HTTP and
//! [`service`], which says what the product does and alone talks to the store. [`router()`] shows every URL on one screen.

pub mod app;
pub mod app_api;
pub mod bad_credentials;
pub mod config;
pub mod credential_cache;
pub mod health;
pub mod jobs;
pub mod middleware;
pub mod portal;
pub mod rate_limit;
pub mod request_log;
pub mod router;
pub mod scim_api;
pub mod sealed;
pub mod secrets;
pub mod serve;
pub mod service;
pub mod streamed;
pub mod streams;
pub mod telemetry;
pub mod webhooks;

pub use app::App;
pub use config::Config;
pub use router::router;
pub use serve::serve;
