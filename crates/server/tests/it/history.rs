//! Invariants over random histories: the events alone rebuild the state (I-4), `add` never removes and `remove` removes
//! nothing that is not named (I-6).

use std::collections::{BTreeMap, BTreeSet};

use doorward_server::service::replay::Replay;
use doorward_server::service::view;
use doorward_store::scope::OperatorScope;
use doorward_store::{directory, event, group, membership, user};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};

use crate::support::{Directory, GROUP, Kind, USER, with_directory};

/// The state as the store has it, each object as the application's API shows it.
pub async fn stored(idp: &Directory) -> Replay {
    let id = idp.id;
    let job = move |tx: &mut doorward_store::Tx<'_>| -> doorward_store::Result<Replay> {
        let scope = directory::scope(tx, &OperatorScope::local(), &id)?.unwrap();
        let mut state = Replay::default();
        for row in user::after(tx, &scope, -1, 100_000)? {
            let sequence = event::last_position(tx, &scope, &row.id.to_string())?;
            state.users.insert(row.id.to_string(), view::directory_user(&scope, &row, Some(sequence)).unwrap());
        }
        for row in group::after(tx, &scope, -1, 100_000)? {
            let sequence = event::last_position(tx, &scope, &row.id.to_string())?;
            state.groups.insert(row.id.to_string(), view::directory_group(&scope, &row, Some(sequence)).unwrap());
            for member in membership::members(tx, &scope, &row.id, None, i64::MAX)? {
                if let membership::MemberId::User(user) = member.id {
                    state.memberships.insert((row.id.to_string(), user.to_string()));
                }
            }
        }
        Ok(state)
    };
    idp.service.app.store().snapshot(job).await.unwrap()
}

/// The state as the events tell it.
async fn told(idp: &Directory) -> Replay {
    let mut state = Replay::default();
    let mut last = 0;
    for event in idp.events_after(0).await {
        assert!(event.position > last, "positions rise");
        last = event.position;
        let data = serde_json::from_str(&event.data).unwrap();
        state.apply(event.position, &event.event_type, &data).unwrap();
    }
    state
}

/// Checks that the events alone tell the state.
pub async fn assert_told_is_stored(idp: &Directory) {
    let (stored, told) = (stored(idp).await, told(idp).await);
    assert_eq!(told.users, stored.users);
    assert_eq!(told.groups, stored.groups);
    assert_eq!(told.memberships, stored.memberships);
}

/// A model of the directory: what the requests so far must have led to.
#[derive(Default)]
struct Model {
    people: BTreeSet<String>,
    groups: BTreeMap<String, BTreeSet<String>>,
}

impl Model {
    fn any_person(&self, rng: &mut StdRng) -> Option<String> {
        self.people.iter().collect::<Vec<_>>().choose(rng).map(|id| (*id).clone())
    }

    fn any_group(&self, rng: &mut StdRng) -> Option<String> {
        self.groups.keys().collect::<Vec<_>>().choose(rng).map(|id| (*id).clone())
    }

    fn some_people(&self, rng: &mut StdRng) -> Vec<String> {
        self.people.iter().filter(|_| rng.random_ratio(1, 4)).cloned().collect()
    }
}

async fn step(idp: &Directory, model: &mut Model, rng: &mut StdRng, n: usize) {
    let values = |ids: &[String]| ids.iter().map(|id| json!({"value": id})).collect::<Vec<Value>>();
    match rng.random_range(0..12) {
        0 | 1 => {
            let body =
                json!({"schemas": [USER], "userName": format!("u{n}"), "externalId": format!("x{n}"), "title": "t"});
            let made = idp.post("/Users", body).await.expect(201).json();
            model.people.insert(made["id"].as_str().unwrap().to_owned());
        }
        2 => {
            let members = model.some_people(rng);
            let body = json!({"schemas": [GROUP], "displayName": format!("g{}", n % 7), "members": values(&members)});
            let made = idp.post("/Groups", body).await.expect(201).json();
            model.groups.insert(made["id"].as_str().unwrap().to_owned(), members.into_iter().collect());
        }
        3 => {
            let Some(id) = model.any_person(rng) else { return };
            let operations = json!([{"op": "replace", "value": {"active": rng.random_ratio(1, 2), "nickName": format!("n{}", n % 3)}}]);
            idp.operations(&format!("/Users/{id}"), operations).await.expect(200);
        }
        4 => {
            let Some(id) = model.any_person(rng) else { return };
            let mut body = idp.get(&format!("/Users/{id}")).await.json();
            body["title"] = json!(format!("t{}", n % 2));
            idp.put(&format!("/Users/{id}"), body).await.expect(200);
        }
        5 if rng.random_ratio(1, 2) => {
            let Some(id) = model.any_person(rng) else { return };
            idp.delete(&format!("/Users/{id}")).await.expect(204);
            model.people.remove(&id);
            model.groups.values_mut().for_each(|members| members.retain(|member| *member != id));
        }
        6 if rng.random_ratio(1, 3) => {
            let Some(id) = model.any_group(rng) else { return };
            idp.delete(&format!("/Groups/{id}")).await.expect(204);
            model.groups.remove(&id);
        }
        7 => {
            let Some(id) = model.any_group(rng) else { return };
            let members = model.some_people(rng);
            let body = json!({"schemas": [GROUP], "displayName": format!("g{}", n % 5), "members": values(&members)});
            idp.put(&format!("/Groups/{id}"), body).await.expect(200);
            model.groups.insert(id, members.into_iter().collect());
        }
        8 => {
            // A group in a group, and somebody whom nobody knows.
            let (Some(id), Some(inner)) = (model.any_group(rng), model.any_group(rng)) else { return };
            if id != inner {
                let operations = json!([{"op": "add", "path": "members", "value": [{"value": inner}, {"value": format!("x{}", n + 3)}]}]);
                idp.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
                let operations =
                    json!([{"op": "remove", "path": "members", "value": [{"value": format!("x{}", n + 3)}]}]);
                idp.operations(&format!("/Groups/{id}"), operations).await.expect_one_of(&[200, 204]);
            }
        }
        _ => {
            let Some(id) = model.any_group(rng) else { return };
            let (joining, leaving) = (model.some_people(rng), model.some_people(rng));
            let mut operations = vec![json!({"op": "add", "path": "members", "value": values(&joining)})];
            operations.extend(
                leaving.iter().map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")})),
            );
            idp.operations(&format!("/Groups/{id}"), json!(operations)).await.expect_one_of(&[200, 204]);
            if let Some(members) = model.groups.get_mut(&id) {
                members.extend(joining);
                members.retain(|id| !leaving.contains(id));
            }
        }
    }
}

#[tokio::test]
async fn i_4_i_6_replaying_the_events_rebuilds_the_state() {
    with_directory(Kind::okta(), async |idp| {
        for seed in [1, 2] {
            let idp = idp.service.directory(Kind::okta()).await;
            let (mut rng, mut model) = (StdRng::seed_from_u64(seed), Model::default());
            for n in 0..120 {
                step(&idp, &mut model, &mut rng, n).await;
            }
            assert_told_is_stored(&idp).await;
            let stored = stored(&idp).await;
            let expected =
                model.groups.iter().flat_map(|(group, members)| members.iter().map(|id| (group.clone(), id.clone())));
            assert_eq!(stored.memberships, expected.collect(), "seed {seed}: I-6");
            assert_eq!(stored.users.keys().cloned().collect::<BTreeSet<_>>(), model.people);
        }
    })
    .await;
}
