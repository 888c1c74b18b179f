//! What a directory declares, and what it received without declaring it.

use doorward_scim::received::Received;
use doorward_scim::schema::{Catalogue, Declaration, Extended};
use doorward_store::Lane;
use doorward_store::directory::{self, Settings};
use doorward_store::received;
use doorward_store::token::{self, Authentication};
use serde_json::json;

use crate::common::{Fixture, make_directory, on_both, on_both_at_noon};

const X: &str = "urn:example:params:scim:schemas:extension:acme:2.0:User";

fn settings() -> Settings {
    let declaration = json!({"id": X, "resource_type": "User", "required": true,
        "attributes": [{"name": "role", "closed": true, "canonicalValues": ["Admin", "<No access>"]}]});
    let catalogue = json!({"roles": {"closed": true, "values": [{"value": "a\"b'é", "display": "A"}]}});
    let object = |value: serde_json::Value| value.as_object().cloned().expect("object");
    Settings {
        schemas: vec![Declaration::from_document(&object(declaration)).expect("declaration")],
        catalogue: Catalogue::from_document(&object(catalogue)).expect("catalogue"),
        ..Settings::default()
    }
}

#[test]
fn s_7643_3_2_01_what_a_directory_declares_comes_with_its_scope() {
    on_both(async |fixture: Fixture| {
        assert!(fixture.scope.types().is_usual());
        let (by, id) = (fixture.by.clone(), fixture.scope.directory_id());
        let set = settings();
        let row = fixture
            .store
            .write(Lane::Directory(id), move |tx| directory::set_settings(tx, &by, &id, &set))
            .await
            .expect("write")
            .expect("row");
        assert_eq!(row.settings, settings());
        let (_, secret) = fixture
            .write(|tx, scope| token::create_bearer(tx, scope, "first", token::Terms::default()))
            .await
            .expect("token");
        let hash = secret.hash();
        let opened = fixture.store.read(move |tx| token::authenticate_bearer(tx, &hash)).await.expect("read");
        let Authentication::Accepted(scope) = opened else { panic!("refused") };
        assert_eq!(scope.settings(), &settings());
        assert_eq!(scope.types(), &settings().types());
        assert!(scope.types().user.extension(X).is_some_and(|extension| extension.required));
        let (by, wrong) = (fixture.by.clone(), fixture.scope.directory_id());
        let usual = Settings::default();
        let row = fixture.store.write(Lane::Any, move |tx| directory::set_settings(tx, &by, &wrong, &usual)).await;
        assert_eq!(row.expect("write").expect("row").settings.schemas, []);
        let added = settings().stored_bytes() - Settings::default().stored_bytes();
        assert!(added > settings().schemas.len() * X.len(), "what is declared counts: {added}");
    });
}

fn name(urn: Option<&str>, attribute: &str) -> Received {
    Received { urn: urn.map(str::to_owned), attribute: attribute.to_owned() }
}

#[test]
fn wt_19_received_names_are_kept_once_and_at_most_a_hundred() {
    on_both_at_noon(async |fixture: Fixture| {
        let add = async |of: Extended, names: Vec<Received>| {
            fixture.write(move |tx, scope| received::add(tx, scope, of, &names)).await.expect("add")
        };
        let first = vec![name(None, "shoeSize"), name(Some(X), "role"), name(Some(X), "ROLE")];
        assert_eq!(add(Extended::User, first).await.len(), 2);
        let again = vec![name(None, "SHOESIZE"), name(Some(&X.to_uppercase()), "role")];
        assert_eq!(add(Extended::User, again).await.len(), 2);
        assert_eq!(add(Extended::Group, vec![name(None, "shoeSize")]).await.len(), 3);
        let rows = fixture.read(received::list).await.expect("list");
        assert_eq!(rows.iter().filter(|row| row.resource_type == Extended::Group).count(), 1);
        assert!(rows.iter().all(|row| row.first_received_at == crate::common::NOON));
        assert!(rows.iter().any(|row| row.name == name(Some(X), "role")), "as it came first");
        let many: Vec<Received> = (0..150).map(|n| name(Some(X), &format!("n{n}"))).collect();
        assert_eq!(add(Extended::User, many).await.len(), received::MOST);
        assert_eq!(fixture.read(received::list).await.expect("list").len(), received::MOST);

        let other = make_directory(&fixture.store, fixture.organization, "other").await;
        let none = fixture.store.read(move |tx| received::list(tx, &other)).await.expect("list");
        assert_eq!(none, [], "another directory's names are not shown");
        let (by, id) = (fixture.by.clone(), fixture.scope.directory_id());
        fixture.store.write(Lane::Directory(id), move |tx| directory::delete(tx, &by, &id)).await.expect("delete");
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM received_attribute"), 0);
    });
}
