//! What the identity provider asked, and what is wrong.

use super::{Endpoint, Gives, PAGE};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "get",
        "/directories/{id}/requests",
        "listRequests",
        "What the identity provider asked, newest first",
        Gives::ListWith("DirectoryRequest", &[("not_recorded", "integer")]),
    )
    .query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("failed", "true or false"),
        ("diagnosis", "with this code, such as D05"),
        ("status", "with this HTTP status"),
        ("subject", "about this user or group"),
        ("method", "with this HTTP method"),
        ("range_start", "ISO 8601"),
        ("range_end", "ISO 8601"),
    ]),
    Endpoint::new(
        "get",
        "/directories/{id}/requests/{request}",
        "getRequest",
        "One request, by its id or by that of its answer, with its events",
        Gives::One(200, "DirectoryRequestDetail"),
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/diagnoses",
        "listDiagnoses",
        "The current problems, equal ones together, the worst first; at most 100",
        Gives::List("DirectoryDiagnosis"),
    ),
];
