//! The audit log: who did what, and whether the record of it is as it was written.

mod chain;
mod export;
mod list;
mod routes;
