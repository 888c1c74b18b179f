//! Groups and their members (`p106`…`p121`, `h020`, `h023`), with the events they make.

use serde_json::{Value, json};

use crate::answers::{error, group, no_members};
use crate::support::{Directory, GROUP, Kind, member_ids, types, with_directory};

/// Three users, `G1` with the first two, `G2` with `G1`.
struct Fixture {
    idp: Directory,
    u: [String; 3],
    g1: String,
    g2: String,
}

impl Fixture {
    async fn new(idp: Directory) -> Self {
        let u = [idp.user("u1").await, idp.user("u2").await, idp.user("u3").await];
        let g1 = idp.group("Tour Guides", &[&u[0], &u[1]]).await;
        let g2 = idp.group("Employees", &[&g1]).await;
        Fixture { idp, u, g1, g2 }
    }

    /// Applies one operation to `G1`, which must succeed; the events.
    async fn apply(&self, operation: Value) -> Vec<(String, Value)> {
        let path = format!("/Groups/{}", self.g1);
        let (answer, events) = self.idp.events_of(self.idp.operations(&path, json!([operation]))).await;
        answer.expect_one_of(&[200, 204]);
        events
    }

    /// Which of the three users are in `G1`.
    async fn members(&self) -> Vec<usize> {
        let members = self.idp.members(&self.g1).await;
        let mut numbers: Vec<usize> =
            members.iter().map(|id| self.u.iter().position(|user| user == id).expect("a known user") + 1).collect();
        numbers.sort_unstable();
        numbers
    }

    async fn version(&self) -> Value {
        self.idp.get(&format!("/Groups/{}", self.g1)).await.json()["meta"].clone()
    }
}

#[tokio::test]
async fn p106_p107_p110_adding_members() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let before = f.version().await;
        let again = json!({"op": "add", "path": "members", "value": [{"value": f.u[0], "display": "Other"}]});
        assert_eq!(f.apply(again).await, [], "P107: he is in already");
        assert_eq!(f.version().await, before);
        let events =
            f.apply(json!({"op": "add", "path": "members", "value": [{"value": f.u[0]}, {"value": f.u[2]}]})).await;
        assert_eq!(types(&events), ["dsync.group.user_added"], "P106: only who came is told of");
        let data = &events[0].1;
        assert_eq!(data["directory_id"], json!(f.idp.id.to_string()));
        assert_eq!((&data["user"]["id"], &data["user"]["object"]), (&json!(f.u[2]), &json!("directory_user")));
        assert_eq!((&data["group"]["id"], &data["group"]["members_count"]), (&json!(f.g1), &json!(3)));
        assert_eq!(f.members().await, [1, 2, 3]);
        assert_ne!(f.version().await, before);
        f.apply(json!({"op": "remove", "path": format!("members[value eq \"{}\"]", f.u[2])})).await;
        f.apply(json!({"op": "add", "path": "members", "value": [f.u[2]]})).await;
        assert_eq!(f.members().await, [1, 2, 3], "P110");
    })
    .await;
}

#[tokio::test]
async fn p113_to_p117_sec_35_removing_members() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let before = f.version().await;
        assert_eq!(f.apply(json!({"op": "remove", "path": "members[value eq \"nobody\"]"})).await, [], "P115");
        assert_eq!(f.apply(json!({"op": "remove", "path": format!("members[value eq \"{}\"]", f.u[2])})).await, []);
        assert_eq!((f.members().await, f.version().await), (vec![1, 2], before));
        let events = f.apply(json!({"op": "remove", "path": "members", "value": [{"value": f.u[0]}]})).await;
        assert_eq!(types(&events), ["dsync.group.user_removed"], "P116");
        assert_eq!(events[0].1["group"]["members_count"], 1);
        assert_eq!(f.members().await, [2]);
        f.apply(json!({"op": "add", "path": "members", "value": [{"value": f.u[0]}]})).await;
        let both = format!("members[value eq \"{}\" or value eq \"{}\"]", f.u[0], f.u[1]);
        assert_eq!(f.apply(json!({"op": "remove", "path": both})).await.len(), 2, "P117");
        assert_eq!(f.members().await, [0; 0]);
        f.apply(json!({"op": "add", "path": "members", "value": [{"value": f.u[0]}, {"value": f.u[1]}]})).await;
        f.apply(json!({"op": "remove", "path": format!("members[value ne \"{}\"]", f.u[0])})).await;
        assert_eq!(f.members().await, [1], "a filter that is no list of ids");
        assert_eq!(
            types(&f.apply(json!({"op": "remove", "path": "members"})).await),
            ["dsync.group.user_removed"],
            "P113"
        );
        assert_eq!(f.members().await, [0; 0]);
    })
    .await;
}

#[tokio::test]
async fn p118_p119_p121_replacing_members() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let path = format!("/Groups/{}", f.g1);
        let swap =
            json!([{"op": "replace", "path": format!("members[value eq \"{}\"].value", f.u[0]), "value": f.u[2]}]);
        error(f.idp.operations(&path, swap).await, 400, Some("mutability"));
        error(f.idp.operations(&path, json!([{"op": "remove", "path": "displayName"}])).await, 400, Some("mutability"));
        let events =
            f.apply(json!({"op": "replace", "path": "members", "value": [{"value": f.u[1]}, {"value": f.u[2]}]})).await;
        assert_eq!(types(&events), ["dsync.group.user_removed", "dsync.group.user_added"], "who stays is not told of");
        assert_eq!(f.members().await, [2, 3]);
    })
    .await;
}

#[tokio::test]
async fn p124_out_and_in_again_is_no_change() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let before = f.version().await;
        let operations = json!([
            {"op": "remove", "path": format!("members[value eq \"{}\"]", f.u[0])},
            {"op": "add", "path": "members", "value": [{"value": f.u[0]}, {"value": f.u[2]}]},
            {"op": "remove", "path": "members", "value": [{"value": f.u[2]}]}]);
        let (answer, events) = f.idp.events_of(f.idp.operations(&format!("/Groups/{}", f.g1), operations)).await;
        answer.expect_one_of(&[200, 204]);
        assert_eq!((events, f.version().await, f.members().await), (vec![], before, vec![1, 2]));
    })
    .await;
}

#[tokio::test]
async fn p111_s_7643_4_2_03_nested_groups() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let add = |id: &str| json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        error(f.idp.operations(&format!("/Groups/{}", f.g1), add(&f.g1)).await, 400, Some("invalidValue"));
        let employees = group(f.idp.get(&format!("/Groups/{}", f.g2)).await, 200);
        let reference = format!("{}/Groups/{}", f.idp.base("v2"), f.g1);
        assert_eq!(
            employees["members"],
            json!([{"value": f.g1, "$ref": reference, "type": "Group", "display": "Tour Guides"}])
        );
        let inner = f.idp.group("Inner", &[]).await;
        let (answer, events) = f.idp.events_of(f.idp.operations(&format!("/Groups/{}", f.g1), add(&inner))).await;
        answer.expect_one_of(&[200, 204]);
        assert_eq!(types(&events), ["dsync.group.updated"], "a group in a group changes its count");
        assert_eq!(events[0].1["previous_attributes"]["members_count"], 2);
        assert_eq!(events[0].1["members_count"], 3);
    })
    .await;
}

#[tokio::test]
async fn p112_d27_cycles_of_groups_are_allowed() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        f.apply(json!({"op": "add", "path": "members", "value": [{"value": f.g2}]})).await;
        assert!(f.idp.members(&f.g1).await.contains(&f.g2));
        let user = f.idp.get(&format!("/Users/{}", f.u[0])).await.expect(200).json();
        assert_eq!(user["groups"].as_array().unwrap().len(), 1, "a cycle ends: {user}");
    })
    .await;
}

#[tokio::test]
async fn h020_put_touches_members_only_when_it_names_them() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let path = format!("/Groups/{}", f.g1);
        let before = f.version().await;
        let (same, events) =
            f.idp.events_of(f.idp.put(&path, json!({"schemas": [GROUP], "displayName": "Tour Guides"}))).await;
        assert_eq!(member_ids(&group(same, 200)).len(), 2, "no key, no change");
        assert_eq!((events, f.version().await), (vec![], before));
        let echo = f.idp.get(&path).await.json();
        assert_eq!(f.idp.events_of(f.idp.put(&path, echo)).await.1, [], "an echo is no change");
        no_members(&group(f.idp.put(&path, json!({"displayName": "Tour Guides", "members": []})).await, 200));
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_6_03_h023_deleting_announces_the_memberships_it_ends_first() {
    with_directory(Kind::okta(), async |idp| {
        let f = Fixture::new(idp).await;
        let before = f.version().await;
        let (answer, events) = f.idp.events_of(f.idp.delete(&format!("/Users/{}", f.u[0]))).await;
        answer.expect(204);
        assert_eq!(types(&events), ["dsync.group.user_removed", "dsync.user.deleted"]);
        assert_eq!((f.members().await, f.version().await == before), (vec![2], false));
        let (answer, events) = f.idp.events_of(f.idp.delete(&format!("/Groups/{}", f.g1))).await;
        answer.expect(204);
        assert_eq!(types(&events), ["dsync.group.user_removed", "dsync.group.updated", "dsync.group.deleted"]);
        assert_eq!((&events[0].1["user"]["id"], &events[1].1["id"]), (&json!(f.u[1]), &json!(f.g2)));
        no_members(&group(f.idp.get(&format!("/Groups/{}", f.g2)).await, 200));
        assert_eq!(f.idp.events_of(f.idp.delete(&format!("/Groups/{}", f.g1))).await.0.status, 404);
    })
    .await;
}

#[tokio::test]
async fn s_7643_4_2_01_display_names_are_required_but_not_unique() {
    with_directory(Kind::okta(), async |idp| {
        error(idp.post("/Groups", json!({"schemas": [GROUP]})).await, 400, Some("invalidValue"));
        assert_ne!(idp.group("Team", &[]).await, idp.group("Team", &[]).await);
    })
    .await;
}

#[tokio::test]
async fn s_7643_3_1_06_a_new_group_with_members_is_new() {
    with_directory(Kind::okta(), async |idp| {
        let members = json!([{"value": idp.user("a").await}]);
        let body = json!({"schemas": [GROUP], "displayName": "With", "members": members});
        let created = group(idp.post("/Groups", body).await, 201);
        assert_eq!(created["meta"]["version"], "W/\"1\"", "a new group with members is new: {created}");
        assert_eq!(created["meta"]["created"], created["meta"]["lastModified"]);
    })
    .await;
}

#[tokio::test]
async fn a_patch_of_a_large_group_is_answered_without_its_members() {
    with_directory(Kind::okta(), async |idp| {
        let values: Vec<Value> = {
            let mut values = Vec::new();
            for n in 0..101 {
                values.push(json!({"value": idp.user(&format!("u{n}")).await}));
            }
            values
        };
        let id = idp.group("Large", &[]).await;
        let path = format!("/Groups/{id}");
        let small = idp.operations(&path, json!([{"op": "add", "path": "members", "value": values[..100]}])).await;
        assert_eq!(member_ids(&group(small, 200)).len(), 100);
        let large =
            idp.operations(&path, json!([{"op": "add", "path": "members", "value": values[100..]}])).await.expect(204);
        assert_eq!(large.body, "");
        let rename = json!([{"op": "replace", "value": {"displayName": "Larger"}}]);
        let asked = idp.operations(&format!("{path}?attributes=displayName"), rename.clone()).await.expect(200);
        assert_eq!(asked.json()["displayName"], "Larger");
        let excluded = idp.operations(&format!("{path}?excludedAttributes=members"), rename).await;
        assert!(group(excluded, 200).get("members").is_none());
        assert_eq!(idp.members(&id).await.len(), 101);
    })
    .await;
}
