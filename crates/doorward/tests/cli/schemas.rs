//! The schemas and the catalogue of a directory.

use std::io::Write as _;
use std::process::Stdio;

use doorward_testkit::{TestDatabase, databases};
use serde_json::{Value, json};

use crate::{At, doorward, text};

const WORKATO: &str = "urn:ietf:params:scim:schemas:workato:1.0:WorkatoRole";

/// The document, in a file that is there as long as the value is.
fn file(document: &Value) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(document.to_string().as_bytes()).unwrap();
    file
}

fn workato() -> Value {
    let role = |name: &str| json!({"name": name, "canonicalValues": ["Admin", "Analyst", "Operator", "<No access>"]});
    json!({"id": WORKATO, "name": "WorkatoRole", "resource_type": "User",
        "attributes": [role("workato_role"), role("workato_role_test"), role("workato_role_prod")]})
}

#[test]
fn wt_15_schemas_are_set_listed_and_removed() {
    for database in databases() {
        let at = At(&database);
        at.directory(&["--label", "acme"]);
        let schema =
            |words: &[&str]| [&["directory", "schema"], words, &["--directory", "acme"]].concat().join("\u{1f}");
        let json = |words: &[&str]| at.json(&schema(words).split('\u{1f}').collect::<Vec<_>>());
        let people = |words: &[&str]| at.people(&schema(words).split('\u{1f}').collect::<Vec<_>>());
        let refused = |words: &[&str]| at.refused(&schema(words).split('\u{1f}').collect::<Vec<_>>());
        assert_eq!(json(&["list"])["data"], json!([]));
        assert!(people(&["list"]).contains("no schema"));
        let good = file(&workato());
        let path = good.path().to_str().unwrap();
        assert_eq!(json(&["set", "--file", path])["id"], WORKATO);
        assert!(people(&["set", "--file", path]).contains("acme declares"));
        assert_eq!(json(&["list"])["data"][0]["attributes"][2]["name"], "workato_role_prod");
        assert!(people(&["list"]).contains("workato_role_test"));
        let bad = file(&json!({"id": WORKATO, "resource_type": "User", "attributes": [{"name": "9x"}]}));
        let reason = refused(&["set", "--file", bad.path().to_str().unwrap()]);
        assert!(reason.contains("attributes[0].name"), "{reason}");
        assert!(refused(&["set", "--file", "nowhere.json"]).contains("nowhere.json"));
        assert_eq!(json(&["received"])["data"], json!([]));
        assert!(people(&["received"]).contains("Nothing"));
        assert_eq!(json(&["remove", &WORKATO.to_uppercase()])["deleted"], true);
        assert!(refused(&["remove", WORKATO]).contains("schema list"));
    }
}

#[test]
fn a_schema_can_come_from_standard_input() {
    let database = TestDatabase::sqlite();
    let at = At(&database);
    at.directory(&["--label", "acme"]);
    let arguments = ["directory", "schema", "set", "--directory", "acme", "--file", "-", "--database", database.url()];
    let mut child = doorward(&arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(workato().to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && text(&output.stdout).contains(WORKATO));
}

#[test]
fn r_draft_roles_01_the_catalogue_is_set_listed_and_removed() {
    for database in databases() {
        let at = At(&database);
        at.directory(&["--label", "acme"]);
        let good = file(
            &json!({"roles": {"values": ["admin", {"value": "analyst", "display": "Analyst", "type": "System"}]}}),
        );
        let path = good.path().to_str().unwrap();
        let set = at.json(&["directory", "catalogue", "set", "--directory", "acme", "--file", path]);
        assert_eq!(set["roles"]["values"][0], json!({"value": "admin", "display": "admin", "supported": true}));
        assert!(at.people(&["directory", "catalogue", "list", "--directory", "acme"]).contains("Analyst"));
        let bad = file(&json!({"roles": {"values": ["a", "A"]}}));
        let path = bad.path().to_str().unwrap();
        assert!(
            at.refused(&["directory", "catalogue", "set", "--directory", "acme", "--file", path]).contains("twice")
        );
        at.people(&["directory", "catalogue", "remove", "--directory", "acme"]);
        assert_eq!(at.json(&["directory", "catalogue", "list", "--directory", "acme"]).get("roles"), None);
    }
}
