//! PingOne and PingFederate's SCIM provisioner: lookups in the administrator's own words (`username Eq`, `emails eq`). The
//! bodies of its writes are not published; they are written as RFC 7644 has them.

use serde_json::json;

use super::profile::{addresses, enterprise, extend, name, object, phones, put};
use super::{
    Activation, Family, FindGroup, GroupSubject, Import, Link, Lookup, LookupBy, Manner, Membership, PLAIN_HEADERS,
    Probe, Removal, Rename, Spaces, Subject, Update, Version, urn,
};
use crate::client::{Headers, Object, TokenForm};
use crate::people::IdStyle;

fn user(subject: &Subject) -> Object {
    let person = subject.person;
    let mut body = object(json!({
        "schemas": [urn::USER],
        "userName": person.user_name,
        "externalId": person.idp_id,
        "name": name(person),
        "displayName": person.display_name,
        "emails": [{"type": "work", "value": person.email, "primary": true}],
        "active": subject.active,
    }));
    put(&mut body, "title", person.title.as_deref());
    put(&mut body, "nickName", person.nick_name.as_deref());
    put(&mut body, "phoneNumbers", phones(person));
    put(&mut body, "addresses", addresses(person));
    extend(&mut body, urn::ENTERPRISE, enterprise(person));
    body
}

fn group(subject: &GroupSubject) -> Object {
    object(json!({"schemas": [urn::GROUP], "displayName": subject.name, "members": []}))
}

pub(super) static MANNER: Manner = Manner {
    name: "ping",
    title: "PingOne / PingFederate, SCIM provisioner (SCIM 2.0)",
    family: Family::Other,
    version: Version::V2,
    headers: Headers { accept: "application/json", content_type: "application/json", ..PLAIN_HEADERS },
    token: TokenForm::Bearer,
    flag: None,
    ids: IdStyle::Guid,
    spaces: Spaces::Percent,
    probe: Probe::Reads(&["/Users?count=1"]),
    find_user: &[
        Lookup { attribute: "username", operator: "Eq", by: LookupBy::UserName },
        Lookup { attribute: "emails", operator: "eq", by: LookupBy::Email },
    ],
    find_suffix: "",
    create_user: user,
    profile: user,
    mapped: &[
        "title",
        "nickName",
        "phoneNumbers",
        "addresses",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|department",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User|employeeNumber",
    ],
    link: Link::Update,
    update: Update::Replace,
    activation: Activation::PatchPath,
    erases: true,
    find_group: FindGroup::Filter(""),
    create_group: group,
    rename: Rename::Path("replace"),
    membership: Membership::Plain(Removal::FilterPath),
    deletes_groups: true,
    import: Import::Never,
    cycles: false,
};
