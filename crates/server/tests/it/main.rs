//! Everything that goes through the real router, over real HTTP, on both databases.

mod accept_verbatim;
mod answers;
mod concurrency;
mod groups;
mod history;
mod lists;
mod mission;
mod pending;
mod protocol;
mod security;
mod support;
mod users;
mod v1;
mod wire;
