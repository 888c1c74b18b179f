//! The log itself: what a record holds, how it is found, and how it ends.

use doorward_server::config::Requests;
use doorward_server::service::requests::purge::{purge_crowded, purge_old};
use doorward_store::scope::SystemScope;
use doorward_store::{Clock, Options};
use serde_json::json;

use super::{MINUTE, at_noon, recorded};
use crate::app_api::{Api, data, has};
use crate::support::{Directory, Kind, Service, okta_user, with_directory};

#[tokio::test]
async fn a_record_says_who_asked_what_and_what_came_of_it() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let answer = idp.post("/Users", okta_user("ada@x.example")).await.expect(201);
        let id = answer.json()["id"].clone();
        let shown = recorded(&api, &idp, &answer).await;
        has(&shown, &["latency_ms", "address", "token_id", "request_bytes", "response_bytes", "headers"]);
        assert_eq!((&shown["method"], &shown["status"], &shown["subject_id"]), (&json!("POST"), &json!(201), &id));
        assert_eq!(shown["path"], format!("/scim/{}/v2/Users", idp.label));
        assert_eq!((&shown["scim_version"], &shown["credential"]), (&json!("2.0"), &json!("bearer")));
        assert_eq!(shown["user_agent"], "Okta SCIM Client 1.0.0");
        assert!(shown["token_id"].as_str().unwrap().starts_with("token_") && shown["address"] == "127.0.0.1");
        let events: Vec<&str> =
            shown["events"].as_array().unwrap().iter().map(|event| event["event"].as_str().unwrap()).collect();
        assert_eq!(events, ["dsync.user.created"], "{shown}");
        let authorization = json!({"name": "authorization", "value": "Bearer (removed)"});
        assert!(shown["headers"].as_array().unwrap().contains(&authorization), "{shown}");
        let looked = idp.get("/Users?filter=userName%20eq%20%22ada%40x.example%22&count=5").await.expect(200);
        let shown = recorded(&api, &idp, &looked).await;
        assert_eq!(shown["query"], "filter=userName%20eq%20%22ada%40x.example%22&count=5");
        assert_eq!((&shown["events"], &shown["request_body"]), (&json!([]), &json!(null)));
    })
    .await;
}

#[tokio::test]
async fn the_log_is_walked_and_filtered() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let ada = idp.user("ada@x.example").await;
        for _ in 0..3 {
            idp.post("/Users", okta_user("ada@x.example")).await.expect(409);
        }
        idp.get(&format!("/Users/{ada}")).await.expect(200);
        idp.get("/Users/unknown").await.expect(404);
        let target = format!("/directories/{}/requests", idp.id);
        let all = api.all(&format!("{target}?order=asc")).await;
        let statuses: Vec<u64> = all.iter().map(|request| request["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 409, 409, 409, 200, 404], "in the order in which they came");
        let mut newest = api.all(&format!("{target}?order=desc")).await;
        newest.reverse();
        assert_eq!(newest, all);
        for (filter, count) in [
            ("failed=true", 4),
            ("failed=false", 2),
            ("diagnosis=d12", 3),
            ("status=404", 1),
            ("method=post", 4),
            ("range_end=2020-01-01T00:00:00Z", 0),
            ("range_start=2020-01-01T00:00:00Z", 6),
            (&format!("subject={ada}"), 2),
        ] {
            let found = api.found(&format!("{target}?{filter}&limit=100")).await;
            assert_eq!(data(&found).len(), count, "{filter}");
        }
        api.refused(&format!("{target}?failed=perhaps"), 422, "unprocessable_entity").await;
        api.refused("/directories/directory_00000000000000000000000000/requests", 404, "entity_not_found").await;
        api.refused(&format!("{target}/req_nobody"), 404, "entity_not_found").await;
    })
    .await;
}

#[tokio::test]
async fn old_requests_and_too_many_are_removed() {
    for database in doorward_testkit::databases() {
        let clock = Clock::fixed(1_800_000_000_000_000);
        let options = Options { clock: clock.clone(), ..Options::default() };
        let requests = Requests { retention_days: 2, most_per_directory: 100, ..Requests::default() };
        let service = Service::start_with(database, options, |config| config.requests = requests);
        let api = Api::of(&service).await;
        let (idp, other) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        other.get("/Users?count=1").await.expect(200);
        for _ in 0..3 {
            idp.get("/Users?count=1").await.expect(200);
        }
        clock.advance(3 * 24 * 60 * MINUTE);
        for _ in 0..105 {
            idp.get("/Users?count=1").await.expect(200);
        }
        let count = async |directory: &Directory| {
            api.all(&format!("/directories/{}/requests?order=desc", directory.id)).await.len()
        };
        assert_eq!((count(&idp).await, count(&other).await), (108, 1));
        // The node's own rounds look for crowded logs each minute only, and have run already.
        let (store, by) = (service.app.store(), SystemScope::job("test"));
        purge_crowded(store, &by, &requests, None).await.unwrap();
        assert_eq!((count(&idp).await, count(&other).await), (100, 1), "the oldest have gone");
        purge_old(store, &by, &requests, service.app.clock().now(), None).await.unwrap();
        assert_eq!((count(&idp).await, count(&other).await), (100, 0), "and those that are too old");
    }
}

#[tokio::test]
async fn the_status_of_a_directory_follows_its_requests() {
    at_noon(async |service, clock| {
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::entra()).await;
        let status = async || {
            // A reader of the log sees the requests before his own; so does, then, a reader of the status.
            api.found(&format!("/directories/{}/requests?limit=1", idp.id)).await;
            api.found(&format!("/directories/{}", idp.id)).await["status"].as_str().unwrap().to_owned()
        };
        assert_eq!(status().await, "waiting");
        let wrong = idp.v2("GET", "/Users").without("Authorization").header("Authorization", "Bearer dw_wrong");
        wrong.send().await.expect(401);
        assert_eq!(status().await, "auth_failing");
        idp.get("/Users?count=1").await.expect(200);
        assert_eq!(status().await, "connected");
        idp.user("ada@x.example").await;
        assert_eq!(status().await, "active");
        for _ in 0..5 {
            idp.post("/Users", okta_user("ada@x.example")).await.expect(409);
        }
        assert_eq!(status().await, "degraded");
        clock.advance(3 * 60 * MINUTE);
        assert_eq!(status().await, "active", "that was hours ago");
        clock.advance(2 * 60 * MINUTE);
        assert_eq!(status().await, "quiet");
        clock.advance(366 * 24 * 60 * MINUTE);
        assert_eq!(status().await, "no_token");
    })
    .await;
}
