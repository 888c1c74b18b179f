//! Many requests at once on one thing.

use doorward_testkit::databases;
use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;

use crate::running::{Directory, Running, patch, read, text, user};

/// Statuses of `count` equal requests sent at once, sorted.
async fn together<F>(count: usize, request: impl Fn(usize) -> F) -> Vec<u16>
where
    F: Future<Output = u16> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..count {
        tasks.spawn(request(number));
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_38_of_64_equal_posts_exactly_one_creates() {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("race", "okta scim v2.0");
        for round in 0..100 {
            let statuses = together(64, |_| {
                let directory = directory.clone();
                async move { directory.send(Method::POST, "/Users", &user(&format!("person{round}@x.example"))).await.0 }
            })
            .await;
            let mut expected = vec![409; 64];
            expected[0] = 201;
            assert_eq!(statuses, expected, "{} round {round}", running.database.name());
        }
        let users = running.all(&format!("/directory_users?directory={}", directory.id)).await;
        assert_eq!(users.len(), 100);
        crate::replay::assert_log_rebuilds_state(&running, &directory.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_39_200_parallel_single_member_patches_make_200_members() {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("race", "okta scim v2.0");
        let group = directory.create_group("Everybody", &[]).await;
        let mut users = Vec::new();
        for number in 0..200 {
            users.push(directory.create_user(&format!("p{number}@x.example")).await);
        }
        let statuses = together(200, |number| {
            let (directory, path) = (directory.clone(), format!("/Groups/{group}"));
            let body = patch(json!({"op": "add", "path": "members", "value": [{"value": users[number]}]}));
            async move { directory.send(Method::PATCH, &path, &body).await.0 }
        })
        .await;
        // Above a hundred members the answer to a PATCH is 204 (P-7644-3.5.2-11).
        let done = statuses.iter().all(|status| [200, 204].contains(status));
        assert!(done && statuses.len() == 200, "{} {statuses:?}", running.database.name());
        let (_, body) = directory.get(&format!("/Groups/{group}")).await;
        let mut members: Vec<_> = body["members"].as_array().unwrap().iter().map(|m| text(m, "value")).collect();
        members.sort();
        users.sort();
        assert_eq!(members, users, "{}", running.database.name());
        crate::replay::assert_log_rebuilds_state(&running, &directory.id).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_40_of_two_writers_with_one_etag_exactly_one_succeeds() {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("race", "okta scim v2.0");
        let id = directory.create_user("ada@x.example").await;
        for round in 0..100 {
            let etag = current_etag(&directory, &id).await;
            let statuses = together(2, |writer| {
                let (directory, path, etag) = (directory.clone(), format!("/Users/{id}"), etag.clone());
                let value = json!({"op": "replace", "path": "title", "value": format!("{round}-{writer}")});
                async move {
                    let request = directory.request(Method::PATCH, &path).header("if-match", etag);
                    let request = request.header("content-type", "application/scim+json");
                    read(request.body(patch(value).to_string()).send().await.unwrap()).await.0
                }
            })
            .await;
            assert_eq!(statuses, [200, 412], "{} round {round}", running.database.name());
        }
    }
}

async fn current_etag(directory: &Directory, id: &str) -> String {
    let response = directory.request(Method::GET, &format!("/Users/{id}")).send().await.unwrap();
    response.headers()["etag"].to_str().unwrap().to_owned()
}
