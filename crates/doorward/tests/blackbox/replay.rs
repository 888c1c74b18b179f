//! Invariant I-4: the event log alone rebuilds what the API shows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::running::{Running, text};

/// What one directory holds, as the application sees it.
#[derive(Debug, Default, PartialEq)]
pub struct State {
    users: BTreeMap<String, Value>,
    groups: BTreeMap<String, Value>,
    memberships: BTreeSet<(String, String)>,
}

impl State {
    /// How many users and groups.
    pub fn size(&self) -> (usize, usize) {
        (self.users.len(), self.groups.len())
    }
}

/// Reads the whole log, checks that its positions have no gap, and rebuilds one directory from it.
pub async fn from_events(running: &Running, directory: &str) -> State {
    let mut state = State::default();
    for (index, event) in running.all("/events").await.iter().enumerate() {
        assert_eq!(event["sequence"].as_u64(), Some(index as u64 + 1), "the log has a gap or a double: {event}");
        let data = &event["data"];
        if data["directory_id"].as_str() == Some(directory) {
            apply(&mut state, event["event"].as_str().unwrap(), data);
        }
    }
    state
}

fn apply(state: &mut State, kind: &str, data: &Value) {
    match kind {
        "dsync.user.created" => assert!(state.users.insert(text(data, "id"), comparable(data)).is_none(), "{data}"),
        "dsync.user.updated" => assert!(state.users.insert(text(data, "id"), comparable(data)).is_some(), "{data}"),
        "dsync.user.deleted" => assert!(state.users.remove(&text(data, "id")).is_some(), "{data}"),
        "dsync.group.created" => assert!(state.groups.insert(text(data, "id"), comparable(data)).is_none(), "{data}"),
        "dsync.group.updated" => assert!(state.groups.insert(text(data, "id"), comparable(data)).is_some(), "{data}"),
        "dsync.group.deleted" => assert!(state.groups.remove(&text(data, "id")).is_some(), "{data}"),
        "dsync.group.user_added" => {
            assert!(state.memberships.insert(membership(data)), "{data}");
            regroup(state, &data["group"]);
        }
        "dsync.group.user_removed" => {
            assert!(state.memberships.remove(&membership(data)), "{data}");
            regroup(state, &data["group"]);
        }
        _ => {}
    }
}

/// A change of members changes `updated_at` and `members_count` of the group; the event carries the group as it is then.
fn regroup(state: &mut State, group: &Value) {
    assert!(state.groups.insert(text(group, "id"), comparable(group)).is_some(), "{group}");
}

fn membership(data: &Value) -> (String, String) {
    (text(&data["group"], "id"), text(&data["user"], "id"))
}

/// Reads the same directory through the API.
pub async fn from_api(running: &Running, directory: &str) -> State {
    let mut state = State::default();
    for user in running.all(&format!("/directory_users?directory={directory}")).await {
        for group in user["groups"].as_array().unwrap() {
            state.memberships.insert((text(group, "id"), text(&user, "id")));
        }
        state.users.insert(text(&user, "id"), comparable(&user));
    }
    for group in running.all(&format!("/directory_groups?directory={directory}")).await {
        state.groups.insert(text(&group, "id"), comparable(&group));
    }
    state
}

/// Without what only one of the two sides can know: memberships are compared as such, and its own position is not known
/// inside an event.
fn comparable(object: &Value) -> Value {
    let mut object = object.clone();
    let map = object.as_object_mut().unwrap();
    for key in ["groups", "previous_attributes", "sequence"] {
        map.remove(key);
    }
    object
}

/// Fails with the first object that differs.
pub async fn assert_log_rebuilds_state(running: &Running, directory: &str) -> State {
    let (log, api) = (from_events(running, directory).await, from_api(running, directory).await);
    let keys: BTreeSet<_> = log.users.keys().chain(api.users.keys()).collect();
    for id in keys {
        assert_eq!(log.users.get(id), api.users.get(id), "user {id}: log (left) against API (right)");
    }
    let keys: BTreeSet<_> = log.groups.keys().chain(api.groups.keys()).collect();
    for id in keys {
        assert_eq!(log.groups.get(id), api.groups.get(id), "group {id}: log (left) against API (right)");
    }
    assert_eq!(log.memberships, api.memberships);
    api
}
