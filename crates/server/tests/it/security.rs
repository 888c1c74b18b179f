//! What must hold against each other's directories, strangers and hostile values (security-and-reliability, SEC).

use serde_json::{Value, json};

use crate::answers::{encoded, error, list, user};
use crate::credentials::seen;
use crate::support::{CORE_V1, Directory, GROUP, Kind, USER, okta_user, on_each_database, with_directory, with_json};
use crate::wire::Answer;

/// The routes that name a resource, with a body for the methods that take one.
fn routes(user: &str, group: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let mut routes = Vec::new();
    for (path, body) in [
        (format!("/Users/{user}"), json!({"schemas": [USER], "userName": "taken-over", "active": false})),
        (format!("/Groups/{group}"), json!({"schemas": [GROUP], "displayName": "taken over", "members": []})),
    ] {
        routes.push(("GET", path.clone(), None));
        routes.push(("HEAD", path.clone(), None));
        routes.push(("GET", format!("{path}?attributes=id"), None));
        routes.push(("PUT", path.clone(), Some(body)));
        let operations = json!({"Operations": [{"op": "replace", "value": {"displayName": "taken over"}}]});
        routes.push(("PATCH", path.clone(), Some(operations)));
        routes.push(("DELETE", path, None));
    }
    for filter in [format!("id eq \"{user}\""), format!("groups eq \"{group}\"")] {
        routes.push(("GET", format!("/Users?filter={}", encoded(&filter)), None));
    }
    for filter in [format!("id eq \"{group}\""), format!("members eq \"{user}\""), format!("members eq \"{group}\"")] {
        routes.push(("GET", format!("/Groups?filter={}", encoded(&filter)), None));
    }
    routes
}

async fn ask(idp: &Directory, version: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let request = if version == "v1" { idp.v1(method, path) } else { idp.v2(method, path) };
    match body {
        Some(body) => with_json(request, body.clone()).send().await,
        None => request.send().await,
    }
}

#[tokio::test]
async fn sec_05_sec_06_sec_07_i_1_ids_of_another_directory_are_unknown_ids() {
    on_each_database(async |service| {
        let organization = service.organization().await;
        let (a, b) = (service.directory_of(organization, Kind::okta()).await, service.directory(Kind::okta()).await);
        let own = a.user("ada").await;
        let own_team = a.group("Team", &[&own]).await;
        let victim = b.user("ada").await;
        let team = b.group("Team", &[&victim]).await;
        let gone = a.user("gone").await;
        a.delete(&format!("/Users/{gone}")).await.expect(204);
        let gone_team = a.group("Gone", &[]).await;
        a.delete(&format!("/Groups/{gone_team}")).await.expect(204);
        let before = (
            b.get(&format!("/Users/{victim}")).await.body,
            b.get(&format!("/Groups/{team}")).await.body,
            b.head().await,
        );
        let foreign =
            [(victim.as_str(), team.as_str()), (gone.as_str(), gone_team.as_str()), (team.as_str(), victim.as_str())];
        // The kinds are not taken for each other either. (Filters by the own user would rightly find the own group.)
        let swapped = [(own_team.as_str(), own.as_str())];
        for version in ["v2", "v1"] {
            let unknown = ("directory_user_00000000000000000000000000", "directory_group_00000000000000000000000000");
            for (n, (method, path, body)) in routes(unknown.0, unknown.1).into_iter().enumerate() {
                let expected = ask(&a, version, method, &path, body.as_ref()).await;
                assert!([404, 200].contains(&expected.status), "{}: {}", expected.asked, expected.status);
                let filtered = path.contains("filter=");
                for (user, group) in foreign.iter().chain(swapped.iter().filter(|_| !filtered)).copied() {
                    let (_, path, body) = routes(user, group).swap_remove(n);
                    let answer = ask(&a, version, method, &path, body.as_ref()).await;
                    assert_eq!(
                        seen(&answer, &[user, group]),
                        seen(&expected, &[unknown.0, unknown.1]),
                        "{}",
                        answer.asked
                    );
                }
            }
        }
        let after = (
            b.get(&format!("/Users/{victim}")).await.body,
            b.get(&format!("/Groups/{team}")).await.body,
            b.head().await,
        );
        assert_eq!(before, after, "the other directory is as it was");
    })
    .await;
}

#[tokio::test]
async fn sec_01_sec_09_hostile_names_are_data() {
    with_directory(Kind::okta(), async |idp| {
        let existing = idp.user("existing").await;
        let before = user(idp.get(&format!("/Users/{existing}")).await, 200);
        let long = "x".repeat(1000);
        let mut ids = vec![existing.clone()];
        for name in [
            "1",
            "0",
            "admin",
            &existing,
            "6f1c0c1e-0000-4000-8000-000000000000",
            &long,
            "' OR 1=1 --",
            "{{7*7}}",
            "$1",
            "%",
            "\\",
        ] {
            let body = json!({"schemas": [USER], "userName": name, "externalId": name});
            let made = user(idp.post("/Users", body).await, 201);
            assert_eq!((&made["userName"], &made["externalId"]), (&json!(name), &json!(name)), "kept as sent");
            let id = made["id"].as_str().unwrap().to_owned();
            assert!(!ids.contains(&id));
            ids.push(id);
            for attribute in ["userName", "externalId"] {
                let literal = json!(name).to_string();
                let found =
                    list(idp.get(&format!("/Users?filter={}", encoded(&format!("{attribute} eq {literal}")))).await);
                assert_eq!(found.len(), 1, "{attribute} {name}");
            }
        }
        assert_eq!(user(idp.get(&format!("/Users/{existing}")).await, 200), before);
        for hidden in ["a\u{202e}b", "a\u{200b}b", "a\u{7}b"] {
            error(idp.post("/Users", json!({"schemas": [USER], "userName": hidden})).await, 400, Some("invalidValue"));
        }
        for (one, two) in [
            ("joe", "JOE"),
            ("straße", "STRASSE"),
            ("ᴮᴵᴳ", "big"),
            ("caf\u{e9}", "cafe\u{301}"),
            ("\u{212a}im", "kim"),
            ("a＠b", "a@b"),
        ] {
            idp.user(one).await;
            error(idp.post("/Users", okta_user(two)).await, 409, Some("uniqueness"));
        }
    })
    .await;
}

#[tokio::test]
async fn sec_02_the_url_decides_which_resource_changes() {
    on_each_database(async |service| {
        let (idp, other) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        let (target, victim) = (idp.user("target").await, idp.user("victim").await);
        let foreign = other.user("foreign").await;
        let path = format!("/Users/{target}");
        let before =
            (idp.get(&format!("/Users/{victim}")).await.body, other.get(&format!("/Users/{foreign}")).await.body);
        for (n, id) in [&victim, &foreign].into_iter().enumerate() {
            for key in ["id", "ID", "Id"] {
                let title = format!("{n}{key}");
                let mut body = json!({"schemas": [USER], "userName": "target", "title": title});
                body[key] = json!(id);
                let put = user(idp.put(&path, body).await, 200);
                assert_eq!((&put["id"], &put["title"]), (&json!(target), &json!(title)));
                let operations = json!([{"op": "replace", "value": {(key): id, "title": format!("{title}p")}}]);
                let patched = user(idp.operations(&path, operations).await, 200);
                assert_eq!((&patched["id"], &patched["title"]), (&json!(target), &json!(format!("{title}p"))));
            }
            let operations = json!([{"op": "replace", "path": "id", "value": id}]);
            error(idp.operations(&path, operations).await, 400, Some("mutability"));
        }
        assert_eq!(
            before,
            (idp.get(&format!("/Users/{victim}")).await.body, other.get(&format!("/Users/{foreign}")).await.body)
        );
    })
    .await;
    with_directory(Kind::strict(), async |idp| {
        let path = format!("/Users/{}", idp.user("target").await);
        let operations = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "replace", "value": {"id": "zzz", "title": "x"}}]});
        error(idp.patch(&path, operations).await, 400, Some("mutability"));
    })
    .await;
}

#[tokio::test]
async fn sec_03_i_5_one_address_in_two_directories_is_two_people() {
    on_each_database(async |service| {
        let (a, b) = (service.directory(Kind::okta()).await, service.directory(Kind::okta()).await);
        let (one, two) = (a.user("ada@corp.example").await, b.user("ada@corp.example").await);
        assert_ne!(one, two);
        a.delete(&format!("/Users/{one}")).await.expect(204);
        user(b.get(&format!("/Users/{two}")).await, 200);
    })
    .await;
}

#[tokio::test]
async fn sec_11_no_request_writes_a_column() {
    with_directory(Kind::okta(), async |idp| {
        let id = idp.user("ada").await;
        let path = format!("/Users/{id}");
        for column in [
            "directory_id",
            "seq",
            "version",
            "created_at",
            "updated_at",
            "doc",
            "user_name_key",
            "organization_id",
            "state",
        ] {
            let mut body = okta_user("ada");
            body[column] = json!("99");
            let put = user(idp.put(&path, body).await, 200);
            assert_eq!(
                (&put["id"], &put["userName"], &put["active"]),
                (&json!(id), &json!("ada"), &json!(true)),
                "{column}"
            );
            let events = idp.events_after(0).await;
            let last: Value = serde_json::from_str(&events.last().unwrap().data).unwrap();
            assert_eq!(
                (&last["directory_id"], &last["state"]),
                (&json!(idp.id.to_string()), &json!("active")),
                "{column}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sec_12_i_8_a_password_is_nowhere() {
    with_directory(Kind::okta(), async |idp| {
        let canary = "canary-7f3a9";
        let mut body = okta_user("ada");
        body["password"] = json!(canary);
        let mut answers = vec![idp.post("/Users", body.clone()).await.expect(201)];
        let id = answers[0].json()["id"].as_str().unwrap().to_owned();
        let path = format!("/Users/{id}");
        answers.push(idp.put(&path, body).await.expect(200));
        for operation in [
            json!({"op": "replace", "value": {"password": canary}}),
            json!({"op": "add", "path": "password", "value": canary}),
        ] {
            answers.push(idp.operations(&path, json!([operation])).await.expect_one_of(&[200, 204]));
        }
        answers.push(idp.send_v1("PATCH", &path, json!({"schemas": [CORE_V1], "password": canary})).await.expect(200));
        answers.push(idp.get(&format!("{path}?attributes=password")).await.expect(200));
        answers.push(
            idp.get(&format!("/Users?filter={}", encoded(&format!("password sw \"{canary}\"")))).await.expect(400),
        );
        assert!(answers.iter().all(|answer| !answer.body.contains(canary)));
        for event in idp.events_after(0).await {
            assert!(!event.data.contains(canary), "{}", event.event_type);
        }
    })
    .await;
}

#[tokio::test]
async fn sec_36_urls_come_from_the_configuration() {
    with_directory(Kind::okta(), async |idp| {
        let path = format!("/Users/{}", idp.user("ada").await);
        let request = idp
            .v2("GET", &path)
            .header("X-Forwarded-Host", "evil.example")
            .header("X-Forwarded-Proto", "gopher")
            .header("Forwarded", "host=evil.example");
        let read = user(request.send().await, 200);
        assert_eq!(read["meta"]["location"], json!(format!("{}{path}", idp.base("v2"))));
    })
    .await;
}
