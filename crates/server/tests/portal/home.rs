//! The first page (O2): what needs somebody's eye.

use doorward_server::service::tokens::{self, Lifetime, NewToken};
use doorward_store::scope::OperatorScope;
use reqwest::StatusCode;

use crate::support::on_each_database;
use crate::webhooks::{Receiver, make, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_shows_traffic_failing_webhooks_ending_tokens_and_what_operators_did() {
    on_each_database(async |portal| {
        let operator = portal.operator().await;
        let page = operator.get("/admin").await.expect(StatusCode::OK).body;
        assert!(page.contains("No identity provider has asked anything") && !page.contains("<polyline"));
        let acme = portal.acme().await;
        acme.refused(&portal).await;
        for (name, days) in [("soon", 20), ("later", 90)] {
            let new = NewToken { name: name.into(), lifetime: Lifetime::Days(days), supplied: None, read_only: false };
            tokens::create(portal.app.store(), &OperatorScope::local(), acme.directory, new).await.unwrap();
        }
        let receiver = Receiver::start().await;
        receiver.answers(500);
        make(&operator, &receiver.url, "").await;
        let page = until(&operator, "/admin", "Webhooks that fail").await;
        assert!(page.contains(&receiver.url) && page.contains("<polyline"));
        assert!(page.contains("10 requests,") && page.contains("of which 1 was refused."), "{page}");
        let ending = page.split("Tokens that end within 30 days").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(ending.contains("soon") && ending.contains("Acme Okta") && !ending.contains("later"));
        let did = page.split("What operators did last").nth(1).unwrap().split("</section>").next().unwrap();
        assert!(did.contains("Webhook created") && did.contains("Olivia Operator") && !did.contains("User created"));
    })
    .await;
}
