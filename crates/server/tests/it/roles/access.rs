//! `/access_checks`: every way to lose access, the version, and who is waiting for it.

use std::time::Duration;

use doorward_server::service::directories;
use doorward_store::scope::OperatorScope;
use serde_json::{Value, json};

use super::{Scene, slugs, with_roles};
use crate::support::{Kind, okta_user};

/// Checks the state; the version.
async fn state(scene: &Scene, query: &str, reason: &str) -> i64 {
    let check = scene.check(query).await;
    assert_eq!((&check["object"], &check["reason"]), (&json!("access_check"), &json!(reason)), "{check}");
    assert_eq!(check["allowed"], reason == "active", "{check}");
    if reason != "active" {
        assert_eq!(slugs(&check), Vec::<String>::new(), "no roles to act with");
    }
    check["version"].as_i64().unwrap()
}

#[tokio::test]
async fn wt_29_wt_33_wt_34_wt_35_ws_03_ws_05_each_end_of_access_shows_at_once_with_a_higher_version() {
    with_roles(async |scene| {
        scene.by_value("workato_role", None).await;
        let idp = &scene.idp;
        let id = scene.person("ada", json!({"workato_role": "Admin"})).await;
        let (path, query) = (format!("/Users/{id}"), format!("user_id={id}"));
        let mut last = state(&scene, &query, "active").await;
        let mut rises = async |reason: &str| {
            let version = state(&scene, &query, reason).await;
            assert!(version > last, "{reason}: {version} after {last}");
            last = version;
        };
        // Suspension by PATCH, deactivation by PUT, both taken back: same person, same roles (WT-35, WS-5).
        let active = |active: bool| json!([{"op": "replace", "value": {"active": active}}]);
        idp.operations(&path, active(false)).await.expect(200);
        rises("user_inactive").await;
        idp.operations(&path, active(true)).await.expect(200);
        rises("active").await;
        assert_eq!(slugs(&scene.check(&query).await), ["admin"]);
        let mut echo = idp.get(&path).await.json();
        echo["active"] = json!(false);
        idp.put(&path, echo.clone()).await.expect(200);
        rises("user_inactive").await;
        assert_eq!(scene.user(&id).await["id"], json!(id), "WT-34: the record stays");
        assert_eq!(scene.roles(&id).await, ["admin"], "and so do the roles");
        echo["active"] = json!(true);
        idp.put(&path, echo).await.expect(200);
        rises("active").await;
        // The directory is switched off and on.
        let operator = OperatorScope::local();
        directories::disable(idp.service.app.store(), &operator, idp.id).await.unwrap();
        rises("directory_disabled").await;
        directories::enable(idp.service.app.store(), &operator, idp.id).await.unwrap();
        rises("active").await;
        // Another role (WT-29).
        let role = json!([{"op": "replace", "path": format!("{}:workato_role", super::WORKATO), "value": "Analyst"}]);
        idp.operations(&path, role).await.expect(200);
        rises("active").await;
        assert_eq!(slugs(&scene.check(&query).await), ["analyst"]);
        // The person is deleted: the id can still be asked for.
        idp.delete(&path).await.expect(204);
        rises("user_deleted").await;
        state(&scene, "username=ada", "not_provisioned").await;
        // Born inactive: POST is a way too.
        let mut body = okta_user("eve");
        body["active"] = json!(false);
        idp.post("/Users", body).await.expect(201);
        state(&scene, "username=eve", "user_inactive").await;
    })
    .await;
}

#[tokio::test]
async fn people_are_found_by_every_name_and_nobody_is_guessed() {
    with_roles(async |scene| {
        let idp = &scene.idp;
        let id = idp.user("ada@corp.example").await;
        let names = ["username=ADA@corp.example", "email=Ada@Corp.example", "idp_id=00uada@corp.example"];
        let any = [format!("user={id}"), "user=ada@corp.example".to_owned(), "user=00uada@corp.example".to_owned()];
        for query in names.into_iter().map(str::to_owned).chain(any) {
            assert_eq!(scene.check(&query).await["user_id"], json!(id), "{query}");
        }
        for query in ["username=bob", "email=bob@corp.example", "idp_id=x", "user=bob"] {
            state(&scene, query, "not_provisioned").await;
        }
        // Two people with one address.
        let mut twin = okta_user("twin");
        twin["emails"] = json!([{"value": "ada@corp.example", "primary": true}]);
        let twin = idp.post("/Users", twin).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        state(&scene, "email=ada@corp.example", "ambiguous").await;
        let check = scene.check("email=ada@corp.example").await;
        let candidates: Vec<&Value> =
            check["candidates"].as_array().unwrap().iter().map(|one| &one["user_id"]).collect();
        assert_eq!(candidates, [&json!(id), &json!(twin)]);
        state(&scene, "username=ada@corp.example", "active").await;
        // One person in two directories: while both are on nobody guesses; of one that is off nobody speaks.
        let second = idp.service.directory_of(idp.organization_id, Kind::entra()).await;
        let there = second.user("ada@corp.example").await;
        state(&scene, "username=ada@corp.example", "ambiguous").await;
        let operator = OperatorScope::local();
        directories::disable(idp.service.app.store(), &operator, idp.id).await.unwrap();
        assert_eq!(scene.check("username=ada@corp.example").await["user_id"], json!(there));
        state(&scene, &format!("user_id={id}"), "directory_disabled").await;
        // Another organization's people are nobody here.
        let stranger = idp.service.directory(Kind::okta()).await.user("stranger").await;
        state(&scene, &format!("user_id={stranger}"), "not_provisioned").await;
        scene.api.refused("/access_checks?organization=org_x&user=a", 404, "entity_not_found").await;
        scene.api.refused("/access_checks?user=a", 422, "unprocessable_entity").await;
        let two = format!("/access_checks?organization={}&user=a&email=b", idp.organization_id);
        scene.api.refused(&two, 422, "unprocessable_entity").await;
    })
    .await;
}

#[tokio::test]
async fn wt_29_etags_batches_and_who_waits() {
    with_roles(async |scene| {
        let (idp, organization) = (&scene.idp, scene.idp.organization_id);
        let id = idp.user("ada").await;
        let target = format!("/access_checks?organization={organization}&user_id={id}");
        let first = scene.api.request("GET", &target).send().await.expect(200);
        let etag = first.header("etag").unwrap().to_owned();
        assert_eq!(first.header("cache-control"), Some("no-store"));
        let again = scene.api.request("GET", &target).header("If-None-Match", &etag).send().await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
        // A group changes what is answered, though not the version.
        idp.group("Team", &[&id]).await;
        let more = scene.api.request("GET", &target).header("If-None-Match", &etag).send().await.expect(200).json();
        assert_eq!((&more["groups"][0]["name"], &more["version"]), (&json!("Team"), &first.json()["version"]));
        // Somebody waits, and is told at once.
        let version = more["version"].as_i64().unwrap();
        let waiting = format!("{target}&version={version}&wait=20");
        let wait = scene.api.request("GET", &waiting).send();
        let end = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            idp.operations(&format!("/Users/{id}"), json!([{"op": "replace", "value": {"active": false}}])).await
        };
        let (told, ended) = tokio::join!(tokio::time::timeout(Duration::from_secs(15), wait), end);
        ended.expect(200);
        let told = told.expect("told before the wait is over").expect(200).json();
        assert_eq!((&told["allowed"], &told["reason"]), (&json!(false), &json!("user_inactive")));
        // Many at once, in order.
        let checks = json!({"checks": [{"organization": organization, "user_id": id},
            {"organization": organization, "username": "bob"}]});
        let list = scene.send("POST", "/access_checks", checks).await.expect(200).json();
        let reasons: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|check| &check["reason"]).collect();
        assert_eq!(reasons, ["user_inactive", "not_provisioned"]);
        let many: Vec<Value> = (0..101).map(|_| json!({"organization": organization, "user": "a"})).collect();
        scene.send("POST", "/access_checks", json!({"checks": many})).await.expect(422);
        let odd = json!({"checks": [{"organization": organization, "user": "a", "role": "admin"}]});
        let refused = scene.send("POST", "/access_checks", odd).await.expect(422).json();
        assert_eq!(refused["errors"][0]["field"], "checks[0].role");
        for (checks, field) in [
            (json!([]), "checks"),
            (Value::Null, "checks"),
            (json!(["ada"]), "checks[0]"),
            (json!([{"user": "a"}]), "checks[0].organization"),
            (json!([{"organization": organization, "user": 1}]), "checks[0].user"),
            (json!([{"organization": organization, "user": "a", "email": "b"}]), "user"),
            (json!([{"organization": organization, "user": null}]), "user"),
        ] {
            let refused = scene.send("POST", "/access_checks", json!({"checks": checks})).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{checks}");
        }
        let nobody = json!({"checks": [{"organization": organization, "user_id": "nobody"}]});
        scene.send("POST", "/access_checks", nobody).await.expect(404);
    })
    .await;
}
