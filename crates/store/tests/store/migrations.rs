//! Bringing the tables up to date.

use doorward_store::{Database, Error, Options, Store, inspect};

use crate::common::{Fixture, apart, on_both};

#[test]
fn migrations_run_once_and_again_change_nothing() {
    on_both(async |fixture: Fixture| {
        fixture.user("ann").await;
        let again = fixture.second_node();
        again.ping().await.expect("ping");
        again.close().await;
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 1);
        let url = fixture.database.url().to_owned();
        let condition = apart(move || inspect(&url)).expect("inspect");
        let expected = if fixture.name() == "sqlite" { Database::Sqlite } else { Database::Postgres };
        let count = fixture.raw_number("SELECT COUNT(*) FROM schema_migration");
        let all = (1..=count).collect();
        assert_eq!((condition.database, condition.applied, condition.missing), (expected, all, vec![]));
        assert!(!condition.server_version.is_empty());
    });
}

#[test]
fn a_changed_or_unknown_migration_is_refused() {
    on_both(async |fixture: Fixture| {
        fixture.store.close().await;
        fixture.raw("UPDATE schema_migration SET checksum = 'other' WHERE number = 1").expect("raw");
        let changed = Store::open(fixture.database.url(), Options::default()).err();
        assert!(matches!(changed, Some(Error::Migration(_))), "{changed:?}");
        fixture.raw("UPDATE schema_migration SET number = 99 WHERE number = 1").expect("raw");
        let unknown = Store::open(fixture.database.url(), Options::default()).err();
        assert!(matches!(unknown, Some(Error::Migration(_))), "{unknown:?}");
    });
}

#[test]
fn nodes_that_start_together_migrate_once() {
    // A new SQLite file refuses all but one of those that open it in the same instant, so the instant is sought several times.
    for database in (0..8).flat_map(|_| doorward_testkit::databases()) {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Store::open(database.url(), Options::default()).expect("open"));
            }
        });
    }
}

#[test]
fn urls_that_cannot_be_used_are_told_apart() {
    for url in ["", "mysql://h/db", "sqlite:", "sqlite::memory:", "postgres://h/db?sslmode=maybe"] {
        let error = Store::open(url, Options::default()).err();
        assert!(matches!(error, Some(Error::Url(_))), "{url}: {error:?}");
    }
    let nowhere = "sqlite:/nonexistent/folder/doorward.db";
    assert!(matches!(Store::open(nowhere, Options::default()).err(), Some(Error::Unavailable(_))));
    let closed = "postgres://doorward@127.0.0.1:1/doorward";
    assert!(matches!(Store::open(closed, Options::default()).err(), Some(Error::Unavailable(_))));
}
