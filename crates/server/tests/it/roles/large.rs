//! A change of rules in a large directory: portions, one after the other, until everybody has what is due.

use std::time::Duration;

use doorward_store::directory;
use doorward_store::scope::OperatorScope;
use doorward_store::user::{self, UserValues};
use doorward_store::{Lane, Tx};
use serde_json::{Value, json};

use super::with_roles;

/// More people than are done at once.
const PEOPLE: usize = 2_100;

#[tokio::test]
async fn a_change_of_rules_reaches_everybody_of_a_large_directory() {
    with_roles(async |scene| {
        let id = scene.idp.id;
        let fill = move |tx: &mut Tx<'_>| -> doorward_store::Result<()> {
            let scope = directory::scope(tx, &OperatorScope::local(), &id)?.unwrap();
            for n in 0..PEOPLE {
                let title = if n % 3 == 0 { "Boss" } else { "Clerk" };
                let values = UserValues {
                    user_name: format!("user{n}"),
                    external_id: None,
                    display_name: format!("User {n}"),
                    active: true,
                    emails: Vec::new(),
                    doc: json!({"schemas": [crate::support::USER], "userName": format!("user{n}"), "title": title})
                        .to_string(),
                };
                user::insert(tx, &scope, &values)?;
            }
            Ok(())
        };
        scene.idp.service.app.store().write(Lane::Directory(id), fill).await.unwrap();
        scene.rule(json!({"path": "title", "value": "boss"}), Some("admin"), None).await;
        // Whoever is changed meanwhile has the new rules already; nobody waits for the job.
        let count = move |tx: &mut Tx<'_>| -> doorward_store::Result<usize> {
            let scope = directory::scope(tx, &OperatorScope::local(), &id)?.unwrap();
            Ok(user::after(tx, &scope, -1, 100_000)?.iter().filter(|row| row.roles.is_some()).count())
        };
        let settings = format!("/directories/{id}/role_settings");
        for _ in 0..600 {
            let state = scene.api.found(&settings).await;
            if state["recomputing"] == Value::Null {
                break;
            }
            assert_eq!(state["recomputing"]["total"], PEOPLE);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_eq!(scene.api.found(&settings).await["recomputing"], Value::Null);
        assert_eq!(scene.idp.service.app.store().read(count).await.unwrap(), PEOPLE.div_ceil(3));
    })
    .await;
}
