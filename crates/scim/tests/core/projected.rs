//! Projections of stored bytes against those of the tree.

use doorward_scim::project::Projection;
use doorward_scim::quirks::Leniency;
use doorward_scim::resource::{MemberType, Resource, read};
use doorward_scim::schema::{Attribute, ResourceType, Returned, Schema};
use doorward_scim::version::{GroupRef, MemberRef, Parts, v2};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use crate::fixtures::{CORE, ENT, X, object, u1, user_type};
use crate::laws::{body, name};

const SECRETS: &str = "urn:example:params:scim:schemas:extension:secrets:1.0:User";

/// Users with attributes that are shown never, always, or only when they are named.
fn types() -> ResourceType {
    let secrets = Schema {
        id: SECRETS.to_owned(),
        name: "Secrets".to_owned(),
        description: String::new(),
        attributes: vec![
            Attribute::string("hidden").returned(Returned::Never),
            Attribute::string("asked").returned(Returned::Request),
            Attribute::string("fixed").returned(Returned::Always),
            Attribute::string("plain"),
        ],
    };
    user_type().with_extension(secrets, false)
}

fn paths() -> impl Strategy<Value = String> {
    let known = [
        "userName",
        "USERNAME",
        "emails",
        "emails.type",
        "name.givenName",
        "groups",
        "groups.display",
        "members",
        "members.value",
        "meta",
        "meta.version",
        "id",
        "schemas",
        "active",
        ENT,
        CORE,
        SECRETS,
        "department",
    ];
    prop_oneof![
        4 => select(known.to_vec()).prop_map(str::to_owned),
        1 => (select(vec![ENT, X, SECRETS, CORE]), select(vec!["department", "manager", "manager.displayName", "manager.$ref", "tags",
            "hidden", "asked", "fixed", "plain", "userName"])).prop_map(|(urn, name)| format!("{urn}:{name}")),
        2 => name(),
        1 => (name(), name()).prop_map(|(name, sub)| format!("{name}.{sub}")),
    ]
}

fn parts<'a>(groups: &'a [GroupRef], members: &'a [MemberRef], manager: Option<&'a str>) -> Parts<'a> {
    Parts {
        id: "u-\"1",
        created: 0,
        last_modified: 1_305_261_754_000_999,
        version: 7,
        location: "https://x.example/v2/Users/u-1",
        groups: Some(groups),
        members: Some(members),
        base: "https://x.example/v2",
        manager_display: manager,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn p_7644_3_9_02_p_7644_3_9_03_bytes_are_projected_as_the_tree_is(
        body in body(),
        is_full in any::<bool>(),
        secrets in vec(select(vec!["hidden", "asked", "fixed", "plain", "\"strange\\\n"]), 0..4),
        names in vec(paths(), 0..5),
        only in any::<bool>(),
        (has_groups, has_members, has_manager) in any::<(bool, bool, bool)>(),
    ) {
        let types = types();
        let mut body = if is_full { object(u1()) } else { body };
        // Only groups have members, and these are never part of the document.
        body.shift_remove("members");
        let secrets: serde_json::Map<String, Value> = secrets.iter().map(|name| ((*name).to_owned(), json!("x"))).collect();
        body.insert(SECRETS.to_owned(), Value::Object(secrets));
        let Ok(read) = read(body, &types, &mut Leniency::tolerant()) else { return Ok(()) };
        let stored: Resource = read.resource;
        let list = names.join(",");
        let (attributes, excluded) = if only { (Some(list.as_str()), None) } else { (None, Some(list.as_str())) };
        let projection = Projection::parse(attributes, excluded, &types)?;
        let groups = [GroupRef { id: "g-1".to_owned(), display: "A \"team\"".to_owned() }];
        let members = [MemberRef { id: "u-2".to_owned(), member_type: MemberType::User, display: None }];
        let groups = if has_groups { &groups[..] } else { &[] };
        let members = if has_members { &members[..] } else { &[] };
        let parts = parts(groups, members, has_manager.then_some("Ada"));
        let tree = Value::Object(projection.apply(v2::render(&stored, &parts, &types))).to_string();
        let mut text = String::new();
        v2::render_projected_text(&stored.to_stored(), &parts, &projection, &types, &mut text);
        prop_assert_eq!(text, tree, "{} of {}", list, stored.to_stored());
    }
}
