//! Rows 79 to 90: Microsoft Entra ID, groups, discovery, its validator and its collection.

use serde_json::json;

use crate::answers::{encoded, group, list, list0, user};
use crate::support::{ENTERPRISE, GROUP, Kind, USER, member_ids, with_directory};

#[tokio::test]
async fn av_079_entra_matches_a_group_without_its_members() {
    with_directory(Kind::entra(), async |entra| {
        let path = format!("/Groups?excludedAttributes=members&filter={}", encoded("displayName eq \"Eng\""));
        list0(entra.get(&path).await);
        let ada = entra.user("ada").await;
        entra.group("Eng", &[&ada]).await;
        let found = list(entra.get(&path).await);
        assert!(found.len() == 1 && found[0].get("members").is_none(), "{found:?}");
    })
    .await;
}

#[tokio::test]
async fn av_080_entra_reads_a_group_without_its_members() {
    with_directory(Kind::entra(), async |entra| {
        let ada = entra.user("ada").await;
        let id = entra.group("Eng", &[&ada]).await;
        let read = group(entra.get(&format!("/Groups/{id}?excludedAttributes=members")).await, 200);
        assert!(read.get("members").is_none() && read["displayName"] == "Eng", "{read}");
    })
    .await;
}

#[tokio::test]
async fn av_081_entra_creates_a_group_with_a_schema_of_its_own() {
    with_directory(Kind::entra(), async |entra| {
        let body = json!({"schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
            "externalId": "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159", "displayName": "Engineering", "meta": {"resourceType": "Group"}});
        let created = group(entra.post("/Groups", body).await, 201);
        assert_eq!(created["externalId"], "8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159");
        assert_eq!(created["schemas"], json!([GROUP]));
    })
    .await;
}

#[tokio::test]
async fn av_082_entra_adds_members() {
    with_directory(Kind::entra(), async |entra| {
        let (ada, alan) = (entra.user("ada").await, entra.user("alan").await);
        let id = entra.group("Eng", &[]).await;
        let operations = json!([
            {"op": "Add", "path": "members", "value": [{"$ref": null, "value": ada}]},
            {"op": "Add", "path": "members", "value": [{"$ref": null, "value": alan}]}]);
        let answer = entra.operations(&format!("/Groups/{id}"), operations).await.expect(204);
        assert_eq!(answer.body, "");
        let mut expected = vec![ada, alan];
        expected.sort_unstable();
        let mut members = entra.members(&id).await;
        members.sort_unstable();
        assert_eq!(members, expected);
    })
    .await;
}

#[tokio::test]
async fn av_083_entra_removes_only_the_members_it_lists() {
    with_directory(Kind::entra(), async |entra| {
        let (ada, alan) = (entra.user("ada").await, entra.user("alan").await);
        let id = entra.group("Eng", &[&ada, &alan]).await;
        let operations = json!([{"op": "Remove", "path": "members", "value": [{"value": ada}]}]);
        entra.operations(&format!("/Groups/{id}"), operations).await.expect(204);
        assert_eq!(entra.members(&id).await, [alan]);
    })
    .await;
}

#[tokio::test]
async fn av_084_entra_removes_a_member_by_filter() {
    with_directory(Kind::entra(), async |entra| {
        let (ada, alan) = (entra.user("ada").await, entra.user("alan").await);
        let id = entra.group("Eng", &[&ada, &alan]).await;
        let operations = json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")}]);
        entra.operations(&format!("/Groups/{id}"), operations).await.expect(204);
        assert_eq!(entra.members(&id).await, [alan]);
    })
    .await;
}

#[tokio::test]
async fn av_085_entra_renames_a_group() {
    with_directory(Kind::entra(), async |entra| {
        let id = entra.group("Eng", &[]).await;
        let operations = json!([{"op": "Replace", "path": "displayName", "value": "Engineers"}]);
        entra.operations(&format!("/Groups/{id}"), operations).await.expect(204);
        assert_eq!(group(entra.get(&format!("/Groups/{id}")).await, 200)["displayName"], "Engineers");
    })
    .await;
}

#[tokio::test]
async fn av_086_entra_checks_a_membership() {
    with_directory(Kind::entra(), async |entra| {
        let (ada, alan) = (entra.user("ada").await, entra.user("alan").await);
        let id = entra.group("Eng", &[&ada]).await;
        entra.group("Other", &[&alan]).await;
        for (member, expected) in [(&ada, 1), (&alan, 0)] {
            let filter = encoded(&format!("id eq \"{id}\" and members eq \"{member}\""));
            let answer = entra.get(&format!("/Groups?filter={filter}&attributes=id")).await;
            assert_eq!(answer.json()["totalResults"], expected);
            let found = list(answer);
            assert!(found.iter().all(|group| group["id"] == json!(id) && group.get("members").is_none()), "{found:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn av_087_entra_discovers_schemas() {
    with_directory(Kind::entra(), async |entra| {
        let schemas = list(entra.get("/Schemas").await);
        for wanted in [USER, GROUP, ENTERPRISE] {
            let schema = schemas.iter().find(|schema| schema["id"] == wanted).unwrap_or_else(|| panic!("{wanted}"));
            assert!(!schema.to_string().contains("null"), "no null members");
        }
    })
    .await;
}

#[tokio::test]
async fn av_088_entras_validator_pages() {
    with_directory(Kind::entra(), async |entra| {
        for n in 0..11 {
            entra.user(&format!("u{n}")).await;
        }
        for (start, items) in [(1, 5), (6, 5), (11, 1)] {
            let answer = entra.get(&format!("/Users?startIndex={start}&count=5")).await;
            assert_eq!((&answer.json()["startIndex"], &answer.json()["totalResults"]), (&json!(start), &json!(11)));
            assert_eq!(list(answer).len(), items);
        }
    })
    .await;
}

#[tokio::test]
async fn av_089_microsofts_collection_adds_a_bare_member() {
    with_directory(Kind::entra(), async |entra| {
        let ada = entra.user("ada").await;
        let id = entra.group("Eng", &[]).await;
        let operations = json!([{"op": "add", "path": "members", "value": ada}]);
        entra.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
        assert_eq!(member_ids(&entra.get(&format!("/Groups/{id}")).await.json()), [ada]);
    })
    .await;
}

#[tokio::test]
async fn av_090_microsofts_collection_writes_other_letters_and_a_slash() {
    with_directory(Kind::entra(), async |entra| {
        let body = json!({"schemas": [USER], "userName": "x", "displayName": "X"});
        user(entra.post("/Users/", body).await, 201);
        assert_eq!(list(entra.get("/Users/?filter=DisplayName+eq+%22X%22").await).len(), 1);
    })
    .await;
}
