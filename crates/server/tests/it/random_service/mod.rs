//! Random filters and random PATCH sequences on each database, asked of the service in this process: no HTTP, so that a long run gets
//! through very many. `DOORWARD_RANDOM_CASES` says how many, on each database.

mod filters;
mod patches;

use std::sync::Arc;

use doorward_scim::Object;
use doorward_store::scope::DirectoryScope;
use doorward_store::secret::SecretHash;
use doorward_store::token::{self, Authentication};
use serde_json::Value;

use crate::support::Directory;

/// Threads that ask at the same time: the store then has several jobs at hand, as under load.
const THREADS: u32 = 8;

/// How many cases each thread asks.
fn cases(few: u32) -> u32 {
    let wanted = std::env::var("DOORWARD_RANDOM_CASES").ok().and_then(|count| count.parse().ok());
    wanted.unwrap_or(few).div_ceil(THREADS)
}

/// What the directory's own credential opens.
async fn scope(directory: &Directory) -> Arc<DirectoryScope> {
    let hash = SecretHash::of(&directory.secret);
    let outcome = directory.service.app.store().read(move |tx| token::authenticate_bearer(tx, &hash)).await.unwrap();
    match outcome {
        Authentication::Accepted(scope) => Arc::new(scope),
        Authentication::Refused(reason) => panic!("{reason:?}"),
    }
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}
