//! Webhook endpoints in the portal (O11): made, shown, changed, and what becomes of deliveries at a real receiver.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use doorward_server::webhooks::WebhookSettings;
use doorward_server::webhooks::address::Networks;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::browser::Browser;
use crate::support::{Acme, Portal, Visitor, on_each_database};

/// Receivers of tests are on this machine.
pub fn settings() -> WebhookSettings {
    let allow_networks = Networks::new(vec!["127.0.0.0/8".parse().unwrap()]);
    WebhookSettings { allow_networks, ..WebhookSettings::default() }
}

/// A receiver that answers every request with the status that it was told last.
pub struct Receiver {
    pub url: String,
    status: Arc<AtomicU16>,
    count: Arc<AtomicU16>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = Receiver { url, status: Arc::new(AtomicU16::new(200)), count: Arc::default() };
        let (status, count) = (receiver.status.clone(), receiver.count.clone());
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (status, count) = (status.clone(), count.clone());
                tokio::spawn(async move {
                    let mut got = Vec::new();
                    let mut part = [0; 4096];
                    loop {
                        let size = stream.read(&mut part).await.unwrap_or(0);
                        got.extend_from_slice(&part[..size]);
                        let text = String::from_utf8_lossy(&got).into_owned();
                        let length =
                            text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
                        let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
                        if size == 0 || length.is_some_and(|length: usize| body >= length) {
                            break;
                        }
                    }
                    count.fetch_add(1, Ordering::SeqCst);
                    let status = status.load(Ordering::SeqCst);
                    let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok");
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        receiver
    }

    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    pub fn count(&self) -> u16 {
        self.count.load(Ordering::SeqCst)
    }
}

/// Waits until a page says it; fails after half a minute.
pub async fn until(visitor: &Visitor, path: &str, said: &str) -> String {
    for _ in 0..600 {
        let body = visitor.get(path).await.expect(StatusCode::OK).body;
        if body.contains(said) {
            return body;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{path} never said: {said}");
}

/// Makes an endpoint by the form; its address in the portal, and its secret.
pub async fn make(operator: &Visitor, url: &str, description: &str) -> (String, String) {
    let form = operator.get("/admin/webhooks/new").await.expect(StatusCode::OK).body;
    let newest = form.split("name=\"newest\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = [("endpoint_url", url), ("description", description), ("newest", newest)];
    let page = operator.post("/admin/webhooks", &fields).await.expect(StatusCode::OK).body;
    let secret = page.split("whsec_").nth(1).map(|rest| format!("whsec_{}", rest.split('<').next().unwrap())).unwrap();
    let id = page.split("/admin/webhooks/we_").nth(1).unwrap().split(['"', '/']).next().unwrap();
    (format!("/admin/webhooks/we_{id}"), secret)
}

/// An endpoint with a delivery that has arrived and one that has not: the addresses of the endpoint and of a delivery.
pub async fn scene(operator: &Visitor, acme: &Acme) -> (String, String) {
    let receiver = Receiver::start().await;
    let (address, _) = make(operator, &receiver.url, "Billing").await;
    acme.user("Sister", "Rosetta", true).await;
    let page = until(operator, &address, "is-delivered").await;
    let fields = [("endpoint_url", receiver.url.as_str()), ("description", "Billing system")];
    operator.post(&address, &fields).await.expect(StatusCode::SEE_OTHER);
    let delivery = page.split(&format!("{address}/deliveries/")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    receiver.answers(500);
    acme.user("Annie", "Easley", true).await;
    until(operator, &address, "is-retrying").await;
    (address.clone(), format!("{address}/deliveries/{delivery}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_tested_changed_switched_off_and_deleted() {
    on_each_database(async |portal| {
        let operator = portal.operator().await;
        let receiver = Receiver::start().await;
        let (address, secret) = make(&operator, &receiver.url, "Billing").await;
        assert!(secret.len() > 40, "{secret}");
        operator.post(&format!("{address}/test"), &[]).await.expect(StatusCode::SEE_OTHER);
        until(&operator, &address, "Webhook tested").await;
        let soon = operator.post(&format!("{address}/test"), &[]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(soon.body.contains("Wait five seconds"));
        let fields = [
            ("endpoint_url", receiver.url.as_str()),
            ("description", "New name"),
            ("events", "dsync.user.created\ndsync.user.updated"),
        ];
        operator.post(&address, &fields).await.expect(StatusCode::SEE_OTHER);
        let page = operator.get(&address).await.body;
        assert!(page.contains("New name") && page.contains("dsync.user.updated"));
        let edit = operator.get(&format!("{address}/edit")).await.expect(StatusCode::OK).body;
        assert!(edit.contains("dsync.user.created\ndsync.user.updated") && edit.contains(&receiver.url));
        operator.get(&format!("{address}/disable")).await.expect(StatusCode::OK);
        operator.post(&format!("{address}/disable"), &[]).await.expect(StatusCode::SEE_OTHER);
        assert!(operator.get(&address).await.body.contains("Somebody has switched this webhook off"));
        let refused = operator.post(&format!("{address}/test"), &[]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.body.contains("Switch it on first"));
        operator.post(&format!("{address}/enable"), &[]).await.expect(StatusCode::SEE_OTHER);
        operator.get(&format!("{address}/delete")).await.expect(StatusCode::OK);
        operator.post(&format!("{address}/delete"), &[]).await.expect(StatusCode::SEE_OTHER);
        operator.get(&address).await.expect(StatusCode::NOT_FOUND);
        let events = portal.events().await;
        let told: Vec<&str> =
            events.iter().map(|event| event.event_type.as_str()).filter(|kind| kind.starts_with("webhook")).collect();
        let want = [
            "webhook_endpoint.created",
            "webhook.test",
            "webhook_endpoint.updated",
            "webhook_endpoint.updated",
            "webhook_endpoint.updated",
            "webhook_endpoint.deleted",
        ];
        assert_eq!(told, want);
        assert!(!events.iter().any(|event| event.data.contains(&secret)));
    })
    .await;
}

#[tokio::test]
async fn sec_42_what_is_wrong_with_a_webhook_is_said_beside_its_field() {
    let portal = Portal::sqlite().await;
    let operator = portal.operator().await;
    let before = portal.events().await.len();
    let good = "https://hooks.example.com/in";
    for (field, fields) in [
        ("endpoint_url", [("endpoint_url", "https://10.0.0.8/hook"), ("events", ""), ("organization_id", "")]),
        ("endpoint_url", [("endpoint_url", "https://169.254.169.254/latest"), ("events", ""), ("organization_id", "")]),
        (
            "endpoint_url",
            [("endpoint_url", "https://user:pass@hooks.example.com/"), ("events", ""), ("organization_id", "")],
        ),
        ("endpoint_url", [("endpoint_url", "javascript:alert(1)"), ("events", ""), ("organization_id", "")]),
        ("events", [("endpoint_url", good), ("events", "<script>"), ("organization_id", "")]),
        ("organization_id", [("endpoint_url", good), ("events", ""), ("organization_id", "nobody")]),
        (
            "organization_id",
            [("endpoint_url", good), ("events", ""), ("organization_id", "org_00000000000000000000000000")],
        ),
    ] {
        operator.get("/admin/webhooks/new").await.expect(StatusCode::OK);
        let page = operator.post("/admin/webhooks", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(&format!("id=\"{field}-problem\"")), "{fields:?}");
    }
    assert_eq!(portal.events().await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_45_51_secrets_are_shown_once_and_forms_sent_again_make_no_second() {
    on_each_database(async |portal| {
        let operator = portal.operator().await;
        let receiver = Receiver::start().await;
        let (address, first) = make(&operator, &receiver.url, "").await;
        let again = [("endpoint_url", receiver.url.as_str()), ("newest", "")];
        let page = operator.post("/admin/webhooks", &again).await.expect(StatusCode::SEE_OTHER);
        assert!(page.location().ends_with("done=webhook_exists"));
        let page = operator.get(&address).await.expect(StatusCode::OK).body;
        assert!(!page.contains(&first), "on no page that can be asked for again");
        let revision = page.split("name=\"revision\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let fields = [("revision", revision.as_str()), ("overlap", "3600")];
        let page = operator.post(&format!("{address}/secret"), &fields).await.expect(StatusCode::OK);
        let second =
            page.body.split("whsec_").nth(1).map(|rest| format!("whsec_{}", rest.split('<').next().unwrap())).unwrap();
        assert!(second != first && second.len() == first.len());
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(page.body.contains("The secret before counts until"));
        let page = operator.post(&format!("{address}/secret"), &fields).await.expect(StatusCode::SEE_OTHER);
        assert!(page.location().ends_with("done=secret_exists"));
        for later in [address.as_str(), "/admin/webhooks", "/admin/events", "/admin/audit"] {
            let page = operator.get(later).await.expect(StatusCode::OK).body;
            assert!(!page.contains(&first) && !page.contains(&second), "{later}");
        }
        let events = portal.events().await;
        assert!(!events.iter().any(|event| event.data.contains(&first) || event.data.contains(&second)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_failed_is_seen_and_sent_again_and_the_log_from_an_event_on() {
    let portal = Portal::sqlite().await;
    let (acme, operator) = (portal.acme().await, portal.operator().await);
    let browser = Browser::start(&portal).await;
    browser.sign_in(&operator).await;
    let receiver = Receiver::start().await;
    browser.go("/admin/webhooks").await;
    browser.click("div.empty a").await;
    browser.fill("#endpoint_url", &receiver.url).await;
    browser.fill("#description", "Billing").await;
    browser.click("main form button").await;
    assert!(browser.text("#fresh-secret").await.starts_with("whsec_"));
    browser.click(".once a").await;
    let address = browser.until_path("/admin/webhooks/we_").await;
    receiver.answers(500);
    acme.user("Mary", "Jackson", true).await;
    let page = until(&operator, &address, "is-retrying").await;
    assert!(page.contains("Nothing was accepted since") && page.contains("1 event"));
    browser.go("/admin/webhooks").await;
    assert!(browser.text(".rows tbody").await.contains("Failing"));
    browser.go(&format!("{address}/deliveries?state=retrying")).await;
    browser.click(".rows tbody a").await;
    assert!(browser.text(".facts").await.contains("500"));
    assert!(browser.text(".events").await.contains("mary@acme.example"), "what is delivered is shown");
    receiver.answers(200);
    browser.click(".title form button").await;
    browser.until_text(".banner", "being sent again").await;
    until(&operator, &address, "is-delivered").await;
    // From the first event of the log on: all of it arrives once more.
    let before = receiver.count();
    let first = portal.events().await[0].id;
    browser.go(&format!("/admin/events/{first}/replay")).await;
    browser.click("main form button").await;
    browser.until_text(".banner", "sent again from").await;
    assert!(browser.path().await.starts_with(&address));
    for _ in 0..600 {
        if receiver.count() >= before + 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(receiver.count() >= before + 20, "{} {before}", receiver.count());
    browser.go("/admin/events").await;
    assert!(browser.text("section.card table").await.contains("Switched on"), "the receivers stand below the events");
    browser.end().await;
}
