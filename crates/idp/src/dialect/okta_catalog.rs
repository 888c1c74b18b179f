//! Okta, the catalog templates "SCIM 2.0 Test App" (header, OAuth bearer token, basic): GET then PUT for profiles, PATCH for
//! activation and groups.

use super::{
    Activation, Family, FindGroup, Import, Link, Manner, Membership, Probe, Rename, Spaces, USER_NAME, Update, Version,
    okta,
};
use crate::client::TokenForm;
use crate::people::IdStyle;

pub(super) static MANNER: Manner = Manner {
    name: "okta-catalog",
    title: "Okta, catalog app \"SCIM 2.0 Test App\" (PUT and PATCH)",
    family: Family::Okta,
    version: Version::V2,
    headers: okta::HEADERS,
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
    link: Link::Replace,
    update: Update::ReadReplace,
    activation: Activation::PatchValue,
    erases: false,
    find_group: FindGroup::Filter(okta::PAGE),
    create_group: okta::group,
    rename: Rename::IdAndName,
    membership: Membership::Delta,
    deletes_groups: true,
    import: Import::Pages { groups: true },
    cycles: false,
};
