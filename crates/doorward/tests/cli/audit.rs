//! `doorward audit`.

use std::time::{Duration, Instant};

use doorward_testkit::databases;
use serde_json::Value;

use crate::{At, serve, string, text};

#[test]
fn sec_54_the_audit_log_is_listed_exported_and_verified_on_the_command_line() {
    for database in databases() {
        let at = At(&database);
        let made = at.directory(&["--label", "acme"]);
        let key = at.json(&["api-key", "create", "--name", "=app"]);
        at.json(&["api-key", "revoke", &string(&key, "id")]);
        let own = at.json(&["audit", "list", "--actor", "operator", "--directory", &string(&made, "id")]);
        let actions: Vec<String> =
            own["data"].as_array().unwrap().iter().map(|record| string(record, "action")).collect();
        assert_eq!(actions, ["dsync.token.created", "dsync.created"], "newest first");
        let keys =
            at.json(&["audit", "list", "--action", "application_key.created,application_key.revoked", "--limit", "1"]);
        assert_eq!(keys["data"][0]["target"]["name"], "=app");
        assert_eq!(keys["list_metadata"]["after"], keys["data"][0]["id"]);
        let people = at.people(&["audit", "list"]);
        assert!(people.contains("application_key.revoked") && people.contains("operator"), "{people}");
        assert!(!people.contains(&string(&key, "key")), "no secret");
        let csv = at.people(&["audit", "export", "--format", "csv", "--actor", "operator"]);
        assert!(csv.starts_with("sequence,id,") && csv.contains(",'=app,"), "{csv}");
        let lines = at.people(&["audit", "export"]);
        assert_eq!(lines.lines().count() as i64, at.json(&["audit", "verify"])["unsealed"].as_i64().unwrap());
        assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{lines}");
        assert!(!at.run(&["audit", "list", "--actor", "nobody"]).status.success());

        let server = serve(&database);
        let deadline = Instant::now() + Duration::from_secs(30);
        let sealed = loop {
            let found = at.json(&["audit", "verify"]);
            if found["unsealed"] == 0 {
                break found;
            }
            assert!(Instant::now() < deadline, "{found}");
        };
        drop(server);
        assert_eq!(sealed["intact"], true);
        let head = string(&sealed, "head");
        assert_eq!(at.json(&["audit", "verify", "--head", &head])["intact"], true);
        assert!(at.people(&["audit", "verify"]).contains("Every record is as it was written"));
        let other = format!("{}@{}", "0".repeat(64), head.split('@').nth(1).unwrap());
        let refused = at.run(&["audit", "verify", "--head", &other]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stdout).contains("head_missing"), "{}", text(&refused.stdout));
        assert_eq!(at.run(&["audit", "verify", "--head", "nonsense"]).status.code(), Some(2));
    }
}
