//! authentik, after its public source: reads ServiceProviderConfig at each synchronisation, creates without asking and looks
//! up after a 409, replaces users by PUT, and writes groups by PATCH, one operation per member.

use serde_json::json;

use super::profile::object;
use super::{
    Activation, Family, FindGroup, GroupSubject, Import, Link, Manner, Membership, PLAIN_HEADERS, Probe, Removal,
    Rename, Spaces, Subject, Update, Version, urn,
};
use crate::client::{Object, TokenForm};
use crate::people::IdStyle;

fn user(subject: &Subject) -> Object {
    let person = subject.person;
    object(json!({
        "schemas": [urn::USER],
        "externalId": person.idp_id,
        "userName": person.user_name,
        "name": {
            "formatted": format!("{} {}", person.given_name, person.family_name),
            "givenName": person.given_name,
            "familyName": person.family_name,
        },
        "displayName": person.display_name,
        "active": subject.active,
        "emails": [{"value": person.email, "type": "other", "primary": true}],
    }))
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "externalId": subject.idp_id, "displayName": subject.name}))
}

pub(super) static MANNER: Manner = Manner {
    name: "authentik",
    title: "authentik (SCIM 2.0)",
    family: Family::Authentik,
    version: Version::V2,
    headers: PLAIN_HEADERS,
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Hex(64),
    spaces: Spaces::Plus,
    probe: Probe::Reads(&["/ServiceProviderConfig"]),
    find_user: &[],
    find_suffix: "",
    create_user: user,
    profile: user,
    mapped: &[],
    link: Link::Update,
    update: Update::Replace,
    activation: Activation::Update,
    erases: true,
    find_group: FindGroup::OnConflict,
    create_group: group,
    rename: Rename::Whole,
    membership: Membership::Single { removal: Removal::ValueList, each: false },
    deletes_groups: true,
    import: Import::GroupsWithoutCount,
    cycles: false,
};
