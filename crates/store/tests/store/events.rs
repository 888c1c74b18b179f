//! The log: gap-free, in the order of commits, for every reader (REL-7).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use doorward_store::event::{self, EventQuery, EventRow};
use doorward_store::ids::EventId;
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;
use doorward_store::{Error, Lane, Store};

use crate::common::{Fixture, event, make_directory, on_both, on_both_at_noon};

const NODES: usize = 2;
const WRITERS: usize = 12;
const JOBS: i64 = 60;

async fn after(store: &Store, position: i64, limit: i64) -> Vec<EventRow> {
    let query = EventQuery { after: Some(position), limit, order: Order::Ascending, ..EventQuery::default() };
    store.read(move |tx| event::list(tx, &OperatorScope::local(), &query)).await.expect("list")
}

#[test]
fn rel_07_a_reader_who_follows_positions_misses_nothing() {
    on_both(async |fixture: Fixture| {
        let nodes = [fixture.store.clone(), fixture.second_node()];
        let mut scopes = vec![fixture.scope.clone()];
        for number in 1..4 {
            scopes.push(make_directory(&fixture.store, fixture.organization, &format!("d{number}")).await);
        }
        let done = Arc::new(AtomicBool::new(false));
        let follower = {
            let (done, store) = (Arc::clone(&done), nodes[NODES - 1].clone());
            tokio::spawn(async move {
                let mut seen: Vec<EventRow> = Vec::new();
                loop {
                    let finished = done.load(Ordering::SeqCst);
                    let last = seen.last().map_or(0, |event| event.position);
                    let fresh = after(&store, last, 50).await;
                    for (index, event) in fresh.iter().enumerate() {
                        assert_eq!(event.position, last + 1 + index as i64, "no gap, no step back");
                    }
                    if finished && fresh.is_empty() {
                        return seen;
                    }
                    seen.extend(fresh);
                }
            })
        };
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let (store, scope) = (nodes[writer % NODES].clone(), scopes[writer % scopes.len()].clone());
            writers.push(tokio::spawn(async move {
                for job in 0..JOBS {
                    let scope = scope.clone();
                    let lane = Lane::Directory(scope.directory_id());
                    let outcome = store
                        .write(lane, move |tx| {
                            for number in 0..1 + job % 3 {
                                tx.emit(scope.origin(), event(&scope, &format!("writer-{writer}"), job * 10 + number))?;
                            }
                            // Some transactions take their time, and some come to nothing.
                            if job % 7 == 0 {
                                std::thread::sleep(std::time::Duration::from_micros(500));
                            }
                            if job % 11 == 5 { Err(Error::Busy) } else { Ok(()) }
                        })
                        .await;
                    assert_eq!(outcome.is_err(), job % 11 == 5);
                }
            }));
        }
        for writer in writers {
            writer.await.expect("writer");
        }
        done.store(true, Ordering::SeqCst);
        let seen = follower.await.expect("follower");
        let expected: i64 = (0..JOBS).filter(|job| job % 11 != 5).map(|job| 1 + job % 3).sum::<i64>() * WRITERS as i64;
        assert_eq!(seen.len() as i64, expected, "{}", fixture.name());
        for writer in 0..WRITERS {
            let subject = format!("writer-{writer}");
            let numbers: Vec<i64> = seen
                .iter()
                .filter(|event| event.subject_id.as_deref() == Some(&subject))
                .filter_map(|event| serde_json::from_str::<serde_json::Value>(&event.data).ok()?["number"].as_i64())
                .collect();
            assert!(numbers.is_sorted(), "a writer's events keep its order: {numbers:?}");
        }
        nodes[1].close().await;
    });
}

#[test]
fn the_id_of_an_event_carries_its_position() {
    on_both_at_noon(async |fixture: Fixture| {
        for number in 0..3 {
            fixture.write(move |tx, scope| tx.emit(scope.origin(), event(scope, "s", number))).await.expect("emit");
        }
        let events = after(&fixture.store, 0, 10).await;
        let positions: Vec<i64> = events.iter().map(|event| event.position).collect();
        assert_eq!(positions, [1, 2, 3]);
        for event in events {
            let id: EventId = event.id.to_string().parse().expect("id");
            assert_eq!(event::position_of(&id), event.position);
            assert_eq!(event.created_at, crate::common::NOON);
        }
    });
}

#[test]
fn events_are_listed_by_owner_type_and_time() {
    on_both_at_noon(async |fixture: Fixture| {
        let other = make_directory(&fixture.store, fixture.organization, "other").await;
        for number in 0..6 {
            let scope = if number % 2 == 0 { fixture.scope.clone() } else { other.clone() };
            let lane = Lane::Directory(scope.directory_id());
            fixture
                .store
                .write(lane, move |tx| {
                    let mut event = event(&scope, &format!("s{}", number % 3), number);
                    event.event_type = if number < 4 { "dsync.user.created" } else { "dsync.user.updated" };
                    tx.emit(scope.origin(), event)
                })
                .await
                .expect("emit");
            fixture.clock.advance(1_000_000);
        }
        let directory = fixture.scope.directory_id();
        let cases: [(EventQuery, &[i64]); 6] = [
            (EventQuery { limit: 10, ..EventQuery::default() }, &[6, 5, 4, 3, 2, 1]),
            (EventQuery { limit: 10, directory_id: Some(directory), ..EventQuery::default() }, &[5, 3, 1]),
            (
                EventQuery {
                    limit: 2,
                    after: Some(1),
                    before: Some(6),
                    order: Order::Ascending,
                    ..EventQuery::default()
                },
                &[2, 3],
            ),
            (EventQuery { limit: 10, types: vec!["dsync.user.updated".into()], ..EventQuery::default() }, &[6, 5]),
            (
                EventQuery {
                    limit: 10,
                    range_start: Some(crate::common::NOON + 1_000_000),
                    range_end: Some(crate::common::NOON + 3_000_000),
                    ..EventQuery::default()
                },
                &[3, 2],
            ),
            (
                EventQuery {
                    limit: 10,
                    organization_id: Some(fixture.organization),
                    after: Some(4),
                    ..EventQuery::default()
                },
                &[6, 5],
            ),
        ];
        for (query, expected) in cases {
            let text = format!("{query:?}");
            let found =
                fixture.store.read(move |tx| event::list(tx, &OperatorScope::local(), &query)).await.expect("list");
            let positions: Vec<i64> = found.iter().map(|event| event.position).collect();
            assert_eq!(positions, expected, "{text}");
        }
        let last = fixture.read(|tx, scope| event::last_position(tx, scope, "s0")).await.expect("last");
        assert_eq!(last, 1, "the other directory's events of the same subject are not seen");
        let subjects = vec!["s0".to_owned(), "s1".to_owned(), "s2".to_owned(), "none".to_owned()];
        let last = fixture.read(move |tx, scope| event::last_positions(tx, scope, &subjects)).await.expect("last");
        let mut last: Vec<(String, i64)> = last.into_iter().collect();
        last.sort();
        assert_eq!(last, [("s0".to_owned(), 1), ("s1".to_owned(), 5), ("s2".to_owned(), 3)]);
    });
}
