//! Golden tests of the other providers' requests.

use doorward_idp::{Dialect, GroupKey, PersonKey};

use crate::desk::{Desk, ada, compact, group, person};

#[tokio::test]
async fn row_91_onelogin_adds_one_member_in_165_bytes() {
    let desk = Desk::staffed(Dialect::OneLogin).await;
    let mark = desk.mark();
    desk.session.change_members(GroupKey(0), &[PersonKey(1)], &[]).await.unwrap();
    let body = &desk.bodies(mark)[0];
    // Ids of the capture have 36 characters, those of the fake 10.
    assert_eq!(body.len() + 36 - "users-0002".len(), 165, "{body}");
}

#[tokio::test]
async fn row_92_and_93_jumpcloud_rehearses_and_renames_without_a_path() {
    let desk = Desk::new(Dialect::JumpCloud).await;
    desk.session.test_connection().await.unwrap();
    let methods: Vec<_> = desk.since(0).iter().map(|e| e.method.clone()).collect();
    assert_eq!(methods.join(" "), "GET POST PUT GET GET POST PATCH GET DELETE DELETE");
    assert!(desk.fake.all("Users").is_empty() && desk.fake.all("Groups").is_empty());
    desk.session.push_group(&group("A"), &[]).await.unwrap();
    let mark = desk.mark();
    desk.session.rename_group(GroupKey(0), "B").await.unwrap();
    let golden = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"displayName":"B"}}]}"#;
    assert_eq!(desk.bodies(mark), [golden]);
}

#[tokio::test]
async fn row_94_to_96_ping_and_cyberark_ask_in_their_own_words() {
    let desk = Desk::new(Dialect::Ping).await;
    desk.session.assign(&ada()).await.unwrap();
    let mail = "%22ada.lovelace%40corp.example%22";
    assert_eq!(
        desk.lines(0)[..2],
        [format!("GET /Users?filter=username%20Eq%20{mail}"), format!("GET /Users?filter=emails%20eq%20{mail}")]
    );
    let desk = Desk::new(Dialect::CyberArk).await;
    desk.session.test_connection().await.unwrap();
    let lines = desk.lines(0);
    assert_eq!(lines[..3], ["GET /Users?count=1", "GET /ServiceProviderConfig", "GET /ResourceTypes/User"]);
    assert_eq!(lines[4], "GET /Schemas/urn:ietf:params:scim:schemas:core:2.0:User");
}

#[tokio::test]
async fn row_98_to_102_authentik_writes_the_whole_group_and_one_operation_per_member() {
    let desk = Desk::staffed(Dialect::Authentik).await;
    desk.session.test_connection().await.unwrap();
    let mark = desk.mark();
    desk.session.change_members(GroupKey(0), &[PersonKey(1)], &[PersonKey(0)]).await.unwrap();
    let whole = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":
        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"groups-0004",
         "externalId":"8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159","displayName":"Engineering"}}]}"#;
    let members = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[
        {"op":"add","path":"members","value":[{"value":"users-0002"}]},
        {"op":"remove","path":"members","value":[{"value":"users-0001"}]}]}"#;
    assert_eq!(desk.bodies(mark), [compact(whole), compact(members)]);
    assert_eq!(desk.lines(mark)[1], "GET /Groups/groups-0004");
    // bulk.maxOperations of the server is 7.
    for key in 3..20 {
        desk.session.assign(&person(key)).await.unwrap();
    }
    let everyone: Vec<_> = (3..20).map(PersonKey).collect();
    let mark = desk.mark();
    desk.session.change_members(GroupKey(0), &everyone, &[]).await.unwrap();
    assert_eq!(desk.bodies(mark).len(), 1 + 3);
}
