//! `/organizations` and `/portal`.

use super::{Endpoint, Gives, PAGE, of};
use crate::app_api::organizations::OrganizationInput;
use crate::app_api::portal::{LinkInput, RevokeInput};

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
