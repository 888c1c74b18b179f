//! `/directories/{id}/snapshot`.

use doorward_server::service::replay::Replay;
use serde_json::{Value, json};

use super::Streamed;
use crate::app_api::Api;
use crate::history::stored;
use crate::support::{Directory, Kind, with_directory};

/// The lines of a snapshot, which must be whole.
pub async fn taken(api: &Api, directory: &str) -> Vec<Value> {
    let mut stream = Streamed::found(api, &format!("/directories/{directory}/snapshot"), "").await;
    assert!(stream.head.contains("content-type: application/x-ndjson"), "{}", stream.head);
    let lines: Vec<Value> = stream.lines().await.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(stream.whole);
    lines
}

/// The state that a snapshot tells, and the position to continue from.
pub fn loaded(lines: &[Value]) -> (Replay, i64) {
    let mut state = Replay::default();
    for line in lines {
        state.load(line).unwrap();
    }
    let (first, last) = (&lines[0], &lines[lines.len() - 1]);
    assert_eq!((&first["object"], &last["object"]), (&json!("snapshot"), &json!("snapshot_end")));
    assert_eq!((&first["cursor"], &first["sequence"]), (&last["cursor"], &last["sequence"]));
    let counts = json!([state.users.len(), state.groups.len(), state.memberships.len()]);
    assert_eq!(json!([last["users"], last["groups"], last["memberships"]]), counts, "a cut snapshot is noticed");
    (state, first["sequence"].as_i64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn rel_09_a_snapshot_and_the_log_behind_it_are_the_state() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let id = directory.id.to_string();
        let writing = tokio::spawn({
            let directory = directory.clone();
            async move {
                let mut people = Vec::new();
                for n in 0..60 {
                    people.push(directory.user(&format!("u{n}@corp.example")).await);
                    if n % 5 == 4 {
                        let members: Vec<&str> = people.iter().rev().take(4).map(String::as_str).collect();
                        directory.group(&format!("Team {n}"), &members).await;
                    }
                    if n % 7 == 6 {
                        directory.delete(&format!("/Users/{}", people.remove(n / 3))).await.expect(204);
                    }
                }
            }
        });
        let mut snapshots = Vec::new();
        while !writing.is_finished() {
            snapshots.push(taken(&api, &id).await);
        }
        writing.await.unwrap();
        snapshots.push(taken(&api, &id).await);
        assert!(snapshots.len() > 2, "some were taken while it was written");
        let want = stored(&directory).await;
        for lines in snapshots {
            let (mut state, sequence) = loaded(&lines);
            assert_eq!(lines[0]["directory"]["id"], json!(id));
            for event in directory.events_after(sequence).await {
                let data = serde_json::from_str(&event.data).unwrap();
                state.apply(event.position, &event.event_type, &data).unwrap();
            }
            assert_eq!(state, want);
        }
        let unknown = "/directories/directory_01AAAAAAAAAAAAAAAAAAAAAAAA/snapshot";
        api.refused(unknown, 404, "entity_not_found").await;
    })
    .await;
}
