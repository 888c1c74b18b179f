//! Roles, rules and access checks.

use doorward_testkit::databases;
use serde_json::json;

use crate::{At, string};

#[test]
fn wt_16_roles_and_rules_are_made_listed_and_removed() {
    for database in databases() {
        let at = At(&database);
        let directory = at.directory(&["--label", "acme"]);
        let organization = string(&directory, "organization_id");
        assert!(at.people(&["role", "list"]).contains("role create"));
        let admin = at.json(&["role", "create", "Admin", "--priority", "3"]);
        assert_eq!((&admin["slug"], &admin["organization_id"]), (&json!("admin"), &json!(null)));
        at.people(&["role", "create", "<No access>", "--default"]);
        assert!(at.people(&["role", "list", "--org", &organization]).contains("no-access"));
        let id = string(&admin, "id");
        assert_eq!(at.json(&["role", "update", &id, "--name", "Owner"])["name"], "Owner");
        // The organization's own first role brings the others along.
        at.people(&["role", "create", "Analyst", "--org", &organization]);
        assert_eq!(at.json(&["role", "list", "--org", &organization])["data"].as_array().unwrap().len(), 3);
        assert_eq!(at.json(&["role", "list"])["data"].as_array().unwrap().len(), 2);
        let add = |more: &[&str]| [&["role-mapping", "add", "--directory", "acme"], more].concat().join("\u{1f}");
        let first = at.json(&add(&["--group", "Ops", "--role", "admin"]).split('\u{1f}').collect::<Vec<_>>());
        assert_eq!(first["condition"], json!({"type": "group_name", "group_name": "Ops"}));
        let second = at.json(&add(&["--path", "title", "--environment", "test"]).split('\u{1f}').collect::<Vec<_>>());
        assert_eq!(at.json(&["role-mapping", "move", &string(&second, "id"), "1"])["position"], 1);
        let refused = at.refused(&add(&["--group", "Ops", "--role", "nobody"]).split('\u{1f}').collect::<Vec<_>>());
        assert!(refused.contains("analyst"), "{refused}");
        let listed = at.people(&["role-mapping", "list", "--directory", "acme"]);
        assert!(listed.contains("in a group named Ops") && listed.contains("unknown values flag"), "{listed}");
        let settings = ["role-mapping", "settings", "--directory", "acme", "--unknown", "reject", "--mode", "multiple"];
        assert_eq!(at.json(&settings)["unknown_values"], "reject");
        assert!(at.people(&["role-mapping", "unknown", "--directory", "acme"]).contains("Nobody"));
        assert!(at.refused(&["role", "delete", &at_role(&at, &organization, "admin")]).contains("acme"));
        at.people(&["role-mapping", "remove", &string(&first, "id")]);
        at.people(&["role", "delete", &at_role(&at, &organization, "admin")]);
    }
}

fn at_role(at: &At<'_>, organization: &str, slug: &str) -> String {
    let roles = at.json(&["role", "list", "--org", organization]);
    let role = roles["data"].as_array().unwrap().iter().find(|role| role["slug"] == slug).unwrap().clone();
    string(&role, "id")
}

#[test]
fn access_is_checked_from_the_command_line() {
    for database in databases() {
        let at = At(&database);
        let organization = string(&at.directory(&[]), "organization_id");
        let answer = at.json(&["access", "check", "--org", &organization, "ada"]);
        assert_eq!((&answer["allowed"], &answer["reason"]), (&json!(false), &json!("not_provisioned")));
        assert!(at.people(&["access", "check", "--org", &organization, "--email", "a@b.example"]).contains("no"));
        assert!(at.refused(&["access", "check", "--org", "org_nowhere", "ada"]).contains("Organization"));
    }
}
