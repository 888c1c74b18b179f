//! What the product does, without HTTP: every surface calls these functions, and only these call the store.
//!
//! A function takes the scope that authentication made, a typed request, and answers with domain values or an
//! [`error::Error`] in domain words. Each surface turns both into its own wire form.

pub mod access;
mod announce;
pub mod api_keys;
pub mod appearance;
pub mod audit;
mod audit_changes;
pub mod audit_export;
pub mod catalogue;
pub mod circle;
pub mod deletion;
pub mod deliveries;
pub mod diagnose;
pub mod directories;
pub mod directory_reads;
pub mod directory_status;
pub mod directory_type;
mod directory_view;
pub mod domain;
pub mod error;
mod event_cursor;
pub mod events;
pub mod follow;
pub mod groups;
pub mod instant;
mod joining;
pub mod known_users;
pub mod label;
pub mod list;
mod listed;
pub mod members;
pub mod operators;
pub mod organizations;
pub mod passwords;
pub mod people;
pub mod portal_links;
pub mod precondition;
pub mod provision;
pub mod received;
pub mod received_attributes;
pub mod replay;
pub mod requests;
pub mod retention;
pub mod roles;
pub mod root;
pub mod schema;
pub mod schemas;
pub mod sealing;
mod search;
pub mod second_factor;
pub mod settled;
pub mod snapshot;
mod sorted;
pub mod tokens;
pub mod tolerated;
pub mod totp;
pub mod users;
pub mod view;
pub mod webhooks;

pub use error::Error;
