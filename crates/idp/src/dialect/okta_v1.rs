//! Okta, "SCIM 1.1 Test App": the flows of 2.0 with the envelope of 1.1, PATCH by partial resource.

use super::{
    Activation, Family, FindGroup, Import, Link, Manner, Membership, Probe, Rename, Spaces, USER_NAME, Update, Version,
    okta,
};
use crate::client::TokenForm;
use crate::people::IdStyle;

pub(super) static MANNER: Manner = Manner {
    name: "okta-1.1",
    title: "Okta, catalog app \"SCIM 1.1 Test App\"",
    family: Family::Okta,
    version: Version::V1,
    headers: okta::HEADERS_V1,
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Okta,
    spaces: Spaces::Percent,
    probe: Probe::Reads(&["/Users?startIndex=1&count=2", "/Groups?startIndex=1&count=100"]),
    find_user: &[USER_NAME],
    find_suffix: okta::PAGE,
    create_user: okta::create_v1,
    profile: okta::profile_v1,
    mapped: okta::MAPPED_V1,
    link: Link::Replace,
    update: Update::ReadReplace,
    activation: Activation::Partial,
    erases: false,
    find_group: FindGroup::Filter(okta::PAGE),
    create_group: okta::group_v1,
    rename: Rename::Partial,
    membership: Membership::Partial,
    deletes_groups: true,
    import: Import::Pages { groups: true },
    cycles: false,
};
