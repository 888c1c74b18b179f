use doorward_scim::quirks::Leniency;
use doorward_scim::resource::{self, Member, MemberType, read_members};
use doorward_scim::schema::{GROUP, ResourceType};
use serde_json::json;

use crate::fixtures::{object, outcome};

#[test]
fn s_7643_4_2_01_d23_a_group_has_a_name() {
    for body in [json!({"schemas": [GROUP]}), json!({"schemas": [GROUP], "displayName": ""})] {
        for leniency in [&mut Leniency::tolerant(), &mut Leniency::strict()] {
            assert_eq!(outcome(resource::read(object(body.clone()), &ResourceType::group(), leniency)), "invalidValue");
        }
    }
}

#[test]
fn members_are_read_apart_from_the_group() {
    for (members, expected) in [
        (None, None),
        (Some(json!(null)), Some(vec![])),
        (Some(json!([])), Some(vec![])),
        (Some(json!([{"value": "u1"}, "u2"])), Some(vec!["u1", "u2"])),
    ] {
        let mut body = object(json!({"schemas": [GROUP], "displayName": "G"}));
        body.extend(members.map(|members| ("MEMBERS".to_owned(), members)));
        let group = resource::read(body, &ResourceType::group(), &mut Leniency::tolerant()).expect("accepted");
        let ids = group.members.map(|members| members.into_iter().map(|member| member.value).collect::<Vec<_>>());
        assert_eq!(ids, expected.map(|ids| ids.into_iter().map(str::to_owned).collect()));
        assert_eq!(group.resource.get("members"), None);
        assert_eq!(group.resource.get("active"), None, "a group is neither active nor inactive");
    }
}

#[test]
fn d38_the_forms_of_a_member() {
    let full = json!([{"value": "u1", "display": "Ada", "type": "User", "$ref": "https://x/Users/u9"}]);
    let member =
        Member { value: "u1".to_owned(), display: Some("Ada".to_owned()), member_type: Some(MemberType::User) };
    assert_eq!(read_members(full, &mut Leniency::strict()), Ok(vec![member]));
    // The body, and the outcome in the tolerant and the strict profile.
    for (body, in_tolerant, in_strict) in [
        (json!([{"$ref": null, "value": "u1"}]), "ok", "ok"),
        (json!([{"$ref": "https://x.example/scim/v2/Users/u1"}]), "ok", "ok"),
        (json!(["u1"]), "ok", "invalidValue"),
        (json!("u1"), "ok", "invalidValue"),
        (json!({"value": "u1"}), "ok", "invalidValue"),
        (json!([{"value": "u1", "type": "user"}]), "ok", "invalidValue"),
        (json!([{"value": "u1", "type": "direct"}]), "ok", "invalidValue"),
        (json!([{"value": "u1", "operation": "add"}]), "ok", "invalidValue"),
        (json!([{"VALUE": "u1", "display": ""}]), "ok", "ok"),
        (json!([{"display": "Ada"}]), "invalidValue", "invalidValue"),
        (json!([{"value": ""}]), "invalidValue", "invalidValue"),
        (json!([{"value": 7}]), "invalidValue", "invalidValue"),
        (json!([{"value": {"value": "u1"}}]), "invalidValue", "invalidValue"),
        (json!([7]), "invalidValue", "invalidValue"),
        (json!([null]), "invalidValue", "invalidValue"),
        (json!([[]]), "invalidValue", "invalidValue"),
        (json!(""), "invalidValue", "invalidValue"),
        (json!(7), "invalidValue", "invalidValue"),
        (json!([{"value": "x".repeat(1025)}]), "invalidValue", "invalidValue"),
    ] {
        assert_eq!(outcome(read_members(body.clone(), &mut Leniency::tolerant())), in_tolerant, "{body}");
        assert_eq!(outcome(read_members(body.clone(), &mut Leniency::strict())), in_strict, "{body}");
    }
}
