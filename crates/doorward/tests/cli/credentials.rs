//! What opens a directory or the API: made, shown once, supplied, ended.

use std::time::{Duration, Instant};

use doorward_testkit::databases;
use serde_json::{Value, json};

use crate::{At, days, doorward, serve, status, string, text};

#[test]
fn wo_6_making_a_directory_mints_endpoint_and_token_at_once() {
    for database in databases() {
        let at = At(&database);
        let organization = at.organization();
        let create = ["directory", "create", "--org", &organization, "--name", "Acme Okta", "--label", "acme-okta"];
        let made = at
            .json(&[&create[..], &["--type", "okta_scim_v1_1", "--public-url", "https://sync.example.com/"]].concat());
        assert_eq!(made["organization_id"], json!(organization));
        assert_eq!(made["label"], "acme-okta");
        assert_eq!(made["type"], "okta scim v1.1");
        assert_eq!(made["endpoint"], "https://sync.example.com/scim/acme-okta/v2");
        assert_eq!(made["endpoint_v1"], "https://sync.example.com/scim/acme-okta/v1");
        let token = string(&made, "token");
        assert!(token.starts_with("dw_") && token.len() >= 43, "{token}");
        assert!(made.get("password").is_none());
        for read in
            [vec!["directory", "show", "acme-okta"], vec!["directory", "list"], vec!["token", "list", "acme-okta"]]
        {
            assert!(!at.people(&read).contains(&token), "{read:?}");
            assert!(!at.json(&read).to_string().contains(&token), "{read:?}");
        }
        assert_eq!(at.json(&["directory", "show", &string(&made, "id")])["id"], made["id"], "by id as by label");
        assert_eq!(at.json(&["directory", "list", "--org", &organization])["data"].as_array().unwrap().len(), 1);
        let again = at.refused(&create);
        assert!(again.contains("label") && again.contains("already exists"), "{again}");
    }
}

#[test]
fn ws_08_a_basic_directory_gets_user_name_and_password_and_no_token() {
    for database in databases() {
        let at = At(&database);
        let made = at.directory(&["--auth", "basic"]);
        assert!(made.get("token").is_none(), "{made}");
        let (username, password) = (string(&made, "username"), string(&made, "password"));
        assert!(!username.is_empty() && password.len() >= 40);
        assert!(!at.json(&["token", "list", &string(&made, "id")]).to_string().contains(&password));
    }
}

#[test]
fn wb_10_tokens_live_a_year_or_as_long_as_they_are_told_to() {
    for database in databases() {
        let at = At(&database);
        let directory = string(&at.directory(&[]), "id");
        let year = at.json(&["token", "create", &directory, "--name", "next"]);
        assert_eq!((days(&year, "created_at", "expires_at"), &year["name"]), (365, &json!("next")));
        let week = at.json(&["token", "create", "--directory", &directory, "--duration", "7"]);
        assert_eq!(days(&week, "created_at", "expires_at"), 7);
        let forever = at.json(&["token", "create", &directory, "--no-expiry"]);
        assert_eq!(forever["expires_at"], Value::Null);
        for wrong in ["0", "36501"] {
            assert!(at.refused(&["token", "create", &directory, "--duration", wrong]).contains("days"), "{wrong}");
        }
        let both = at.run(&["token", "create", &directory, "--duration", "7", "--no-expiry"]);
        assert_eq!(both.status.code(), Some(2), "wrong usage");
        let listed = at.json(&["token", "list", &directory]);
        let listed = listed["data"].as_array().unwrap();
        assert_eq!(listed.len(), 4, "the first, the year's, the week's, the endless one");
        for secret in [&year, &week, &forever] {
            assert!(!listed.iter().any(|token| token.to_string().contains(&string(secret, "token"))));
        }
        let revoked = at.json(&["token", "revoke", &string(&week, "id")]);
        assert!(revoked["revoked_at"].is_string());
        assert_eq!(at.json(&["token", "revoke", &string(&week, "id")]), revoked, "once is enough");
        assert!(at.people(&["token", "list", &directory]).contains("revoked"));
        assert!(at.refused(&["token", "revoke", "token_01AAAAAAAAAAAAAAAAAAAAAAAA"]).contains("there is no token"));
    }
}

#[test]
fn wb_11_a_token_may_come_from_the_environment_or_a_file() {
    for database in databases() {
        let at = At(&database);
        let made = at.directory(&["--label", "acme"]);
        let directory = string(&made, "id");
        let supplied = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c";
        let create = |secret: &str, arguments: &[&str]| {
            let all = [&["token", "create", &directory, "--json", "--database", database.url()], arguments].concat();
            doorward(&all).env("SUPPLIED", secret).output().unwrap()
        };
        let output = create(supplied, &["--from-env", "SUPPLIED", "--name", "brought along"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let everything = text(&output.stdout) + &text(&output.stderr);
        assert!(!everything.contains(supplied), "not printed: {everything}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, format!("{}\n", supplied.replace('9', "7"))).unwrap();
        assert!(create("", &["--from-file", file.to_str().unwrap()]).status.success());
        for (secret, reason) in [("short", "5 characters"), ("", "0 characters")] {
            let output = create(secret, &["--from-env", "SUPPLIED"]);
            assert_eq!(output.status.code(), Some(1));
            assert!(text(&output.stderr).contains(reason), "{}", text(&output.stderr));
        }
        assert!(text(&create(supplied, &["--from-env", "ABSENT"]).stderr).contains("ABSENT is not set"));
        assert!(text(&create(supplied, &["--from-env", "SUPPLIED"]).stderr).contains("already exists"));
        let server = serve(&database);
        let endpoint = format!("{}/scim/acme/v2", server.url());
        assert_eq!(status(&endpoint, &format!("Bearer {supplied}")), 200);
        assert_eq!(status(&endpoint, &format!("Bearer {}", supplied.replace('9', "7"))), 200);
    }
}

#[test]
fn sec_20_a_token_revoked_here_is_refused_there_within_a_second() {
    for database in databases() {
        let server = serve(&database);
        let at = At(&database);
        let made = at.directory(&["--public-url", &server.url()]);
        let (endpoint, token) = (string(&made, "endpoint"), format!("Bearer {}", string(&made, "token")));
        assert_eq!(status(&endpoint, &token), 200);
        let id = string(&at.json(&["token", "list", &string(&made, "id")])["data"][0], "id");
        // In use up to the last moment, so that the server has it fresh in memory.
        assert_eq!(status(&endpoint, &token), 200);
        at.json(&["token", "revoke", &id]);
        let revoked = Instant::now();
        while status(&endpoint, &token) != 401 {
            assert!(revoked.elapsed() < Duration::from_secs(1), "still accepted after {:?}", revoked.elapsed());
        }
    }
}

#[test]
fn api_keys_are_shown_once_and_end_when_revoked() {
    for database in databases() {
        let at = At(&database);
        let made = at.json(&["api-key", "create", "--name", "portal"]);
        let key = string(&made, "key");
        assert!(key.starts_with("sk_") && made["expires_at"].is_null());
        let brief = at.json(&["api-key", "create", "--duration", "3"]);
        assert_eq!(days(&brief, "created_at", "expires_at"), 3);
        assert!(
            !at.people(&["api-key", "list"]).contains(&key)
                && !at.json(&["api-key", "list"]).to_string().contains(&key)
        );
        at.people(&["api-key", "revoke", &string(&made, "id")]);
        let listed = at.json(&["api-key", "list"]);
        assert!(listed["data"][0]["revoked_at"].is_string() && listed["data"][1]["revoked_at"].is_null(), "{listed}");
    }
}
