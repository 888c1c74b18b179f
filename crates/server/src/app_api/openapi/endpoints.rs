//! Every path of the application's API with what it takes and gives.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app_api::directories::{DirectoryInput, NewDirectoryInput};
use crate::app_api::known_users::AcceptInput;
use crate::app_api::organizations::OrganizationInput;
use crate::app_api::portal::{LinkInput, RevokeInput};
use crate::app_api::tokens::TokenInput;

/// What an endpoint answers with.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gives {
    /// 204.
    Nothing,
    /// This status and an object of this name.
    One(u16, &'static str),
    /// A list of objects of this name.
    List(&'static str),
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// Names and descriptions of parameters in the query.
    pub(super) query: &'static [(&'static str, &'static str)],
    pub(super) body: Option<fn() -> Map<String, Value>>,
    pub(super) body_name: Option<&'static str>,
    pub(super) gives: Gives,
}

impl Endpoint {
    const fn new(
        method: &'static str,
        path: &'static str,
        id: &'static str,
        summary: &'static str,
        gives: Gives,
    ) -> Self {
        Endpoint { method, path, id, summary, query: &[], body: None, body_name: None, gives }
    }

    const fn query(self, query: &'static [(&'static str, &'static str)]) -> Self {
        Endpoint { query, ..self }
    }

    /// The body is read by a type, whose name this is.
    const fn body(self, name: &'static str, body: fn() -> Map<String, Value>) -> Self {
        Endpoint { body: Some(body), body_name: Some(name), ..self }
    }

    /// The body is a document of its own form, described under this name.
    const fn document(self, name: &'static str) -> Self {
        Endpoint { body_name: Some(name), ..self }
    }
}

/// The schema of a type and of those inside it, by name.
fn of<T: ToSchema>() -> Map<String, Value> {
    let mut inner = Vec::new();
    T::schemas(&mut inner);
    inner.push((T::name().into_owned(), T::schema()));
    inner.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))).collect()
}

const PAGE: [(&str, &str); 4] = [
    ("limit", "1 to 100; 10 when it is left out"),
    ("after", "an id: what comes after it"),
    ("before", "an id: what comes before it"),
    ("order", "asc or desc"),
];

/// All of them.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new("get", "/organizations", "listOrganizations", "List organizations", Gives::List("Organization"))
        .query(&[
            PAGE[0],
            PAGE[1],
            PAGE[2],
            PAGE[3],
            ("domains", "only those that claim one of these domains"),
            ("search", "part of the name"),
        ]),
    Endpoint::new(
        "post",
        "/organizations",
        "createOrganization",
        "Make an organization",
        Gives::One(201, "Organization"),
    )
    .body("OrganizationInput", of::<OrganizationInput>),
    Endpoint::new("get", "/organizations/{id}", "getOrganization", "One organization", Gives::One(200, "Organization")),
    Endpoint::new(
        "put",
        "/organizations/{id}",
        "updateOrganization",
        "Change an organization; what is left out stays",
        Gives::One(200, "Organization"),
    )
    .body("OrganizationInput", of::<OrganizationInput>),
    Endpoint::new(
        "patch",
        "/organizations/{id}",
        "patchOrganization",
        "The same as PUT",
        Gives::One(200, "Organization"),
    )
    .body("OrganizationInput", of::<OrganizationInput>),
    Endpoint::new(
        "delete",
        "/organizations/{id}",
        "deleteOrganization",
        "Remove an organization that has no directories",
        Gives::Nothing,
    ),
    Endpoint::new(
        "get",
        "/organizations/external_id/{external_id}",
        "getOrganizationByExternalId",
        "One organization, by your own id of it",
        Gives::One(200, "Organization"),
    ),
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
        "post",
        "/portal/generate_link",
        "generateLink",
        "Make a setup link; it is in this answer only",
        Gives::One(201, "PortalLink"),
    )
    .body("LinkInput", of::<LinkInput>),
    Endpoint::new(
        "post",
        "/portal/revoke_link",
        "revokeLink",
        "End links and the sessions opened with them",
        Gives::Nothing,
    )
    .body("RevokeInput", of::<RevokeInput>),
    Endpoint::new("get", "/portal/links", "listLinks", "List setup links", Gives::List("PortalLink")).query(&[
        PAGE[0],
        PAGE[1],
        PAGE[2],
        PAGE[3],
        ("organization", "only this organization's"),
    ]),
];
