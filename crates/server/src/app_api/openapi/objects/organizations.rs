//! Organizations and setup links.

use super::Objects;

pub(super) const OBJECTS: Objects = &[
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
