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
        assert_eq!(at.json(&["directory", "delete", "acme"])["state"], "deleting");
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(status(&endpoint, &token), 401, "credentials end first");
        assert_eq!(at.json(&["directory", "restore", "acme"])["state"], "linked");
        std::thread::sleep(Duration::from_millis(900));
        assert_eq!(status(&endpoint, &token), 200);
        assert_eq!(at.json(&["directory", "delete", "acme", "--now"])["deleted"], true);
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
    assert!(at.people(&["directory", "delete", "acme", "--yes"]).contains("doorward directory restore acme"));
    at.people(&["directory", "delete", "acme", "--yes", "--now"]);
    assert!(at.refused(&["directory", "show", "acme"]).contains("neither an id nor a label"));
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
}

#[test]
fn wrong_usage_is_told_to_programs_in_json_and_to_people_in_text() {
    for (arguments, reason) in [
        (&["directory", "create"][..], "--name <NAME>"),
        (&["org", "lst"], "'lst'"),
        (&["events", "list", "--limit", "x"], "--limit"),
        (&["token", "list", "--nonsense"], "--nonsense"),
        (&["org"], "requires a subcommand"),
        (&[], "requires a subcommand"),
    ] {
        let usage = doorward(&[arguments, &["--json"]].concat()).output().unwrap();
        assert_eq!(usage.status.code(), Some(2), "{arguments:?}");
        assert!(usage.stdout.is_empty());
        let told: Value = serde_json::from_slice(&usage.stderr).unwrap();
        let message = told["error"]["message"].as_str().unwrap();
        assert!(message.contains(reason) && !message.contains("Usage") && !message.starts_with("error"), "{message}");
        let usage = doorward(arguments).output().unwrap();
        assert_eq!(usage.status.code(), Some(2), "{arguments:?}");
        let told = text(&usage.stderr);
        assert!(told.contains("--help") && !told.starts_with('{'), "{told}");
    }
    let help = doorward(&["org", "--help", "--json"]).output().unwrap();
    assert!(help.status.success() && text(&help.stdout).contains("Usage: doorward org"));
}

#[test]
fn only_commands_with_which_somebody_begins_make_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let run = |name: &str, arguments: &[&str]| {
        let url = format!("sqlite:{}", path(name).display());
        doorward(arguments).args(["--database", &url]).output().unwrap()
    };
    let (organization, directory) = ("org_01AAAAAAAAAAAAAAAAAAAAAAAA", "directory_01AAAAAAAAAAAAAAAAAAAAAAAA");
    for arguments in [
        &["org", "list"][..],
        &["directory", "create", "--org", organization, "--name", "x"],
        &["directory", "list"],
        &["directory", "show", "acme"],
        &["directory", "enable", "acme"],
        &["directory", "delete", directory, "--yes"],
        &["token", "create", "acme"],
        &["token", "list", "acme"],
        &["token", "revoke", "token_01AAAAAAAAAAAAAAAAAAAAAAAA"],
        &["api-key", "list"],
        &["api-key", "revoke", "api_key_01AAAAAAAAAAAAAAAAAAAAAAAA"],
        &["webhook", "list"],
        &["webhook", "create", "https://app.example.com/"],
        &["webhook", "test", "we_01AAAAAAAAAAAAAAAAAAAAAAAA"],
        &["events", "list"],
        &["events", "tail", "--limit", "1"],
    ] {
        let output = run("absent.db", arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", text(&output.stderr));
        let told = text(&output.stderr);
        for word in ["there is no database", "absent.db", "doorward serve", "--database"] {
            assert!(told.contains(word), "{arguments:?}: {told}");
        }
        assert!(!path("absent.db").exists(), "{arguments:?}");
    }
    for (name, arguments) in [("org.db", &["org", "create", "Acme"][..]), ("key.db", &["api-key", "create"])] {
        let output = run(name, arguments);
        assert!(output.status.success() && path(name).exists(), "{}", text(&output.stderr));
        assert!(text(&output.stderr).contains("made the database"), "{}", text(&output.stderr));
        let again = run(name, arguments);
        assert!(again.status.success() && again.stderr.is_empty(), "{}", text(&again.stderr));
    }
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
