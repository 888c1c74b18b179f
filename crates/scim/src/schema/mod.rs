//! What a resource may hold: attributes and their characteristics (RFC 7643 sections 2 and 7).
//!
//! The tables of User, EnterpriseUser and Group are Rust in files of their own; custom extensions are built from the same
//! pieces at run time. Discovery documents and every check are made from these tables, so they cannot disagree.

mod attribute;
mod catalogue;
mod config;
mod declaration;
mod enterprise;
mod fields;
mod group;
mod resource_type;
mod types;
mod user;

pub use attribute::{Attribute, AttributeType, Mutability, Returned, Uniqueness};
pub use catalogue::{Catalogue, CatalogueList, MAX_VALUES as MAX_OFFERED, Offer, Offered, catalogue_type};
pub use config::{resource_type as resource_type_schema, schema as schema_schema, service_provider_config};
pub use declaration::{Declaration, Extended, MAX_ATTRIBUTES, MAX_DECLARATIONS, check_together};
pub use enterprise::enterprise;
pub use fields::Invalid;
pub use group::group;
pub use resource_type::{Extension, ResourceType, Target, common};
pub use types::Types;
pub use user::user;

use crate::attr::same_name;

/// The core schema of users (RFC 7643 section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core schema of groups (RFC 7643 section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of users (RFC 7643 section 4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The schema of the service provider configuration (RFC 7643 section 5).
pub const SERVICE_PROVIDER_CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The schema of resource types (RFC 7643 section 6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// The schema of schemas (RFC 7643 section 7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// The one core schema of SCIM 1.1.
pub const CORE_V1: &str = "urn:scim:schemas:core:1.0";
/// The enterprise extension of SCIM 1.1.
pub const ENTERPRISE_V1: &str = "urn:scim:schemas:extension:enterprise:1.0";
/// A list of resources (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A search by POST (RFC 7644 section 3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// A PATCH request (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// A bulk request (RFC 7644 section 3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// A bulk response (RFC 7644 section 3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// An error (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A named set of attributes with a URN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The URN.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// A sentence for people.
    pub description: String,
    /// The attributes, in the order they are published in.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute with this name, in any letter case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| same_name(&attribute.name, name))
    }
}

/// Whether a text has the shape of a schema URN, `urn:…scim:schemas:…`, declared or not.
pub fn is_schema_urn(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    lower.starts_with("urn:") && lower.contains(":scim:schemas:")
}
