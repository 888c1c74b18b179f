//! CyberArk Identity (formerly Idaptive), which publishes the exact list of the requests it makes: discovery first, users by
//! GET, POST and PUT, groups by GET, POST and PATCH, and no DELETE at all.

use serde_json::json;

use super::profile::{enterprise, extend, object, phones, put};
use super::{
    Activation, Family, FindGroup, GroupSubject, Import, Link, Manner, Membership, PLAIN_HEADERS, Probe, Removal,
    Rename, Spaces, Subject, USER_NAME, Update, Version, urn,
};
use crate::client::{Object, TokenForm};
use crate::people::IdStyle;

fn user(subject: &Subject) -> Object {
    let person = subject.person;
    let mut body = object(json!({
        "schemas": [urn::USER],
        "externalId": person.idp_id,
        "userName": person.user_name,
        "name": {"familyName": person.family_name, "givenName": person.given_name},
        "displayName": person.display_name,
        "active": subject.active,
        "emails": [{"value": person.email, "type": "work", "primary": true}],
    }));
    put(&mut body, "title", person.title.as_deref());
    put(&mut body, "phoneNumbers", phones(person));
    extend(&mut body, urn::ENTERPRISE, enterprise(person));
    body
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "displayName": subject.name}))
}

pub(super) static MANNER: Manner = Manner {
    name: "cyberark",
    title: "CyberArk Identity (SCIM 2.0)",
    family: Family::Other,
    version: Version::V2,
    headers: PLAIN_HEADERS,
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Guid,
    spaces: Spaces::Percent,
    probe: Probe::Reads(&[
        "/Users?count=1",
        "/ServiceProviderConfig",
        "/ResourceTypes/User",
        "/ResourceTypes/Group",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group",
        "/Schemas/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ]),
    find_user: &[USER_NAME],
    find_suffix: "",
    create_user: user,
    profile: user,
    mapped: &["title", "phoneNumbers"],
    link: Link::Update,
    update: Update::ReadReplace,
    activation: Activation::Update,
    erases: false,
    find_group: FindGroup::List,
    create_group: group,
    rename: Rename::Path("replace"),
    membership: Membership::Plain(Removal::FilterPath),
    deletes_groups: false,
    import: Import::Never,
    cycles: false,
};
