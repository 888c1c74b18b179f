//! Okta, an app published in its integration network with "Support PATCH for User" ticked. The form of the profile PATCH is
//! not documented; it is written as the documented activation PATCH is, one path-less replace. The token travels without a
//! scheme ("Header" mode).

use super::{
    Activation, Family, FindGroup, Import, Link, Manner, Membership, Probe, Rename, Spaces, USER_NAME, Update, Version,
    okta,
};
use crate::client::TokenForm;
use crate::people::IdStyle;

pub(super) static MANNER: Manner = Manner {
    name: "okta-oin",
    title: "Okta, published app (SCIM 2.0, PATCH, token without a scheme)",
    family: Family::Okta,
    version: Version::V2,
    headers: okta::HEADERS,
    token: TokenForm::Bare,
    flag: None,
    ids: IdStyle::Okta,
    spaces: Spaces::Plus,
    probe: Probe::Reads(&["/Users?startIndex=1&count=2"]),
    find_user: &[USER_NAME],
    find_suffix: okta::PAGE,
    create_user: okta::create,
    profile: okta::profile,
    mapped: okta::MAPPED,
    link: Link::Update,
    update: Update::PatchProfile,
    activation: Activation::PatchValue,
    erases: false,
    find_group: FindGroup::Filter(okta::PAGE),
    create_group: okta::group,
    rename: Rename::IdAndName,
    membership: Membership::Delta,
    deletes_groups: true,
    import: Import::Pages { groups: false },
    cycles: false,
};
