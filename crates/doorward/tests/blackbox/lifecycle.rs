//! A whole life of each simulated identity provider: what it meant is what the server has, to the provider (SCIM) and to the
//! application (API); and the event log alone rebuilds the same state (invariant I-4).

use doorward_idp::{Application, Dialect, Family, Plan, run};
use doorward_testkit::databases;

use crate::replay::assert_log_rebuilds_state;
use crate::running::Running;

/// Plays one dialect on both databases.
async fn live(dialect: Dialect, kind: &str, users: usize, groups: usize, changes: usize) {
    for database in databases() {
        let running = Running::start(database);
        let directory = running.directory("life", kind);
        let url = if dialect.is_v1() { &directory.v1 } else { &directory.v2 };
        let mut plan = Plan::new(dialect, url, dialect.credential(&directory.token));
        (plan.users, plan.groups, plan.changes) = (users, groups, changes);
        // A provider that deletes frees a userName; at four requests at a time the newcomer who gets it may come first.
        plan.concurrency = if dialect.family() == Family::Okta { 4 } else { 1 };
        let (base, api_key, id) = (running.server.url(), running.api_key.clone(), directory.id.clone());
        plan.application = Some(Application { url: base, api_key, directory: id });
        let report = run(plan, &mut |_| {}).await.unwrap();
        assert!(report.is_clean(), "{} on {}: {report}", dialect.name(), running.database.name());
        let state = assert_log_rebuilds_state(&running, &directory.id).await;
        assert!(state.size().0 >= users / 2 && state.size().1 >= groups / 2, "too little arrived: {:?}", state.size());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_05_okta_wizard_lives_without_a_difference() {
    live(Dialect::OktaWizard, "okta scim v2.0", 150, 12, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_01_okta_catalog_lives_without_a_difference() {
    live(Dialect::OktaCatalog, "okta scim v2.0", 150, 12, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wo_01_okta_1_1_lives_without_a_difference() {
    live(Dialect::OktaV1, "okta scim v1.1", 150, 12, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entra_lives_without_a_difference() {
    live(Dialect::Entra, "azure scim v2.0", 150, 12, 150).await;
    live(Dialect::EntraFlag, "azure scim v2.0", 60, 6, 60).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_provider_lives_without_a_difference() {
    for (dialect, kind) in [
        (Dialect::OktaOin, "okta scim v2.0"),
        (Dialect::OneLogin, "onelogin scim v2.0"),
        (Dialect::JumpCloud, "jump cloud scim v2.0"),
        (Dialect::Ping, "pingfederate scim v2.0"),
        (Dialect::CyberArk, "cyberark scim v2.0"),
        (Dialect::Rippling, "rippling scim v2.0"),
        (Dialect::Authentik, "generic scim v2.0"),
    ] {
        live(dialect, kind, 40, 5, 40).await;
    }
}
