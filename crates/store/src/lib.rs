//! Doorward's one seam to SQLite and PostgreSQL.
//!
//! Jobs are plain synchronous closures over a [`Tx`]; [`Store`] runs them on threads of its own and answers writers after COMMIT.
//! One SQL text serves both databases. There is no HTTP here and no SCIM beyond keys and filters.

mod ahead;
pub mod api_key;
pub mod appearance;
mod batch;
mod blocks;
mod change;
pub mod clock;
pub mod deletion;
pub mod directory;
mod directory_row;
pub mod entropy;
pub mod error;
pub mod event;
pub mod filter_sql;
pub mod group;
mod growth;
pub mod idempotency;
pub mod ids;
mod job;
mod key;
pub mod known_user;
pub mod lease;
mod link;
mod listing;
mod many;
pub mod membership;
mod migrate;
pub mod operator;
pub mod operator_session;
pub mod operator_totp;
pub mod organization;
pub mod origin;
pub mod paging;
pub mod pending;
#[cfg(test)]
mod plans;
pub mod portal_link;
mod postgres;
mod reader;
pub mod received;
pub mod request_log;
pub mod role;
pub mod role_mapping;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod server_secret;
mod settings;
pub mod settled;
mod sqlite;
pub mod stats;
mod store;
pub mod token;
pub mod traffic;
pub mod tx;
pub mod user;
pub mod value;
pub mod webhook;
mod writer;

pub use ahead::Hints;
pub use clock::Clock;
pub use entropy::Entropy;
pub use error::{Conflict, Error, Result};
pub use origin::{Actor, Origin};
pub use secret::{Secret, SecretHash};
pub use stats::Counts;
pub use store::{Condition, Database, Lane, Options, Store, inspect};
pub use tx::{NewEvent, Tx};
