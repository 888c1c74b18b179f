//! Organizations and directories.

use doorward_store::directory::{self, DirectoryFilter, State};
use doorward_store::ids::{DirectoryId, OrganizationId};
use doorward_store::organization::{self, OrganizationFilter, OrganizationValues};
use doorward_store::paging::{Cursor, Order};
use doorward_store::{Conflict, Error, Lane, user};

use crate::common::{Fixture, directory_values, make_directory, on_both, person};

fn values(name: &str, external_id: Option<&str>, domains: &[(&str, &str)]) -> OrganizationValues {
    OrganizationValues {
        name: name.into(),
        external_id: external_id.map(str::to_owned),
        metadata: [("tier".to_owned(), "gold".to_owned())].into(),
        domains: domains.iter().map(|(domain, state)| ((*domain).to_owned(), (*state).to_owned())).collect(),
    }
}

async fn create(fixture: &Fixture, values: OrganizationValues) -> Result<organization::OrganizationRow, Error> {
    let by = fixture.by.clone();
    fixture.store.write(Lane::Any, move |tx| organization::create(tx, &by, &values)).await
}

#[test]
fn organizations_are_kept_and_told_apart() {
    on_both(async |fixture: Fixture| {
        let first = create(
            &fixture,
            values("Zürich AG", Some("z1"), &[("Zurich.example", "verified"), ("b.example", "pending")]),
        )
        .await
        .expect("create");
        let domains: Vec<&str> = first.domains.iter().map(|domain| domain.domain.as_str()).collect();
        assert_eq!(domains, ["zurich.example", "b.example"]);
        let taken = create(&fixture, values("Other", Some("z1"), &[])).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::ExternalId))), "{taken:?}");
        let taken = create(&fixture, values("Other", None, &[("ZURICH.example", "verified")])).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::Domain))), "{taken:?}");
        let taken = create(&fixture, values("Other", None, &[("zurich.example", "pending")])).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::Domain))), "nor is it claimed (SEC-4): {taken:?}");
        create(&fixture, values("Claims it too", None, &[("b.example", "pending")]))
            .await
            .expect("a claim is no proof");
        let (by, id) = (fixture.by.clone(), first.id);
        let changed = values("Zürich GmbH", Some("z1"), &[("b.example", "verified"), ("c.example", "pending")]);
        let row = fixture
            .store
            .write(Lane::Any, move |tx| organization::update(tx, &by, &id, &changed))
            .await
            .expect("update")
            .expect("row");
        assert_eq!(row.domains[0].id, first.domains[1].id, "a domain that stays keeps its id");
        assert_eq!((row.name.as_str(), row.domains.len(), row.metadata["tier"].as_str()), ("Zürich GmbH", 2, "gold"));
        let by = fixture.by.clone();
        let found = fixture.store.read(move |tx| organization::by_external_id(tx, &by, "z1")).await.expect("read");
        assert_eq!(found, Some(row));
        let own = fixture.read(organization::own).await.expect("own").expect("own");
        assert_eq!(own.id, fixture.organization);
    });
}

#[test]
fn organizations_are_searched_without_regard_to_case() {
    on_both(async |fixture: Fixture| {
        create(&fixture, values("Globex 100%", None, &[("globex.example", "pending")])).await.expect("create");
        create(&fixture, values("Initech", None, &[])).await.expect("create");
        let search = async |search: Option<&str>, domains: &[&str]| {
            let by = fixture.by.clone();
            let filter = OrganizationFilter {
                search: search.map(str::to_owned),
                domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
            };
            let cursor: Cursor<OrganizationId> = Cursor::first(10, Order::Ascending);
            let found =
                fixture.store.read(move |tx| organization::list(tx, &by, &cursor, &filter)).await.expect("list");
            found.items.into_iter().map(|row| row.name).collect::<Vec<_>>()
        };
        assert_eq!(search(None, &[]).await, ["Acme", "Globex 100%", "Initech"]);
        assert_eq!(search(Some("GLOB"), &[]).await, ["Globex 100%"]);
        assert_eq!(search(Some("%"), &[]).await, ["Globex 100%"], "nothing is a wild card");
        assert_eq!(search(Some("_"), &[]).await, Vec::<String>::new());
        assert_eq!(search(None, &["Globex.Example", "none.example"]).await, ["Globex 100%"]);
    });
}

#[test]
fn an_organization_with_directories_stays() {
    on_both(async |fixture: Fixture| {
        let delete = async |id: OrganizationId| {
            let by = fixture.by.clone();
            fixture.store.write(Lane::Any, move |tx| organization::delete(tx, &by, &id)).await
        };
        assert!(matches!(delete(fixture.organization).await, Err(Error::Conflict(Conflict::Reference))));
        let empty = create(&fixture, values("Empty", None, &[("empty.example", "pending")])).await.expect("create");
        assert_eq!(delete(empty.id).await.expect("delete").map(|row| row.id), Some(empty.id));
        assert_eq!(delete(empty.id).await.expect("delete"), None);
    });
}

#[test]
fn directories_are_made_changed_and_listed() {
    on_both(async |fixture: Fixture| {
        let (by, organization) = (fixture.by.clone(), fixture.organization);
        let taken = fixture
            .store
            .write(Lane::Any, move |tx| directory::create(tx, &by, &organization, &directory_values("acme-okta")))
            .await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::Label))), "{taken:?}");
        let by = fixture.by.clone();
        let orphan = fixture
            .store
            .write(Lane::Any, move |tx| {
                let nobody = tx.mint();
                directory::create(tx, &by, &nobody, &directory_values("orphan"))
            })
            .await
            .expect("create");
        assert_eq!(orphan, None);
        make_directory(&fixture.store, organization, "second").await;
        fixture.user("ann").await;
        let activated = fixture.write(directory::activate).await.expect("activate");
        assert!(activated && !fixture.write(directory::activate).await.expect("again"));
        let own = fixture.read(directory::own).await.expect("own").expect("own");
        assert_eq!((own.state, own.counts.users_active, own.external_key.len()), (State::Linked, 1, 22));
        let by = fixture.by.clone();
        let listed = fixture
            .store
            .read(move |tx| {
                let cursor: Cursor<DirectoryId> = Cursor::first(10, Order::Ascending);
                let filter = DirectoryFilter { search: Some("OKTA".into()), ..DirectoryFilter::default() };
                let by_label = directory::by_label(tx, &by, "second")?.expect("second");
                assert_eq!(by_label.organization_id, organization);
                directory::list(tx, &by, &cursor, &filter)
            })
            .await
            .expect("list");
        // They were read at different moments.
        let still = |mut row: directory::DirectoryRow| {
            row.traffic.now = 0;
            row
        };
        assert_eq!(listed.items.into_iter().map(still).collect::<Vec<_>>(), [still(own.clone())]);
        let (by, id) = (fixture.by.clone(), own.id);
        let mut changed = directory_values("renamed");
        changed.settings.groups = false;
        let row = fixture
            .store
            .write(Lane::Directory(id), move |tx| directory::update(tx, &by, &id, &changed))
            .await
            .expect("update")
            .expect("row");
        assert_eq!((row.label.as_str(), row.settings.groups, row.state), ("renamed", false, State::Linked));
    });
}

#[test]
fn a_directory_made_in_a_job_can_be_filled_in_it() {
    on_both(async |fixture: Fixture| {
        let (by, organization) = (fixture.by.clone(), fixture.organization);
        let row = fixture
            .store
            .write(Lane::Any, move |tx| {
                let made =
                    directory::create(tx, &by, &organization, &directory_values("fresh"))?.ok_or(Error::Closed)?;
                let scope = directory::scope(tx, &by, &made.id)?.ok_or(Error::Closed)?;
                user::insert(tx, &scope, &person("ann"))?;
                directory::get(tx, &by, &made.id)
            })
            .await
            .expect("make")
            .expect("row");
        assert_eq!(row.counts.users_active, 1, "with what waits for the end of the batch");
        let by = fixture.by.clone();
        let stored = fixture.store.read(move |tx| directory::get(tx, &by, &row.id)).await.expect("read").expect("row");
        assert_eq!(stored.counts.users_active, 1);
    });
}

#[test]
fn texts_that_postgresql_cannot_hold_find_nothing_and_harm_nothing() {
    on_both(async |fixture: Fixture| {
        let by = fixture.by.clone();
        fixture
            .store
            .read(move |tx| {
                assert_eq!(organization::by_external_id(tx, &by, "a\0")?, None);
                assert_eq!(directory::by_label(tx, &by, "acme-okta\0")?, None);
                let filter = DirectoryFilter {
                    search: Some("\0".into()),
                    domain: Some("\0".into()),
                    ..DirectoryFilter::default()
                };
                let cursor: Cursor<DirectoryId> = Cursor::first(10, Order::Ascending);
                assert!(directory::list(tx, &by, &cursor, &filter)?.items.is_empty());
                let query =
                    doorward_store::event::EventQuery { limit: 1, types: vec!["\0".into()], ..Default::default() };
                assert!(doorward_store::event::list(tx, &by, &query)?.is_empty());
                Ok::<(), Error>(())
            })
            .await
            .expect("read");
        create(&fixture, values("a\0b", Some("x\0"), &[("d\0.example", "pending")])).await.expect("create");
    });
}
