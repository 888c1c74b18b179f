//! `/Roles` and `/Entitlements`: the values that the directory offers. Where nothing is offered the lists are empty,
//! because Okta's entitlement apps read them anyway (idp-wire 2.12).

use axum::response::Response;
use doorward_scim::schema::CatalogueList;
use serde_json::Value;

use super::call::Call;
use super::list::{self, Part};
use super::refusal::Refusal;
use super::reply::ListHead;
use crate::service::catalogue;

/// `GET /Roles` and `GET /Entitlements`.
pub async fn list(call: &Call, which: CatalogueList) -> Result<Response, Refusal> {
    let Some(of) = catalogue::resource_type(&call.scope, which) else {
        return call.form.list(ListHead::whole(0), &[(); 0], |(), _| Ok(()));
    };
    let part = Part::read(call, which.endpoint()).await?;
    let wanted = list::wanted(call, &of, &part)?;
    let projection = call.projection(&of)?;
    let found = catalogue::find(&call.scope, which, &of, &wanted);
    call.form.list(part.head(call, &found), &found.items, |value, text| {
        text.push_str(&Value::Object(projection.apply(value.clone())).to_string());
        Ok(())
    })
}

/// `GET /Roles/{id}` and `GET /Entitlements/{id}`.
pub fn get(call: &Call, which: CatalogueList, id: &str) -> Result<Response, Refusal> {
    let values = catalogue::values(&call.scope, which, &call.base);
    let found = values.into_iter().find(|value| value.get("id").and_then(Value::as_str) == Some(id));
    let of = catalogue::resource_type(&call.scope, which);
    match (found, of) {
        (Some(value), Some(of)) => Ok(call.form.object(call.projection(&of)?.apply(value))),
        _ => Err(Refusal::new(404, format!("{} not found.", which.type_name()))),
    }
}
