//! What the service says about itself: to each directory the truth about that directory (WB-7).

use axum::response::Response;
use doorward_scim::Object;
use doorward_scim::attr::same_name;
use doorward_scim::discovery::{self, Features, Pagination};
use doorward_scim::version::Version;
use serde_json::Value;

use super::call::Call;
use super::cursor;
use super::list::{DEFAULT_COUNT, MAX_COUNT};
use super::refusal::Refusal;
use super::reply::ListHead;
use crate::service::schema::types;

/// `GET /ServiceProviderConfig`, in 1.1 `/ServiceProviderConfigs`.
pub fn service_provider_config(call: &Call) -> Result<Response, Refusal> {
    refuse_filter(call)?;
    let (limits, usual) = (&call.app.config().limits, Features::default());
    let number = |limit: usize| i64::try_from(limit).unwrap_or(i64::MAX);
    // What the client would be refused is not offered to it.
    let writes = !call.scope.is_read_only();
    let bulk = limits.bulk_operations > 0 && writes;
    let features = Features {
        bulk,
        // authentik sizes its PATCH requests by it, also where bulk is off (idp-wire 7).
        max_operations: if bulk { number(limits.bulk_operations) } else { usual.max_operations },
        max_payload_size: number(limits.bulk_body),
        max_results: MAX_COUNT,
        patch: writes,
        sort: true,
        pagination: Pagination { cursor: true, default_page_size: DEFAULT_COUNT, cursor_timeout: cursor::LIFETIME },
    };
    Ok(call.form.object(match call.version {
        Version::V1 => discovery::v1::service_provider_configs(&call.base, &features),
        Version::V2 => discovery::service_provider_config(&call.base, &features),
    }))
}

/// `GET /ResourceTypes`.
pub fn resource_types(call: &Call) -> Result<Response, Refusal> {
    refuse_filter(call)?;
    all(call, &discovery::resource_types(&types(&call.scope), &call.base))
}

/// `GET /ResourceTypes/{name}`.
pub fn resource_type(call: &Call, name: &str) -> Result<Response, Refusal> {
    refuse_filter(call)?;
    one(call, discovery::resource_types(&types(&call.scope), &call.base), name, "ResourceType")
}

/// `GET /Schemas`.
pub fn schemas(call: &Call) -> Result<Response, Refusal> {
    refuse_filter(call)?;
    all(call, &all_schemas(call))
}

/// `GET /Schemas/{uri}`; in 1.1 also by name, `/Schemas/User`.
pub fn schema(call: &Call, id: &str) -> Result<Response, Refusal> {
    refuse_filter(call)?;
    one(call, all_schemas(call), id, "Schema")
}

fn all_schemas(call: &Call) -> Vec<Object> {
    match call.version {
        Version::V1 => discovery::v1::schemas(&types(&call.scope), &call.base),
        Version::V2 => discovery::schemas(&types(&call.scope), &call.base),
    }
}

/// Everything in one page: paging parameters have no meaning here (P-7644-4-04).
fn all(call: &Call, objects: &[Object]) -> Result<Response, Refusal> {
    call.form.list(ListHead::whole(objects.len()), objects, |object, text| {
        text.push_str(&Value::Object(object.clone()).to_string());
        Ok(())
    })
}

/// The one with this `id`, in any letter case (P-7644-4-03), or, in 1.1, with this name.
fn one(call: &Call, objects: Vec<Object>, wanted: &str, what: &'static str) -> Result<Response, Refusal> {
    let named = |object: &Object, member: &str| {
        object.get(member).and_then(Value::as_str).is_some_and(|text| same_name(text, wanted))
    };
    let found = objects
        .into_iter()
        .find(|object| named(object, "id") || (call.version == Version::V1 && named(object, "name")));
    let object = found.ok_or_else(|| Refusal::new(404, format!("{what} not found.")))?;
    Ok(call.form.object(object))
}

/// A filter here asks for something that the service does not do; to ignore it would be to answer another question
/// (RFC 7644 section 4).
fn refuse_filter(call: &Call) -> Result<(), Refusal> {
    match call.query.filter {
        Some(_) => Err(Refusal::new(403, "The discovery endpoints cannot be filtered.")),
        None => Ok(()),
    }
}
