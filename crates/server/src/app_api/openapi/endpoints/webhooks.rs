//! `/webhook_endpoints`.

use super::{Endpoint, Gives, PAGE, of};
use crate::app_api::webhook_deliveries::WebhookReplayInput;
use crate::app_api::webhook_endpoints::{WebhookEndpointChange, WebhookEndpointInput, WebhookRotation};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "get",
        "/webhook_endpoints",
        "listWebhookEndpoints",
        "List webhook endpoints",
        Gives::List("WebhookEndpoint"),
    )
    .query(&[PAGE[0], PAGE[1], PAGE[2], PAGE[3]]),
    Endpoint::new(
        "post",
        "/webhook_endpoints",
        "createWebhookEndpoint",
        "Make a webhook endpoint; its secret is in this answer only",
        Gives::One(201, "WebhookEndpoint"),
    )
    .body("WebhookEndpointInput", of::<WebhookEndpointInput>),
    Endpoint::new(
        "get",
        "/webhook_endpoints/{id}",
        "getWebhookEndpoint",
        "One webhook endpoint, with its secret masked",
        Gives::One(200, "WebhookEndpoint"),
    ),
    Endpoint::new(
        "patch",
        "/webhook_endpoints/{id}",
        "updateWebhookEndpoint",
        "Change a webhook endpoint; what is left out stays",
        Gives::One(200, "WebhookEndpoint"),
    )
    .body("WebhookEndpointChange", of::<WebhookEndpointChange>),
    Endpoint::new(
        "delete",
        "/webhook_endpoints/{id}",
        "deleteWebhookEndpoint",
        "Remove a webhook endpoint and the record of its deliveries",
        Gives::Nothing,
    ),
    Endpoint::new(
        "post",
        "/webhook_endpoints/{id}/rotate_secret",
        "rotateWebhookSecret",
        "Make a new secret, which is in this answer only",
        Gives::One(200, "WebhookEndpoint"),
    )
    .body("WebhookRotation", of::<WebhookRotation>)
    .optional(),
    Endpoint::new(
        "get",
        "/webhook_endpoints/{id}/deliveries",
        "listWebhookDeliveries",
        "What became of each event",
        Gives::List("WebhookDelivery"),
    )
    .query(&[PAGE[0], PAGE[1], PAGE[2], PAGE[3], ("state", "delivered, retrying, parked or pending")]),
    Endpoint::new(
        "post",
        "/webhook_endpoints/{id}/deliveries/{delivery_id}/retry",
        "retryWebhookDelivery",
        "Try a delivery again now",
        Gives::One(202, "WebhookDelivery"),
    ),
    Endpoint::new(
        "post",
        "/webhook_endpoints/{id}/retry_parked",
        "retryParkedWebhookDeliveries",
        "Try again what failed too often",
        Gives::One(202, "WebhookRetry"),
    ),
    Endpoint::new(
        "post",
        "/webhook_endpoints/{id}/replay",
        "replayWebhookEvents",
        "Send a part of the log once more, in order",
        Gives::One(202, "WebhookReplay"),
    )
    .body("WebhookReplayInput", of::<WebhookReplayInput>)
    .optional(),
    Endpoint::new(
        "post",
        "/webhook_endpoints/{id}/test",
        "testWebhookEndpoint",
        "Send a test event to this endpoint and to no other",
        Gives::One(202, "WebhookEndpoint"),
    ),
];
