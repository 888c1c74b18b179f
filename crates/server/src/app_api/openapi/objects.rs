//! The objects of the application's API, member by member. Tests compare them with what is served.

use serde_json::{Map, Value, json};

/// Each object: its name, and its members with their types. A type that ends in `?` may be `null`; a name that ends in `?` may be absent.
const OBJECTS: &[(&str, &[(&str, &str)])] = &[
    (
        "Organization",
        &[
            ("object", "string"),
            ("id", "string"),
            ("name", "string"),
            ("allow_profiles_outside_organization", "boolean"),
            ("domains", "OrganizationDomain[]"),
            ("metadata", "object"),
            ("external_id", "string?"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "OrganizationDomain",
        &[
            ("object", "string"),
            ("id", "string"),
            ("organization_id", "string"),
            ("domain", "string"),
            ("state", "string"),
            ("verification_strategy", "string"),
            ("verification_token", "string?"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "Directory",
        &[
            ("object", "string"),
            ("id", "string"),
            ("organization_id", "string"),
            ("external_key", "string"),
            ("type", "string"),
            ("state", "string"),
            ("status", "string"),
            ("name", "string"),
            ("domain", "string?"),
            ("label", "string"),
            ("endpoint", "string"),
            ("endpoint_v1", "string"),
            ("settings", "object"),
            ("metadata", "object"),
            ("delete_at", "time?"),
            ("created_at", "time"),
            ("updated_at", "time"),
            ("token?", "string"),
            ("username?", "string"),
            ("password?", "string"),
        ],
    ),
    (
        "DeletionPreview",
        &[
            ("object", "string"),
            ("directory_id", "string"),
            ("name", "string"),
            ("state", "string"),
            ("users", "object"),
            ("groups", "integer"),
            ("grace_days", "integer"),
            ("delete_at", "time?"),
            ("message", "string"),
        ],
    ),
    (
        "DirectoryToken",
        &[
            ("object", "string"),
            ("id", "string"),
            ("directory_id", "string"),
            ("kind", "string"),
            ("name", "string"),
            ("username", "string?"),
            ("read_only", "boolean"),
            ("prefix", "string"),
            ("last_four", "string"),
            ("created_at", "time"),
            ("expires_at", "time?"),
            ("revoked_at", "time?"),
            ("last_used_at", "time?"),
            ("token?", "string"),
            ("password?", "string"),
        ],
    ),
    (
        "DirectoryUser",
        &[
            ("object", "string"),
            ("id", "string"),
            ("directory_id", "string"),
            ("organization_id", "string"),
            ("idp_id", "string"),
            ("email", "string?"),
            ("emails", "object[]"),
            ("first_name", "string?"),
            ("last_name", "string?"),
            ("name", "string?"),
            ("username", "string"),
            ("job_title", "string?"),
            ("state", "string"),
            ("custom_attributes", "object"),
            ("raw_attributes", "object"),
            ("known_user_id", "string?"),
            ("role", "object?"),
            ("roles", "object[]"),
            ("groups", "DirectoryGroup[]"),
            ("scim_version", "integer"),
            ("sequence", "integer"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "KnownUser",
        &[
            ("object", "string"),
            ("id", "string"),
            ("directory_id", "string"),
            ("organization_id", "string"),
            ("username", "string?"),
            ("email", "string?"),
            ("external_id", "string?"),
            ("name", "string?"),
            ("directory_user_id", "string?"),
            ("linked_at", "time?"),
            ("former_directory_user_id", "string?"),
            ("in_conflict", "boolean"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "KnownUsersImport",
        &[
            ("object", "string"),
            ("directory_id", "string"),
            ("received", "integer"),
            ("created", "integer"),
            ("updated", "integer"),
            ("unchanged", "integer"),
            ("linked", "integer"),
            ("conflicts", "integer"),
            ("failed", "integer"),
            ("errors", "object[]"),
        ],
    ),
    (
        "IdentityConflict",
        &[
            ("object", "string"),
            ("id", "string"),
            ("directory_id", "string"),
            ("organization_id", "string"),
            ("directory_user_id", "string"),
            ("username", "string"),
            ("code", "string"),
            ("reason", "string"),
            ("message", "string"),
            ("candidates", "KnownUser[]"),
            ("created_at", "time"),
        ],
    ),
    (
        "DirectoryGroup",
        &[
            ("object", "string"),
            ("id", "string"),
            ("idp_id", "string"),
            ("directory_id", "string"),
            ("organization_id", "string"),
            ("name", "string"),
            ("raw_attributes", "object"),
            ("members_count", "integer"),
            ("sequence?", "integer"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "Event",
        &[
            ("object", "string"),
            ("id", "string"),
            ("event", "string"),
            ("sequence", "integer"),
            ("data", "object"),
            ("created_at", "time"),
            ("context", "object"),
        ],
    ),
    (
        "PortalLink",
        &[
            ("object", "string"),
            ("id", "string"),
            ("organization_id", "string"),
            ("intent", "string"),
            ("status", "string"),
            ("return_url", "string?"),
            ("success_url", "string?"),
            ("external_user_id", "string?"),
            ("it_contact_emails", "string[]"),
            ("created_at", "time"),
            ("expires_at", "time"),
            ("opened_at", "time?"),
            ("opened_from", "string?"),
            ("completed_at", "time?"),
            ("revoked_at", "time?"),
            ("link?", "string"),
        ],
    ),
    ("Error", &[("message", "string"), ("code", "string"), ("errors?", "object[]")]),
    ("Document", &[]),
];

/// The schemas of all objects.
pub(super) fn schemas() -> Map<String, Value> {
    OBJECTS.iter().map(|(name, members)| ((*name).to_owned(), schema(members))).collect()
}

fn schema(members: &[(&str, &str)]) -> Value {
    if members.is_empty() {
        return json!({ "type": "object", "description": "Of a form of its own; see docs/scim.md." });
    }
    let required: Vec<&str> = members.iter().map(|(name, _)| *name).filter(|name| !name.ends_with('?')).collect();
    let properties: Map<String, Value> =
        members.iter().map(|(name, kind)| (name.trim_end_matches('?').to_owned(), property(kind))).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn property(kind: &str) -> Value {
    if let Some(item) = kind.strip_suffix("[]") {
        return json!({ "type": "array", "items": property(item) });
    }
    let (plain, nullable) = kind.strip_suffix('?').map_or((kind, false), |plain| (plain, true));
    let name = if plain == "time" { "string" } else { plain };
    let kind = if nullable { json!([name, "null"]) } else { json!(name) };
    match plain {
        "time" => json!({ "type": kind, "format": "date-time" }),
        "string" | "boolean" | "integer" | "object" => json!({ "type": kind }),
        object => super::reference(object),
    }
}
