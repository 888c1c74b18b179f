//! The command line, as the real program on real databases.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, where the lints' exceptions for test functions do not reach"
)]

mod administration;
mod audit;
mod conformance;
mod credentials;
mod diagnosis;
mod known_users;
mod operators;
mod roles;
mod running;
mod schemas;
mod webhooks;

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use doorward_testkit::{KillableServer, TestDatabase};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_doorward");

/// Runs the program, without anything of the environment that it would read.
fn doorward(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.args(arguments).stdin(Stdio::null()).env("RUST_BACKTRACE", "0");
    for variable in
        ["DOORWARD_DATABASE_URL", "DOORWARD_PUBLIC_URL", "DOORWARD_CONFIG", "DOORWARD_LISTEN", "DOORWARD_LOG"]
    {
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
