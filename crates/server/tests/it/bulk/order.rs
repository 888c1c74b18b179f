//! In which order bulk operations are done: as if one after the other (`p_7644_3_7_09_…`), by random requests.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use super::{add_member, bulk, id, new_group, new_user, statuses};
use crate::answers::list;
use crate::history::assert_told_is_stored;
use crate::support::{Directory, ENTERPRISE, GROUP, Kind, PATCH_OP, USER, member_ids, with_directory, with_json};

/// Users with their managers and groups with their members, by name and not by id.
async fn state(idp: &Directory) -> (BTreeMap<String, Option<String>>, BTreeMap<String, BTreeSet<String>>) {
    let users = list(idp.get("/Users?count=1000").await);
    let groups = list(idp.get("/Groups?count=1000").await);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut names: BTreeMap<String, String> =
        users.iter().map(|user| (text(&user["id"]), text(&user["userName"]))).collect();
    names.extend(groups.iter().map(|group| (text(&group["id"]), text(&group["displayName"]))));
    let manager = |user: &Value| user[ENTERPRISE]["manager"]["value"].as_str().map(|id| names[id].clone());
    let members = |group: &Value| member_ids(group).iter().map(|id| names[id].clone()).collect();
    (
        users.iter().map(|user| (text(&user["userName"]), manager(user))).collect(),
        groups.iter().map(|group| (text(&group["displayName"]), members(group))).collect(),
    )
}

/// People and groups that refer to each other at random, in circles too.
struct Company {
    managers: Vec<Option<usize>>,
    members: Vec<Vec<String>>,
}

impl Company {
    fn new(rng: &mut StdRng) -> Self {
        let (people, groups) = (rng.random_range(1..12), rng.random_range(1..8));
        let managers = (0..people).map(|_| rng.random_ratio(1, 2).then(|| rng.random_range(0..people))).collect();
        let members = |group: usize| {
            let people = (0..people).filter(|_| rng.random_ratio(1, 3)).map(|n| format!("u{n}"));
            let mut members: Vec<String> = people.collect();
            members.extend((0..groups).filter(|n| *n != group && rng.random_ratio(1, 4)).map(|n| format!("g{n}")));
            members
        };
        Company { managers, members: (0..groups).map(members).collect() }
    }

    /// All of it in one bulk request, in any order.
    async fn in_bulk(&self, idp: &Directory, rng: &mut StdRng) {
        let mut operations = Vec::new();
        for (n, manager) in self.managers.iter().enumerate() {
            let mut user = new_user(&format!("u{n}"), &format!("u{n}"));
            if let Some(manager) = manager {
                user["data"][ENTERPRISE] = json!({"manager": {"value": format!("bulkId:u{manager}")}});
            }
            operations.push(user);
        }
        for (n, members) in self.members.iter().enumerate() {
            let members: Vec<String> = members.iter().map(|name| format!("bulkId:{name}")).collect();
            operations.push(new_group(&format!("g{n}"), &members.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        operations.shuffle(rng);
        let names: Vec<Value> = operations.iter().map(|operation| operation["bulkId"].clone()).collect();
        let results = bulk(idp, json!(operations)).await;
        assert!(statuses(&results).iter().all(|status| *status == "201"), "{results:?}");
        let answered: Vec<Value> = results.iter().map(|result| result["bulkId"].clone()).collect();
        assert_eq!(answered, names, "results stand in the order of the request");
    }

    /// All of it by single requests: first everybody, then what refers to them.
    async fn one_by_one(&self, idp: &Directory) {
        let mut ids: BTreeMap<String, String> = BTreeMap::new();
        for n in 0..self.managers.len() {
            let made = idp.post("/Users", json!({"schemas": [USER], "userName": format!("u{n}")})).await.expect(201);
            ids.insert(format!("u{n}"), made.json()["id"].as_str().unwrap().to_owned());
        }
        for n in 0..self.members.len() {
            ids.insert(format!("g{n}"), idp.group(&format!("g{n}"), &[]).await);
        }
        for (n, manager) in self.managers.iter().enumerate() {
            let Some(manager) = manager else { continue };
            let value = json!({ENTERPRISE: {"manager": {"value": ids[&format!("u{manager}")]}}});
            let path = format!("/Users/{}", ids[&format!("u{n}")]);
            idp.operations(&path, json!([{"op": "add", "value": value}])).await.expect(200);
        }
        for (n, members) in self.members.iter().enumerate() {
            let members: Vec<Value> = members.iter().map(|name| json!({"value": ids[name]})).collect();
            let body = json!({"schemas": [GROUP], "displayName": format!("g{n}"), "members": members});
            idp.put(&format!("/Groups/{}", ids[&format!("g{n}")]), body).await.expect(200);
        }
    }
}

#[tokio::test]
async fn p_7644_3_7_09_p_7644_3_7_1_01_shuffled_creations_give_what_single_requests_give() {
    with_directory(Kind::okta(), async |idp| {
        for seed in 0..12 {
            let mut rng = StdRng::seed_from_u64(seed);
            let company = Company::new(&mut rng);
            let (many, single) = (idp.service.directory(Kind::okta()).await, idp.service.directory(Kind::okta()).await);
            company.in_bulk(&many, &mut rng).await;
            company.one_by_one(&single).await;
            assert_eq!(state(&many).await, state(&single).await, "seed {seed}");
            assert_told_is_stored(&many).await;
        }
    })
    .await;
}

/// Operations of all kinds that refer backwards only, so that they can be sent one by one too.
fn history(rng: &mut StdRng) -> Vec<Value> {
    let (mut users, mut groups): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut operations = Vec::new();
    let pick = |rng: &mut StdRng, names: &[String]| {
        (!names.is_empty()).then(|| names[rng.random_range(0..names.len())].clone())
    };
    for n in 0..40 {
        let (user, group) = (pick(rng, &users), pick(rng, &groups));
        let operation = match (rng.random_range(0..8), user, group) {
            (0 | 1, _, _) => {
                users.push(format!("bulkId:u{n}"));
                // Now and then a name that is taken, or was freed.
                new_user(&format!("u{n}"), &format!("name{}", rng.random_range(0..20)))
            }
            (2, user, group) => {
                let members: Vec<String> = [user, group].into_iter().flatten().collect();
                groups.push(format!("bulkId:g{n}"));
                new_group(&format!("g{n}"), &members.iter().map(String::as_str).collect::<Vec<_>>())
            }
            (3, Some(user), _) => json!({"method": "DELETE", "path": format!("/Users/{user}")}),
            (4, Some(user), _) => json!({"method": "PUT", "path": format!("/Users/{user}"),
                "data": {"schemas": [USER], "userName": format!("name{}", rng.random_range(0..20))}}),
            (5, Some(user), Some(group)) => {
                let remove = json!([{"op": "remove", "path": format!("members[value eq \"{user}\"]")}]);
                json!({"method": "PATCH", "path": format!("/Groups/{group}"), "data": {"schemas": [PATCH_OP], "Operations": remove}})
            }
            (6, _, Some(group)) if rng.random_ratio(1, 3) => {
                json!({"method": "DELETE", "path": format!("/Groups/{group}")})
            }
            (_, Some(user), Some(group)) => add_member(&format!("/Groups/{group}"), &user),
            _ => continue,
        };
        operations.push(operation);
    }
    operations
}

/// Sends the operations one by one; the status of each. One that refers to what was not made is not sent.
async fn play(idp: &Directory, operations: &[Value]) -> Vec<String> {
    let mut ids: Vec<(String, String)> = Vec::new();
    let mut statuses = Vec::new();
    for operation in operations {
        let mut text = operation.to_string();
        for (name, id) in &ids {
            // A name ends with a quote: u1 is not u12.
            text = text
                .replace(&format!("bulkId:{name}\""), &format!("{id}\""))
                .replace(&format!("bulkId:{name}\\\""), &format!("{id}\\\""));
        }
        if text.contains("bulkId:") {
            statuses.push("409".to_owned());
            continue;
        }
        let operation: Value = serde_json::from_str(&text).unwrap();
        let request = idp.v2(operation["method"].as_str().unwrap(), operation["path"].as_str().unwrap());
        let answer = with_json(request, operation["data"].clone()).send().await;
        if let (201, Some(name)) = (answer.status, operation["bulkId"].as_str()) {
            ids.push((name.to_owned(), answer.json()["id"].as_str().unwrap().to_owned()));
        }
        statuses.push(answer.status.to_string());
    }
    statuses
}

#[tokio::test]
async fn p_7644_3_7_09_any_bulk_gives_what_its_operations_give_in_order() {
    with_directory(Kind::okta(), async |idp| {
        for seed in 0..10 {
            let operations = history(&mut StdRng::seed_from_u64(seed));
            let (many, single) = (idp.service.directory(Kind::okta()).await, idp.service.directory(Kind::okta()).await);
            let results = bulk(&many, json!(operations)).await;
            assert_eq!(statuses(&results), play(&single, &operations).await, "seed {seed}");
            assert_eq!(state(&many).await, state(&single).await, "seed {seed}");
            assert_told_is_stored(&many).await;
        }
    })
    .await;
}

/// What there is before the changes: by the names that stand for the ids.
async fn made(idp: &Directory) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push((format!("u{n}"), idp.user(&format!("name{n}")).await));
    }
    for n in 0..3 {
        ids.push((format!("g{n}"), idp.group(&format!("g{n}"), &[&ids[n].1.clone()]).await));
    }
    ids
}

/// Changes to few resources, each to the same ones again and again, and names that are taken and freed.
fn changes(rng: &mut StdRng) -> Vec<Value> {
    let change = |n: usize| {
        let (user, group) = (format!("/Users/bulkId:u{}", rng.random_range(0..5)), rng.random_range(0..3));
        let name = format!("name{}", rng.random_range(0..8));
        let group = format!("/Groups/bulkId:g{group}");
        let member = format!("bulkId:u{}", rng.random_range(0..5));
        match rng.random_range(0..12) {
            0..3 => new_user(&format!("new{n}"), &name),
            3 => json!({"method": "DELETE", "path": user}),
            4 => json!({"method": "DELETE", "path": group}),
            5 | 6 => json!({"method": "PUT", "path": user, "data": {"schemas": [USER], "userName": name}}),
            7 => {
                let version = json!(format!("W/\"{}\"", rng.random_range(1..4)));
                let operations = json!([{"op": "replace", "path": "active", "value": rng.random_ratio(1, 2)}]);
                json!({"method": "PATCH", "path": user, "version": version, "data": {"schemas": [PATCH_OP], "Operations": operations}})
            }
            8 => {
                let operations = json!([{"op": "remove", "path": format!("members[value eq \"{member}\"]")}]);
                json!({"method": "PATCH", "path": group, "data": {"schemas": [PATCH_OP], "Operations": operations}})
            }
            9 => json!({"method": "PUT", "path": group, "data": {"schemas": [GROUP], "displayName": name,
                "members": [{"value": member}]}}),
            _ => add_member(&group, &member),
        }
    };
    (0..100).map(change).collect()
}

/// The same with the ids that the names have in one directory.
fn with_ids(operations: &[Value], ids: &[(String, String)]) -> Vec<Value> {
    let mut text = json!(operations).to_string();
    for (name, id) in ids {
        text = text.replace(&format!("bulkId:{name}\""), &format!("{id}\""));
        text = text.replace(&format!("bulkId:{name}\\\""), &format!("{id}\\\""));
    }
    serde_json::from_str::<Value>(&text).unwrap().as_array().unwrap().clone()
}

/// None of them refers to another, so all are handed over together; they must not overtake each other.
#[tokio::test]
async fn p_7644_3_7_09_operations_begun_together_give_what_they_give_in_order() {
    with_directory(Kind::okta(), async |idp| {
        for seed in 0..8 {
            let operations = changes(&mut StdRng::seed_from_u64(seed));
            let (many, single) = (idp.service.directory(Kind::okta()).await, idp.service.directory(Kind::okta()).await);
            let in_bulk = with_ids(&operations, &made(&many).await);
            let one_by_one = with_ids(&operations, &made(&single).await);
            for operation in &in_bulk {
                // A POST keeps its bulkId, to which nothing refers.
                assert!(!operation["path"].as_str().unwrap().contains("bulkId"), "{operation}");
            }
            let results = bulk(&many, json!(in_bulk)).await;
            assert_eq!(statuses(&results), play_single(&single, &one_by_one).await, "seed {seed}");
            assert_eq!(state(&many).await, state(&single).await, "seed {seed}");
            assert_told_is_stored(&many).await;
        }
    })
    .await;
}

/// Sends the operations one by one, with `version` as `If-Match`; the status of each.
async fn play_single(idp: &Directory, operations: &[Value]) -> Vec<String> {
    let mut statuses = Vec::new();
    for operation in operations {
        let mut request = idp.v2(operation["method"].as_str().unwrap(), operation["path"].as_str().unwrap());
        if let Some(version) = operation["version"].as_str() {
            request = request.header("if-match", version);
        }
        statuses.push(with_json(request, operation["data"].clone()).send().await.status.to_string());
    }
    statuses
}

#[tokio::test]
async fn p_7644_3_7_09_waiting_changes_nothing_for_what_comes_later() {
    with_directory(Kind::okta(), async |idp| {
        let (ada, team) = (idp.user("ada").await, idp.group("Team", &[]).await);
        let path = format!("/Groups/{team}");
        let rename = json!({"method": "PATCH", "path": format!("/Users/{ada}"), "data": {"schemas": [PATCH_OP], "Operations": [
            {"op": "replace", "value": {"userName": "new", ENTERPRISE: {"manager": {"value": "bulkId:x"}}}}]}});
        let results = bulk(
            &idp,
            json!([
                add_member(&path, "bulkId:x"),
                {"method": "PATCH", "path": path, "data": {"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": "members"}]}},
                rename,
                {"method": "DELETE", "path": format!("/Users/{ada}")},
                new_user("x", "x"),
                add_member(&path, "bulkId:x"),
            ]),
        )
        .await;
        assert_eq!(statuses(&results), ["200", "200", "200", "204", "201", "200"]);
        assert_eq!(idp.members(&team).await, [id(&results[4])]);
        assert_told_is_stored(&idp).await;
    })
    .await;
}
