//! SCIM 1.1 and 2.0 as a pure library: resources, schemas, filters, PATCH and the two wire forms of one model.
//!
//! Nothing in here performs I/O, reads a clock or knows HTTP. A request body goes through [`json`] (the one strict JSON
//! reader), [`version`] (1.1 or 2.0 into one canonical form), [`resource`] (checked against [`schema`]) or [`patch`], and
//! comes back out through [`version`] and [`project`]. What a real identity provider needs beyond the RFCs is listed, by
//! name and with its reason, in [`quirks`].
//!
//! ```
//! use doorward_scim::{json, quirks::Leniency, resource, schema::ResourceType};
//!
//! let body = json::parse_object(br#"{"USERNAME": "Ada@corp.example", "active": "True", "password": "x"}"#)?;
//! let mut leniency = Leniency::tolerant();
//! let incoming = resource::read(body, &ResourceType::user(), &mut leniency)?;
//! assert_eq!(
//!     incoming.resource.to_stored(),
//!     r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Ada@corp.example","active":true}"#,
//! );
//! # Ok::<(), doorward_scim::Error>(())
//! ```

pub mod attr;
pub mod bulk;
mod compact;
pub mod discovery;
pub mod error;
pub mod filter;
pub mod json;
pub mod message;
pub mod needed;
pub mod patch;
pub mod project;
pub mod quirks;
pub mod received;
pub mod resource;
pub mod schema;
pub mod sort;
pub mod text;
pub mod value;
pub mod version;

pub use error::{Error, ErrorKind};

/// A JSON object whose members keep the order in which they were written.
///
/// Two objects with the same members in another order are equal (RFC 7643 section 2.3.8).
pub type Object = serde_json::Map<String, serde_json::Value>;
