//! One directory never sees, changes or refers to what is another's (SEC-5, SEC-6, SEC-7, SEC-8).

use doorward_store::ids::Id;
use doorward_store::membership::{self, MemberId};
use doorward_store::paging::Page;
use doorward_store::scope::DirectoryScope;
use doorward_store::{Conflict, Error, Lane, directory, group, stats, user};

use crate::common::{Fixture, make_directory, on_both, person, team};

struct Two {
    fixture: Fixture,
    other: DirectoryScope,
}

async fn two(fixture: Fixture) -> Two {
    let other = make_directory(&fixture.store, fixture.organization, "other").await;
    Two { fixture, other }
}

#[test]
fn sec_06_a_scope_reaches_its_own_rows_only() {
    on_both(async |fixture: Fixture| {
        let Two { fixture, other } = two(fixture).await;
        let ann = fixture.user("ann").await;
        let team_row = fixture.group("team").await;
        let (foreign, id) = (other.clone(), team_row.id);
        fixture
            .store
            .read(move |tx| {
                assert_eq!(user::get(tx, &foreign, &ann.id)?, None);
                assert_eq!(user::with_groups(tx, &foreign, &ann.id)?, None);
                assert_eq!(user::by_user_name(tx, &foreign, "ann")?, None);
                assert_eq!(user::by_external_id(tx, &foreign, "00u-ann")?, []);
                assert_eq!(user::get_many(tx, &foreign, &[ann.id])?, []);
                assert_eq!(user::page(tx, &foreign, 1, 10)?, Page { total: 0, items: Vec::new() });
                assert_eq!(user::total(tx, &foreign)?, 0);
                assert_eq!(group::get(tx, &foreign, &id)?, None);
                assert_eq!(group::by_display_name(tx, &foreign, "team")?, []);
                assert_eq!(membership::resolve(tx, &foreign, &[MemberId::User(ann.id)])?, [None]);
                Ok::<(), Error>(())
            })
            .await
            .expect("read");
        let (foreign, row) = (other.clone(), fixture.user("bob").await);
        let untouched = row.clone();
        let outcome = fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| {
                assert_eq!(user::get_for_update(tx, &foreign, &row.id)?, None);
                assert!(user::delete(tx, &foreign, &row)?.is_empty());
                user::update(tx, &foreign, &row, &person("stolen"))
            })
            .await;
        assert!(matches!(outcome, Err(Error::Conflict(Conflict::Other))), "{outcome:?}");
        let id = untouched.id;
        let row = fixture.read(move |tx, scope| user::get(tx, scope, &id)).await.expect("read");
        assert_eq!(row, Some(untouched));
        assert_eq!(fixture.read(stats::counts).await.expect("counts").users(), 2);
        // The same names may live in both.
        let foreign = other.clone();
        fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| user::insert(tx, &foreign, &person("ann")))
            .await
            .expect("the same userName in another directory");
    });
}

#[test]
fn sec_06_a_foreign_row_cannot_be_referenced_even_by_raw_sql() {
    on_both(async |fixture: Fixture| {
        let Two { fixture, other } = two(fixture).await;
        let ann = fixture.user("ann").await;
        let own = fixture.group("own").await;
        let foreign = other.clone();
        let theirs = fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| group::insert(tx, &foreign, &team("theirs")))
            .await
            .expect("group");
        let mine = fixture.scope.directory_id();
        let (mine, their) = (mine.code().to_owned(), other.directory_id().code().to_owned());
        let (ann, own, theirs) = (ann.id.code().to_owned(), own.id.code().to_owned(), theirs.id.code().to_owned());
        let refused = [
            format!(
                "INSERT INTO membership (directory_id, group_id, user_id, display) VALUES ('{their}', '{theirs}', '{ann}', '')"
            ),
            format!(
                "INSERT INTO membership (directory_id, group_id, user_id, display) VALUES ('{mine}', '{theirs}', '{ann}', '')"
            ),
            format!(
                "INSERT INTO nested_group (directory_id, group_id, child_id) VALUES ('{mine}', '{own}', '{theirs}')"
            ),
            format!("INSERT INTO nested_group (directory_id, group_id, child_id) VALUES ('{mine}', '{own}', '{own}')"),
            format!("INSERT INTO user_email (directory_id, user_id, email_key) VALUES ('{their}', '{ann}', 'x')"),
            format!(
                "INSERT INTO pending_member (directory_id, group_id, value, value_key) VALUES ('{their}', '{own}', 'x', 'x')"
            ),
            format!("UPDATE scim_user SET directory_id = 'nowhere' WHERE id = '{ann}'"),
        ];
        for sql in refused {
            let outcome = fixture.raw(&sql);
            assert!(outcome.is_err(), "{}: {sql}", fixture.name());
        }
        fixture
            .raw(&format!(
                "INSERT INTO membership (directory_id, group_id, user_id, display) VALUES ('{mine}', '{own}', '{ann}', '')"
            ))
            .expect("the own member is taken");
    });
}

#[test]
fn sec_08_a_foreign_member_is_not_added() {
    on_both(async |fixture: Fixture| {
        let Two { fixture, other } = two(fixture).await;
        let ann = fixture.user("ann").await;
        let own = fixture.group("own").await;
        let foreign = other.clone();
        let (added, group) = fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| {
                let mut group = group::insert(tx, &foreign, &team("theirs"))?;
                let members = [MemberId::User(ann.id), MemberId::Group(own.id)];
                let added = membership::add(tx, &foreign, &mut group, &members)?;
                Ok::<_, Error>((added, group))
            })
            .await
            .expect("add");
        assert_eq!((added.len(), group.members_count, group.version), (0, 0, 1));
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM membership"), 0);
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM nested_group"), 0);
    });
}

#[test]
fn applications_find_by_id_with_the_directory_it_is_in() {
    on_both(async |fixture: Fixture| {
        let application = fixture.application().await;
        let ann = fixture.user("ann").await;
        let team_row = fixture.group("team").await;
        let directory = fixture.scope.directory_id();
        fixture
            .store
            .read(move |tx| {
                let (scope, row) = user::find(tx, &application, &ann.id)?.expect("ann");
                assert_eq!((scope.directory_id(), row), (directory, ann));
                let (scope, row) = group::find(tx, &application, &team_row.id)?.expect("team");
                assert_eq!((scope.directory_id(), row), (directory, team_row));
                let unknown = tx.mint();
                assert!(user::find(tx, &application, &unknown)?.is_none());
                Ok::<(), Error>(())
            })
            .await
            .expect("read");
    });
}

#[test]
fn a_deleted_directory_takes_all_its_rows_along_and_no_others() {
    on_both(async |fixture: Fixture| {
        let Two { fixture, other } = two(fixture).await;
        let foreign = other.clone();
        fixture
            .store
            .write(Lane::Directory(other.directory_id()), move |tx| {
                let ann = user::insert(tx, &foreign, &person("ann"))?;
                let mut group = group::insert(tx, &foreign, &team("team"))?;
                membership::add(tx, &foreign, &mut group, &[MemberId::User(ann.id)])?;
                let bob = user::insert(tx, &foreign, &person("bob"))?;
                user::delete(tx, &foreign, &bob)
            })
            .await
            .expect("fill");
        fixture.user("stays").await;
        let (by, id) = (fixture.by.clone(), other.directory_id());
        let gone =
            fixture.store.write(Lane::Directory(id), move |tx| directory::delete(tx, &by, &id)).await.expect("delete");
        assert_eq!(gone.map(|row| (row.label, row.counts.users_active)), Some(("other".to_owned(), 1)));
        for table in ["scim_user", "scim_group", "membership", "tombstone", "user_block", "group_block"] {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE directory_id = '{}'", id.code());
            assert_eq!(fixture.raw_number(&sql), 0, "{table}");
        }
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM scim_user"), 1);
        let late = other.clone();
        let outcome =
            fixture.store.write(Lane::Directory(id), move |tx| user::insert(tx, &late, &person("late"))).await;
        assert!(matches!(outcome, Err(Error::Conflict(Conflict::Reference))), "{outcome:?}");
    });
}
