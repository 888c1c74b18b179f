//! Users by every key.

use doorward_scim::filter::Filter;
use doorward_scim::quirks::Leniency;
use doorward_scim::schema::ResourceType;
use doorward_store::filter_sql::{self, Kind};
use doorward_store::user::UserValues;
use doorward_store::{Conflict, Error, stats, user};

use crate::common::{Fixture, NOON, on_both, on_both_at_noon, person};

#[test]
fn a_user_is_found_by_every_key_and_only_by_it() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("Ann@Example.com").await;
        fixture.user("bob").await;
        let expected = ann.clone();
        fixture
            .read(move |tx, scope| {
                assert_eq!(user::get(tx, scope, &ann.id)?.as_ref(), Some(&expected));
                assert_eq!(user::by_user_name(tx, scope, " ANN@example.COM ")?.as_ref(), Some(&expected));
                assert_eq!(user::by_user_name(tx, scope, "ann")?, None);
                assert_eq!(user::by_external_id(tx, scope, "00u-Ann@Example.com")?, std::slice::from_ref(&expected));
                assert_eq!(user::by_external_id(tx, scope, "00U-ANN@EXAMPLE.COM")?, [], "externalId is case-exact");
                assert_eq!(user::get_many(tx, scope, &[ann.id, ann.id, tx.mint()])?.len(), 1);
                let (row, groups) = user::with_groups(tx, scope, &ann.id)?.expect("ann");
                assert_eq!((row, groups.len()), (expected, 0));
                Ok(())
            })
            .await
            .expect("read");
    });
}

#[test]
fn sec_09_user_names_are_one_without_regard_to_case_and_form() {
    on_both(async |fixture: Fixture| {
        let pairs = [("JOE", "joe"), ("straße", "STRASSE"), ("é", "e\u{301}"), ("Kay", "\u{212a}ay"), ("x@y", "x＠y")];
        for (first, second) in pairs {
            fixture.user(first).await;
            let values = person(second);
            let outcome = fixture.write(move |tx, scope| user::insert(tx, scope, &values)).await;
            assert!(matches!(outcome, Err(Error::Conflict(Conflict::UserName))), "{first} {second}");
        }
        let ann = fixture.user("ann").await;
        let values = person("JOE");
        let outcome = fixture.write(move |tx, scope| user::update(tx, scope, &ann, &values)).await;
        assert!(matches!(outcome, Err(Error::Conflict(Conflict::UserName))));
    });
}

#[test]
fn awkward_texts_are_kept_on_both_databases() {
    on_both(async |fixture: Fixture| {
        let long = "x".repeat(20_000);
        for name in ["a\u{0}b", "'; DROP TABLE scim_user; --", "$1", "😀", long.as_str()] {
            let row = fixture.user(name).await;
            let asked = name.to_owned();
            let found = fixture.read(move |tx, scope| user::by_user_name(tx, scope, &asked)).await.expect("read");
            assert_eq!(found.map(|row| row.id), Some(row.id));
        }
        let almost = format!("{long}y");
        let found = fixture.read(move |tx, scope| user::by_user_name(tx, scope, &almost)).await.expect("read");
        assert_eq!(found, None);
    });
}

#[test]
fn sec_40_a_change_counts_and_moves_the_time_on() {
    on_both_at_noon(async |fixture: Fixture| {
        let ann = fixture.user("ann").await;
        assert_eq!((ann.version, ann.created_at, ann.updated_at), (1, NOON, NOON));
        let values = UserValues { active: false, emails: vec!["a@x".into(), "b@x".into()], ..person("Ann2") };
        let old = ann.clone();
        let changed = fixture.write(move |tx, scope| user::update(tx, scope, &ann, &values)).await.expect("update");
        assert_eq!((changed.version, changed.updated_at, changed.active), (2, NOON + 1_000, false));
        let id = changed.id;
        let stored = fixture.read(move |tx, scope| user::get(tx, scope, &id)).await.expect("read");
        assert_eq!(stored.as_ref(), Some(&changed));
        let counts = fixture.read(stats::counts).await.expect("counts");
        assert_eq!((counts.users_active, counts.users_inactive), (0, 1));
        // A row that was read before the last change is not written.
        let values = person("ann3");
        let stale = fixture.write(move |tx, scope| user::update(tx, scope, &old, &values)).await;
        assert!(matches!(stale, Err(Error::Conflict(Conflict::Other))), "{stale:?}");
    });
}

#[test]
fn a_deleted_user_leaves_a_tombstone_and_its_name() {
    on_both(async |fixture: Fixture| {
        let ann = fixture.user("ann").await;
        let id = ann.id;
        fixture.write(move |tx, scope| user::delete(tx, scope, &ann)).await.expect("delete");
        fixture
            .read(move |tx, scope| {
                assert_eq!(user::get(tx, scope, &id)?, None);
                assert!(user::is_deleted(tx, scope, &id)?);
                let unknown = tx.mint();
                assert!(!user::is_deleted(tx, scope, &unknown)?);
                Ok(())
            })
            .await
            .expect("read");
        let again = fixture.user("ann").await;
        assert_ne!(again.id, id);
        assert_eq!(fixture.read(user::total).await.expect("total"), 1);
    });
}

#[test]
fn filters_find_by_index_what_evaluation_would_find() {
    on_both(async |fixture: Fixture| {
        for name in ["ann", "Anna", "bob", "carl"] {
            fixture.user(name).await;
        }
        let values = UserValues { emails: vec!["first@x".into(), "Second@X".into()], ..person("dora") };
        let dora = fixture.write(move |tx, scope| user::insert(tx, scope, &values)).await.expect("dora");
        let cases: [(&str, &[&str]); 9] = [
            (r#"userName eq "ANN""#, &["ann"]),
            (r#"userName sw "an""#, &["ann", "Anna"]),
            (r#"userName eq "bob" or userName eq "ann""#, &["ann", "bob"]),
            (r#"externalId eq "00u-carl""#, &["carl"]),
            (r#"externalId eq "00U-carl""#, &[]),
            (r#"emails.value eq "second@x""#, &["dora"]),
            (r#"emails[type eq "work" and value eq "first@x"]"#, &["dora"]),
            (r#"id eq "42""#, &[]),
            (r#"userName eq "ann" and externalId eq "00u-bob""#, &[]),
        ];
        for (text, expected) in cases {
            let filter = Filter::parse(text, &ResourceType::user(), &mut Leniency::tolerant()).expect(text);
            let plan = filter_sql::plan(&filter, Kind::User);
            assert!(plan.is_indexed(), "{text}");
            let found = fixture
                .read(move |tx, scope| {
                    let rows = user::matching(tx, scope, &plan, -1, 10)?;
                    assert_eq!(user::count_matching(tx, scope, &plan)?, rows.len() as i64);
                    // From the first one on: keyset paging continues behind it.
                    if let Some(first) = rows.first() {
                        assert_eq!(user::matching(tx, scope, &plan, first.seq, 10)?.len(), rows.len() - 1);
                    }
                    Ok(rows)
                })
                .await
                .expect(text);
            let names: Vec<&str> = found.iter().map(|row| row.user_name.as_str()).collect();
            assert_eq!(names, expected, "{text}");
        }
        // The further addresses go when they are taken away.
        let values = UserValues { emails: vec!["first@x".into()], ..person("dora") };
        fixture.write(move |tx, scope| user::update(tx, scope, &dora, &values)).await.expect("update");
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM user_email"), 0);
    });
}
