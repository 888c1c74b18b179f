//! Each dialect's whole life against a server in memory, and what the verdict and the complaints find when it does wrong.

use doorward_idp::{Dialect, Message, Phase, Plan, Report, run};
use serde_json::json;

use crate::fake::{Fake, Fault, TOKEN};

async fn play(dialect: Dialect, fault: Fault, seed: u64) -> (Report, Fake) {
    let fake = Fake::start(dialect.is_v1(), fault).await;
    let plan =
        Plan { users: 130, groups: 14, changes: 250, seed, ..Plan::new(dialect, &fake.url, dialect.credential(TOKEN)) };
    (run(plan, &mut |_| {}).await.unwrap(), fake)
}

async fn clean(dialect: Dialect) {
    let (report, fake) = play(dialect, Fault::None, 1).await;
    assert!(report.is_clean(), "{report}");
    let living = report.intended.users.values().filter(|user| !user.erased).count();
    assert_eq!(fake.all("Users").len(), living, "{report}");
    assert!(living > 130 && report.requests > 400, "{report}");
    for seed in 2..8 {
        let fake = Fake::start(dialect.is_v1(), Fault::None).await;
        let credential = dialect.credential(TOKEN);
        let plan = Plan { users: 12, groups: 6, changes: 60, seed, ..Plan::new(dialect, &fake.url, credential) };
        let report = run(plan, &mut |_| {}).await.unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

macro_rules! lifecycles {
    ($($name:ident: $dialect:ident),+ $(,)?) => { $(
        #[tokio::test]
        async fn $name() {
            clean(Dialect::$dialect).await;
        }
    )+ };
}

lifecycles! {
    wt_05_okta_wizard_ends_without_difference: OktaWizard,
    sk_09_okta_catalog_ends_without_difference: OktaCatalog,
    sk_19_okta_oin_ends_without_difference: OktaOin,
    wo_01_okta_v1_ends_without_difference: OktaV1,
    sk_19_entra_ends_without_difference: Entra,
    sk_19_entra_flag_ends_without_difference: EntraFlag,
    sk_19_onelogin_ends_without_difference: OneLogin,
    sk_19_jumpcloud_ends_without_difference: JumpCloud,
    sk_19_ping_ends_without_difference: Ping,
    sk_19_cyberark_ends_without_difference: CyberArk,
    sk_19_rippling_ends_without_difference: Rippling,
    sk_19_authentik_ends_without_difference: Authentik,
}

#[tokio::test]
async fn sk_19_the_same_seed_sends_the_same_requests() {
    let requests = async || {
        let (report, fake) = play(Dialect::Entra, Fault::None, 5).await;
        let kinds: Vec<_> = report.kinds.iter().map(|kind| (kind.kind, kind.requests)).collect();
        let users: Vec<_> = fake.all("Users").into_iter().map(|mut user| user.remove("userName")).collect();
        (kinds, users.len())
    };
    assert_eq!(requests().await, requests().await);
}

#[tokio::test]
async fn wt_20_existing_accounts_are_taken_over_and_not_doubled() {
    for dialect in Dialect::ALL {
        let fake = Fake::start(dialect.is_v1(), Fault::None).await;
        let plan =
            || Plan { users: 50, groups: 5, changes: 0, ..Plan::new(dialect, &fake.url, dialect.credential(TOKEN)) };
        let first = run(plan(), &mut |_| {}).await.unwrap();
        assert!(first.is_clean(), "{first}");
        fake.tamper("Users", |user| {
            if user["id"].as_str().unwrap().ends_with('3') {
                user.insert("active".to_owned(), json!(false));
                user.insert("title".to_owned(), json!("Somebody else's"));
            }
        });
        let second = run(plan(), &mut |_| {}).await.unwrap();
        assert_eq!(fake.all("Users").len(), 50);
        assert_eq!(fake.all("Groups").len(), 5);
        assert!(second.is_clean(), "{second}");
    }
}

#[tokio::test]
async fn sk_19_accounts_of_others_are_passed_over() {
    let fake = Fake::start(false, Fault::None).await;
    fake.preload("Users", &json!({"userName": "root@local.example", "active": true}));
    let dialect = Dialect::OktaWizard;
    let plan = Plan { users: 5, groups: 1, changes: 0, ..Plan::new(dialect, &fake.url, dialect.credential(TOKEN)) };
    let report = run(plan, &mut |_| {}).await.unwrap();
    assert!(report.is_clean(), "{report}");
}

fn found(report: &Report, what: &str) -> bool {
    report.differences.iter().any(|difference| difference.what.contains(what))
}

fn complained(report: &Report, what: &str) -> bool {
    report.errors.iter().any(|problem| problem.to_string().contains(what))
}

#[tokio::test]
async fn sk_19_a_lost_member_is_found() {
    for dialect in [Dialect::OktaWizard, Dialect::OktaCatalog, Dialect::Entra, Dialect::OneLogin, Dialect::OktaV1] {
        let (report, _) = play(dialect, Fault::LosesMember, 3).await;
        assert!(found(&report, "lacks the member "), "{report}");
    }
}

#[tokio::test]
async fn ws_03_a_forgotten_deactivation_is_found() {
    for dialect in [Dialect::OktaWizard, Dialect::OktaCatalog, Dialect::OktaV1, Dialect::Entra, Dialect::EntraFlag] {
        let (report, _) = play(dialect, Fault::StaysActive, 3).await;
        assert!(found(&report, "active is true, should be false"), "{report}");
    }
}

#[tokio::test]
async fn wb_06_a_value_that_stays_is_found() {
    for dialect in Dialect::ALL.into_iter().filter(|d| !matches!(d, Dialect::Rippling | Dialect::Authentik)) {
        let (report, _) = play(dialect, Fault::KeepsTitle, 3).await;
        assert!(found(&report, "title "), "{report}");
    }
}

#[tokio::test]
async fn ws_05_another_account_after_reactivation_is_found() {
    let (report, _) = play(Dialect::OktaCatalog, Fault::ForgetsLeavers, 3).await;
    assert!(complained(&report, "has an account"), "{report}");
}

#[tokio::test]
async fn wb_04_short_pages_are_found() {
    let (report, _) = play(Dialect::OktaWizard, Fault::ShortPages, 3).await;
    assert!(complained(&report, "the page has 50 items where 100 were due; Okta goes on"), "{report}");
}

#[tokio::test]
async fn wb_12_paging_members_as_text_fail_the_test_of_the_connection() {
    let fake = Fake::start(false, Fault::TextPaging).await;
    let dialect = Dialect::OktaWizard;
    let error = run(Plan::new(dialect, &fake.url, dialect.credential(TOKEN)), &mut |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("no integer startIndex; Okta stops without a word"), "{error}");
}

#[tokio::test]
async fn wb_05_an_empty_create_is_what_okta_says_it_is() {
    let (report, _) = play(Dialect::OktaCatalog, Fault::EmptyCreate, 3).await;
    assert!(complained(&report, "Create new user returned empty user."), "{report}");
}

#[tokio::test]
async fn wb_08_a_wrong_token_is_refused_and_a_run_says_so() {
    let fake = Fake::start(false, Fault::None).await;
    let dialect = Dialect::OktaWizard;
    let error = run(Plan::new(dialect, &fake.url, dialect.credential("wrong")), &mut |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("401"), "{error}");
}

#[tokio::test]
async fn requests_after_429_are_repeated_and_counted() {
    let (report, _) = play(Dialect::OktaCatalog, Fault::Throttles, 3).await;
    assert!(report.is_clean() && report.retries == 3, "{report}");
}

#[tokio::test]
async fn progress_goes_through_the_phases_in_order_and_the_report_reads_well() {
    let fake = Fake::start(false, Fault::None).await;
    let dialect = Dialect::Entra;
    let plan = Plan { users: 20, groups: 3, changes: 12, ..Plan::new(dialect, &fake.url, dialect.credential(TOKEN)) };
    let mut seen = Vec::new();
    let report = run(plan, &mut |progress| seen.push(progress)).await.unwrap();
    assert!(seen.windows(2).all(|pair| pair[0].phase <= pair[1].phase && pair[0].requests <= pair[1].requests));
    assert!(seen.iter().all(|progress| progress.done <= progress.total), "{seen:?}");
    assert_eq!(seen.last().unwrap().phase, Phase::Verdict);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["dialect"], "entra");
    assert_eq!(json["differences"], json!([]));
    assert!(json["kinds"].as_array().unwrap().iter().any(|kind| kind["kind"] == "create_user"));
    let text = report.to_string();
    assert!(text.contains("0 differences between intended and actual state"), "{text}");
    assert!(report.kinds.iter().any(|kind| kind.kind == Message::FindUser));
}
