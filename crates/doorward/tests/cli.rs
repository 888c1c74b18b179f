//! The command line, as the real program on real databases.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use doorward_testkit::{KillableServer, TestDatabase, databases};
use serde_json::{Value, json};

const BINARY: &str = env!("CARGO_BIN_EXE_doorward");

/// Runs the program, without anything of the environment that it would read.
fn doorward(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    for variable in ["DOORWARD_DATABASE_URL", "DOORWARD_PUBLIC_URL", "DOORWARD_CONFIG", "DOORWARD_LISTEN", "DOORWARD_LOG"] {
        command.env_remove(variable);
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The program on one database.
struct At<'a>(&'a TestDatabase);

impl At<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        doorward(arguments).args(["--database", self.0.url()]).output().unwrap()
    }

    /// What a person sees.
    fn people(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "doorward {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// What a program sees.
    fn json(&self, arguments: &[&str]) -> Value {
        let printed = self.people(&[arguments, &["--json"]].concat());
        serde_json::from_str(&printed).unwrap_or_else(|error| panic!("doorward {arguments:?}: {error}: {printed}"))
    }

    /// A refusal: status 1, nothing on standard output, the reason on standard error.
    fn refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "doorward {arguments:?}: {}", text(&output.stdout));
        assert!(output.stdout.is_empty(), "{}", text(&output.stdout));
        let reason = text(&output.stderr);
        assert!(!reason.contains("panicked"), "{reason}");
        reason
    }

    fn organization(&self) -> String {
        string(&self.json(&["org", "create", "Acme"]), "id")
    }

    fn directory(&self, more: &[&str]) -> Value {
        let organization = self.organization();
        self.json(&[&["directory", "create", "--org", &organization, "--name", "Acme Okta"], more].concat())
    }
}

fn string(object: &Value, key: &str) -> String {
    object[key].as_str().unwrap_or_else(|| panic!("no {key} in {object}")).to_owned()
}

/// Days between two instants of an object.
fn days(object: &Value, from: &str, to: &str) -> i64 {
    let instant = |key| string(object, key).parse::<jiff::Timestamp>().unwrap().as_second();
    (instant(to) - instant(from)) / 86_400
}

fn client() -> reqwest::Client {
    // A second test finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Waits until the server has printed this.
fn wait_for(server: &KillableServer, words: &str) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !server.log().contains(words) {
        assert!(Instant::now() < deadline, "`{words}` is not in: {}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Status of `GET {endpoint}/Users` with this `Authorization`.
fn status(endpoint: &str, authorization: &str) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = client();
        let request = client.get(format!("{endpoint}/Users?count=1")).header("Authorization", authorization);
        request.send().await.unwrap().status().as_u16()
    })
}

fn serve(database: &TestDatabase) -> KillableServer {
    let arguments = ["serve", "--listen", "{listen}", "--public-url", "http://{listen}", "--database", database.url()];
    KillableServer::start(BINARY, &arguments).unwrap()
}

#[test]
fn wo_6_making_a_directory_mints_endpoint_and_token_at_once() {
    for database in databases() {
        let at = At(&database);
        let organization = at.organization();
        let create = ["directory", "create", "--org", &organization, "--name", "Acme Okta", "--label", "acme-okta"];
        let made = at.json(&[&create[..], &["--type", "okta_scim_v1_1", "--public-url", "https://sync.example.com/"]].concat());
        assert_eq!(made["organization_id"], json!(organization));
        assert_eq!(made["label"], "acme-okta");
        assert_eq!(made["type"], "okta scim v1.1");
        assert_eq!(made["endpoint"], "https://sync.example.com/scim/acme-okta/v2");
        assert_eq!(made["endpoint_v1"], "https://sync.example.com/scim/acme-okta/v1");
        let token = string(&made, "token");
        assert!(token.starts_with("dw_") && token.len() >= 43, "{token}");
        assert!(made.get("password").is_none());
        for read in [vec!["directory", "show", "acme-okta"], vec!["directory", "list"], vec!["token", "list", "acme-okta"]] {
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
        let types: Vec<String> = events["data"].as_array().unwrap().iter().map(|event| string(event, "event")).collect();
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
fn api_keys_are_shown_once_and_end_when_revoked() {
    for database in databases() {
        let at = At(&database);
        let made = at.json(&["api-key", "create", "--name", "portal"]);
        let key = string(&made, "key");
        assert!(key.starts_with("sk_") && made["expires_at"].is_null());
        let brief = at.json(&["api-key", "create", "--duration", "3"]);
        assert_eq!(days(&brief, "created_at", "expires_at"), 3);
        assert!(!at.people(&["api-key", "list"]).contains(&key) && !at.json(&["api-key", "list"]).to_string().contains(&key));
        at.people(&["api-key", "revoke", &string(&made, "id")]);
        let listed = at.json(&["api-key", "list"]);
        assert!(listed["data"][0]["revoked_at"].is_string() && listed["data"][1]["revoked_at"].is_null(), "{listed}");
    }
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
        let sequences: Vec<i64> =
            [&first, &rest].iter().flat_map(|list| list["data"].as_array().unwrap()).map(|e| e["sequence"].as_i64().unwrap()).collect();
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
    assert!(run(&["org", "create", "x", "--database", &url(&flag)], Some("sqlite:/nowhere/at/all.db")).status.success());
    assert!(flag.exists());
    assert!(!run(&["org", "list"], Some("sqlite:/nowhere/at/all.db")).status.success(), "the environment beats the file");
    std::fs::write(&config, "databse = \"sqlite:typo.db\"\n").unwrap();
    let typo = run(&["org", "list"], None);
    assert!(text(&typo.stderr).contains("databse") && text(&typo.stderr).contains("line 1"), "{}", text(&typo.stderr));
}

#[test]
fn doctor_finds_what_is_wrong_and_says_what_to_do() {
    for database in databases() {
        let at = At(&database);
        at.organization();
        let listen = ["--listen", "127.0.0.1:0"];
        let well = at.json(&[&["doctor", "--public-url", "https://sync.example.com"], &listen[..]].concat());
        assert_eq!(well["ok"], true, "{well}");
        let checks: Vec<&str> = well["checks"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
        assert_eq!(checks, ["configuration", "database", "durable write", "clock", "public URL", "listen address"]);
        assert!(well["checks"].as_array().unwrap().iter().all(|check| check["outcome"] == "ok"), "{well}");
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
    let output = doorward(&["doctor", "--listen", "127.0.0.1:0", "--database", &format!("sqlite:{}", absent.display())]).output();
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
        let against = ["--url", &endpoint, "--token", &token, "--api-url", &server.url(), "--api-key", &key, "--directory", &id];
        let report = at.json(&[&["simulate", "okta-wizard"], &size[..], &against[..]].concat());
        assert_eq!(report["clean"], true, "{report}");
        let counted = at.json(&["directory", "show", &id]);
        assert!(counted["metadata"]["users"]["active"].as_i64().unwrap() >= 10, "{counted}");
        let basic = at.directory(&["--public-url", &server.url(), "--auth", "basic"]);
        let (endpoint, username, password) = (string(&basic, "endpoint"), string(&basic, "username"), string(&basic, "password"));
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
    let output = doorward(&[&["demo"], &size[..], &fixed[..]].concat()).env("DOORWARD_DATABASE_URL", "sqlite:/nowhere/x.db").output();
    let printed = text(&output.unwrap().stdout);
    assert_eq!(printed.matches("curl -H").count(), 3, "three lines to look around: {printed}");
    assert!(printed.contains("dsync.user.created") && printed.contains("exactly the state"), "{printed}");
    let mut server = KillableServer::start(BINARY, &[&["demo", "--listen", "{listen}"], &size[..]].concat()).unwrap();
    wait_for(&server, "stays up");
    assert_eq!(status(&format!("{}/scim/v2", server.url()), "Bearer dw_none"), 401, "it stays up");
    assert!(server.terminate(Duration::from_secs(10)).unwrap().success());
}
