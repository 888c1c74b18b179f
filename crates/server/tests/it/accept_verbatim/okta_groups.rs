//! Rows 23 to 35: Okta, SCIM 2.0, group push.

use serde_json::{Value, json};

use crate::answers::{error, group, list, list0, no_members, user};
use crate::support::{Directory, GROUP, Kind, member_ids, with_directory};

async fn people(okta: &Directory, names: &[&str]) -> Vec<String> {
    let mut ids = Vec::new();
    for name in names {
        ids.push(okta.user(&format!("{name}@corp.example")).await);
    }
    ids
}

fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort_unstable();
    items
}

#[tokio::test]
async fn av_023_okta_matches_a_group() {
    with_directory(Kind::okta(), async |okta| {
        let path = "/Groups?filter=displayName%20eq%20%22Eng%22&startIndex=1&count=100";
        list0(okta.get(path).await);
        let id = okta.group("Eng", &[]).await;
        let found = list(okta.get(path).await);
        assert_eq!((found.len(), &found[0]["id"]), (1, &json!(id)));
    })
    .await;
}

#[tokio::test]
async fn av_024_okta_creates_an_empty_group() {
    with_directory(Kind::okta(), async |okta| {
        let body = json!({"schemas": [GROUP], "displayName": "Engineering", "members": []});
        let created = group(okta.post("/Groups", body).await, 201);
        assert_eq!(created["displayName"], "Engineering");
        no_members(&created);
    })
    .await;
}

#[tokio::test]
async fn av_025_okta_creates_a_group_with_members() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada", "alan"]).await;
        let members = json!([{"value": ids[0], "display": "ada@corp.example"}, {"value": ids[1], "display": "alan@corp.example"}]);
        let body = json!({"schemas": [GROUP], "displayName": "Engineering", "members": members});
        let created = group(okta.post("/Groups", body).await, 201);
        assert_eq!(sorted(member_ids(&created)), sorted(ids.clone()));
        for member in created["members"].as_array().unwrap() {
            assert_eq!(member["type"], "User");
            let reference = format!("{}/Users/{}", okta.base("v2"), member["value"].as_str().unwrap());
            assert_eq!(member["$ref"], json!(reference));
        }
        let ada = user(okta.get(&format!("/Users/{}", ids[0])).await, 200);
        assert_eq!(ada["groups"][0]["value"], created["id"]);
        assert_eq!(ada["groups"][0]["display"], "Engineering");
    })
    .await;
}

#[tokio::test]
async fn av_026_okta_reads_all_members() {
    with_directory(Kind::okta(), async |okta| {
        let names: Vec<String> = (0..120).map(|n| format!("u{n}")).collect();
        let ids = people(&okta, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let id = okta.group("Everyone", &ids.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let read = group(okta.get(&format!("/Groups/{id}")).await, 200);
        assert_eq!(sorted(member_ids(&read)), sorted(ids));
    })
    .await;
}

#[tokio::test]
async fn av_027_av_028_okta_writes_the_whole_group_and_empties_it() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada", "alan", "grace"]).await;
        let id = okta.group("Engineering", &[&ids[0]]).await;
        let path = format!("/Groups/{id}");
        let members = json!([{"value": ids[1], "display": "alan@corp.example"}, {"value": ids[2]}]);
        for with_id in [true, false] {
            let mut body = json!({"schemas": [GROUP], "displayName": "Engineers", "members": members});
            if with_id {
                body["id"] = json!(id);
            }
            let written = group(okta.put(&path, body).await, 200);
            assert_eq!((&written["id"], &written["displayName"]), (&json!(id), &json!("Engineers")));
            assert_eq!(sorted(member_ids(&written)), sorted(vec![ids[1].clone(), ids[2].clone()]));
        }
        let body = json!({"schemas": [GROUP], "id": id, "displayName": "Engineers", "members": []});
        no_members(&group(okta.put(&path, body).await, 200));
        no_members(&group(okta.get(&path).await, 200));
    })
    .await;
}

#[tokio::test]
async fn av_029_okta_renames_without_touching_members() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada"]).await;
        let id = okta.group("Engineering", &[&ids[0]]).await;
        let path = format!("/Groups/{id}");
        let operations = json!([{"op": "replace", "value": {"id": id, "displayName": "Engineers"}}]);
        okta.operations(&path, operations).await.expect_one_of(&[200, 204]);
        let read = group(okta.get(&path).await, 200);
        assert_eq!((&read["displayName"], member_ids(&read)), (&json!("Engineers"), ids));
    })
    .await;
}

#[tokio::test]
async fn av_030_okta_sends_a_member_delta() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada", "alan", "grace", "edsger"]).await;
        let id = okta.group("Engineering", &[&ids[0], &ids[1], &ids[3]]).await;
        let operations = json!([
            {"op": "remove", "path": format!("members[value eq \"{}\"]", ids[0])},
            {"op": "remove", "path": format!("members[value eq \"{}\"]", ids[1])},
            {"op": "add", "path": "members", "value": [{"value": ids[2], "display": "grace@corp.example"}]}]);
        okta.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
        assert_eq!(sorted(okta.members(&id).await), sorted(vec![ids[2].clone(), ids[3].clone()]));
    })
    .await;
}

#[tokio::test]
async fn av_031_av_032_okta_pushes_now() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada", "alan"]).await;
        let id = okta.group("Engineering", &[&ids[0]]).await;
        for members in [vec![&ids[1]], vec![]] {
            let values: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
            let operations = json!([{"op": "replace", "path": "members", "value": values}]);
            okta.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
            assert_eq!(okta.members(&id).await.iter().collect::<Vec<_>>(), members);
        }
    })
    .await;
}

#[tokio::test]
async fn av_033_okta_replaces_members_without_a_path() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada", "alan"]).await;
        let id = okta.group("Engineering", &[&ids[0]]).await;
        let operations = json!([{"op": "replace", "value": {"members": [{"value": ids[1]}]}}]);
        okta.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
        assert_eq!(okta.members(&id).await, [ids[1].clone()]);
    })
    .await;
}

#[tokio::test]
async fn av_034_okta_adds_a_thousand_members_at_once() {
    with_directory(Kind::okta(), async |okta| {
        // Half of them exist; the others are members in waiting, and the request succeeds all the same.
        let known = people(&okta, &["ada", "alan"]).await;
        let unknown = (0..998).map(|n| format!("00u{n:05}"));
        let values: Vec<Value> = known.iter().cloned().chain(unknown).map(|id| json!({"value": id})).collect();
        assert_eq!(values.len(), 1000);
        let id = okta.group("Everyone", &[]).await;
        let operations = json!([{"op": "add", "path": "members", "value": values}]);
        okta.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
        assert_eq!(sorted(okta.members(&id).await), sorted(known));
        let operations: Vec<Value> = values
            .iter()
            .map(|value| json!({"op": "remove", "path": format!("members[value eq {}]", value["value"])}))
            .collect();
        okta.operations(&format!("/Groups/{id}"), json!(operations)).await.expect_one_of(&[200, 204]);
        assert!(okta.members(&id).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn av_035_okta_deletes_a_pushed_group() {
    with_directory(Kind::okta(), async |okta| {
        let ids = people(&okta, &["ada"]).await;
        let id = okta.group("Engineering", &[&ids[0]]).await;
        let answer = okta.delete(&format!("/Groups/{id}")).await.expect(204);
        assert_eq!(answer.body, "");
        error(okta.get(&format!("/Groups/{id}")).await, 404, None);
        let ada = user(okta.get(&format!("/Users/{}", ids[0])).await, 200);
        assert!(ada.get("groups").is_none(), "the user stays and is in no group: {ada}");
    })
    .await;
}
