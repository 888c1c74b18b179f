//! The service itself, and the commands that look at it or play with it.

use std::time::Duration;

use doorward_testkit::{KillableServer, TestDatabase, databases};
use serde_json::{Value, json};

use crate::{At, BINARY, client, doorward, serve, status, string, text, wait_for};

#[test]
fn serve_on_an_empty_database_says_what_to_do_next_and_ends_when_asked() {
    for database in databases() {
        let mut server = serve(&database);
        wait_for(&server, "doorward org create");
        At(&database).organization();
        assert!(server.terminate(Duration::from_secs(10)).unwrap().success());
        server.restart().unwrap();
        wait_for(&server, "Doorward is ready");
        assert_eq!(status(&server.url(), "none"), 404);
        assert!(!server.log().contains("The database is empty"), "{}", server.log());
        let taken = server.address().to_string();
        let second = doorward(&["serve", "--listen", &taken, "--database", database.url()]).output().unwrap();
        assert!(text(&second.stderr).contains("--listen"), "{}", text(&second.stderr));
    }
}

#[test]
fn sec_23_nothing_of_anybody_is_in_the_log() {
    let database = TestDatabase::sqlite();
    let mut arguments = vec!["serve", "--listen", "{listen}", "--public-url", "http://{listen}", "--log", "trace"];
    arguments.extend(["--database", database.url()]);
    let mut server = KillableServer::start(BINARY, &arguments).unwrap();
    let at = At(&database);
    let made = at.directory(&["--public-url", &server.url()]);
    let (endpoint, token) = (string(&made, "endpoint"), string(&made, "token"));
    let key = string(&at.json(&["api-key", "create"]), "key");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = client();
        let scim = |method: reqwest::Method, path: &str, body: String| {
            let request = client.request(method, format!("{endpoint}{path}")).bearer_auth(&token);
            request.header("Content-Type", "application/scim+json").body(body).send()
        };
        let user = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "canary-name@corp.example",
            "password": "canary-password", "title": "canary-title", "emails": [{"value": "canary-email@corp.example"}]});
        assert_eq!(scim(reqwest::Method::POST, "/Users", user.to_string()).await.unwrap().status(), 201);
        assert_eq!(scim(reqwest::Method::POST, "/Users", user.to_string()).await.unwrap().status(), 409);
        scim(reqwest::Method::POST, "/Users", "{\"canary-broken".to_owned()).await.unwrap();
        scim(reqwest::Method::GET, "/Users?filter=userName%20eq%20%22canary-filter%22", String::new()).await.unwrap();
        scim(reqwest::Method::GET, "/Users/canary-path", String::new()).await.unwrap();
        let stranger = client.get(format!("{endpoint}/Users")).bearer_auth("dw_canary-token");
        stranger.header("User-Agent", "canary-agent").send().await.unwrap();
        for query in ["/directory_users?email=canary-query%40corp.example", "/events", "/canary-unknown?x=canary-query"] {
            client.get(format!("{}{query}", server.url())).bearer_auth(&key).send().await.unwrap();
        }
    });
    server.terminate(Duration::from_secs(10)).unwrap();
    let log = server.log();
    assert!(log.contains("/scim/{}/v2/Users"), "the access log is there: {log}");
    for secret in ["canary", &token, &key] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

#[test]
fn d26_every_tolerance_is_noted_on_its_request_by_name() {
    let database = TestDatabase::sqlite();
    let mut server = serve(&database);
    let made = At(&database).directory(&["--public-url", &server.url()]);
    let (endpoint, token) = (string(&made, "endpoint"), string(&made, "token"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = client();
        let send = async |method: reqwest::Method, path: &str, credential: &str, body: Value| {
            let request = client.request(method, format!("{endpoint}{path}")).header("Authorization", credential);
            let request = request.header("Content-Type", "application/scim+json").body(body.to_string());
            let answer = request.send().await.unwrap();
            assert!(answer.status().is_success(), "{path}");
            serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap()
        };
        let (usual, doubled) = (format!("Bearer {token}"), format!("Bearer Bearer {token}"));
        let user =
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "active": "True"});
        let path = format!("/Users/{}", string(&send(reqwest::Method::POST, "/Users", &doubled, user).await, "id"));
        let operation = json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@x.example"});
        let message = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        send(reqwest::Method::PATCH, &path, &usual, message).await;
        send(reqwest::Method::GET, "/Users?filter=department%20eq%20%22x%22", &usual, json!({})).await;
        send(reqwest::Method::GET, "/Users?filter=userName%20eq%20%22x%22", &usual, json!({})).await;
    });
    server.terminate(Duration::from_secs(10)).unwrap();
    let log = server.log();
    let line = |names: &str| log.lines().filter(|line| line.contains(&format!("tolerated=\"{names}\""))).count();
    for names in ["boolean-as-text,doubled-scheme", "replace-creates", "unqualified-extension-attribute"] {
        assert_eq!(line(names), 1, "{names}: {log}");
    }
    assert_eq!(log.matches("tolerated=").count(), 3, "{log}");
}

#[test]
fn sec_22_the_log_warns_once_of_very_many_bad_credentials() {
    let database = TestDatabase::sqlite();
    let mut server = serve(&database);
    let endpoint = format!("{}/scim/canary-label/v2", server.url());
    for _ in 0..120 {
        status(&endpoint, "Bearer dw_guess");
    }
    server.terminate(Duration::from_secs(10)).unwrap();
    let log = server.log();
    let warnings: Vec<&str> = log.lines().filter(|line| line.contains("very many bad credentials")).collect();
    assert_eq!(warnings.len(), 1, "{log}");
    assert!(warnings[0].contains("WARN") && warnings[0].contains("127.0.0.0/24"), "{}", warnings[0]);
    assert!(!log.contains("canary"), "a label is the caller's text");
}

#[test]
fn doctor_finds_what_is_wrong_and_says_what_to_do() {
    for database in databases() {
        let at = At(&database);
        at.organization();
        let listen = ["--listen", "127.0.0.1:0"];
        let well = at.json(&[&["doctor", "--public-url", "https://sync.example.com"], &listen[..]].concat());
        assert_eq!(well["ok"], true, "{well}");
        let checks: Vec<&str> =
            well["checks"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(checks, ["configuration", "database", "durable write", "clock", "public URL", "listen address"]);
        // How fast the disk is at this moment is not what is tested.
        let mut certain = well["checks"].as_array().unwrap().iter().filter(|check| check["name"] != "durable write");
        assert!(certain.all(|check| check["outcome"] == "ok"), "{well}");
        let told = at.people(&[&["doctor", "--public-url", "http://my_host"], &listen[..]].concat());
        assert!(told.contains("underscore") && told.contains("https"), "{told}");
        let output = at.run(&["doctor", "--public-url", "https://sync.example.com/?x=1"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stdout).contains("query"), "{}", text(&output.stdout));
        let server = serve(&database);
        let running = at.people(&["doctor", "--listen", &server.address().to_string()]);
        assert!(running.contains("Doorward runs on"), "{running}");
    }
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let database = TestDatabase::sqlite();
    let output = At(&database).run(&["doctor", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("another address"), "{}", text(&output.stdout));
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.db");
    let output =
        doorward(&["doctor", "--listen", "127.0.0.1:0", "--database", &format!("sqlite:{}", absent.display())])
            .output();
    assert!(text(&output.unwrap().stdout).contains("does not exist yet"));
    assert!(!absent.exists(), "an examination makes nothing");
    let unreachable = ["doctor", "--listen", "127.0.0.1:0", "--database", "postgres://dw:s3cret@127.0.0.1:1/none"];
    let output = doorward(&unreachable).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(!text(&output.stdout).contains("s3cret"));
}

#[test]
fn simulate_tells_a_good_server_from_none() {
    for database in databases() {
        let server = serve(&database);
        let at = At(&database);
        let made = at.directory(&["--public-url", &server.url()]);
        let key = string(&at.json(&["api-key", "create"]), "key");
        let (endpoint, token, id) = (string(&made, "endpoint"), string(&made, "token"), string(&made, "id"));
        let size = ["--users", "15", "--groups", "3", "--changes", "10"];
        let against =
            ["--url", &endpoint, "--token", &token, "--api-url", &server.url(), "--api-key", &key, "--directory", &id];
        let report = at.json(&[&["simulate", "okta-wizard"], &size[..], &against[..]].concat());
        assert_eq!(report["clean"], true, "{report}");
        let counted = at.json(&["directory", "show", &id]);
        assert!(counted["metadata"]["users"]["active"].as_i64().unwrap() >= 10, "{counted}");
        let basic = at.directory(&["--public-url", &server.url(), "--auth", "basic"]);
        let (endpoint, username, password) =
            (string(&basic, "endpoint"), string(&basic, "username"), string(&basic, "password"));
        let against = ["--url", &endpoint, "--username", &username, "--password", &password];
        at.people(&[&["simulate", "okta-wizard"], &size[..], &against[..]].concat());
        let wrong = at.run(&["simulate", "okta-wizard", "--url", &endpoint, "--token", "dw_wrong"]);
        assert_eq!(wrong.status.code(), Some(1));
        assert!(text(&wrong.stderr).contains("connection test failed"), "{}", text(&wrong.stderr));
        assert_eq!(at.run(&["simulate", "nobody", "--url", &endpoint]).status.code(), Some(2));
    }
}

#[test]
fn demo_shows_everything_and_leaves_nothing_behind() {
    let size = ["--users", "25", "--groups", "3", "--changes", "10"];
    let fixed = ["--exit", "--listen", "127.0.0.1:0"];
    let output = doorward(&[&["demo", "--json"], &size[..], &fixed[..]].concat()).output().unwrap();
    assert!(output.status.success(), "{} {}", text(&output.stdout), text(&output.stderr));
    let shown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(shown["report"]["clean"], true, "{shown}");
    assert!(string(&shown, "token").starts_with("dw_") && string(&shown, "api_key").starts_with("sk_"));
    let file = string(&shown, "database").replace("sqlite:", "");
    assert!(!std::path::Path::new(&file).exists(), "{file} was left behind");
    let output = doorward(&[&["demo"], &size[..], &fixed[..]].concat())
        .env("DOORWARD_DATABASE_URL", "sqlite:/nowhere/x.db")
        .output();
    let printed = text(&output.unwrap().stdout);
    assert_eq!(printed.matches("curl -H").count(), 3, "three lines to look around: {printed}");
    assert!(printed.contains("dsync.user.created") && printed.contains("exactly the state"), "{printed}");
    let mut server = KillableServer::start(BINARY, &[&["demo", "--listen", "{listen}"], &size[..]].concat()).unwrap();
    wait_for(&server, "stays up");
    assert_eq!(status(&format!("{}/scim/v2", server.url()), "Bearer dw_none"), 401, "it stays up");
    assert!(server.terminate(Duration::from_secs(10)).unwrap().success());
}
