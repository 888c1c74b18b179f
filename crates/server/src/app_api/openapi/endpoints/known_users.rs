//! `/directories/{id}/known_users` and `/directories/{id}/conflicts`.

use super::{Endpoint, Gives, PAGE, of};
use crate::app_api::known_users::AcceptInput;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "get",
        "/directories/{id}/known_users",
        "listKnownUsers",
        "The accounts that the application has already",
        Gives::List("KnownUser"),
    )
    .query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("state", "linked, unlinked or conflict"),
        ("search", "a part of id, username, email or name"),
    ]),
    Endpoint::new(
        "post",
        "/directories/{id}/known_users",
        "loadKnownUsers",
        "Load accounts: NDJSON of any length, a line for each",
        Gives::One(200, "KnownUsersImport"),
    ),
    Endpoint::new(
        "delete",
        "/directories/{id}/known_users/{known_id}",
        "deleteKnownUser",
        "Forget an account",
        Gives::Nothing,
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/conflicts",
        "listIdentityConflicts",
        "People whose account somebody has to decide about",
        Gives::List("IdentityConflict"),
    )
    .query(&PAGE),
    Endpoint::new(
        "post",
        "/directories/{id}/conflicts/{conflict_id}/accept",
        "acceptIdentityConflict",
        "Say that an account is the person's",
        Gives::One(200, "DirectoryUser"),
    )
    .body("AcceptInput", of::<AcceptInput>),
    Endpoint::new(
        "post",
        "/directories/{id}/conflicts/{conflict_id}/refuse",
        "refuseIdentityConflict",
        "Say that none of the accounts is the person's",
        Gives::One(200, "DirectoryUser"),
    ),
    Endpoint::new(
        "post",
        "/directory_users/{id}/unlink",
        "unlinkDirectoryUser",
        "End the link of a person with an account",
        Gives::One(200, "DirectoryUser"),
    ),
];
