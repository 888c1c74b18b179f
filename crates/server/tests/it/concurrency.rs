//! Many at once (SEC-38 to SEC-40).

use serde_json::json;

use crate::support::{GROUP, Kind, USER, member_ids, okta_user, types, with_directory, with_json};

const ROUNDS: usize = 5;

#[tokio::test(flavor = "multi_thread")]
async fn sec_38_of_64_identical_creations_one_wins() {
    with_directory(Kind::okta(), async |idp| {
        idp.get("/Users").await.expect(200);
        for round in 0..ROUNDS {
            let name = format!("ada{round}@corp.example");
            let (answers, events) = idp
                .events_of(async {
                    let posts: Vec<_> = (0..64)
                        .map(|_| tokio::spawn(with_json(idp.v2("POST", "/Users"), okta_user(&name)).send()))
                        .collect();
                    let mut statuses = Vec::new();
                    for post in posts {
                        statuses.push(post.await.unwrap().status);
                    }
                    statuses
                })
                .await;
            let count = |status: u16| answers.iter().filter(|answer| **answer == status).count();
            assert_eq!((count(201), count(409)), (1, 63), "{answers:?}");
            assert_eq!(types(&events), ["dsync.user.created"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_39_200_parallel_additions_all_arrive() {
    with_directory(Kind::okta(), async |idp| {
        let mut people = Vec::new();
        for n in 0..200 {
            people.push(idp.user(&format!("u{n}")).await);
        }
        let team = idp.group("Team", &[]).await;
        let path = format!("/Groups/{team}");
        let (statuses, events) = idp
            .events_of(async {
                let patches: Vec<_> = people
                    .iter()
                    .map(|id| {
                        let body = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]});
                        tokio::spawn(with_json(idp.v2("PATCH", &path), body).send())
                    })
                    .collect();
                let mut statuses = Vec::new();
                for patch in patches {
                    statuses.push(patch.await.unwrap().status);
                }
                statuses
            })
            .await;
        assert!(statuses.iter().all(|status| matches!(status, 200 | 204)), "{statuses:?}");
        assert_eq!(events.len(), 200);
        let mut members = idp.members(&team).await;
        members.sort_unstable();
        people.sort_unstable();
        assert_eq!(members, people);
        assert_eq!(events.last().unwrap().1["group"]["members_count"], 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_40_of_two_writers_with_one_version_one_wins() {
    with_directory(Kind::okta(), async |idp| {
        let path = format!("/Users/{}", idp.user("ada").await);
        for round in 0..25 {
            let tag = idp.get(&path).await.header("etag").unwrap().to_owned();
            let write = |writer: usize| {
                let body = json!({"schemas": [USER], "userName": "ada", "nickName": format!("{round}-{writer}")});
                tokio::spawn(with_json(idp.v2("PUT", &path).header("If-Match", &tag), body).send())
            };
            let (one, two) = (write(1), write(2));
            let mut statuses = [one.await.unwrap().status, two.await.unwrap().status];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 412]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_one_moment_while_others_write() {
    with_directory(Kind::okta(), async |idp| {
        let people = [idp.user("ada").await, idp.user("bob").await];
        let team = idp.group("0", &[]).await;
        let writer = idp.clone();
        let writing = tokio::spawn(async move {
            for round in 0..60 {
                // The name tells how many members there are, and changes together with them.
                let count = round % 3;
                let members: Vec<_> = people[..count].iter().map(|id| json!({"value": id})).collect();
                let body = json!({"schemas": [GROUP], "displayName": count.to_string(), "members": members});
                writer.put(&format!("/Groups/{team}"), body).await.expect(200);
                let id = writer.user("passing").await;
                writer.delete(&format!("/Users/{id}")).await.expect(204);
            }
        });
        let mut lists = 0;
        while !writing.is_finished() || lists == 0 {
            let groups = idp.get("/Groups").await.expect(200).json();
            let group = &groups["Resources"][0];
            assert_eq!(group["displayName"], member_ids(group).len().to_string(), "{groups}");
            for filter in ["", "&filter=title%20pr%20or%20userName%20pr"] {
                let users = idp.get(&format!("/Users?count=10{filter}")).await.expect(200).json();
                assert_eq!(users["totalResults"], users["Resources"].as_array().unwrap().len(), "{users}");
            }
            lists += 1;
        }
        writing.await.unwrap();
    })
    .await;
}
