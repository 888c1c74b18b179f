//! Group commit: jobs share a transaction and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorward_store::{Conflict, Error, Lane, event, stats, user};

use crate::common::{Fixture, event, on_both, person};

#[test]
fn a_failing_or_panicking_job_harms_no_other() {
    on_both(async |fixture: Fixture| {
        let fixture = Arc::new(fixture);
        let mut tasks = Vec::new();
        for number in 0..90i64 {
            let fixture = Arc::clone(&fixture);
            tasks.push(tokio::spawn(async move {
                let values = person(&format!("user{number}"));
                let outcome = fixture
                    .write(move |tx, scope| {
                        let row = user::insert(tx, scope, &values)?;
                        tx.emit(scope.origin(), event(scope, &row.id.to_string(), number))?;
                        match number % 3 {
                            0 => Ok(()),
                            1 => Err(Error::Database("on purpose".into())),
                            _ => panic!("on purpose"),
                        }
                    })
                    .await;
                (number, outcome)
            }));
        }
        for task in tasks {
            let (number, outcome) = task.await.expect("task");
            match (number % 3, outcome) {
                (0, Ok(())) | (2, Err(Error::Panicked)) => (),
                (1, Err(Error::Database(text))) if text == "on purpose" => (),
                (_, other) => panic!("{number}: {other:?}"),
            }
        }
        let counts = fixture.read(stats::counts).await.expect("counts");
        assert_eq!(counts.users_active, 30);
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 30);
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM event"), 30, "events of undone jobs are undone");
        assert_eq!(fixture.raw_number("SELECT value FROM counter WHERE name = 'event'"), 30);
        assert_eq!(fixture.raw_number("SELECT CAST(SUM(live) AS BIGINT) FROM user_block"), 30);
        assert_eq!(
            fixture.raw_number("SELECT user_seq FROM directory_stats"),
            30,
            "numbers of undone jobs are used again"
        );
    });
}

#[test]
fn a_job_that_ignores_a_failed_statement_is_undone() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("ann").await;
        let id = ann.id;
        let outcome = fixture
            .write(move |tx, scope| {
                user::insert(tx, scope, &person("bob"))?;
                // The directory has this name twice now, which only the index finds: `current` says that the name stays.
                let twin = doorward_store::user::UserRow { user_name: "bob".into(), ..ann.clone() };
                let _ = user::update(tx, scope, &twin, &person("bob"));
                Ok(())
            })
            .await;
        assert!(outcome.is_err(), "{}: {outcome:?}", fixture.name());
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 1);
        assert!(fixture.read(move |tx, scope| user::get(tx, scope, &id)).await.expect("read").is_some());
    });
}

#[test]
fn a_job_that_only_reads_cannot_write() {
    on_both(async |fixture: Fixture| {
        let outcome = fixture.read(|tx, scope| user::insert(tx, scope, &person("ann"))).await;
        assert!(outcome.is_err());
        let outcome = fixture.read(|tx, scope| tx.emit(scope.origin(), event(scope, "x", 1))).await;
        assert!(outcome.is_err());
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 0);
    });
}

#[test]
fn sec_38_sixty_four_identical_creations_make_one_user() {
    on_both(async |fixture: Fixture| {
        let second = fixture.second_node();
        for round in 0..5 {
            let created = Arc::new(AtomicUsize::new(0));
            let mut tasks = Vec::new();
            for number in 0..64 {
                let store = if number % 2 == 0 { fixture.store.clone() } else { second.clone() };
                let scope = fixture.scope.clone();
                let created = Arc::clone(&created);
                // The same name in another letter case each time.
                let name = format!("Same{round}@example.com");
                let name = if number % 3 == 0 { name.to_uppercase() } else { name };
                tasks.push(tokio::spawn(async move {
                    let lane = Lane::Directory(scope.directory_id());
                    let outcome = store
                        .write(lane, move |tx| {
                            let row = user::insert(tx, &scope, &person(&name))?;
                            tx.emit(scope.origin(), event(&scope, &row.id.to_string(), 0))
                        })
                        .await;
                    match outcome {
                        Ok(()) => drop(created.fetch_add(1, Ordering::SeqCst)),
                        Err(Error::Conflict(Conflict::UserName)) => (),
                        Err(other) => panic!("{other:?}"),
                    }
                }));
            }
            for task in tasks {
                task.await.expect("task");
            }
            assert_eq!(created.load(Ordering::SeqCst), 1, "{}", fixture.name());
            assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM event"), round + 1, "one event");
        }
        second.close().await;
    });
}

#[test]
fn sec_40_of_two_writers_with_one_version_one_wins() {
    on_both(async |fixture: Fixture| {
        let second = fixture.second_node();
        let ann = fixture.user("ann").await;
        for _ in 0..50 {
            let current =
                fixture.read(move |tx, scope| user::get(tx, scope, &ann.id)).await.expect("read").expect("ann");
            let mut tasks = Vec::new();
            for store in [fixture.store.clone(), second.clone()] {
                let scope = fixture.scope.clone();
                let seen = current.version;
                tasks.push(tokio::spawn(async move {
                    store
                        .write(Lane::Directory(scope.directory_id()), move |tx| {
                            let row = user::get_for_update(tx, &scope, &ann.id)?.ok_or(Error::Closed)?;
                            if row.version != seen {
                                return Ok(false);
                            }
                            user::update(tx, &scope, &row, &person("ann"))?;
                            Ok::<bool, Error>(true)
                        })
                        .await
                        .expect("write")
                }));
            }
            let mut wins = 0;
            for task in tasks {
                wins += usize::from(task.await.expect("task"));
            }
            assert_eq!(wins, 1, "{}", fixture.name());
        }
        second.close().await;
    });
}

#[test]
fn answers_come_after_commit_and_wake_followers() {
    on_both(async |fixture: Fixture| {
        let mut wakeup = fixture.store.event_wakeup();
        fixture.write(|tx, scope| tx.emit(scope.origin(), event(scope, "a", 1))).await.expect("emit");
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM event"), 1, "seen by another connection at once");
        wakeup.changed().await.expect("woken");
        assert_eq!(*wakeup.borrow_and_update(), 1);
        let by = fixture.by.clone();
        assert_eq!(fixture.store.read(move |tx| event::head(tx, &by)).await.expect("head"), 1);
    });
}

#[test]
fn a_closed_store_ends_its_jobs_and_takes_no_more() {
    on_both(async |fixture: Fixture| {
        let mut tasks = Vec::new();
        for number in 0..40 {
            let (store, scope) = (fixture.store.clone(), fixture.scope.clone());
            tasks.push(tokio::spawn(async move {
                let values = person(&format!("user{number}"));
                store.write(Lane::Directory(scope.directory_id()), move |tx| user::insert(tx, &scope, &values)).await
            }));
        }
        tokio::task::yield_now().await;
        fixture.store.close().await;
        let mut written = 0;
        for task in tasks {
            match task.await.expect("task") {
                Ok(_) => written += 1,
                Err(Error::Closed) => (),
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), written, "what was answered is there");
        assert!(matches!(fixture.store.ping().await, Err(Error::Closed)));
    });
}

#[test]
fn a_lost_connection_is_replaced() {
    on_both(async |fixture: Fixture| {
        if fixture.name() != "postgres" {
            return;
        }
        fixture.user("ann").await;
        fixture.store.ping().await.expect("ping");
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        fixture.raw(kill).expect("raw");
        // A batch that had not begun to commit is run again.
        fixture.user("bob").await;
        // A connection that has rested is asked before it is used.
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        for _ in 0..40 {
            fixture.store.ping().await.expect("ping");
        }
        // Of busy ones, the first that fails warns the others.
        fixture.raw(kill).expect("raw");
        let mut failed = 0;
        for _ in 0..40 {
            failed += usize::from(fixture.store.ping().await.is_err());
        }
        assert!(failed <= 2, "{failed}");
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 2);
    });
}

#[test]
fn a_batch_that_loses_its_connection_is_run_again() {
    on_both(async |fixture: Fixture| {
        if fixture.name() != "postgres" {
            return;
        }
        let fixture = Arc::new(fixture);
        let runs = Arc::new(AtomicUsize::new(0));
        let (inner, counted) = (Arc::clone(&fixture), Arc::clone(&runs));
        let row = fixture
            .write(move |tx, scope| {
                let first = user::insert(tx, scope, &person("ann"))?;
                if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                                WHERE datname = current_database() AND pid <> pg_backend_pid()";
                    inner.raw(kill).expect("raw");
                }
                user::insert(tx, scope, &person("bob"))?;
                tx.emit(scope.origin(), event(scope, &first.id.to_string(), 1))?;
                Ok(first)
            })
            .await
            .expect("run again");
        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 2, "once, not twice");
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM event"), 1);
        let found = fixture.read(move |tx, scope| user::get(tx, scope, &row.id)).await.expect("read");
        assert_eq!(found.map(|row| row.seq), Some(0));
    });
}

#[test]
fn a_full_queue_is_busy_and_not_slow() {
    on_both(async |fixture: Fixture| {
        let options = doorward_store::Options { queue: 2, readers: 1, ..doorward_store::Options::default() };
        let small = doorward_store::Store::open(fixture.database.url(), options).expect("open");
        let gate = Arc::new(std::sync::Barrier::new(2));
        let held = {
            let (small, gate) = (small.clone(), Arc::clone(&gate));
            tokio::spawn(async move {
                small
                    .read(move |_| {
                        gate.wait();
                        gate.wait();
                        Ok::<(), Error>(())
                    })
                    .await
            })
        };
        tokio::task::spawn_blocking({
            let gate = Arc::clone(&gate);
            move || gate.wait()
        })
        .await
        .expect("held");
        let waiting: Vec<_> = (0..8)
            .map(|_| {
                let small = small.clone();
                tokio::spawn(async move { small.ping().await })
            })
            .collect();
        // The refused ones are answered while the thread is held.
        while waiting.iter().filter(|task| task.is_finished()).count() < 6 {
            tokio::task::yield_now().await;
        }
        tokio::task::spawn_blocking(move || gate.wait()).await.expect("freed");
        held.await.expect("task").expect("held");
        let mut outcomes = Vec::new();
        for task in waiting {
            outcomes.push(task.await.expect("task"));
        }
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2);
        assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Err(Error::Busy))).count(), 6);
        small.close().await;
    });
}
