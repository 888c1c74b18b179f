//! Roles, rules and access.

use super::Objects;

pub(super) const OBJECTS: Objects = &[
    (
        "Role",
        &[
            ("object", "string"),
            ("id", "string"),
            ("organization_id", "string?"),
            ("slug", "string"),
            ("name", "string"),
            ("description", "string?"),
            ("type", "string"),
            ("resource_type_slug", "string"),
            ("permissions", "string[]"),
            ("priority", "integer"),
            ("default", "boolean"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "RoleCondition",
        &[
            ("type?", "string"),
            ("group_id?", "string"),
            ("group_name?", "string"),
            ("path?", "string"),
            ("value?", "string"),
        ],
    ),
    (
        "RoleMapping",
        &[
            ("object", "string"),
            ("id", "string"),
            ("directory_id", "string"),
            ("position", "integer"),
            ("condition", "RoleCondition"),
            ("role", "string?"),
            ("environment", "string?"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "RoleMappingPreview",
        &[
            ("object", "string"),
            ("directory_id", "string"),
            ("looked_at", "integer"),
            ("total", "integer"),
            ("complete", "boolean"),
            ("changed", "integer"),
            ("roles", "object[]"),
            ("users", "object[]"),
        ],
    ),
    (
        "RoleSettings",
        &[
            ("object", "string"),
            ("directory_id", "string"),
            ("mode", "string"),
            ("unknown_values", "string"),
            ("recomputing", "object?"),
        ],
    ),
    (
        "UnknownRoleValue",
        &[
            ("object", "string"),
            ("directory_id", "string"),
            ("path", "string"),
            ("value", "string"),
            ("people", "integer"),
            ("last_seen_at", "time"),
            ("closest_role", "object?"),
        ],
    ),
    (
        "RoleReason",
        &[
            ("object", "string"),
            ("user_id", "string"),
            ("environment", "string?"),
            ("role", "object"),
            ("default", "boolean"),
            ("role_mapping", "RoleMapping?"),
            ("matched", "object?"),
            ("since", "time"),
        ],
    ),
    (
        "AccessCheck",
        &[
            ("object", "string"),
            ("allowed", "boolean"),
            ("reason", "string"),
            ("user_id", "string?"),
            ("directory_id", "string?"),
            ("role", "object?"),
            ("roles", "object[]"),
            ("environment_roles", "object"),
            ("groups", "object[]"),
            ("version", "integer"),
            ("checked_at", "time"),
            ("candidates?", "object[]"),
        ],
    ),
];
