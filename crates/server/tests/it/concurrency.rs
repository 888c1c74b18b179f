//! Many at once (SEC-38 to SEC-40).

use serde_json::json;

use crate::support::{Kind, USER, okta_user, types, with_directory, with_json};

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
