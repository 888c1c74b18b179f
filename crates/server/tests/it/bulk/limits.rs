//! What is refused as a whole: messages of another shape, too large, too deep; and the switch.

use doorward_server::config::{Config, FileConfig, Limits, Overrides};
use doorward_store::Options;
use doorward_testkit::TestDatabase;
use serde_json::json;

use super::{BULK_REQUEST, message, new_user, results, statuses};
use crate::answers::{error, error_v1, list};
use crate::support::{CORE_V1, Kind, Service, USER, with_directory};

#[tokio::test]
async fn p_7644_3_7_02_p_7644_3_7_2_03_messages_that_are_refused_as_a_whole() {
    with_directory(Kind::okta(), async |idp| {
        let operations = json!([new_user("x", "ada")]);
        for (body, scim_type) in [
            (json!({"schemas": [BULK_REQUEST]}), "invalidSyntax"),
            (message(json!([])), "invalidSyntax"),
            (message(json!({})), "invalidSyntax"),
            (json!({"schemas": [USER], "Operations": operations}), "invalidSyntax"),
            (json!({"schemas": [BULK_REQUEST], "failOnErrors": "1", "Operations": operations}), "invalidSyntax"),
            (json!({"schemas": [BULK_REQUEST], "failOnErrors": 0, "Operations": operations}), "invalidValue"),
            (message(json!([new_user("x", "ada"), new_user("x", "bob")])), "invalidSyntax"),
        ] {
            error(idp.post("/Bulk", body).await, 400, Some(scim_type));
        }
        for body in ["", "[]", "7", "{", "{\"Operations\":[],\"operations\":[]}", "{\"Operations\":[\"\\u0000\"]}"] {
            let refused =
                idp.v2("POST", "/Bulk").header("Content-Type", "application/scim+json").body(body).send().await;
            assert_eq!(refused.status, 400, "{body}: {}", refused.body);
        }
        let plain = idp.v2("POST", "/Bulk").header("Content-Type", "text/plain").body(message(operations).to_string());
        error(plain.send().await, 415, None);
        assert_eq!(list(idp.get("/Users").await).len(), 0, "nothing was done");
    })
    .await;
}

#[tokio::test]
async fn sec_25_sec_33_bodies_that_are_nested_too_deep() {
    with_directory(Kind::okta(), async |idp| {
        let nested = |levels: usize| {
            let (open, close) = ("{\"a\":".repeat(levels - 1), "}".repeat(levels - 1));
            format!("{{\"Operations\":[{},{{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"d\",\"data\":{{\"userName\":\"deep\",\"x\":{open}1{close}}}}}]}}",
                new_user("x", "ada"))
        };
        let send = |body: Vec<u8>| idp.v2("POST", "/Bulk").header("Content-Type", "application/json").body(body).send();
        for (body, status) in [
            (nested(33).into_bytes(), 400),
            (nested(10_000).into_bytes(), 400),
            (b"[".repeat(1_000_000), 400),
            (b"{\"Operations\":[".repeat(60_000), 400),
            (b"{\"Operations\":[{\"data\":".repeat(500_000), 413),
        ] {
            let answer = send(body).await;
            assert_eq!(answer.status, status, "{}", answer.body);
            assert!(answer.json()["detail"].as_str().is_some_and(|detail| detail.len() > 10), "{}", answer.body);
        }
        assert_eq!(list(idp.get("/Users").await).len(), 0);
        // What a single request may hold, an operation may hold.
        assert_eq!(statuses(&results(send(nested(32).into_bytes()).await, &idp)), ["201", "201"]);
    })
    .await;
}

#[tokio::test]
async fn h067_p_7644_3_7_4_01_v1_api_3_5_02_limits_as_published() {
    let limits = Limits { bulk_operations: 100, bulk_body: 20_000, ..Limits::default() };
    for database in doorward_testkit::databases() {
        let service = Service::start_within(database, Options::default(), limits);
        let idp = service.directory(Kind::okta()).await;
        for config in [idp.get("/ServiceProviderConfig").await, idp.get_v1("/ServiceProviderConfigs").await] {
            let published = json!({"supported": true, "maxOperations": 100, "maxPayloadSize": 20_000});
            assert_eq!(config.expect(200).json()["bulk"], published);
        }
        let users = |count: usize| message((0..count).map(|n| new_user(&n.to_string(), &format!("u{n}"))).collect());
        let sized = |size: usize| {
            let mut body = message(json!([new_user("x", "padded")]));
            body["Operations"][0]["data"]["nickName"] = json!("");
            body["Operations"][0]["data"]["nickName"] = json!("x".repeat(size - body.to_string().len()));
            body
        };
        for (body, named) in [(users(101), "maxOperations"), (sized(20_001), "maxPayloadSize")] {
            let refused = error(idp.post("/Bulk", body.clone()).await, 413, None);
            assert!(refused["detail"].as_str().unwrap().contains(named), "{refused}");
            let mut body = body;
            body["schemas"] = json!([CORE_V1]);
            let mut text = body.to_string();
            text.push_str(&" ".repeat(100));
            let request = idp.v1("POST", "/Bulk").header("Content-Type", "application/json");
            let refused = request.body(text).send().await;
            assert!(refused.body.contains(named), "{}", refused.body);
            error_v1(refused, 413);
        }
        assert_eq!(list(idp.get("/Users").await).len(), 0, "nothing was done");
        assert_eq!(statuses(&results(idp.post("/Bulk", sized(20_000)).await, &idp)), ["201"]);
        assert_eq!(statuses(&results(idp.post("/Bulk", users(99)).await, &idp)), ["201"; 99]);
        assert_eq!(
            statuses(&results(idp.post("/Bulk", users(100)).await, &idp))[99],
            "201",
            "the limit itself is allowed"
        );
    }
}

#[tokio::test]
async fn p_7644_3_7_01_bulk_can_be_switched_off() {
    let limits = Limits { bulk_operations: 0, ..Limits::default() };
    let service = Service::start_within(TestDatabase::sqlite(), Options::default(), limits);
    let idp = service.directory(Kind::okta()).await;
    let config = idp.get("/ServiceProviderConfig").await.json();
    assert_eq!(config["bulk"]["supported"], false);
    assert!(config["bulk"]["maxOperations"].as_i64().unwrap() >= 100, "authentik sizes its PATCH by it");
    error(idp.post("/Bulk", message(json!([new_user("x", "x")]))).await, 501, None);
    error_v1(idp.send_v1("POST", "/Bulk", json!({})).await, 501);
}

#[test]
fn p_7644_3_7_4_01_the_limits_can_be_set() {
    let resolved = |text: &str| Config::resolve(Overrides::default(), FileConfig::parse(text).unwrap());
    let limits = resolved("[limits]\nbulk_operations = 20\nbulk_body_bytes = 65536").unwrap().limits;
    assert_eq!((limits.bulk_operations, limits.bulk_body), (20, 65_536));
    assert_eq!(resolved("[limits]\nbulk_operations = 0").unwrap().limits.bulk_operations, 0);
    let limits = resolved("[limits]\nroot_results = 5\nfilters_in_urls = false").unwrap().limits;
    assert_eq!((limits.root_results, limits.filters_in_urls), (5, false));
    for wrong in ["bulk_operations = 10001", "bulk_body_bytes = 10"] {
        let error = resolved(&format!("[limits]\n{wrong}")).unwrap_err().to_string();
        assert!(error.contains("limits.bulk_") && error.contains("must"), "{error}");
    }
}

#[tokio::test]
async fn p_7644_3_7_04_out_of_time_is_told_for_each_operation() {
    let limits = Limits { request_timeout: std::time::Duration::from_secs(4), ..Limits::default() };
    let service = Service::start_within(TestDatabase::sqlite(), Options::default(), limits);
    let idp = service.directory(Kind::okta()).await;
    // Somebody else keeps the one writer busy, so that the time is over before the operations are.
    let job = |_: &mut doorward_store::Tx<'_>| -> doorward_store::Result<()> {
        std::thread::sleep(std::time::Duration::from_millis(100));
        Ok(())
    };
    let store = service.app.store().clone();
    let busy = tokio::spawn(async move {
        loop {
            store.write(doorward_store::Lane::Any, job).await.unwrap();
        }
    });
    let operations = (0..100).map(|n| new_user(&n.to_string(), &format!("u{n}"))).collect();
    let mut message = message(operations);
    // One after the other; together they would be done in time.
    message["failOnErrors"] = json!(1_000);
    let answer = idp.post("/Bulk", message).await;
    busy.abort();
    let results = results(answer, &idp);
    let done = statuses(&results).iter().filter(|status| **status == "201").count();
    assert_eq!(statuses(&results)[done..], vec!["503"; 100 - done], "in order: first what was done");
    assert!((1..100).contains(&done), "{done}");
    assert_eq!(list(idp.get("/Users").await).len(), done);
}
