//! JumpCloud's custom SCIM integration: no extension schemas, a lookup before every write, a rehearsal with a test user and a
//! test group when it is activated.

use serde_json::json;

use super::profile::{object, phones, put};
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
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "displayName": person.display_name,
        "emails": [{"type": "work", "value": person.email, "primary": true}],
        "active": subject.active,
    }));
    put(&mut body, "title", person.title.as_deref());
    put(&mut body, "phoneNumbers", phones(person));
    body
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "displayName": subject.name}))
}

pub(super) static MANNER: Manner = Manner {
    name: "jumpcloud",
    title: "JumpCloud, custom SCIM integration (SCIM 2.0)",
    family: Family::Other,
    version: Version::V2,
    headers: PLAIN_HEADERS,
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Hex(24),
    spaces: Spaces::Plus,
    probe: Probe::Rehearsal,
    find_user: &[USER_NAME],
    find_suffix: "",
    create_user: user,
    profile: user,
    mapped: &["title", "phoneNumbers"],
    link: Link::Update,
    update: Update::FindReplace,
    activation: Activation::Update,
    erases: true,
    find_group: FindGroup::Filter(""),
    create_group: group,
    rename: Rename::Name,
    membership: Membership::Plain(Removal::ValueList),
    deletes_groups: true,
    import: Import::Never,
    cycles: false,
};
