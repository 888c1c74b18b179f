//! The catalogue, rules that are refused, why somebody has a role, and the preview.

use serde_json::{Value, json};

use super::{WORKATO, with_roles};
use crate::app_api::{data, has};
use crate::support::{Kind, types};

#[tokio::test]
async fn the_catalogue_is_kept_as_the_sdks_read_it() {
    with_roles(async |scene| {
        let organization = scene.idp.organization_id;
        for target in [
            format!("/roles?organization_id={organization}"),
            format!("/organizations/{organization}/roles"),
            format!("/authorization/organizations/{organization}/roles"),
        ] {
            let roles = scene.api.found(&target).await;
            let slugs: Vec<&Value> = data(&roles).iter().map(|role| &role["slug"]).collect();
            assert_eq!(slugs, ["admin", "analyst", "no-access", "operator"], "{target}");
            let fields =
                ["id", "slug", "name", "description", "type", "resource_type_slug", "permissions", "created_at"];
            has(&data(&roles)[0], &fields);
        }
        let before = scene.idp.service.app.clock().now();
        let role = scene.role("Member", true).await;
        assert!(before > 0 && role["default"] == true);
        let target = format!("/roles/{}", role["id"].as_str().unwrap());
        let body = json!({"name": "Members", "priority": 5, "description": "Everybody"});
        let changed = scene.send("PATCH", &target, body).await.expect(200).json();
        assert_eq!(
            (&changed["name"], &changed["slug"], &changed["priority"]),
            (&json!("Members"), &json!("member"), &json!(5))
        );
        // One default alone.
        let other = scene.role("Guest", true).await;
        assert_eq!(scene.api.found(&target).await["default"], false);
        scene.send("POST", "/roles", json!({"organization_id": organization, "name": "Guest"})).await.expect(409);
        let named = json!({"name": null, "priority": null, "default": null});
        let same = scene.send("PATCH", &target, named).await.expect(200).json();
        assert_eq!((&same["name"], &same["description"]), (&json!("Members"), &json!("Everybody")));
        let same = scene.send("PATCH", &target, json!({"description": null})).await.expect(200).json();
        assert_eq!((&same["priority"], &same["description"]), (&json!(5), &Value::Null));
        let target = format!("/roles/{}", other["id"].as_str().unwrap());
        scene.api.request("DELETE", &target).send().await.expect(204);
        scene.api.refused(&target, 404, "entity_not_found").await;
        // Of a role that a rule gives nothing is left behind unknown.
        let admin = data(&scene.api.found(&format!("/roles?organization_id={organization}")).await)
            .iter()
            .find(|role| role["slug"] == "admin")
            .unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned();
        scene.rule(json!({"group_name": "A"}), Some("admin"), None).await;
        scene.api.request("DELETE", &format!("/roles/{admin}")).send().await.expect(422);
    })
    .await;
}

#[tokio::test]
async fn a_role_is_refused_with_the_member_that_cannot_be_used() {
    with_roles(async |scene| {
        let organization = scene.idp.organization_id;
        for (more, field) in [
            (json!({"slug": "A B"}), "slug"),
            (json!({"colour": "red"}), "colour"),
            (json!({"name": null}), "name"),
            (json!({"organization_id": "directory_1"}), "organization_id"),
            (json!({"priority": -1}), "priority"),
            (json!({"priority": 2_147_483_648_u32}), "priority"),
            (json!({"default": "yes"}), "default"),
        ] {
            let mut body = json!({"organization_id": organization, "name": "X"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let refused = scene.send("POST", "/roles", body).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{more}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_member_that_cannot_be_used_is_named_wherever_it_is() {
    with_roles(async |scene| {
        let directory = scene.idp.id;
        let (made, looked_at) = (("POST", "/role_mappings"), ("POST", "/role_mappings/preview"));
        let settings = format!("/directories/{directory}/role_settings");
        let set = ("PATCH", settings.as_str());
        for ((method, path), body, field) in [
            (made, json!({"condition": {"group_name": "A"}}), "directory_id"),
            (made, json!({"directory_id": directory, "role": "admin"}), "condition"),
            (made, json!({"directory_id": directory, "condition": [null, null, "A", null, null]}), "condition"),
            (made, json!({"directory_id": directory, "condition": {"group_id": "org_1"}}), "condition.group_id"),
            (made, json!({"directory_id": directory, "condition": {"group_name": "A"}, "role": 1}), "role"),
            (made, json!({"directory_id": directory, "condition": {"group_name": "A"}, "colour": "red"}), "colour"),
            (looked_at, json!({"directory_id": "org_1"}), "directory_id"),
            (looked_at, json!({"directory_id": directory, "mappings": [{"condition": {}}]}), "condition"),
            (looked_at, json!({"directory_id": directory, "mappings": ["admin"]}), "mappings[0]"),
            (looked_at, json!({"directory_id": directory, "users": [1]}), "users[0]"),
            (set, json!({"mode": "all"}), "mode"),
            (set, json!({"mode": {"single": null}}), "mode"),
            (set, json!({"unknown_values": 1}), "unknown_values"),
            (set, json!({"model": null}), "model"),
        ] {
            let refused = scene.send(method, path, body.clone()).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{body}");
        }
        // What may be left out may be null.
        scene.send("PATCH", &settings, json!({"mode": null, "unknown_values": null})).await.expect(200);
        let nothing = json!({"directory_id": directory, "mappings": null, "users": null});
        scene.send("POST", "/role_mappings/preview", nothing).await.expect(200);
    })
    .await;
}

#[tokio::test]
async fn rules_that_could_never_do_what_they_say_are_refused() {
    with_roles(async |scene| {
        let directory = scene.idp.id;
        let stranger = scene.idp.service.directory(Kind::okta()).await.group("Theirs", &[]).await;
        for (rule, field) in [
            (json!({"condition": {"group_name": "A"}}), "role"),
            (json!({"condition": {"group_name": "A"}, "role": "owner"}), "role"),
            (json!({"condition": {"path": "title"}, "role": "admin"}), "role"),
            (json!({"condition": {"group_id": stranger}, "role": "admin"}), "group_id"),
            (json!({"condition": {"path": "a b", "value": "x"}, "role": "admin"}), "path"),
            (json!({"condition": {"path": "title", "value": ""}, "role": "admin"}), "value"),
            (json!({"condition": {}, "role": "admin"}), "condition"),
            (json!({"condition": {"group_name": "A", "type": "attribute"}, "role": "admin"}), "condition"),
            (json!({"condition": {"group_name": "A", "nested": true}, "role": "admin"}), "condition.nested"),
            (json!({"condition": {"group_name": "A"}, "role": "admin", "environment": "Prod 1"}), "environment"),
            (json!({"condition": {"group_name": "A"}, "role": "admin", "position": 0}), "position"),
            (json!({"condition": {"group_name": "A"}, "role": "admin", "position": 2_147_483_648_u32}), "position"),
            (json!({"condition": {"group_name": "A"}, "role": "admin", "position": 1.5}), "position"),
        ] {
            let mut body = rule.clone();
            body["directory_id"] = json!(directory);
            let refused = scene.send("POST", "/role_mappings", body).await.expect(422).json();
            assert_eq!(refused["errors"][0]["field"], field, "{rule}");
        }
        let (_, events) = scene.idp.events_of(scene.rule(json!({"group_name": "A"}), Some("admin"), None)).await;
        assert_eq!(types(&events), ["role_mapping.created"]);
        let target = format!("/role_mappings/{}", events[0].1["id"].as_str().unwrap());
        let (_, events) = scene.idp.events_of(scene.send("PATCH", &target, json!({"role": "analyst"}))).await;
        assert_eq!(types(&events), ["role_mapping.updated"]);
        assert_eq!(events[0].1["previous_attributes"]["role"], "admin");
        let (_, events) = scene.idp.events_of(scene.api.request("DELETE", &target).send()).await;
        assert_eq!(types(&events), ["role_mapping.deleted"]);
        scene.api.refused(&target, 404, "entity_not_found").await;
    })
    .await;
}

#[tokio::test]
async fn why_somebody_has_a_role_and_what_other_rules_would_do() {
    with_roles(async |scene| {
        scene.role("Member", true).await;
        scene.by_value("workato_role", None).await;
        let team = scene.rule(json!({"group_name": "Ops"}), Some("operator"), Some("prod")).await;
        let ada = scene.person("ada", json!({"workato_role": "Admin"})).await;
        let bob = scene.person("bob", json!({})).await;
        let ops = scene.idp.group("ops", &[&ada]).await;
        let why = scene.api.found(&format!("/directory_users/{ada}/roles")).await;
        let [usual, prod] = data(&why) else { panic!("{why}") };
        assert_eq!((&usual["role"]["slug"], &usual["matched"]["values"]), (&json!("admin"), &json!(["Admin"])));
        assert_eq!((&prod["environment"], &prod["role_mapping"]["id"]), (&json!("prod"), &team["id"]));
        assert_eq!(prod["matched"]["group"], json!({"id": ops, "name": "ops"}));
        assert!(prod["since"].as_str().is_some());
        let why = scene.api.found(&format!("/directory_users/{bob}/roles")).await;
        assert_eq!((&data(&why)[0]["role"]["slug"], &data(&why)[0]["default"]), (&json!("member"), &json!(true)));
        // What if the value gave no role any more?
        let rules = json!([{"condition": {"group_name": "Ops"}, "role": "analyst", "environment": null}]);
        let body = json!({"directory_id": scene.idp.id, "mappings": rules, "users": [ada, bob]});
        let head = scene.idp.head().await;
        let preview = scene.send("POST", "/role_mappings/preview", body).await.expect(200).json();
        assert_eq!((&preview["looked_at"], &preview["complete"], &preview["changed"]), (&json!(2), &json!(true), &json!(1)));
        let lost = |slug: &str, environment: Value| json!({"environment": environment, "slug": slug, "gain": 0, "lose": 1, "people": 0});
        let gained = json!({"environment": null, "slug": "analyst", "gain": 1, "lose": 0, "people": 1});
        assert_eq!(preview["roles"], json!([lost("admin", Value::Null), gained, lost("operator", json!("prod"))]));
        let [first, second] = preview["users"].as_array().unwrap().as_slice() else { panic!("{preview}") };
        assert_eq!((&first["before"]["role"]["slug"], &first["after"]["role"]["slug"]), (&json!("admin"), &json!("analyst")));
        assert_eq!((&second["changed"], &second["after"]["role"]["slug"]), (&json!(false), &json!("member")));
        assert_eq!((scene.idp.head().await, scene.roles(&ada).await), (head, vec!["admin".to_owned()]), "nothing was saved");
        let path = json!({"path": format!("{WORKATO}:workato_role")});
        let same = json!([{"condition": path}, {"condition": {"group_name": "OPS"}, "role": "operator", "environment": "prod"}]);
        let body = json!({"directory_id": scene.idp.id, "mappings": same});
        assert_eq!(scene.send("POST", "/role_mappings/preview", body).await.expect(200).json()["changed"], 0);
    })
    .await;
}
