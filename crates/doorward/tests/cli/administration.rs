//! Directories, events and settings, and how mistakes are told.

use std::process::Stdio;
use std::time::{Duration, Instant};

use doorward_testkit::{TestDatabase, databases};
use serde_json::{Value, json};

use crate::{At, doorward, serve, status, string, text};

#[test]
fn wt_37_a_disabled_directory_is_refused_with_a_reason_and_taken_up_again() {
    for database in databases() {
        let server = serve(&database);
        let at = At(&database);
        let made = at.directory(&["--public-url", &server.url(), "--label", "acme"]);
        let (endpoint, token) = (string(&made, "endpoint"), format!("Bearer {}", string(&made, "token")));
        assert_eq!(status(&endpoint, &token), 200);
        assert_eq!(at.json(&["directory", "disable", "acme"])["state"], "unlinked");
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(status(&endpoint, &token), 403);
        assert_eq!(at.json(&["directory", "enable", "acme"])["state"], "linked");
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(status(&endpoint, &token), 200);
        let events = at.json(&["events", "list", "--type", "dsync.activated,dsync.deactivated"]);
        let types: Vec<String> =
            events["data"].as_array().unwrap().iter().map(|event| string(event, "event")).collect();
        assert_eq!(types, ["dsync.activated", "dsync.deactivated", "dsync.activated"]);
        assert_eq!(at.json(&["directory", "delete", "acme"])["deleted"], true);
        assert!(at.refused(&["directory", "show", "acme"]).contains("neither an id nor a label"));
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(status(&endpoint, &token), 401);
        let last = at.json(&["events", "list", "--order", "desc", "--limit", "1"]);
        assert_eq!(last["data"][0]["event"], "dsync.deleted");
    }
}

#[test]
fn a_directory_is_not_removed_without_its_label() {
    let database = TestDatabase::sqlite();
    let at = At(&database);
    at.directory(&["--label", "acme"]);
    // Standard input is empty: nobody confirms.
    assert!(at.refused(&["directory", "delete", "acme"]).contains("nothing was removed"));
    at.people(&["directory", "delete", "acme", "--yes"]);
}

#[test]
fn events_are_listed_page_by_page_and_followed_from_another_process() {
    for database in databases() {
        let at = At(&database);
        at.organization();
        at.directory(&[]);
        let first = at.json(&["events", "list", "--limit", "2"]);
        let after = string(&first["list_metadata"], "after");
        let rest = at.json(&["events", "list", "--after", &after]);
        let sequences: Vec<i64> = [&first, &rest]
            .iter()
            .flat_map(|list| list["data"].as_array().unwrap())
            .map(|e| e["sequence"].as_i64().unwrap())
            .collect();
        assert_eq!(sequences, [1, 2, 3, 4]);
        let tail = ["events", "tail", "--limit", "1", "--json", "--database", database.url()];
        let mut tail = doorward(&tail).stdout(Stdio::piped()).spawn().unwrap();
        // It begins with what happens after it has started.
        std::thread::sleep(Duration::from_millis(1500));
        at.json(&["org", "create", "Later"]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while tail.try_wait().unwrap().is_none() {
            if Instant::now() > deadline {
                tail.kill().unwrap();
                panic!("the event was not seen");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let seen: Value = serde_json::from_slice(&tail.wait_with_output().unwrap().stdout).unwrap();
        assert_eq!((&seen["event"], &seen["data"]["name"]), (&json!("organization.created"), &json!("Later")));
        let replayed = at.people(&["events", "tail", "--all", "--limit", "5"]);
        assert_eq!(replayed.lines().count(), 5, "{replayed}");
    }
}

#[test]
fn mistakes_are_told_with_what_to_do() {
    let database = TestDatabase::sqlite();
    let at = At(&database);
    let organization = at.organization();
    let create = ["directory", "create", "--org", &organization, "--name", "x"];
    for (more, reason) in [
        (["--label", "acme_okta"], "underscore"),
        (["--label", "v2"], "version"),
        (["--type", "okta"], "okta scim v2.0"),
        (["--name", " "], "name"),
    ] {
        let all = if more[0] == "--name" { vec!["org", "create", " "] } else { [&create[..], &more].concat() };
        let told = at.refused(&all);
        assert!(told.starts_with("doorward: ") && told.contains(reason), "{told}");
    }
    assert!(at.json(&["directory", "list"])["data"].as_array().unwrap().is_empty(), "nothing half made");
    let unknown = ["directory", "create", "--org", "org_01AAAAAAAAAAAAAAAAAAAAAAAA", "--name", "x"];
    assert!(at.refused(&unknown).contains("Organization was not found"));
    let in_json = at.refused(&[&unknown[..], &["--json"]].concat());
    assert_eq!(serde_json::from_str::<Value>(&in_json).unwrap()["error"]["message"], "Organization was not found");
    let nowhere = doorward(&["org", "list", "--database", "postgres://dw:s3cret@127.0.0.1:1/none"]).output().unwrap();
    let told = text(&nowhere.stderr);
    assert!(nowhere.status.code() == Some(1) && told.contains("doctor") && !told.contains("s3cret"), "{told}");
    let usage = doorward(&["directory", "create"]).output().unwrap();
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn settings_come_from_flags_then_environment_then_file() {
    let folder = tempfile::tempdir().unwrap();
    let (file, flag) = (folder.path().join("file.db"), folder.path().join("flag.db"));
    let config = folder.path().join("doorward.toml");
    let url = |path: &std::path::Path| format!("sqlite:{}", path.display());
    std::fs::write(&config, format!("database = \"{}\"\n[limits]\nuser_body_bytes = 65536\n", url(&file))).unwrap();
    let run = |arguments: &[&str], environment: Option<&str>| {
        let mut command = doorward(arguments);
        command.args(["--config", config.to_str().unwrap()]);
        command.envs(environment.map(|url| ("DOORWARD_DATABASE_URL", url.to_owned())));
        command.output().unwrap()
    };
    assert!(run(&["org", "create", "In the file's"], None).status.success());
    assert!(file.exists());
    assert!(
        run(&["org", "create", "x", "--database", &url(&flag)], Some("sqlite:/nowhere/at/all.db")).status.success()
    );
    assert!(flag.exists());
    assert!(
        !run(&["org", "list"], Some("sqlite:/nowhere/at/all.db")).status.success(),
        "the environment beats the file"
    );
    std::fs::write(&config, "databse = \"sqlite:typo.db\"\n").unwrap();
    let typo = run(&["org", "list"], None);
    assert!(text(&typo.stderr).contains("databse") && text(&typo.stderr).contains("line 1"), "{}", text(&typo.stderr));
}
