//! Okta, an app of the App Integration Wizard with "SCIM provisioning": GET then PUT for profiles, activation and groups.
//! The style cannot be switched to PATCH by the administrator.

use super::{
    Activation, Family, FindGroup, Import, Link, Manner, Membership, Probe, Rename, Spaces, USER_NAME, Update, Version,
    okta,
};
use crate::client::TokenForm;
use crate::people::IdStyle;

pub(super) static MANNER: Manner = Manner {
    name: "okta-wizard",
    title: "Okta, App Integration Wizard (SCIM 2.0, GET and PUT)",
    family: Family::Okta,
    version: Version::V2,
    headers: okta::HEADERS,
    // The administrator pastes the bare token; Okta adds the scheme.
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Okta,
    spaces: Spaces::Percent,
    probe: Probe::Reads(&["/Users?startIndex=1&count=2", "/Groups?startIndex=1&count=100"]),
    find_user: &[USER_NAME],
    find_suffix: okta::PAGE,
    create_user: okta::create,
    profile: okta::profile,
    mapped: okta::MAPPED,
    link: Link::Update,
    update: Update::ReadReplace,
    activation: Activation::Update,
    erases: false,
    find_group: FindGroup::Filter(okta::PAGE),
    create_group: okta::group,
    rename: Rename::ReadReplace,
    membership: Membership::ReadReplace,
    deletes_groups: true,
    import: Import::Pages { groups: true },
    cycles: false,
};
