//! Random histories of people, groups and rules: what is stored is what a slow look at everything gives, and the events tell it.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::{Scene, WORKATO, person, with_roles};
use crate::history::assert_told_is_stored;
use crate::support::GROUP;

const ENVIRONMENTS: [Option<&str>; 3] = [None, Some("test"), Some("prod")];
const ROLES: [&str; 3] = ["admin", "analyst", "operator"];
const VALUES: [&str; 5] = ["Admin", "ANALYST", "operator", "Owner", "Boss"];
const NAMES: [&str; 4] = ["Red", "red", "Green", "Blue"];

fn any<'a>(ids: &'a [String], rng: &mut StdRng) -> Option<&'a String> {
    ids.choose(rng)
}

#[derive(Default)]
struct Ids {
    people: Vec<String>,
    groups: Vec<String>,
    rules: Vec<String>,
}

fn one<'a>(words: &[&'a str], rng: &mut StdRng) -> &'a str {
    words.choose(rng).unwrap()
}

fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

async fn step(scene: &Scene, ids: &mut Ids, rng: &mut StdRng, n: usize) {
    let idp = &scene.idp;
    match rng.random_range(0..14) {
        0 | 1 => {
            let extension = json!({"workato_role": one(&VALUES, rng), "workato_role_test": one(&VALUES, rng)});
            let mut body = person(&format!("u{n}"), extension);
            body["title"] = json!(one(&VALUES, rng));
            ids.people.push(id(&idp.post("/Users", body).await.expect(201).json()));
        }
        2 => {
            let members: Vec<Value> =
                ids.people.iter().filter(|_| rng.random_ratio(1, 3)).map(|id| json!({"value": id})).collect();
            let mut members = members;
            members.push(json!({"value": format!("x-u{}", n + 4)}));
            let body = json!({"schemas": [GROUP], "displayName": one(&NAMES, rng), "members": members});
            ids.groups.push(id(&idp.post("/Groups", body).await.expect(201).json()));
        }
        3 | 4 => {
            let Some(person) = any(&ids.people, rng) else { return };
            let attribute = one(&["workato_role", "workato_role_test"], rng);
            let value = one(&VALUES, rng);
            let set = json!([{"op": "replace", "path": format!("{WORKATO}:{attribute}"), "value": value},
                {"op": "replace", "path": "active", "value": rng.random_ratio(2, 3)}]);
            idp.operations(&format!("/Users/{person}"), set).await.expect(200);
        }
        5 | 6 => {
            let (Some(group), Some(person)) = (any(&ids.groups, rng), any(&ids.people, rng)) else { return };
            let set = if rng.random_ratio(1, 2) {
                json!([{"op": "add", "path": "members", "value": [{"value": person}]}])
            } else {
                json!([{"op": "remove", "path": format!("members[value eq \"{person}\"]")}])
            };
            idp.operations(&format!("/Groups/{group}"), set).await.expect_one_of(&[200, 204]);
        }
        7 => {
            let Some(group) = any(&ids.groups, rng) else { return };
            let mut body = json!({"schemas": [GROUP], "displayName": one(&NAMES, rng)});
            if rng.random_ratio(1, 2) {
                body["members"] =
                    ids.people.iter().filter(|_| rng.random_ratio(1, 3)).map(|id| json!({"value": id})).collect();
            }
            idp.put(&format!("/Groups/{group}"), body).await.expect(200);
        }
        8 if rng.random_ratio(1, 3) => {
            let Some(group) = any(&ids.groups, rng).cloned() else { return };
            idp.delete(&format!("/Groups/{group}")).await.expect(204);
            ids.groups.retain(|id| *id != group);
        }
        9 if rng.random_ratio(1, 3) => {
            let Some(person) = any(&ids.people, rng).cloned() else { return };
            idp.delete(&format!("/Users/{person}")).await.expect(204);
            ids.people.retain(|id| *id != person);
        }
        10 | 11 => {
            let environment = *ENVIRONMENTS.choose(rng).unwrap();
            let (condition, role) = match rng.random_range(0..4) {
                0 => (json!({"group_name": one(&NAMES, rng)}), Some(one(&ROLES, rng))),
                1 => match any(&ids.groups, rng) {
                    Some(group) => (json!({"group_id": group}), Some(one(&ROLES, rng))),
                    None => return,
                },
                2 => (json!({"path": "title", "value": one(&VALUES, rng)}), Some(one(&ROLES, rng))),
                _ => (json!({"path": format!("{WORKATO}:{}", one(&["workato_role", "workato_role_test"], rng))}), None),
            };
            ids.rules.push(id(&scene.rule(condition, role, environment).await));
        }
        12 => {
            let Some(rule) = any(&ids.rules, rng).cloned() else { return };
            let target = format!("/role_mappings/{rule}");
            if rng.random_ratio(1, 2) {
                scene.send("PATCH", &target, json!({"position": rng.random_range(1..5)})).await.expect(200);
            } else {
                scene.api.request("DELETE", &target).send().await.expect(204);
                ids.rules.retain(|id| *id != rule);
            }
        }
        _ => {
            let body =
                json!({"mode": one(&["single", "multiple"], rng), "unknown_values": one(&["ignore", "flag"], rng)});
            scene.settings(body).await;
        }
    }
}

/// What the rules give, by environment, worked out from what the API shows and nothing else: another program than the service's.
fn worked_out(user: &Value, rules: &[Value], multiple: bool) -> BTreeMap<String, Vec<String>> {
    let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let groups = user["groups"].as_array().unwrap();
    for rule in rules {
        let condition = &rule["condition"];
        let lower = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
        let at = |path: &str| match path.strip_prefix(WORKATO) {
            Some(attribute) => lower(&user["raw_attributes"][WORKATO][&attribute[1..]]),
            None => lower(&user["raw_attributes"][path]),
        };
        let slug = match condition["type"].as_str().unwrap() {
            "group_id" => groups.iter().any(|group| group["id"] == condition["group_id"]).then(|| lower(&rule["role"])),
            "group_name" => groups
                .iter()
                .any(|group| lower(&group["name"]) == lower(&condition["group_name"]))
                .then(|| lower(&rule["role"])),
            "attribute" => {
                (at(condition["path"].as_str().unwrap()) == lower(&condition["value"])).then(|| lower(&rule["role"]))
            }
            _ => Some(at(condition["path"].as_str().unwrap())).filter(|value| ROLES.contains(&value.as_str())),
        };
        let has = roles.entry(rule["environment"].as_str().unwrap_or_default().to_owned()).or_default();
        if let Some(slug) = slug.filter(|slug| (multiple || has.is_empty()) && !has.contains(slug)) {
            has.push(slug);
        }
    }
    if !rules.is_empty() {
        let usual = roles.entry(String::new()).or_default();
        if usual.is_empty() {
            usual.push("member".to_owned());
        }
    }
    roles.retain(|_, slugs| !slugs.is_empty());
    roles
}

fn shown(user: &Value) -> BTreeMap<String, Vec<String>> {
    let slugs = |roles: &Value| -> Vec<String> {
        roles.as_array().unwrap().iter().map(|role| role["slug"].as_str().unwrap().to_owned()).collect()
    };
    let mut roles = BTreeMap::from([(String::new(), slugs(&user["roles"]))]);
    for (environment, of) in user["environment_roles"].as_object().unwrap() {
        roles.insert(environment.clone(), slugs(&of["roles"]));
    }
    roles.retain(|_, slugs| !slugs.is_empty());
    roles
}

async fn assert_all_is_due(scene: &Scene, seed: u64, n: usize) {
    let directory = scene.idp.id;
    let rules = scene.api.found(&format!("/role_mappings?directory={directory}")).await;
    let settings = scene.api.found(&format!("/directories/{directory}/role_settings")).await;
    let mut unknown: BTreeMap<String, i64> = BTreeMap::new();
    for user in scene.api.all(&format!("/directory_users?directory={directory}")).await {
        let due = worked_out(&user, rules["data"].as_array().unwrap(), settings["mode"] == "multiple");
        assert_eq!(shown(&user), due, "seed {seed}, step {n}: {user:#}");
        let mut paths: Vec<&str> = rules["data"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|rule| rule["condition"]["type"] == "attribute_role")
            .map(|rule| rule["condition"]["path"].as_str().unwrap())
            .collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let value = user["raw_attributes"][WORKATO][&path[WORKATO.len() + 1..]].as_str().unwrap_or_default();
            if !value.is_empty() && !ROLES.contains(&value.to_lowercase().as_str()) {
                *unknown.entry(format!("{path} {value}")).or_default() += 1;
            }
        }
    }
    if settings["unknown_values"] == "ignore" {
        unknown.clear();
    }
    let listed = scene.api.found(&format!("/directories/{directory}/unknown_role_values")).await;
    let listed = listed["data"].as_array().unwrap().iter();
    let listed = listed.map(|one| {
        (
            format!("{} {}", one["path"].as_str().unwrap(), one["value"].as_str().unwrap()),
            one["people"].as_i64().unwrap(),
        )
    });
    assert_eq!(listed.collect::<BTreeMap<_, _>>(), unknown, "seed {seed}, step {n}");
}

#[tokio::test]
async fn stored_roles_are_those_that_a_slow_look_at_everything_gives() {
    for seed in [1, 2, 3] {
        with_roles(async |scene| {
            scene.role("Member", true).await;
            let (mut rng, mut ids) = (StdRng::seed_from_u64(seed), Ids::default());
            for n in 0..100 {
                step(&scene, &mut ids, &mut rng, n).await;
                if n % 20 == 19 {
                    assert_all_is_due(&scene, seed, n).await;
                }
            }
            assert_told_is_stored(&scene.idp).await;
        })
        .await;
    }
}
