//! A real Doorward conforms, and is left as it was found.

use std::net::SocketAddr;

use doorward_conformance::{Credential, Error, Outcome, Plan, Report, Version, run};
use doorward_server::service::directories::{self, NewDirectory};
use doorward_server::service::tokens::{self, Lifetime, NewToken};
use doorward_server::service::{directory_type, organizations};
use doorward_server::{App, Config};
use doorward_store::directory::{AuthMode, Settings, Strictness};
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};
use doorward_testkit::TestDatabase;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// A directory of a Doorward in this process.
pub struct Doorward {
    pub address: SocketAddr,
    pub label: String,
    pub token: String,
    shutdown: CancellationToken,
    _database: TestDatabase,
}

impl Doorward {
    pub async fn start(profile: Strictness) -> Self {
        let database = TestDatabase::sqlite();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let store = Store::open(database.url(), Options::default()).unwrap();
        let app = App::new(store.clone(), Config::local(address, database.url()));
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        tokio::spawn(async move { doorward_server::serve(app, listener, stop).await.unwrap() });
        let operator = OperatorScope::local();
        let organization = organizations::create(&store, &operator, "Acme", None).await.unwrap();
        let new = NewDirectory {
            organization_id: organization.id,
            name: "Acme's people".to_owned(),
            directory_type: directory_type::parse("generic scim v2.0").unwrap(),
            label: None,
            auth: AuthMode::Bearer,
            settings: Settings { profile, ..Settings::default() },
        };
        let directory = directories::create(&store, &operator, new).await.unwrap();
        let new = NewToken { name: "test".to_owned(), lifetime: Lifetime::Days(365), supplied: None, read_only: false };
        let created = tokens::create(&store, &operator, directory.id, new).await.unwrap();
        let token = created.secret.unwrap().expose().to_owned();
        Doorward { address, label: directory.label, token, shutdown, _database: database }
    }

    pub fn base(&self, version: Version) -> String {
        let version = if version == Version::V1 { "v1" } else { "v2" };
        format!("http://{}/scim/{}/{version}", self.address, self.label)
    }

    pub fn plan(&self, version: Version) -> Plan {
        Plan::new(self.base(version), Credential::Bearer(self.token.clone()), version, 7)
    }

    /// Makes a user that is none of the run's business.
    pub async fn bystander(&self) {
        let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"scimtester@corp.example"}"#;
        let request = client().post(format!("{}/Users", self.base(Version::V2))).bearer_auth(&self.token);
        let sent = request.header("Content-Type", "application/scim+json").body(body).send().await.unwrap();
        assert_eq!(sent.status(), 201);
    }

    /// How many users and groups there are, asked without the engine.
    pub async fn population(&self) -> (u64, u64) {
        let mut counts = Vec::new();
        for endpoint in ["Users", "Groups"] {
            let url = format!("{}/{endpoint}?count=0", self.base(Version::V2));
            let text = client().get(url).bearer_auth(&self.token).send().await.unwrap().text().await.unwrap();
            let list: serde_json::Value = serde_json::from_str(&text).unwrap();
            counts.push(list["totalResults"].as_u64().unwrap());
        }
        (counts[0], counts[1])
    }
}

impl Drop for Doorward {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

pub fn client() -> reqwest::Client {
    // A second test finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// The names of the checks that failed.
pub fn failures(report: &Report) -> Vec<&str> {
    report.checks.iter().filter(|entry| entry.is_failure()).map(|entry| entry.check.as_str()).collect()
}

async fn tested(doorward: &Doorward, version: Version) -> Report {
    let report = run(doorward.plan(version), &mut |_| {}).await.unwrap();
    assert!(report.cleanup.made > 40 && report.cleanup.is_clean(), "{report}");
    report
}

#[tokio::test(flavor = "multi_thread")]
async fn doorward_conforms_to_both_versions_and_nothing_is_left() {
    let doorward = Doorward::start(Strictness::Strict).await;
    doorward.bystander().await;
    for version in [Version::V2, Version::V1] {
        let report = tested(&doorward, version).await;
        assert_eq!(failures(&report), [""; 0], "{report}");
        assert_eq!(report.counts().warned, 0, "{report}");
        assert!(report.conforms() && !report.interrupted);
        assert_eq!(doorward.population().await, (1, 0), "the bystander alone");
    }
}

/// The tolerant profile departs from the standard in one point, on purpose: an identity provider that sends `replace`
/// for what does not exist yet means `add` (D9).
#[tokio::test(flavor = "multi_thread")]
async fn the_tolerant_profile_departs_from_the_standard_in_one_point() {
    let doorward = Doorward::start(Strictness::Tolerant).await;
    let report = tested(&doorward, Version::V2).await;
    assert_eq!(failures(&report), ["patch-refusals/replace_no_match_sub"], "{report}");
    let report = tested(&doorward, Version::V1).await;
    assert_eq!(failures(&report), [""; 0], "{report}");
    assert_eq!(doorward.population().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_run_leaves_nothing_either() {
    let doorward = Doorward::start(Strictness::Strict).await;
    let plan = doorward.plan(Version::V2);
    let interrupt = plan.interrupt.clone();
    let report = run(plan, &mut |progress| {
        if progress.done == 60 {
            interrupt.cancel();
        }
    })
    .await
    .unwrap();
    assert!(report.interrupted && report.cleanup.made > 10 && report.cleanup.is_clean(), "{report}");
    assert!(matches!(&report.checks[70].outcome, Outcome::Skipped { why } if why.contains("interrupted")));
    assert_eq!(doorward.population().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_tested_is_an_error() {
    let doorward = Doorward::start(Strictness::Strict).await;
    let mut plan = doorward.plan(Version::V2);
    plan.credential = Credential::Bearer("dw_wrong".to_owned());
    assert!(matches!(run(plan.clone(), &mut |_| {}).await, Err(Error::Refused { status: 401, .. })));
    plan.url = "http://127.0.0.1:1/scim".to_owned();
    assert!(matches!(run(plan.clone(), &mut |_| {}).await, Err(Error::Unreachable(_))));
    plan.url = format!("http://{}/elsewhere", doorward.address);
    assert!(matches!(run(plan.clone(), &mut |_| {}).await, Err(Error::NotScim { status: 404, .. })));
    plan.url = "https://scim.example/v2?x=1".to_owned();
    assert!(matches!(run(plan.clone(), &mut |_| {}).await, Err(Error::Url { .. })));
    plan.only = vec!["nothing".to_owned()];
    assert!(matches!(run(plan, &mut |_| {}).await, Err(Error::Chapter { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_any_report() {
    let doorward = Doorward::start(Strictness::Strict).await;
    let mut plan = doorward.plan(Version::V2);
    plan.only = vec!["authentication".to_owned()];
    let report = run(plan, &mut |_| {}).await.unwrap();
    for text in [report.to_string(), serde_json::to_string(&report).unwrap(), doorward_conformance::html(&report)] {
        assert!(text.contains("uthentication") && !text.contains(&doorward.token), "{text}");
    }
}
