//! The log: `/events`, `/audit_events`, and snapshots to begin with.

use super::{Endpoint, Gives, PAGE};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("get", "/events", "listEvents", "The ordered log; needs the scope events", Gives::List("Event"))
        .query(&[
            PAGE[0],
            PAGE[1],
            PAGE[2],
            PAGE[3],
            ("events", "only these types, comma separated or repeated"),
            ("organization_id", "only this organization's"),
            ("directory", "only this directory's"),
            ("range_start", "ISO 8601"),
            ("range_end", "ISO 8601"),
            ("wait", "seconds to wait for news, up to 30"),
        ]),
    Endpoint::new(
        "get",
        "/events/stream",
        "streamEvents",
        "The log as server-sent events; needs the scope events. Last-Event-ID is taken for after",
        Gives::Stream("text/event-stream", "Event"),
    )
    .query(&[
        ("after", "the id of an event: what comes after it"),
        ("events", "only these types, comma separated or repeated"),
        ("organization_id", "only this organization's"),
        ("directory", "only this directory's"),
        ("range_start", "ISO 8601"),
        ("range_end", "ISO 8601"),
    ]),
    Endpoint::new(
        "get",
        "/directories/{id}/snapshot",
        "getSnapshot",
        "The state of a directory at one moment as lines of JSON: the snapshot, users, groups, memberships, and the end with the cursor to continue from",
        Gives::Stream("application/x-ndjson", "SnapshotLine"),
    ),
    Endpoint::new(
        "get",
        "/audit_events",
        "listAuditEvents",
        "Who did what, when, with which request, to whom; newest first",
        Gives::List("AuditEvent"),
    )
    .query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("actions", "only these types of events"),
        ("organization_id", "only this organization's"),
        ("directory", "only this directory's"),
        ("actor", "scim_auto_sync, api_key, operator, portal or system"),
        ("actor_id", "only by this credential or job"),
        ("target", "only about this object"),
        ("request_id", "only of this request"),
        ("range_start", "ISO 8601"),
        ("range_end", "ISO 8601"),
    ]),
    Endpoint::new(
        "get",
        "/audit_events/export",
        "exportAuditEvents",
        "The same as a file, oldest first",
        Gives::Stream("application/x-ndjson", "AuditEvent"),
    )
    .query(&[
        ("format", "csv or ndjson; ndjson when it is left out"),
        ("actions", "only these types of events"),
        ("organization_id", "only this organization's"),
        ("directory", "only this directory's"),
        ("actor", "scim_auto_sync, api_key, operator, portal or system"),
        ("actor_id", "only by this credential or job"),
        ("target", "only about this object"),
        ("request_id", "only of this request"),
        ("range_start", "ISO 8601"),
        ("range_end", "ISO 8601"),
    ]),
    Endpoint::new(
        "get",
        "/audit_events/verification",
        "verifyAuditEvents",
        "The end of the hash chain over the log, to be kept elsewhere; not with the key of one organization",
        Gives::One(200, "AuditVerification"),
    )
    .query(&[("head", "HASH@POSITION that was kept: is it still held")]),
];
