//! What the service says about itself, for both versions, made from the tables in [`schema`](crate::schema).

use crate::Object;
use crate::schema::ResourceType;

/// What the service supports; published and obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Features {
    /// Whether /Bulk works.
    pub bulk: bool,
    /// Operations per bulk request, and per PATCH for clients that read it so; published even when bulk is off, because
    /// authentik sizes its PATCH requests by it.
    pub max_operations: i64,
    /// Bytes per request.
    pub max_payload_size: i64,
    /// Resources per list response.
    pub max_results: i64,
    /// Whether sortBy works.
    pub sort: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self { bulk: false, max_operations: 1000, max_payload_size: 1_048_576, max_results: 1000, sort: false }
    }
}

/// The body of GET /ServiceProviderConfig. `base` is the absolute URL in front of it, without a slash at its end.
pub fn service_provider_config(base: &str, features: &Features) -> Object {
    let _ = (base, features);
    Object::new()
}

/// The resources of GET /ResourceTypes; each has its name as `id`.
pub fn resource_types(types: &[ResourceType], base: &str) -> Vec<Object> {
    let _ = (types, base);
    Vec::new()
}

/// The resources of GET /Schemas; each has its URN as `id`. A schema used by two types is listed once.
pub fn schemas(types: &[ResourceType], base: &str) -> Vec<Object> {
    let _ = (types, base);
    Vec::new()
}

/// The same in SCIM 1.1.
pub mod v1 {
    use super::Features;
    use crate::Object;
    use crate::schema::ResourceType;

    /// The body of GET /ServiceProviderConfigs.
    pub fn service_provider_configs(base: &str, features: &Features) -> Object {
        let _ = (base, features);
        Object::new()
    }

    /// The resources of GET /Schemas; `id` is `urn:scim:schemas:core:1.0:User`, `name` is `User`.
    pub fn schemas(types: &[ResourceType], base: &str) -> Vec<Object> {
        let _ = (types, base);
        Vec::new()
    }
}
