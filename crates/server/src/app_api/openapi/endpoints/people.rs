//! `/directory_users` and `/directory_groups`.

use super::{Endpoint, Gives, PAGE};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "get",
        "/directory_users",
        "listDirectoryUsers",
        "List users; directory or group is required",
        Gives::List("DirectoryUser"),
    )
    .query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("directory", "of this directory"),
        ("group", "of this group"),
        ("idp_id", "with this id at the identity provider"),
        ("email", "with this address"),
        ("username", "with this userName"),
        ("state", "active or inactive"),
        ("updated_after", "ISO 8601"),
    ]),
    Endpoint::new("get", "/directory_users/{id}", "getDirectoryUser", "One user", Gives::One(200, "DirectoryUser")),
    Endpoint::new(
        "get",
        "/directory_groups",
        "listDirectoryGroups",
        "List groups; directory or user is required",
        Gives::List("DirectoryGroup"),
    )
    .query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("directory", "of this directory"),
        ("user", "of this user"),
        ("idp_id", "with this id at the identity provider"),
        ("updated_after", "ISO 8601"),
    ]),
    Endpoint::new("get", "/directory_groups/{id}", "getDirectoryGroup", "One group", Gives::One(200, "DirectoryGroup")),
];
