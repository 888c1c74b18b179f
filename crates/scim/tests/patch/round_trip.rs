//! Both wire forms carry the same resource: nothing is lost on the way out and back.

use doorward_scim::quirks::Leniency;
use doorward_scim::resource::{self, MemberType, Resource};
use doorward_scim::schema::{ENTERPRISE, ResourceType};
use doorward_scim::version::{GroupRef, MemberRef, Parts, Version, v2};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::user_type;
use crate::laws;
use crate::support::stored;

const BASE: &str = "https://x.example/scim/v2";

/// What the server adds, in a form that owns its texts.
#[derive(Debug, Clone)]
struct Added {
    id: String,
    created: i64,
    version: i64,
    groups: Option<Vec<GroupRef>>,
    members: Option<Vec<MemberRef>>,
    manager: Option<String>,
}

impl Added {
    /// As it is for a user.
    fn of_user(self) -> Self {
        Self { members: None, ..self }
    }

    /// As it is for a group.
    fn of_group(self) -> Self {
        Self { groups: None, manager: None, ..self }
    }

    fn parts(&self) -> Parts<'_> {
        Parts {
            id: &self.id,
            created: self.created,
            last_modified: self.created + 1_500_000,
            version: self.version,
            location: "https://x.example/scim/v2/Users/\"u\"",
            groups: self.groups.as_deref(),
            members: self.members.as_deref(),
            base: BASE,
            manager_display: self.manager.as_deref(),
        }
    }
}

fn added() -> impl Strategy<Value = Added> {
    let group = (any::<String>(), any::<String>()).prop_map(|(id, display)| GroupRef { id, display });
    let member = ("[a-z0-9_]{1,6}", any::<bool>(), option::of(any::<String>())).prop_map(|(id, user, display)| {
        MemberRef { id, member_type: if user { MemberType::User } else { MemberType::Group }, display }
    });
    let lists = (option::of(vec(group, 0..3)), option::of(vec(member, 0..3)));
    (any::<String>(), 0..4_000_000_000_000_000_i64, any::<i64>(), lists, option::of(any::<String>())).prop_map(
        |(id, created, version, (groups, members), manager)| Added { id, created, version, groups, members, manager },
    )
}

/// Any user, with namespaces no schema knows and text of every kind.
fn user() -> impl Strategy<Value = Value> {
    (laws::user(), any::<String>(), any::<String>(), option::of(any::<String>())).prop_map(
        |(mut body, title, custom, manager)| {
            body["title"] = json!(title.replace('\0', ""));
            body["urn:okta:x:1.0:user:custom"] = json!({custom.replace('\0', ""): {"}\"": ["]", custom]}});
            body["shoeSize"] = json!(44.5);
            if let Some(manager) = manager {
                body[ENTERPRISE] = json!({"manager": {"value": manager, "note": "\\\""}});
            }
            body
        },
    )
}

fn read(body: Value, resource_type: &ResourceType) -> Resource {
    let Value::Object(body) = body else { panic!("no object") };
    resource::read(body, resource_type, &mut Leniency::tolerant()).expect("a resource").resource
}

proptest! {
    #[test]
    fn the_fast_path_writes_what_the_slow_one_does(body in user(), added in added()) {
        let user = user_type();
        let stored = read(body, &user);
        let mut text = String::new();
        v2::render_text(&stored.to_stored(), &added.parts(), &mut text);
        let fast: Value = serde_json::from_str(&text).expect("JSON");
        let slow = Value::Object(v2::render(&stored, &added.parts(), &user));
        prop_assert_eq!(&fast, &slow);
        // In the same order, too.
        prop_assert_eq!(text, slow.to_string());
    }

    #[test]
    fn a_user_comes_back_as_it_went_out_in_either_version(body in user(), added in added().prop_map(Added::of_user)) {
        let user = user_type();
        let stored = read(body, &user);
        for version in [Version::V1, Version::V2] {
            let shown = version.render(&stored, &added.parts(), &user);
            let back = version.read_resource(shown, &user, &mut Leniency::tolerant()).expect("its own answer");
            prop_assert_eq!(&back.resource, &stored, "{:?}", version);
        }
    }

    #[test]
    fn a_group_comes_back_with_its_members_in_either_version(
        name in "[a-zA-Z]{1,9}",
        added in added().prop_map(Added::of_group),
    ) {
        let group = ResourceType::group();
        let stored = read(json!({"displayName": name, "externalId": "7"}), &group);
        let mut text = String::new();
        v2::render_text(&stored.to_stored(), &added.parts(), &mut text);
        prop_assert_eq!(text, Value::Object(v2::render(&stored, &added.parts(), &group)).to_string());
        let members: Vec<_> = added.members.iter().flatten().map(|member| (&member.id, member.member_type)).collect();
        prop_assume!(members.iter().all(|(id, _)| members.iter().filter(|(other, _)| other == id).count() == 1));
        for version in [Version::V1, Version::V2] {
            let shown = version.render(&stored, &added.parts(), &group);
            let back = version.read_resource(shown, &group, &mut Leniency::tolerant()).expect("its own answer");
            prop_assert_eq!(&back.resource, &stored, "{:?}", version);
            let read: Vec<_> = back.members.iter().flatten().map(|member| (&member.value, member.member_type)).collect();
            let sent: Vec<_> = members.iter().map(|(id, kind)| (*id, Some(*kind))).collect();
            prop_assert_eq!(read, sent);
        }
    }
}

#[test]
fn a_full_user_of_2_0() {
    let (user, resource_type) = stored("U1");
    let groups = [GroupRef { id: "g1".to_owned(), display: "Tour Guides".to_owned() }];
    let parts = Parts {
        id: "u1",
        created: 0,
        last_modified: 1_000,
        version: 3,
        location: "https://x.example/scim/v2/Users/u1",
        groups: Some(&groups),
        members: None,
        base: BASE,
        manager_display: Some("John Smith"),
    };
    let shown = v2::render(&user, &parts, &resource_type);
    let first: Vec<_> = shown.keys().take(2).map(String::as_str).collect();
    assert_eq!(first, ["schemas", "id"]);
    assert_eq!(
        shown[ENTERPRISE]["manager"],
        json!({"value": "u2", "$ref": "https://x.example/scim/v2/Users/u2", "displayName": "John Smith"})
    );
    assert_eq!(
        shown["groups"],
        json!([{"value": "g1", "$ref": "https://x.example/scim/v2/Groups/g1", "display": "Tour Guides", "type": "direct"}])
    );
    assert_eq!(
        shown["meta"],
        json!({"resourceType": "User", "created": "1970-01-01T00:00:00.000Z", "lastModified": "1970-01-01T00:00:00.001Z",
            "location": "https://x.example/scim/v2/Users/u1", "version": "W/\"3\""})
    );
}

#[test]
fn s_7643_2_5_02_empty_lists_are_left_out() {
    let (group, resource_type) = stored("G1");
    let parts = Parts {
        id: "g1",
        created: 0,
        last_modified: 0,
        version: 1,
        location: "https://x.example/scim/v2/Groups/g1",
        groups: Some(&[]),
        members: Some(&[]),
        base: BASE,
        manager_display: None,
    };
    let shown = v2::render(&group, &parts, &resource_type);
    assert!(!shown.contains_key("members") && !shown.contains_key("groups"));
}

#[test]
fn a_document_without_schemas_is_still_shown_with_its_id() {
    let parts = Parts {
        id: "u1",
        created: 0,
        last_modified: 0,
        version: 1,
        location: "l",
        groups: None,
        members: None,
        base: BASE,
        manager_display: None,
    };
    for text in ["{}", "{\"userName\":\"ada\"}"] {
        let mut out = String::new();
        v2::render_text(text, &parts, &mut out);
        let shown: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(shown["id"], "u1", "{text}");
    }
}
