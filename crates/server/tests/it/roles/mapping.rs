//! From groups and attributes to roles, in the transaction of the change.

use doorward_server::service::roles::mappings;
use doorward_store::role_mapping::{Condition, Rule};
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};
use serde_json::{Value, json};

use super::{WORKATO, person, slugs, with_roles};
use crate::answers::error;
use crate::history::assert_told_is_stored;
use crate::support::{GROUP, types};

#[tokio::test]
async fn wt_16_a_value_is_the_role_and_unknown_values_are_flagged_ignored_or_refused() {
    with_roles(async |scene| {
        scene.by_value("workato_role", None).await;
        let unknown = async || {
            let list = scene.api.found(&format!("/directories/{}/unknown_role_values", scene.idp.id)).await;
            list["data"].as_array().unwrap().clone()
        };
        for (name, value, slug) in
            [("a", "Admin", "admin"), ("b", "analyst", "analyst"), ("c", "<No access>", "no-access")]
        {
            let id = scene.person(name, json!({"workato_role": value})).await;
            assert_eq!(scene.roles(&id).await, [slug], "by name or slug, in any letter case");
        }
        // Flagged, which is the usual.
        let (one, two) = (scene.person("d", json!({"workato_role": "Adnin"})).await, json!({"workato_role": "Adnin"}));
        scene.person("e", two).await;
        assert_eq!(scene.roles(&one).await, Vec::<String>::new());
        let listed = unknown().await;
        assert_eq!((listed.len(), &listed[0]["value"], &listed[0]["people"]), (1, &json!("Adnin"), &json!(2)));
        assert_eq!(listed[0]["closest_role"]["slug"], "admin");
        assert_eq!(listed[0]["path"], format!("{WORKATO}:workato_role"));
        // Somebody corrects it.
        let set = |value: &str| json!([{"op": "replace", "path": format!("{WORKATO}:workato_role"), "value": value}]);
        scene.idp.operations(&format!("/Users/{one}"), set("Admin")).await.expect(200);
        assert_eq!((scene.roles(&one).await, &unknown().await[0]["people"]), (vec!["admin".to_owned()], &json!(1)));
        // A role of that name comes into the catalogue: whoever waits for it has it at once.
        scene.idp.operations(&format!("/Users/{one}"), set("Auditor")).await.expect(200);
        assert_eq!(unknown().await.len(), 2);
        scene.role("Auditor", false).await;
        assert_eq!((scene.roles(&one).await, unknown().await.len()), (vec!["auditor".to_owned()], 1));
        // Ignored: nobody is listed.
        scene.settings(json!({"unknown_values": "ignore"})).await;
        assert_eq!(unknown().await, Vec::<Value>::new());
        // Refused, with the names that are allowed; nothing is written.
        scene.settings(json!({"unknown_values": "reject"})).await;
        let refused = scene.idp.post("/Users", person("f", json!({"workato_role": "Owner"}))).await;
        let refused = error(refused, 400, Some("invalidValue"));
        let detail = refused["detail"].as_str().unwrap();
        for part in ["workato_role", "Owner", "Admin", "Analyst", "<No access>"] {
            assert!(detail.contains(part), "{detail}");
        }
        error(scene.idp.operations(&format!("/Users/{one}"), set("Owner")).await, 400, Some("invalidValue"));
        assert_eq!(scene.roles(&one).await, ["auditor"]);
        // Who had an unknown value before can be changed in other ways.
        let id = scene.idp.get("/Users?filter=userName%20eq%20%22e%22").await.json()["Resources"][0]["id"].clone();
        let title = json!([{"op": "replace", "path": "title", "value": "Boss"}]);
        scene.idp.operations(&format!("/Users/{}", id.as_str().unwrap()), title).await.expect(200);
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test]
async fn wt_17_a_required_role_that_is_missing_is_refused_by_name() {
    with_roles(async |scene| {
        let attribute = json!({"name": "workato_role", "required": true});
        let schema = json!({"id": WORKATO, "name": "Workato", "resource_type": "User", "required": true, "attributes": [attribute]});
        crate::custom_schemas::declare(&scene.idp, schema).await;
        scene.by_value("workato_role", None).await;
        for extension in [json!({}), json!({"other": "x"})] {
            let refused = error(scene.idp.post("/Users", person("ada", extension)).await, 400, Some("invalidValue"));
            assert!(refused["detail"].as_str().unwrap().contains("WorkatoRole"), "{refused}");
        }
        let id = scene.person("ada", json!({"workato_role": "Admin"})).await;
        assert_eq!(scene.roles(&id).await, ["admin"]);
    })
    .await;
}

#[tokio::test]
async fn rules_that_another_process_has_changed_count_for_the_very_next_request() {
    with_roles(async |scene| {
        let service = &scene.idp.service;
        let url = service.app.config().database.expose().to_owned();
        let options = Options { readers: 1, writers: 1, ..Options::default() };
        let other = tokio::task::spawn_blocking(move || Store::open(&url, options).unwrap()).await.unwrap();
        let id = scene.person("ada", json!({"workato_role": "Admin", "workato_role_test": "Analyst"})).await;
        let path = format!("/Users/{id}");
        let touch = async |title: &str| {
            let set = json!([{"op": "replace", "path": "title", "value": title}]);
            scene.idp.operations(&path, set).await.expect(200);
        };
        // The service knows the credential, and with it the directory, from a moment ago.
        touch("a").await;
        assert_eq!(scene.roles(&id).await, Vec::<String>::new());
        let operator = OperatorScope::local();
        let rule = |attribute: &str| Rule {
            condition: Condition::AttributeRole { path: format!("{WORKATO}:{attribute}") },
            role: None,
            environment: String::new(),
        };
        let first = mappings::create(&other, &operator, scene.idp.id, rule("workato_role"), None).await.unwrap();
        let bob = scene.person("bob", json!({"workato_role": "Operator"})).await;
        assert_eq!((scene.roles(&id).await, scene.roles(&bob).await), (vec!["admin".into()], vec!["operator".into()]));
        mappings::create(&other, &operator, scene.idp.id, rule("workato_role_test"), Some(1)).await.unwrap();
        touch("b").await;
        assert_eq!(scene.roles(&id).await, ["analyst"]);
        mappings::delete(&other, &operator, first.id).await.unwrap();
        touch("c").await;
        assert_eq!((scene.roles(&id).await, scene.roles(&bob).await), (vec!["analyst".to_owned()], vec![]));
        tokio::task::spawn_blocking(move || drop(other)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn wt_18_three_attributes_are_roles_in_three_environments_and_a_change_tells_of_one() {
    with_roles(async |scene| {
        scene.by_value("workato_role", None).await;
        scene.by_value("workato_role_test", Some("test")).await;
        scene.by_value("workato_role_prod", Some("prod")).await;
        let extension =
            json!({"workato_role": "Admin", "workato_role_test": "Analyst", "workato_role_prod": "Operator"});
        let id = scene.person("ada", extension).await;
        let user = scene.user(&id).await;
        assert_eq!(user["role"], json!({"slug": "admin"}));
        let environments = &user["environment_roles"];
        assert_eq!(
            (&environments["test"]["slug"], &environments["prod"]["slug"]),
            (&json!("analyst"), &json!("operator"))
        );
        let set = json!([{"op": "replace", "path": format!("{WORKATO}:workato_role_prod"), "value": "Admin"}]);
        let (_, events) = scene.idp.events_of(scene.idp.operations(&format!("/Users/{id}"), set)).await;
        assert_eq!(types(&events), ["dsync.user.updated", "dsync.user.role_changed"]);
        let told = &events[1].1;
        assert_eq!((&told["environment"], &told["previous_role"]), (&json!("prod"), &json!({"slug": "operator"})));
        assert_eq!(told["environment_roles"]["prod"]["slug"], "admin");
        assert_eq!(told["environment_roles"]["test"]["slug"], "analyst");
        assert_eq!(scene.roles(&id).await, ["admin"], "the usual environment is as it was");
        assert_told_is_stored(&scene.idp).await;
    })
    .await;
}

#[tokio::test]
async fn wt_19_a_role_at_the_top_level_gives_none_and_is_listed_with_its_right_place() {
    with_roles(async |scene| {
        scene.by_value("workato_role", None).await;
        let mut body = crate::support::okta_user("ada");
        body["workato_role"] = json!("Admin");
        let id = scene.idp.post("/Users", body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        assert_eq!(scene.roles(&id).await, Vec::<String>::new());
        crate::custom_schemas::declare(&scene.idp, crate::custom_schemas::workato(false)).await;
        let received = scene.api.found(&format!("/directories/{}/received_attributes", scene.idp.id)).await;
        assert_eq!(received["data"][0]["attribute"], "workato_role");
        assert_eq!(received["data"][0]["declared_in"], WORKATO);
    })
    .await;
}

#[tokio::test]
async fn sec_05_a_group_named_admins_grants_nothing_without_a_rule() {
    with_roles(async |scene| {
        scene.role("Member", true).await;
        let id = scene.person("ada", json!({"workato_role": "Admin"})).await;
        let mut body = person("bob", json!({}));
        body["roles"] = json!([{"value": "Admin", "primary": true}]);
        let bob = scene.idp.post("/Users", body).await.expect(201).json()["id"].as_str().unwrap().to_owned();
        scene.idp.group("admins", &[&id, &bob]).await;
        for id in [&id, &bob] {
            let user = scene.user(id).await;
            assert_eq!((&user["role"], &user["roles"]), (&Value::Null, &json!([])), "not even the default role");
        }
        // Nor does a group of another directory, by a rule of this one.
        scene.rule(json!({"group_name": "admins"}), Some("admin"), None).await;
        let other = scene.idp.service.directory(crate::support::Kind::okta()).await;
        let eve = other.user("eve").await;
        other.group("admins", &[&eve]).await;
        assert_eq!(scene.roles(&eve).await, Vec::<String>::new());
        assert_eq!(scene.roles(&id).await, ["admin"]);
    })
    .await;
}

#[tokio::test]
async fn sk_22_groups_become_roles_through_every_change_of_a_membership() {
    with_roles(async |scene| {
        let idp = &scene.idp;
        scene.role("Member", true).await;
        scene.rule(json!({"group_name": "Engineering"}), Some("operator"), None).await;
        let id = scene.person("ada", json!({})).await;
        assert_eq!(scene.roles(&id).await, ["member"], "the default role");
        let team = idp.group("engineering", &[&id]).await;
        assert_eq!(scene.roles(&id).await, ["operator"]);
        let path = format!("/Groups/{team}");
        let remove = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
        let (_, events) = idp.events_of(idp.operations(&path, remove)).await;
        assert_eq!(types(&events), ["dsync.group.user_removed", "dsync.user.updated", "dsync.user.role_changed"]);
        assert_eq!(events[0].1["user"]["role"]["slug"], "operator", "as it was told before");
        assert_eq!(events[1].1["previous_attributes"]["role"]["slug"], "operator");
        assert_eq!(slugs(&events[2].1), ["member"]);
        let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        idp.operations(&path, add).await.expect_one_of(&[200, 204]);
        assert_eq!(scene.roles(&id).await, ["operator"]);
        // The group is renamed, and renamed back.
        let body = |name: &str| json!({"schemas": [GROUP], "displayName": name});
        idp.put(&path, body("Sales")).await.expect(200);
        assert_eq!(scene.roles(&id).await, ["member"]);
        idp.put(&path, body("Engineering")).await.expect(200);
        assert_eq!(scene.roles(&id).await, ["operator"]);
        // Somebody joins who was named before he came.
        let waiting = json!([{"op": "add", "path": "members", "value": [{"value": "x-bob"}]}]);
        idp.operations(&path, waiting).await.expect_one_of(&[200, 204]);
        let bob = scene.person("bob", json!({})).await;
        assert_eq!(scene.roles(&bob).await, ["operator"]);
        // A rule by the group's id.
        scene.rule(json!({"group_id": team}), Some("admin"), Some("test")).await;
        assert_eq!(scene.user(&bob).await["environment_roles"]["test"]["slug"], "admin");
        idp.delete(&path).await.expect(204);
        for id in [&id, &bob] {
            assert_eq!(scene.roles(id).await, ["member"]);
            assert_eq!(scene.user(id).await["environment_roles"], json!({}));
        }
        assert_told_is_stored(idp).await;
    })
    .await;
}

#[tokio::test]
async fn wt_22_wt_23_wt_27_individual_and_group_assignment_by_the_order_of_the_rules() {
    with_roles(async |scene| {
        let idp = &scene.idp;
        scene.rule(json!({"group_name": "Analysts"}), Some("analyst"), None).await;
        let by_value = scene.by_value("workato_role", None).await;
        idp.get("/Users").await.expect(200);
        // WT-22: with the person comes the role, in the very first event.
        let created = idp.events_of(scene.person("ada", json!({"workato_role": "Admin"}))).await;
        let (id, events) = created;
        assert_eq!(types(&events), ["dsync.user.created"]);
        assert_eq!(slugs(&events[0].1), ["admin"]);
        assert_eq!(scene.roles(&id).await, ["admin"]);
        // WT-23: the rule of the group stands first.
        let team = idp.group("Analysts", &[&id]).await;
        assert_eq!(scene.roles(&id).await, ["analyst"]);
        let target = format!("/role_mappings/{}", by_value["id"].as_str().unwrap());
        let moved = scene.send("PATCH", &target, json!({"position": 1})).await.expect(200).json();
        assert_eq!(moved["position"], 1);
        assert_eq!(scene.roles(&id).await, ["admin"], "now the value does");
        // WT-27: Okta converts the individual assignment: it sends the profile of the group, and no DELETE.
        let (_, events) =
            idp.events_of(idp.put(&format!("/Users/{id}"), person("ada", json!({"workato_role": "Operator"})))).await;
        assert_eq!(types(&events), ["dsync.user.updated", "dsync.user.role_changed"]);
        assert_eq!((events[0].1["id"].as_str(), slugs(&events[0].1)), (Some(id.as_str()), vec!["operator".to_owned()]));
        assert_eq!(idp.members(&team).await, std::slice::from_ref(&id));
        // All roles that match, in the order of the rules.
        scene.settings(json!({"mode": "multiple"})).await;
        assert_eq!(scene.roles(&id).await, ["operator", "analyst"]);
        assert_told_is_stored(idp).await;
    })
    .await;
}

#[tokio::test]
async fn wt_28_wt_30_a_new_value_changes_the_role_with_the_answer_by_put_and_by_patch() {
    with_roles(async |scene| {
        scene.by_value("workato_role", None).await;
        let id = scene.person("ada", json!({"workato_role": "Admin"})).await;
        let path = format!("/Users/{id}");
        let mut echo = scene.idp.get(&path).await.json();
        echo[WORKATO]["workato_role"] = json!("Analyst");
        let answer = scene.idp.put(&path, echo).await.expect(200);
        assert_eq!(answer.json()[WORKATO]["workato_role"], "Analyst");
        assert_eq!(scene.roles(&id).await, ["analyst"]);
        let etag = answer.header("etag").unwrap().to_owned();
        let set = json!([{"op": "replace", "path": format!("{WORKATO}:workato_role"), "value": "Operator"}]);
        scene.idp.operations(&path, set).await.expect(200);
        assert_eq!(scene.roles(&id).await, ["operator"]);
        // A change of rules is no change of what SCIM shows: the version stays.
        let before = scene.idp.get(&path).await;
        assert_ne!(before.header("etag"), Some(etag.as_str()));
        let version = scene.user(&id).await["access_version"].as_i64().unwrap();
        scene.rule(json!({"path": "userName", "value": "ADA"}), Some("admin"), Some("test")).await;
        assert_eq!(scene.user(&id).await["environment_roles"]["test"]["slug"], "admin");
        assert_eq!(scene.idp.get(&path).await.header("etag"), before.header("etag"));
        assert_eq!(scene.user(&id).await["access_version"], version + 1);
    })
    .await;
}

#[tokio::test]
async fn wt_40_the_same_push_again_changes_no_role_and_tells_nothing() {
    with_roles(async |scene| {
        scene.by_value("workato_role", None).await;
        let id = scene.person("ada", json!({"workato_role": "Admin"})).await;
        let path = format!("/Users/{id}");
        let again = scene.idp.put(&path, person("ada", json!({"workato_role": "Admin"})));
        let (_, events) = scene.idp.events_of(again).await;
        assert_eq!(types(&events), Vec::<&str>::new());
    })
    .await;
}
