//! Single operations and their results.

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::{BULK_REQUEST, add_member, bulk, id, message, new_group, new_user, outcomes, results, statuses};
use crate::answers::{error_v1, list};
use crate::history::assert_told_is_stored;
use crate::support::{CORE_V1, GROUP, Kind, PATCH_OP, USER, types, with_directory};

#[tokio::test]
async fn p_7644_3_7_04_p_7644_3_7_07_p_7644_3_7_08_every_method_once() {
    with_directory(Kind::okta(), async |idp| {
        let (ada, team) = (idp.user("ada").await, idp.group("Team", &[]).await);
        let version = idp.get(&format!("/Users/{ada}")).await.json()["meta"]["version"].clone();
        let (results, events) = idp
            .events_of(bulk(
                &idp,
                json!([
                    new_user("qwerty", "bob"),
                    {"method": "PUT", "path": format!("/Users/{ada}"), "version": version, "bulkId": "mine",
                        "data": {"schemas": [USER], "userName": "ada", "title": "Countess"}},
                    {"method": "PATCH", "path": format!("/Users/{ada}"),
                        "data": {"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "nickName", "value": "A"}]}},
                    add_member(&format!("/Groups/{team}"), &ada),
                    {"method": "PUT", "path": format!("/Groups/{team}"), "data": {"schemas": [GROUP], "displayName": "T"}},
                    {"method": "DELETE", "path": format!("/Groups/{team}")},
                    {"method": "DELETE", "path": format!("/Users/{ada}"), "version": "*"},
                ]),
            ))
            .await;
        assert_eq!(statuses(&results), ["201", "200", "200", "200", "200", "204", "204"]);
        assert_eq!((&results[0]["bulkId"], &results[1]["bulkId"]), (&json!("qwerty"), &json!("mine")));
        assert_eq!(results[1]["location"], format!("{}/Users/{ada}", idp.base("v2")));
        let read = idp.get(&format!("/Users/{}", id(&results[0]))).await.expect(200).json();
        assert_eq!((&read["userName"], &read["meta"]["version"]), (&json!("bob"), &results[0]["version"]));
        let expected = [
            "dsync.user.created", "dsync.user.updated", "dsync.user.updated", "dsync.group.user_added", "dsync.group.updated",
            "dsync.group.user_removed", "dsync.group.deleted", "dsync.user.deleted",
        ];
        assert_eq!(types(&events), expected);
        assert_told_is_stored(&idp).await;
    })
    .await;
}

#[tokio::test]
async fn h060_p_7644_3_7_03_p_7644_3_7_05_one_wrong_operation_among_others() {
    with_directory(Kind::okta(), async |idp| {
        let data = json!({"schemas": [USER], "userName": "x"});
        for (n, wrong) in [
            json!({"method": "POST", "path": "/Users", "data": data}),
            json!({"path": "/Users", "bulkId": "w", "data": data}),
            json!({"method": "POST", "bulkId": "w", "data": data}),
            json!({"method": "POST", "path": "/Users", "bulkId": "w"}),
            json!({"method": "PUT", "path": "/Users", "data": data}),
            json!({"method": "GET", "path": "/Users"}),
            json!({"method": "DELETE", "path": "/Users/x", "version": "7"}),
            json!({"method": 7, "path": {}, "bulkId": [], "data": "x", "version": true}),
            json!(["POST", "/Users"]),
        ]
        .into_iter()
        .enumerate()
        {
            let operations = json!([new_user("a", &format!("a{n}")), wrong, new_user("b", &format!("b{n}"))]);
            let results = bulk(&idp, operations).await;
            assert_eq!(statuses(&results), ["201", "400", "201"], "{wrong}");
            assert_eq!(results[1]["response"]["scimType"], "invalidSyntax", "{wrong}");
        }
        assert_eq!(list(idp.get("/Users").await).len(), 18, "nobody was made by a wrong operation");
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_7_04_p_7644_3_7_05_failures_do_not_stop_the_rest() {
    with_directory(Kind::okta(), async |idp| {
        idp.user("ada").await;
        let all = json!([new_user("a", "ADA"), {"method": "DELETE", "path": "/Users/nobody"}, {"method": "POST", "path": "/Users",
            "bulkId": "c", "data": {"schemas": [USER]}}, new_user("d", "dan")]);
        let results = bulk(&idp, all.clone()).await;
        let keyword = |status: &str, keyword: Option<&str>| (status.to_owned(), keyword.map(str::to_owned));
        let failed = [keyword("409", Some("uniqueness")), keyword("404", None), keyword("400", Some("invalidValue"))];
        assert_eq!(outcomes(&results)[..3], failed);
        assert_eq!(results[3]["status"], "201");
        let results = bulk(&idp, all).await;
        assert_eq!(statuses(&results), ["409", "404", "400", "409"], "all of them failed, and still 200");
    })
    .await;
}

#[tokio::test]
async fn h061_p_7644_3_7_06_fail_on_errors() {
    with_directory(Kind::okta(), async |idp| {
        idp.user("ada").await;
        let mut body =
            message(json!([new_user("a", "a"), new_user("b", "ada"), new_user("c", "c"), new_user("d", "ada")]));
        body["failOnErrors"] = json!(1);
        let first = results(idp.post("/Bulk", body.clone()).await, &idp);
        assert_eq!(statuses(&first), ["201", "409"]);
        body["failOnErrors"] = json!(2);
        assert_eq!(statuses(&results(idp.post("/Bulk", body.clone()).await, &idp)), ["409", "409"]);
        body["failOnErrors"] = json!(4);
        assert_eq!(statuses(&results(idp.post("/Bulk", body).await, &idp)), ["409", "409", "201", "409"]);
    })
    .await;
}

#[tokio::test]
async fn h068_p_7644_3_14_03_a_stale_version_fails_its_operation() {
    with_directory(Kind::okta(), async |idp| {
        let (ada, team) = (idp.user("ada").await, idp.group("Team", &[]).await);
        let put = |version: &str| {
            json!({"method": "PUT", "path": format!("/Users/{ada}"), "version": version,
            "data": {"schemas": [USER], "userName": "ada", "title": format!("since {version}")}})
        };
        let mut patch = add_member(&format!("/Groups/{team}"), &ada);
        patch["version"] = json!("W/\"9\"");
        let delete = json!({"method": "DELETE", "path": format!("/Groups/{team}"), "version": "\"9\""});
        let results =
            bulk(&idp, json!([put("W/\"1\""), put("W/\"1\""), patch, delete, put("\"1\", W/\"2\""), put("2")])).await;
        assert_eq!(statuses(&results), ["200", "412", "412", "412", "200", "400"]);
        assert_eq!(results[1]["location"], results[0]["location"]);
        assert_eq!(idp.members(&team).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_7_10_sec_05_sec_33_paths_do_not_leave_the_directory() {
    with_directory(Kind::okta(), async |idp| {
        let other = idp.service.directory(Kind::okta()).await;
        let (victim, team) = (other.user("victim").await, other.group("Team", &[]).await);
        let before = other.head().await;
        for path in [
            format!("{}/Users/{victim}", other.base("v2")),
            format!("//{}/Users/{victim}", other.service.address),
            format!("/../../{}/v2/Users/{victim}", other.label),
            format!("/{}/v2/Users/{victim}", other.label),
            format!("/v2/Users/{victim}"),
            format!("/Users/../../../{}/v2/Users/{victim}", other.label),
            format!("/Users/..%2F..%2F{}%2Fv2%2FUsers%2F{victim}", other.label),
            "/Bulk".to_owned(),
            "/Users/..".to_owned(),
            "/Me".to_owned(),
        ] {
            let results = bulk(&idp, json!([{"method": "DELETE", "path": path}, {"method": "GET", "path": path},
                {"method": "POST", "path": path, "bulkId": "n", "data": message(json!([new_user("x", "x")]))}])).await;
            assert_eq!(statuses(&results), ["400"; 3], "{path}");
            assert!(results.iter().all(|result| result.get("location").is_none()), "{results:?}");
        }
        let take = json!({"schemas": [USER], "userName": "taken over"});
        let results = bulk(&idp, json!([{"method": "DELETE", "path": format!("/Users/{victim}")},
            {"method": "PUT", "path": format!("/Users/{victim}"), "data": take}, add_member(&format!("/Groups/{team}"), &victim),
            new_group("mine", &[&victim])])).await;
        assert_eq!(statuses(&results), ["404", "404", "404", "201"]);
        assert_eq!(idp.members(&id(&results[3])).await, Vec::<String>::new(), "SEC-8");
        assert_eq!(other.head().await, before, "nothing happened there");
    })
    .await;
}

#[tokio::test]
async fn wb_07_groups_in_a_directory_for_users_only() {
    with_directory(Kind::users_only(), async |idp| {
        let results = bulk(
            &idp,
            json!([new_group("g", &["bulkId:x"]), new_user("x", "x"), new_group("a", &["bulkId:b"]),
            new_group("b", &["bulkId:a"]), {"method": "DELETE", "path": "/Groups/g"}]),
        )
        .await;
        assert_eq!(statuses(&results), ["501", "201", "501", "409", "501"]);
    })
    .await;
}

#[tokio::test]
async fn v029_v1_api_3_5_01_d29_d35_bulk_in_1_1() {
    with_directory(Kind::of("okta scim v1.1"), async |idp| {
        let enterprise = "urn:scim:schemas:extension:enterprise:1.0";
        let message = json!({"schemas": [CORE_V1], "Operations": [
            {"method": "POST", "path": "/Groups", "bulkId": "g",
                "data": {"schemas": [CORE_V1], "displayName": "Team", "members": [{"value": "bulkId:u", "type": "user"}]}},
            {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"schemas": [CORE_V1, enterprise], "userName": "ada",
                (enterprise): {"manager": {"managerId": "bulkId:m"}}}},
            {"method": "POST", "path": "/Users", "bulkId": "m", "data": {"schemas": [CORE_V1], "userName": "boss"}},
            {"method": "POST", "path": "/Users", "bulkId": "twice", "data": {"schemas": [CORE_V1], "userName": "BOSS"}},
            {"method": "PATCH", "path": "/Groups/bulkId:g", "data": {"schemas": [CORE_V1],
                "members": [{"value": "bulkId:u", "operation": "delete"}, {"value": "bulkId:m"}]}},
            {"method": "PUT", "path": "/Users/bulkId:u", "version": "W/\"77\"", "data": {"schemas": [CORE_V1], "userName": "x"}},
            {"method": "DELETE", "path": "/Users/bulkId:u"},
        ]});
        let answer = idp.send_v1("POST", "/Bulk", message).await.expect(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let body = answer.json();
        assert_eq!(body["schemas"], json!([CORE_V1]));
        let results = body["Operations"].as_array().unwrap();
        let codes: Vec<&str> = results.iter().map(|result| result["status"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["201", "201", "201", "409", "200", "412", "200"]);
        for (result, code) in results.iter().zip(&codes) {
            let failed = !code.starts_with('2');
            assert!(result.get("response").is_none(), "{result}");
            assert_eq!(result["status"]["description"].as_str().is_some_and(|text| text.len() > 10), failed, "{result}");
            assert_eq!(result.get("location").is_some(), !(failed && result["method"] == "POST"), "{result}");
            assert!(result["location"].as_str().is_none_or(|location| location.starts_with(&idp.base("v1"))), "{result}");
        }
        assert_eq!(idp.members(&id(&results[0])).await, [id(&results[2])]);
        error_v1(idp.send_v1("POST", "/Bulk", json!({"schemas": [BULK_REQUEST], "Operations": [new_user("x", "x")]})).await, 400);
        error_v1(idp.send_v1("POST", "/Bulk", json!({"Operations": []})).await, 400);
        assert_told_is_stored(&idp).await;
    })
    .await;
}

#[tokio::test]
async fn p_7644_3_7_11_a_client_that_goes_away_leaves_whole_operations() {
    with_directory(Kind::okta(), async |idp| {
        let people = [idp.user("a").await, idp.user("b").await, idp.user("c").await];
        let members: Vec<&str> = people.iter().map(String::as_str).collect();
        let operations: Vec<Value> = (0..300).map(|n| new_group(&n.to_string(), &members)).collect();
        let body = message(json!(operations)).to_string();
        let head = format!(
            "POST /scim/{}/v2/Bulk HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n",
            idp.label,
            idp.authorization,
            body.len()
        );
        let before = idp.head().await;
        let mut stream = tokio::net::TcpStream::connect(idp.service.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body.as_bytes()).await.unwrap();
        while idp.events_after(before).await.len() < 8 {}
        drop(stream);
        let mut last = -1;
        while last != idp.head().await {
            last = idp.head().await;
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        let groups = list(idp.get("/Groups?count=1000").await);
        assert!(!groups.is_empty());
        assert!(groups.iter().all(|group| group["members"].as_array().is_some_and(|members| members.len() == 3)));
        assert_told_is_stored(&idp).await;
    })
    .await;
}
