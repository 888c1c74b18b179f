//! `/directories` with what belongs to their connection.

use super::{Endpoint, Gives, PAGE, of};
use crate::app_api::directories::{DirectoryInput, NewDirectoryInput};
use crate::app_api::tokens::TokenInput;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("get", "/directories", "listDirectories", "List directories", Gives::List("Directory")).query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("organization_id", "only this organization's"),
        ("search", "part of the name"),
        ("domain", "only those with this domain"),
    ]),
    Endpoint::new(
        "post",
        "/directories",
        "createDirectory",
        "Make a directory and its first credential, which is in this answer only",
        Gives::One(201, "Directory"),
    )
    .body("NewDirectoryInput", of::<NewDirectoryInput>),
    Endpoint::new("get", "/directories/{id}", "getDirectory", "One directory", Gives::One(200, "Directory")),
    Endpoint::new(
        "patch",
        "/directories/{id}",
        "updateDirectory",
        "Change a directory; what is left out stays",
        Gives::One(200, "Directory"),
    )
    .body("DirectoryInput", of::<DirectoryInput>),
    Endpoint::new(
        "delete",
        "/directories/{id}",
        "deleteDirectory",
        "Delete a directory: credentials end at once, removal begins after the time of grace",
        Gives::One(202, "Directory"),
    )
    .query(&[("grace_days", "0 to 365; 7 unless the operator says otherwise")]),
    Endpoint::new(
        "get",
        "/directories/{id}/deletion_preview",
        "previewDeletion",
        "Who would lose access",
        Gives::One(200, "DeletionPreview"),
    ),
    Endpoint::new(
        "post",
        "/directories/{id}/restore",
        "restoreDirectory",
        "Take a deletion back while the time of grace runs",
        Gives::One(200, "Directory"),
    ),
    Endpoint::new(
        "post",
        "/directories/{id}/disable",
        "disableDirectory",
        "Switch off: SCIM is refused with a reason",
        Gives::One(200, "Directory"),
    ),
    Endpoint::new("post", "/directories/{id}/enable", "enableDirectory", "Switch on", Gives::One(200, "Directory")),
    Endpoint::new(
        "get",
        "/directories/{id}/tokens",
        "listTokens",
        "All credentials, ended ones too",
        Gives::List("DirectoryToken"),
    ),
    Endpoint::new(
        "post",
        "/directories/{id}/tokens",
        "createToken",
        "Make a credential; its secret is in this answer only",
        Gives::One(201, "DirectoryToken"),
    )
    .body("TokenInput", of::<TokenInput>),
    Endpoint::new(
        "get",
        "/directories/{id}/tokens/{token_id}",
        "getToken",
        "One credential",
        Gives::One(200, "DirectoryToken"),
    ),
    Endpoint::new(
        "delete",
        "/directories/{id}/tokens/{token_id}",
        "revokeToken",
        "End a credential at once",
        Gives::Nothing,
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/schemas",
        "listSchemas",
        "The declared extensions",
        Gives::List("Document"),
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/schemas/{urn}",
        "getSchema",
        "One declared extension",
        Gives::One(200, "Document"),
    ),
    Endpoint::new(
        "put",
        "/directories/{id}/schemas/{urn}",
        "putSchema",
        "Declare an extension",
        Gives::One(200, "Document"),
    )
    .document("Document"),
    Endpoint::new(
        "delete",
        "/directories/{id}/schemas/{urn}",
        "deleteSchema",
        "Take a declaration back",
        Gives::Nothing,
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/received_attributes",
        "listReceivedAttributes",
        "What was sent without being declared",
        Gives::List("Document"),
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/catalogue",
        "getCatalogue",
        "The roles and entitlements offered",
        Gives::One(200, "Document"),
    ),
    Endpoint::new(
        "put",
        "/directories/{id}/catalogue",
        "putCatalogue",
        "Set the roles and entitlements offered",
        Gives::One(200, "Document"),
    )
    .document("Document"),
    Endpoint::new("delete", "/directories/{id}/catalogue", "deleteCatalogue", "Offer none", Gives::Nothing),
];
