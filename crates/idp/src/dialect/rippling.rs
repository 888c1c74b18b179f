//! Rippling's custom SCIM app: reads ServiceProviderConfig, knows few attributes, edits groups by PATCH. It follows
//! employment dates, so that an account may exist long before its person starts.

use serde_json::json;

use super::profile::{extend, object, put};
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
        "emails": [{"value": person.email, "primary": true}],
        "active": subject.active,
    }));
    let mut enterprise = Object::new();
    put(&mut enterprise, "employeeNumber", person.employee_number.as_deref());
    extend(&mut body, urn::ENTERPRISE, enterprise);
    body
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "displayName": subject.name, "members": []}))
}

pub(super) static MANNER: Manner = Manner {
    name: "rippling",
    title: "Rippling, custom SCIM app (SCIM 2.0)",
    family: Family::Other,
    version: Version::V2,
    headers: PLAIN_HEADERS,
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Hex(24),
    spaces: Spaces::Percent,
    probe: Probe::Reads(&["/ServiceProviderConfig"]),
    find_user: &[USER_NAME],
    find_suffix: "",
    create_user: user,
    profile: user,
    mapped: &["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|employeeNumber"],
    link: Link::Update,
    update: Update::Replace,
    activation: Activation::PatchPath,
    erases: false,
    find_group: FindGroup::Filter(""),
    create_group: group,
    rename: Rename::Path("replace"),
    membership: Membership::Plain(Removal::FilterPath),
    deletes_groups: true,
    import: Import::Pages { groups: true },
    cycles: false,
};
