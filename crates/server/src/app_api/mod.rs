//! What applications read: organizations, directories, their users and groups, and the event log. And what they set: the
//! schemas and the catalogue of a directory.
//!
//! Conventions, objects and paths follow the SDKs that applications already use (app-api). A handler extracts, calls one
//! function of [`service`](crate::service), and replies.

pub mod access_checks;
pub mod audit_events;
pub mod auth;
pub mod body;
pub mod directories;
pub mod directory_catalogue;
pub mod directory_groups;
pub mod directory_schemas;
pub mod directory_users;
pub mod event_stream;
pub mod events;
pub mod form;
pub mod idempotency;
pub mod known_users;
pub mod openapi;
pub mod organizations;
pub mod page;
pub mod parameters;
pub mod portal;
pub mod reply;
pub mod requests;
pub mod role_mappings;
pub mod roles;
pub mod snapshot;
pub use crate::streamed;
pub mod tokens;
pub mod webhook_deliveries;
pub mod webhook_endpoints;
