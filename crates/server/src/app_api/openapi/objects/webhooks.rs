//! Webhooks.

use super::Objects;

pub(super) const OBJECTS: Objects = &[
    (
        "WebhookEndpoint",
        &[
            ("object", "string"),
            ("id", "string"),
            ("endpoint_url", "string"),
            ("description", "string"),
            ("organization_id", "string?"),
            ("secret", "string"),
            ("previous_secret_expires_at", "time?"),
            ("status", "string"),
            ("disabled_reason", "string?"),
            ("failing_since", "time?"),
            ("events", "string[]"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    (
        "WebhookDelivery",
        &[
            ("object", "string"),
            ("id", "string"),
            ("webhook_endpoint_id", "string"),
            ("event_id", "string"),
            ("event", "string"),
            ("sequence", "integer"),
            ("state", "string"),
            ("attempts", "integer"),
            ("response_status", "integer?"),
            ("latency_ms", "integer?"),
            ("error", "string?"),
            ("response_excerpt", "string?"),
            ("next_attempt_at", "time?"),
            ("created_at", "time"),
            ("updated_at", "time"),
        ],
    ),
    ("WebhookRetry", &[("object", "string"), ("deliveries", "integer")]),
    (
        "WebhookReplay",
        &[
            ("object", "string"),
            ("id", "string"),
            ("webhook_endpoint_id", "string"),
            ("after_sequence", "integer"),
            ("until_sequence", "integer"),
        ],
    ),
];
