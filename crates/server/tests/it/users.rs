//! Users: the hard cases of scim-requirements 16.3 (`h…`) and those of 16.2 (`p…`) in which the service takes part:
//! uniqueness, versions, events.

use serde_json::{Value, json};

use crate::answers::{encoded, error, list, user};
use crate::support::{Directory, ENTERPRISE, Kind, USER, okta_user, types, with_directory, with_json};

fn person(user_name: &str) -> Value {
    json!({"schemas": [USER], "userName": user_name})
}

async fn made(idp: &Directory, body: Value) -> (String, Value) {
    let made = user(idp.post("/Users", body).await, 201);
    (format!("/Users/{}", made["id"].as_str().unwrap()), made)
}

#[tokio::test]
async fn h001_h002_s_7643_4_1_1_01_user_name_is_unique_without_regard_to_form() {
    with_directory(Kind::okta(), async |idp| {
        made(&idp, person("JSmith")).await;
        made(&idp, person("\u{f3}scar")).await;
        for taken in ["jsmith", "JSMITH", " jsmith ", "o\u{301}scar", "\u{d3}SCAR", "\u{ff2a}Smith"] {
            let refused = error(idp.post("/Users", person(taken)).await, 409, Some("uniqueness"));
            assert!(
                !refused["detail"].as_str().unwrap().contains("JSmith"),
                "nothing of the other resource: {refused}"
            );
        }
        let other = idp.service.directory(Kind::okta()).await;
        made(&other, person("jsmith")).await;
    })
    .await;
}

#[tokio::test]
async fn h003_h017_user_name_is_required() {
    with_directory(Kind::okta(), async |idp| {
        let (path, before) = made(&idp, person("ada")).await;
        for body in [json!({"schemas": [USER]}), person(""), person("  "), json!({"schemas": [USER], "userName": null})]
        {
            error(idp.post("/Users", body.clone()).await, 400, Some("invalidValue"));
            error(idp.put(&path, body).await, 400, Some("invalidValue"));
        }
        assert_eq!(user(idp.get(&path).await, 200), before);
    })
    .await;
}

#[tokio::test]
async fn h004_h014_h016_server_owned_attributes_are_the_servers() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada");
        body["id"] = json!("zzz");
        body["meta"] = json!({"created": "2000-01-01T00:00:00Z", "version": "W/\"99\"", "resourceType": "Group"});
        body["groups"] = json!([{"value": "g-1"}]);
        let (path, created) = made(&idp, body.clone()).await;
        assert_ne!(created["id"], "zzz");
        assert!(
            created["meta"]["created"].as_str().unwrap() > "2024" && created["meta"]["version"] == "W/\"1\"",
            "{created}"
        );
        assert_eq!(created["meta"]["created"], created["meta"]["lastModified"]);
        assert!(created.get("groups").is_none(), "{created}");
        assert_eq!(user(idp.put(&path, body).await, 200), created, "nothing of it changes anything");
    })
    .await;
}

#[tokio::test]
async fn h005_h007_h008_h009_names_and_schemas_are_read_tolerantly() {
    with_directory(Kind::okta(), async |idp| {
        assert_eq!(made(&idp, json!({"schemas": [USER], "USERNAME": "a"})).await.1["userName"], "a");
        made(&idp, json!({"userName": "b"})).await;
        made(&idp, json!({"schemas": [], "userName": "c"})).await;
        error(idp.post("/Users", json!({"schemas": 7, "userName": "d"})).await, 400, None.or(Some("invalidSyntax")));
        let body = json!({"schemas": [USER], "userName": "e", (ENTERPRISE): {"department": "R&D"}});
        assert_eq!(made(&idp, body).await.1["schemas"], json!([USER, ENTERPRISE]));
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "f"});
        assert_eq!(made(&idp, body).await.1["schemas"], json!([USER]));
    })
    .await;
}

#[tokio::test]
async fn h007_h008_the_strict_profile_refuses() {
    with_directory(Kind::strict(), async |idp| {
        for body in
            [json!({"userName": "b"}), json!({"schemas": [USER], "userName": "e", (ENTERPRISE): {"department": "x"}})]
        {
            error(idp.post("/Users", body).await, 400, Some("invalidSyntax"));
        }
        let body = json!({"schemas": [USER], "userName": "a", "active": "True"});
        error(idp.post("/Users", body).await, 400, Some("invalidValue"));
    })
    .await;
}

#[tokio::test]
async fn h011_h018_h023_a_deleted_user_is_gone_and_its_name_is_free() {
    with_directory(Kind::okta(), async |idp| {
        let (path, first) = made(&idp, person("ada")).await;
        idp.delete(&path).await.expect(204);
        error(idp.get(&path).await, 404, None);
        error(idp.put(&path, person("ada")).await, 404, None);
        error(idp.operations(&path, json!([{"op": "replace", "value": {"active": false}}])).await, 404, None);
        error(idp.delete(&path).await, 404, None);
        let (_, second) = made(&idp, person("ada")).await;
        assert_ne!(first["id"], second["id"], "an id is never used again");
        let (nope, events) = idp.events_of(idp.put("/Users/nope", person("new"))).await;
        error(nope, 404, None);
        assert!(events.is_empty(), "PUT never creates");
    })
    .await;
}

#[tokio::test]
async fn h015_p_7644_3_5_1_02_put_clears_what_it_leaves_out_but_not_active() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada");
        body["active"] = json!(false);
        let (path, before) = made(&idp, body).await;
        let after = user(idp.put(&path, person("ada")).await, 200);
        assert_eq!((&after["active"], &after["id"]), (&json!(false), &before["id"]));
        for gone in ["name", "emails", "displayName", "locale", "externalId"] {
            assert!(after.get(gone).is_none(), "{gone}: {after}");
        }
    })
    .await;
}

#[tokio::test]
async fn h021_p_7644_3_5_1_09_an_identical_put_changes_nothing() {
    with_directory(Kind::okta(), async |idp| {
        let (_, boss) = made(&idp, json!({"schemas": [USER], "userName": "boss", "displayName": "The Boss"})).await;
        let mut body = okta_user("ada");
        body[ENTERPRISE] = json!({"employeeNumber": "7", "manager": {"value": boss["id"]}});
        let (path, _) = made(&idp, body).await;
        let read = user(idp.get(&path).await, 200);
        assert_eq!(read[ENTERPRISE]["manager"]["displayName"], "The Boss", "{read}");
        let (again, events) = idp.events_of(idp.put(&path, read.clone())).await;
        assert_eq!(user(again, 200), read, "an echo of GET is no change");
        assert!(events.is_empty(), "{events:?}");
        let (again, events) = idp
            .events_of(idp.operations(&path, json!([{"op": "add", "path": "displayName", "value": "Ada Lovelace"}])))
            .await;
        assert_eq!(user(again, 200), read, "P003");
        assert!(events.is_empty(), "{events:?}");
    })
    .await;
}

#[tokio::test]
async fn s_7643_3_1_06_last_modified_moves_with_real_changes_only() {
    with_directory(Kind::okta(), async |idp| {
        let (path, first) = made(&idp, person("ada")).await;
        let mut before = first["meta"]["lastModified"].as_str().unwrap().to_owned();
        for nick in ["a", "b", "c", "d"] {
            let changed =
                user(idp.operations(&path, json!([{"op": "replace", "path": "nickName", "value": nick}])).await, 200);
            let after = changed["meta"]["lastModified"].as_str().unwrap().to_owned();
            assert!(after > before, "{after} is not later than {before}");
            assert_eq!(changed["meta"]["created"], first["meta"]["created"]);
            before = after;
        }
    })
    .await;
}

#[tokio::test]
async fn h022_p133_if_match() {
    with_directory(Kind::okta(), async |idp| {
        let (path, created) = made(&idp, person("ada")).await;
        let first = created["meta"]["version"].as_str().unwrap().to_owned();
        let put = |tag: &str, nick: &str| {
            let body = json!({"schemas": [USER], "userName": "ada", "nickName": nick});
            with_json(idp.v2("PUT", &path).header("If-Match", tag), body).send()
        };
        let second = user(put(&first, "a").await, 200)["meta"]["version"].as_str().unwrap().to_owned();
        assert_ne!(first, second);
        error(put(&first, "b").await, 412, None);
        user(put("*", "c").await, 200);
        error(put("garbage", "d").await, 400, Some("invalidSyntax"));
        let (stale, events) = idp
            .events_of(async {
                let operations = json!({"Operations": [{"op": "replace", "path": "nickName", "value": "e"}]});
                let patched = with_json(idp.v2("PATCH", &path).header("If-Match", &second), operations).send().await;
                let deleted = idp.v2("DELETE", &path).header("If-Match", &second).send().await;
                (patched, deleted)
            })
            .await;
        error(stale.0, 412, None);
        error(stale.1, 412, None);
        assert!(events.is_empty(), "{events:?}");
        let current = user(idp.get(&path).await, 200);
        assert_eq!(current["nickName"], "c");
        let strong = current["meta"]["version"].as_str().unwrap().trim_start_matches("W/").to_owned();
        idp.v2("DELETE", &path).header("If-Match", &format!("\"0\", {strong}")).send().await.expect(204);
    })
    .await;
}

#[tokio::test]
async fn p059_p060_p123_uniqueness_and_atomicity_of_patch() {
    with_directory(Kind::okta(), async |idp| {
        made(&idp, person("JSmith")).await;
        let (path, before) = made(&idp, json!({"schemas": [USER], "userName": "bjensen@example.com", "nickName": "Babs"})).await;
        let rename = |name: &str| json!([{"op": "replace", "path": "nickName", "value": "Z"}, {"op": "replace", "path": "userName", "value": name}]);
        let (refused, events) = idp.events_of(idp.operations(&path, rename("JSMITH"))).await;
        error(refused, 409, Some("uniqueness"));
        assert!(events.is_empty(), "{events:?}");
        let removal = json!([{"op": "replace", "path": "nickName", "value": "Z"}, {"op": "remove", "path": "userName"}]);
        error(idp.operations(&path, removal).await, 400, Some("mutability"));
        assert_eq!(user(idp.get(&path).await, 200), before, "nothing of it happened");
        let changed = user(idp.operations(&path, rename("BJensen@example.com")).await, 200);
        assert_eq!(changed["userName"], "BJensen@example.com", "the own name in other letters");
    })
    .await;
}

#[tokio::test]
async fn p063_s_7643_4_1_1_07_one_deactivation_is_one_event() {
    with_directory(Kind::entra(), async |idp| {
        let (path, created) = made(&idp, okta_user("ada")).await;
        let off = json!([{"op": "Replace", "path": "active", "value": "False"}]);
        let (answer, events) = idp.events_of(idp.operations(&path, off.clone())).await;
        answer.expect(204);
        assert_eq!(types(&events), ["dsync.user.updated"]);
        let data = &events[0].1;
        assert_eq!((&data["id"], &data["state"]), (&created["id"], &json!("inactive")));
        let mut previous: Vec<&String> = data["previous_attributes"].as_object().unwrap().keys().collect();
        previous.sort_unstable();
        let want = ["access_version", "raw_attributes", "scim_version", "state", "updated_at"];
        assert_eq!(previous, want, "exactly what changed");
        assert_eq!(data["previous_attributes"]["state"], "active");
        assert_eq!(idp.events_of(idp.operations(&path, off)).await.1, []);
        let on = json!([{"op": "Replace", "path": "active", "value": "True"}]);
        let (_, events) = idp.events_of(idp.operations(&path, on)).await;
        assert_eq!((types(&events), &events[0].1["state"]), (vec!["dsync.user.updated"], &json!("active")));
        assert_eq!(events[0].1["id"], created["id"]);
    })
    .await;
}

#[tokio::test]
async fn p134_a_patch_with_attributes_is_answered_with_them() {
    with_directory(Kind::entra(), async |idp| {
        let (path, created) = made(&idp, okta_user("ada")).await;
        let operations = json!([{"op": "Replace", "path": "nickName", "value": "B"}]);
        let answer = idp.operations(&format!("{path}?attributes=userName"), operations.clone()).await.expect(200);
        assert_eq!(answer.json(), json!({"schemas": [USER], "id": created["id"], "userName": "ada"}));
        let bare = idp.operations(&path, operations).await.expect(204);
        assert_eq!((bare.body.as_str(), bare.header("etag")), ("", answer.header("etag")));
    })
    .await;
}

#[tokio::test]
async fn s_7643_4_3_02_a_manager_may_come_later() {
    with_directory(Kind::okta(), async |idp| {
        let mut body = okta_user("ada");
        body[ENTERPRISE] = json!({"manager": {"value": "unknown", "displayName": "Fake"}});
        let (path, created) = made(&idp, body).await;
        assert_eq!(created[ENTERPRISE]["manager"], json!({"value": "unknown"}), "a client's displayName is not believed");
        let (_, boss) = made(&idp, json!({"schemas": [USER], "userName": "boss", "displayName": "The Boss"})).await;
        let set = json!([{"op": "add", "path": format!("{ENTERPRISE}:manager"), "value": {"value": boss["id"], "displayName": "Fake"}}]);
        let changed = user(idp.operations(&path, set).await, 200);
        assert_eq!(changed[ENTERPRISE]["manager"]["displayName"], "The Boss", "P032");
        let found = list(idp.get("/Users").await);
        assert_eq!(found[0][ENTERPRISE]["manager"], changed[ENTERPRISE]["manager"], "in lists too");
        let filter = encoded(&format!("{ENTERPRISE}:manager.displayName eq \"the boss\""));
        assert_eq!(list(idp.get(&format!("/Users?filter={filter}")).await).len(), 1);
    })
    .await;
}
