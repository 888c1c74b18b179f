//! Members that nobody knows yet (D26, idp-wire section 6 no. 10).

use serde_json::{Value, json};

use crate::answers::{error, group};
use crate::support::{Directory, GROUP, Kind, USER, okta_user, types, with_directory};

async fn add(idp: &Directory, group: &str, values: &[&str]) -> Vec<(String, Value)> {
    let values: Vec<Value> = values.iter().map(|value| json!({"value": value})).collect();
    let operations = json!([{"op": "add", "path": "members", "value": values}]);
    let (answer, events) = idp.events_of(idp.operations(&format!("/Groups/{group}"), operations)).await;
    answer.expect_one_of(&[200, 204]);
    events
}

#[tokio::test]
async fn d26_p108_p109_unknown_members_wait_and_known_ones_join() {
    with_directory(Kind::okta(), async |idp| {
        let (ada, alan) = (idp.user("ada").await, idp.user("alan").await);
        let team = idp.group("Team", &[&ada]).await;
        let before = idp.get(&format!("/Groups/{team}")).await.json()["meta"].clone();
        assert_eq!(add(&idp, &team, &["nobody", &ada.to_uppercase()]).await, [], "nobody came");
        assert_eq!(idp.get(&format!("/Groups/{team}")).await.json()["meta"], before, "and nothing is to be seen");
        let events = add(&idp, &team, &["nobody", &alan]).await;
        assert_eq!(types(&events), ["dsync.group.user_added"]);
        let mut expected = vec![ada, alan];
        expected.sort_unstable();
        let mut members = idp.members(&team).await;
        members.sort_unstable();
        assert_eq!(members, expected);
    })
    .await;
}

#[tokio::test]
async fn d26_p108_the_strict_profile_refuses_unknown_members() {
    with_directory(Kind::strict(), async |idp| {
        let ada = idp.user("ada").await;
        let team = idp.group("Team", &[]).await;
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": ada}, {"value": "nobody"}]}]);
        let (refused, events) = idp.events_of(idp.operations(&format!("/Groups/{team}"), operations)).await;
        error(refused, 400, Some("invalidValue"));
        assert_eq!((events, idp.members(&team).await), (vec![], vec![]), "none of them");
    })
    .await;
}

#[tokio::test]
async fn d26_a_waiting_member_joins_when_it_arrives() {
    with_directory(Kind::okta(), async |idp| {
        let team = idp.group("Team", &[]).await;
        let other = idp.group("Other", &[]).await;
        add(&idp, &team, &["00u-ada", "Alan@Corp.Example", "00u-grace"]).await;
        add(&idp, &other, &["00u-ada"]).await;
        let mut ada = okta_user("ada@corp.example");
        ada["externalId"] = json!("00u-ada");
        let (created, events) = idp.events_of(idp.post("/Users", ada)).await;
        let created = created.expect(201).json();
        assert_eq!(types(&events), ["dsync.user.created", "dsync.group.user_added", "dsync.group.user_added"]);
        assert_eq!(created["groups"].as_array().map(Vec::len), Some(2), "the answer shows it: {created}");
        let alan = idp.user("alan@corp.example").await;
        assert_eq!(idp.members(&team).await.len(), 2, "by userName, without regard to case");
        let grace = json!({"schemas": [USER], "userName": "grace"});
        let grace = idp.post("/Users", grace).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        let operations = json!([{"op": "add", "path": "externalId", "value": "00u-grace"}]);
        let (_, events) = idp.events_of(idp.operations(&format!("/Users/{grace}"), operations)).await;
        assert_eq!(types(&events), ["dsync.user.updated", "dsync.group.user_added"], "by a key that came later");
        let mut expected = vec![created["id"].as_str().unwrap().to_owned(), alan, grace];
        expected.sort_unstable();
        let mut members = idp.members(&team).await;
        members.sort_unstable();
        assert_eq!(members, expected);
    })
    .await;
}

#[tokio::test]
async fn d26_a_member_named_by_another_key_joins_and_leaves_at_once() {
    with_directory(Kind::okta(), async |idp| {
        let ada = idp.user("ada@corp.example").await;
        let team = idp.group("Team", &[]).await;
        for key in ["00uada@corp.example", "ADA@corp.example"] {
            add(&idp, &team, &[key]).await;
            assert_eq!(idp.members(&team).await, std::slice::from_ref(&ada), "{key}");
            let operations = json!([{"op": "remove", "path": format!("members[value eq \"{key}\"]")}]);
            idp.operations(&format!("/Groups/{team}"), operations).await.expect_one_of(&[200, 204]);
            assert!(idp.members(&team).await.is_empty(), "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn d26_who_was_taken_out_while_waiting_does_not_join() {
    with_directory(Kind::okta(), async |idp| {
        let team = idp.group("Team", &[]).await;
        let path = format!("/Groups/{team}");
        add(&idp, &team, &["a", "b", "c"]).await;
        idp.operations(&path, json!([{"op": "remove", "path": "members[value eq \"a\"]"}]))
            .await
            .expect_one_of(&[200, 204]);
        idp.user("a").await;
        assert!(idp.members(&team).await.is_empty());
        let body = json!({"schemas": [GROUP], "displayName": "Team", "members": [{"value": "c"}]});
        group(idp.put(&path, body).await, 200);
        idp.user("b").await;
        assert!(idp.members(&team).await.is_empty(), "a PUT names everybody");
        let c = idp.user("c").await;
        assert_eq!(idp.members(&team).await, [c]);
    })
    .await;
}

#[tokio::test]
async fn d26_sec_08_nobody_joins_across_directories() {
    with_directory(Kind::okta(), async |idp| {
        let other = idp.service.directory_of(idp.organization_id, Kind::okta()).await;
        let stranger = other.user("stranger").await;
        let foreign_group = other.group("Foreign", &[]).await;
        let team = idp.group("Team", &[]).await;
        assert_eq!(add(&idp, &team, &[&stranger, &foreign_group, "stranger", "http://169.254.169.254/"]).await, []);
        assert!(idp.members(&team).await.is_empty());
        assert!(other.get(&format!("/Users/{stranger}")).await.json().get("groups").is_none());
        other.delete(&format!("/Users/{stranger}")).await.expect(204);
        let own = idp.user("stranger").await;
        assert_eq!(idp.members(&team).await, [own], "only who comes to this directory");
    })
    .await;
}

#[tokio::test]
async fn d26_a_nested_group_may_come_later() {
    with_directory(Kind::entra(), async |idp| {
        let outer = idp.group("Outer", &[]).await;
        add(&idp, &outer, &["8aa1-inner"]).await;
        let body = json!({"schemas": [GROUP], "displayName": "Inner", "externalId": "8aa1-inner", "members": [{"value": "8aa1-inner"}]});
        error(idp.post("/Groups", body.clone()).await, 400, Some("invalidValue"));
        let mut body = body;
        body["members"] = json!([]);
        let (inner, events) = idp.events_of(idp.post("/Groups", body)).await;
        let inner = group(inner, 201);
        assert_eq!(types(&events), ["dsync.group.created", "dsync.group.updated"]);
        assert_eq!(idp.members(&outer).await, [inner["id"].as_str().unwrap().to_owned()]);
    })
    .await;
}
