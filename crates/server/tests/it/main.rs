//! Everything that goes through the real router, over real HTTP, on both databases.

mod accept_verbatim;
mod support;
mod wire;
