//! Throw-away databases and killable servers for Doorward's own tests.
//!
//! A test asks for [`databases`] and runs its body once per entry, so that SQLite and PostgreSQL prove the same list.
//! PostgreSQL is a cluster of our own: made on first use, on a free loopback port, with `fsync` on, gone when the test
//! process is gone, even when that is killed. Nothing here is used by the product itself.
#![expect(clippy::panic, reason = "a test without its database cannot go on; the panic text says what is missing")]

mod cluster;
mod database;
mod guard;
mod random;
mod server;

pub use cluster::{Cluster, SHARED_CLUSTER_VARIABLE, postgres_cluster, postgres_programs};
pub use database::{TestDatabase, databases, postgres_from_template};
pub use server::KillableServer;

/// Ends the test with the whole chain of reasons.
fn fail(error: &anyhow::Error) -> ! {
    panic!("{error:#}")
}
