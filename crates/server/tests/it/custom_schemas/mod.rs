//! Schemas that a directory declares, as identity providers and applications meet them.

mod administration;
mod catalogue;
mod wire;

use doorward_scim::json;
use doorward_scim::schema::Declaration;
use doorward_server::service::schemas;
use doorward_store::scope::OperatorScope;
use serde_json::{Value, json};

use crate::support::{Directory, USER};

/// The extension of the hard cases.
pub const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";
pub const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

/// Its declaration, as chapter 16 of the requirements has it.
pub fn x() -> Value {
    json!({"id": X, "name": "Acme", "description": "What only Acme has", "resource_type": "User", "attributes": [
        {"name": "badge", "type": "integer"}, {"name": "score", "type": "decimal"},
        {"name": "hireDate", "type": "dateTime", "mutability": "immutable"},
        {"name": "tags", "multiValued": true}, {"name": "cert", "type": "binary"}]})
}

pub fn workato(closed: bool) -> Value {
    let role = |name: &str| json!({"name": name, "closed": closed, "canonicalValues": ["Admin", "Analyst", "Operator", "<No access>"]});
    json!({"id": WORKATO, "name": "WorkatoRole", "resource_type": "User",
        "attributes": [role("workato_role"), role("workato_role_test"), role("workato_role_prod")]})
}

/// Declares an extension as the command line does, and waits for nothing: call it before the directory's first request.
pub async fn declare(idp: &Directory, document: Value) {
    let document = json::parse_object(document.to_string().as_bytes()).unwrap();
    let declaration = Declaration::from_document(&document).unwrap();
    schemas::put(idp.service.app.store(), &OperatorScope::local(), idp.id, declaration).await.unwrap();
}

/// The user U1 of the hard cases, as far as it concerns X.
pub fn u1() -> Value {
    json!({"schemas": [USER, X], "userName": "bjensen@example.com", "displayName": "Babs Jensen", "active": true,
        X: {"badge": 42, "score": 1.5, "hireDate": "2020-01-01T00:00:00Z", "tags": ["red", "blue"]}})
}

/// The user U2, who has nothing of X.
pub fn u2() -> Value {
    json!({"schemas": [USER], "userName": "JSmith", "active": true})
}
