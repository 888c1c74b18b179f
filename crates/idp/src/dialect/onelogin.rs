//! OneLogin's SCIM v2 provisioner. The user body is whatever the administrator's JSON template says: here it has no
//! displayName, empty strings for what is not known, and a key of its own. One request per member, no User-Agent value.
//! The user flows are common practice; the vendor's text was not available.

use serde_json::json;

use super::profile::{extend, object};
use super::{
    Activation, Family, FindGroup, GroupSubject, Import, Link, Manner, Membership, PLAIN_HEADERS, Probe, Removal,
    Rename, Spaces, Subject, USER_NAME, Update, Version, urn,
};
use crate::client::{Headers, Object, TokenForm};
use crate::people::IdStyle;

fn user(subject: &Subject) -> Object {
    let person = subject.person;
    let mut body = object(json!({
        "schemas": [urn::USER],
        "userName": person.user_name,
        "externalId": person.idp_id,
        "name": {"givenName": person.given_name, "familyName": person.family_name},
        "title": person.title.as_deref().unwrap_or(""),
        "emails": [{"value": person.email, "type": "work", "primary": true}],
        "company": "Example Corporation",
        "active": subject.active,
    }));
    let enterprise = json!({
        "department": person.department.as_deref().unwrap_or(""),
        "employeeNumber": person.employee_number.as_deref().unwrap_or(""),
    });
    extend(&mut body, urn::ENTERPRISE, object(enterprise));
    body
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "displayName": subject.name}))
}

pub(super) static MANNER: Manner = Manner {
    name: "onelogin",
    title: "OneLogin, SCIM Provisioner (SCIM v2)",
    family: Family::Other,
    version: Version::V2,
    headers: Headers { user_agent: Some(""), ..PLAIN_HEADERS },
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Number,
    spaces: Spaces::Percent,
    probe: Probe::Reads(&["/Users?count=1"]),
    find_user: &[USER_NAME],
    find_suffix: "",
    create_user: user,
    profile: user,
    mapped: &["title"],
    link: Link::Update,
    update: Update::Replace,
    activation: Activation::Update,
    erases: true,
    find_group: FindGroup::Filter(""),
    create_group: group,
    rename: Rename::Path("replace"),
    membership: Membership::Single { removal: Removal::FilterPath, each: true },
    deletes_groups: true,
    import: Import::Never,
    cycles: false,
};
