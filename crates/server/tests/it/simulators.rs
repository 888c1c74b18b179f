//! A whole life of each simulated identity provider, whose own verdict must be that the directory is as it intended; the
//! application's API must show the same, and the events alone must tell it (I-4).

use doorward_idp::{Application, Dialect, Family, Plan, run};
use doorward_server::service::{api_keys, tokens::Lifetime};
use doorward_store::scope::OperatorScope;

use crate::history::assert_told_is_stored;
use crate::support::{Directory, Kind, with_directory};

async fn live(dialect: Dialect, directory_type: &'static str) {
    with_directory(Kind::of(directory_type), async |idp: Directory| {
        let store = idp.service.app.store();
        let (_, key) = api_keys::create(store, &OperatorScope::local(), "test", Lifetime::Unlimited).await.unwrap();
        let application = Application {
            url: format!("http://{}", idp.service.address),
            api_key: key.expose().to_owned(),
            directory: idp.id.to_string(),
        };
        let url = idp.base(if dialect.is_v1() { "v1" } else { "v2" });
        let plan = Plan {
            users: 40,
            groups: 5,
            changes: 80,
            // A provider that deletes frees a userName; at four requests at a time the newcomer who gets it may come first.
            concurrency: if dialect.family() == Family::Okta { 4 } else { 1 },
            application: Some(application),
            ..Plan::new(dialect, url, dialect.credential(&idp.secret))
        };
        let report = run(plan, &mut |_| {}).await.unwrap();
        assert!(report.is_clean(), "{report}");
        assert_told_is_stored(&idp).await;
    })
    .await;
}

macro_rules! lives {
    ($($name:ident: $dialect:ident as $directory_type:literal;)+) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                live(Dialect::$dialect, $directory_type).await;
            }
        )+
    };
}

lives! {
    wt_05_sk_19_okta_wizard_lives: OktaWizard as "okta scim v2.0";
    wt_01_sk_09_okta_catalog_lives: OktaCatalog as "okta scim v2.0";
    okta_oin_lives: OktaOin as "okta scim v2.0";
    wo_01_wo_08_okta_1_1_lives: OktaV1 as "okta scim v1.1";
    entra_lives: Entra as "azure scim v2.0";
    entra_flag_lives: EntraFlag as "azure scim v2.0";
    onelogin_lives: OneLogin as "onelogin scim v2.0";
    jumpcloud_lives: JumpCloud as "jump cloud scim v2.0";
    ping_lives: Ping as "pingfederate scim v2.0";
    cyberark_lives: CyberArk as "cyberark scim v2.0";
    rippling_lives: Rippling as "rippling scim v2.0";
    authentik_lives: Authentik as "generic scim v2.0";
}
