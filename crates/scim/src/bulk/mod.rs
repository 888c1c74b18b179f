//! Bulk: many operations in one request (RFC 7644 section 3.7; SCIM 1.1 protocol section 3.5).
//!
//! Three pure steps, and no I/O. [`Request::read`] takes the message apart; an operation that cannot be read is refused
//! alone, later, with the others still done. A [`Run`] finds out which operation refers to which, puts them in an order in
//! which every reference can be replaced by an id, and hands them out [`Step`] by [`Step`] to whoever can carry them out.
//! Told what became of each, it writes the response in either version.
//!
//! ```
//! use doorward_scim::bulk::{Done, Request, Run, Step};
//! use doorward_scim::{json, quirks::Leniency, version::Version};
//!
//! let body = br#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
//!     {"method": "POST", "path": "/Groups", "bulkId": "g",
//!         "data": {"displayName": "Team", "members": [{"value": "bulkId:u"}]}},
//!     {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "ada"}}]}"#;
//! let request = Request::read(json::parse_object(body)?, Version::V2, 1000, &mut Leniency::strict())?;
//! let mut run = Run::new(request);
//! let Some(Step::One(user)) = run.next_step() else { panic!("the user comes first: the group refers to it") };
//! assert_eq!((user.index, user.data["userName"].as_str()), (1, Some("ada")));
//! run.done(user.index, Done { id: "u-7".to_owned(), version: Some(1) });
//! let Some(Step::One(group)) = run.next_step() else { panic!("then the group") };
//! assert_eq!(group.data["members"][0]["value"], "u-7");
//! run.done(group.index, Done { id: "g-1".to_owned(), version: Some(1) });
//! let response = run.response(Version::V2, "https://x.example/scim/v2");
//! assert_eq!(response["Operations"][0]["location"], "https://x.example/scim/v2/Groups/g-1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod order;
mod path;
mod reference;
mod request;
mod response;
mod run;

pub use path::Kind;
pub use reference::substitute;
pub use request::{Operation, Request, RequestError};
pub use run::{Circle, Done, Failure, Job, Run, Step};

/// How deep arrays and objects may be nested in the `data` of one operation: as deep as in a request of its own.
pub const DATA_DEPTH: usize = 32;

/// How deep they may be nested in the whole message: the message, `Operations`, the operation, its `data`.
pub const DEPTH: usize = DATA_DEPTH + 3;

/// What an operation does (RFC 7644 section 3.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Method {
    /// Creates a resource.
    Post,
    /// Replaces a resource.
    Put,
    /// Changes a resource.
    Patch,
    /// Removes a resource.
    Delete,
}

impl Method {
    /// The name of the HTTP method.
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// The method with this name, in capital letters as in HTTP.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Post, Self::Put, Self::Patch, Self::Delete].into_iter().find(|method| method.name() == name)
    }
}
