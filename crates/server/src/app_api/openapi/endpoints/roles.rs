//! Roles: the catalogue, the rules that give them, and what came of them.

use super::{Endpoint, Gives, of};
use crate::app_api::access_checks::AccessChecksInput;
use crate::app_api::role_mapping_input::{
    RoleMappingChange, RoleMappingInput, RoleMappingPreviewInput, RoleSettingsInput,
};
use crate::app_api::roles::{RoleChange, RoleInput};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint::new(
        "get",
        "/roles",
        "listRoles",
        "The roles that count for an organization; all of them, in one page",
        Gives::List("Role"),
    )
    .query(&[("organization_id", "this organization's; without it the default set")]),
    Endpoint::new("post", "/roles", "createRole", "Make a role", Gives::One(201, "Role"))
        .body("RoleInput", of::<RoleInput>),
    Endpoint::new("get", "/roles/{id}", "getRole", "One role", Gives::One(200, "Role")),
    Endpoint::new(
        "patch",
        "/roles/{id}",
        "updateRole",
        "Change a role; what is left out stays",
        Gives::One(200, "Role"),
    )
    .body("RoleChange", of::<RoleChange>),
    Endpoint::new("delete", "/roles/{id}", "deleteRole", "Remove a role that no rule gives", Gives::Nothing),
    Endpoint::new(
        "get",
        "/organizations/{id}/roles",
        "listRolesOfOrganization",
        "The roles that count for an organization",
        Gives::List("Role"),
    ),
    Endpoint::new(
        "get",
        "/authorization/organizations/{id}/roles",
        "listAuthorizationRolesOfOrganization",
        "The same, where SDKs ask for it",
        Gives::List("Role"),
    ),
    Endpoint::new(
        "get",
        "/authorization/roles",
        "listAuthorizationRoles",
        "The same as /roles, where SDKs ask for it",
        Gives::List("Role"),
    )
    .query(&[("organization_id", "this organization's; without it the default set")]),
    Endpoint::new(
        "get",
        "/role_mappings",
        "listRoleMappings",
        "The rules of a directory, in order; all of them, in one page",
        Gives::List("RoleMapping"),
    )
    .query(&[("directory", "of this directory; required")]),
    Endpoint::new(
        "post",
        "/role_mappings",
        "createRoleMapping",
        "Make a rule, and give people what is due by it",
        Gives::One(201, "RoleMapping"),
    )
    .body("RoleMappingInput", of::<RoleMappingInput>),
    Endpoint::new(
        "post",
        "/role_mappings/preview",
        "previewRoleMappings",
        "What these rules would do in place of all others; saves nothing, and needs the scope read",
        Gives::One(200, "RoleMappingPreview"),
    )
    .body("RoleMappingPreviewInput", of::<RoleMappingPreviewInput>),
    Endpoint::new("get", "/role_mappings/{id}", "getRoleMapping", "One rule", Gives::One(200, "RoleMapping")),
    Endpoint::new(
        "patch",
        "/role_mappings/{id}",
        "updateRoleMapping",
        "Change a rule or its place; what is left out stays",
        Gives::One(200, "RoleMapping"),
    )
    .body("RoleMappingChange", of::<RoleMappingChange>),
    Endpoint::new(
        "delete",
        "/role_mappings/{id}",
        "deleteRoleMapping",
        "Remove a rule, and take what people had by it",
        Gives::Nothing,
    ),
    Endpoint::new(
        "get",
        "/directories/{id}/role_settings",
        "getRoleSettings",
        "How the rules of a directory are read",
        Gives::One(200, "RoleSettings"),
    ),
    Endpoint::new(
        "patch",
        "/directories/{id}/role_settings",
        "updateRoleSettings",
        "Change how the rules of a directory are read; what is left out stays",
        Gives::One(200, "RoleSettings"),
    )
    .body("RoleSettingsInput", of::<RoleSettingsInput>),
    Endpoint::new(
        "get",
        "/directories/{id}/unknown_role_values",
        "listUnknownRoleValues",
        "Values that were received where a rule expects a role, and are none; at most 100",
        Gives::List("UnknownRoleValue"),
    ),
    Endpoint::new(
        "get",
        "/directory_users/{id}/roles",
        "listRolesOfUser",
        "Each role of a user, and why",
        Gives::List("RoleReason"),
    ),
    Endpoint::new(
        "get",
        "/access_checks",
        "checkAccess",
        "May this person enter; needs the scope access-check. Answers 304 to If-None-Match of the same answer",
        Gives::One(200, "AccessCheck"),
    )
    .query(&[
        ("organization", "its id or your own id of it; required"),
        ("user_id", "the person, by id; one of these five is required"),
        ("idp_id", "the person, by the id at the identity provider"),
        ("username", "the person, by userName"),
        ("email", "the person, by address"),
        ("user", "the person, by any of these"),
        ("version", "with wait: the version that is known"),
        ("wait", "seconds to wait for another version, up to 30"),
    ]),
    Endpoint::new(
        "post",
        "/access_checks",
        "checkAccesses",
        "The same for up to 100 people, as of one moment",
        Gives::List("AccessCheck"),
    )
    .body("AccessChecksInput", of::<AccessChecksInput>),
];
