//! Accounts that the application has already.

use super::Objects;

pub(super) const OBJECTS: Objects = &[
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
];
