//! The second factor of an operator's account: set up, asked for, guessed, lost.

use std::sync::Arc;

use doorward_server::sealed::SealingKey;
use doorward_server::service::operators::Attempt;
use doorward_server::service::{operators, second_factor, totp};
use doorward_server::{App, Config};
use doorward_store::scope::{OperatorScope, SystemScope};
use doorward_store::{Clock, Options, operator_totp};
use reqwest::StatusCode;

use crate::browser::Browser;
use crate::support::{EMAIL, PASSWORD, Page, Portal, Visitor};

const SECOND: i64 = 1_000_000;

/// The code that an authenticator app shows at this instant.
fn shown(secret: &str, clock: &Clock) -> String {
    let secret = totp::from_base32(secret).unwrap();
    format!("{:06}", totp::code(&secret, clock.now() / totp::STEP).unwrap())
}

async fn on_each_with_clock(test: impl AsyncFn(Arc<Portal>, Clock)) {
    for database in doorward_testkit::databases() {
        eprintln!("on {}", database.name());
        let clock = Clock::fixed(1_800_000_000_000_000);
        let options = Options { clock: clock.clone(), ..Options::default() };
        test(Portal::start(database, options).await, clock).await;
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    text.split(before).nth(1).unwrap().split(after).next().unwrap()
}

/// Sets it up; the secret and the recovery codes.
async fn set_up(operator: &Visitor, clock: &Clock) -> (String, Vec<String>) {
    operator.get("/admin/account/second-factor").await.expect(StatusCode::OK);
    operator.post("/admin/account/second-factor", &[]).await.expect(StatusCode::SEE_OTHER);
    let page = operator.get("/admin/account/second-factor").await.expect(StatusCode::OK).body;
    let secret = between(&page, "id=\"secret\"", "</code>").split('>').next_back().unwrap().to_owned();
    assert!(
        page.contains("<svg class=\"qr\"") && page.contains(&format!("secret={secret}&#38;issuer=Doorward")),
        "{page}"
    );
    let code = shown(&secret, clock);
    let page = operator.post("/admin/account/second-factor/confirm", &[("code", &code)]).await.expect(StatusCode::OK);
    let list = between(&page.body, "<ul class=\"codes\"", "</ul>").to_owned();
    let codes: Vec<String> =
        list.split("<code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    (secret, codes)
}

/// Gives the password; the answer that asks for a code.
async fn password(visitor: &Visitor) -> Page {
    visitor.get("/admin/sign-in").await.expect(StatusCode::OK);
    visitor.post("/admin/sign-in", &[("email", EMAIL), ("password", PASSWORD)]).await
}

fn challenge(page: &Page) -> String {
    between(&page.body, "name=\"challenge\" value=\"", "\"").to_owned()
}

#[tokio::test]
async fn sec_48_signing_in_asks_for_a_code_that_works_once() {
    on_each_with_clock(async |portal, clock| {
        let operator = portal.operator().await;
        let wrong = operator.post("/admin/account/second-factor", &[]).await;
        wrong.expect(StatusCode::SEE_OTHER);
        let wrong = operator.post("/admin/account/second-factor/confirm", &[("code", "000000")]).await;
        assert!(wrong.expect(StatusCode::UNPROCESSABLE_ENTITY).body.contains("id=\"code-problem\""));
        let (secret, codes) = set_up(&operator, &clock).await;
        let page = operator.get("/admin/account/second-factor").await.expect(StatusCode::OK).body;
        assert!(!page.contains(&secret) && !page.contains(&codes[0]) && page.contains("10 recovery codes"));
        clock.advance(31 * SECOND);
        let visitor = portal.visitor();
        let page = password(&visitor).await.expect(StatusCode::OK);
        assert!(!visitor.cookies.borrow().contains_key("doorward_local"), "the password alone opens no session");
        assert_eq!(visitor.get("/admin").await.location(), "/admin/sign-in");
        let (first, code) = (challenge(&page), shown(&secret, &clock));
        let answer = visitor.post("/admin/sign-in/code", &[("challenge", &first), ("code", &code)]).await;
        assert_eq!(answer.expect(StatusCode::SEE_OTHER).location(), "/admin");
        visitor.get("/admin").await.expect(StatusCode::OK);
        // Somebody who looked over the shoulder has the password and the code: it was used.
        let other = portal.visitor();
        let page = password(&other).await.expect(StatusCode::OK);
        let second = challenge(&page);
        let again = [("challenge", second.as_str()), ("code", code.as_str())];
        other.post("/admin/sign-in/code", &again).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        // A challenge that was answered opens nothing more, and one that is old neither.
        clock.advance(31 * SECOND);
        let fresh = shown(&secret, &clock);
        let used = [("challenge", first.as_str()), ("code", fresh.as_str())];
        let ended = other.post("/admin/sign-in/code", &used).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(ended.body.contains("from the beginning"));
        clock.advance(301 * SECOND);
        let late = shown(&secret, &clock);
        let old = [("challenge", second.as_str()), ("code", late.as_str())];
        other.post("/admin/sign-in/code", &old).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(other.get("/admin").await.location(), "/admin/sign-in");
        let told = portal.events().await;
        assert!(told.iter().any(|event| event.event_type == "operator.second_factor_enabled"));
        assert!(!told.iter().any(|event| event.data.contains(&secret) || event.data.contains(&codes[0])));
    })
    .await;
}

#[tokio::test]
async fn sec_22_guesses_of_a_code_end_soon_also_with_the_password_and_from_anywhere() {
    on_each_with_clock(async |portal, clock| {
        let operator = portal.operator().await;
        let (secret, codes) = set_up(&operator, &clock).await;
        clock.advance(31 * SECOND);
        let visitor = portal.visitor();
        for _ in 0..5 {
            let page = password(&visitor).await.expect(StatusCode::OK);
            let guess = [("challenge", &*challenge(&page)), ("code", "not-a-code")];
            visitor.post("/admin/sign-in/code", &guess).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        }
        let page = password(&visitor).await.expect(StatusCode::OK);
        let right = shown(&secret, &clock);
        for code in [right.as_str(), codes[0].as_str()] {
            let answer =
                visitor.post("/admin/sign-in/code", &[("challenge", &*challenge(&page)), ("code", code)]).await;
            assert!(answer.expect(StatusCode::TOO_MANY_REQUESTS).body.contains("Wait five minutes"));
        }
        operator.get("/admin").await.expect(StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn a_lost_device_is_replaced_by_a_recovery_code_or_by_the_command_line() {
    on_each_with_clock(async |portal, clock| {
        let operator = portal.operator().await;
        let (_, codes) = set_up(&operator, &clock).await;
        let visitor = portal.visitor();
        let page = password(&visitor).await.expect(StatusCode::OK);
        let typed = codes[3].to_lowercase().replace('-', " ");
        let fields = [("challenge", &*challenge(&page)), ("code", &*typed)];
        visitor.post("/admin/sign-in/code", &fields).await.expect(StatusCode::SEE_OTHER);
        let page = visitor.get("/admin/account/second-factor").await.expect(StatusCode::OK).body;
        assert!(page.contains("9 recovery codes"));
        let other = portal.visitor();
        let page = password(&other).await.expect(StatusCode::OK);
        let fields = [("challenge", &*challenge(&page)), ("code", &*codes[3])];
        other.post("/admin/sign-in/code", &fields).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        let told = portal.events().await;
        assert_eq!(told.iter().filter(|event| event.event_type == "operator.recovery_code_used").count(), 1);
        // `doorward operator reset` takes it away when its code is used.
        let account = operators::list(portal.app.store(), &OperatorScope::local()).await.unwrap()[0].id;
        let code = operators::create_code(portal.app.store(), &OperatorScope::local(), Some(account)).await.unwrap();
        other.get("/admin/begin").await.expect(StatusCode::OK);
        let fields = [("code", code.expose()), ("password", PASSWORD), ("password_again", PASSWORD)];
        other.post("/admin/begin", &fields).await.expect(StatusCode::SEE_OTHER);
        let page = other.get("/admin/account").await.expect(StatusCode::OK).body;
        assert!(page.contains("asks for the password alone"));
        let last = portal.visitor();
        assert_eq!(password(&last).await.expect(StatusCode::SEE_OTHER).location(), "/admin");
        // Taking it away oneself asks for a code.
        let (_, codes) = set_up(&last, &clock).await;
        let remove = "/admin/account/second-factor/remove";
        last.post(remove, &[("code", "111111")]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        last.post(remove, &[("code", &codes[0])]).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(password(&portal.visitor()).await.expect(StatusCode::SEE_OTHER).location(), "/admin");
    })
    .await;
}

#[tokio::test]
async fn sec_24_the_secret_is_sealed_and_sealed_anew_with_another_key() {
    let database = doorward_testkit::databases().into_iter().find(|database| database.name() == "sqlite").unwrap();
    let portal = Portal::start(database, Options::default()).await;
    let operator = portal.operator().await;
    let (secret, codes) = set_up(&operator, &portal.app.clock()).await;
    let sealed = async || {
        let read = |tx: &mut doorward_store::Tx<'_>| operator_totp::secrets(tx, &SystemScope::job("test"));
        portal.app.store().read(read).await.unwrap()[0].1.clone()
    };
    let before = sealed().await;
    assert!(!before.contains(&secret));
    let key = SealingKey::from_base64("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
    let config = Config { secret_keys: vec![key], ..portal.app.config().clone() };
    let app = App::new(portal.app.store().clone(), config);
    let jobs = doorward_server::jobs::start(&app);
    while sealed().await == before {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    app.ending().cancel();
    jobs.wait().await;
    // The recovery codes do not depend on it, and the service reads it with the new key.
    let client = operators::Client::default();
    let password = doorward_store::Secret::new(PASSWORD);
    let Attempt::SecondFactor(challenge) =
        operators::sign_in(&app, client.clone(), EMAIL.into(), password).await.unwrap()
    else {
        panic!("a code is asked for");
    };
    let attempt = second_factor::finish(&app, client, challenge, codes[1].clone()).await.unwrap();
    assert!(matches!(attempt, Attempt::SignedIn(..)), "{attempt:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_48_a_second_factor_is_set_up_and_used_in_a_browser() {
    let portal = Portal::sqlite().await;
    let operator = portal.operator().await;
    let browser = Browser::start_with(&portal, false).await;
    browser.sign_in(&operator).await;
    browser.go("/admin/account").await;
    browser.click("a[href='/admin/account/second-factor']").await;
    browser.click("main form button").await;
    let secret = browser.text("#secret").await;
    assert!(browser.has("svg.qr path").await);
    browser.fill("#code", &shown(&secret, &portal.app.clock())).await;
    browser.click("form[action$='/confirm'] button").await;
    let codes = browser.text(".codes").await;
    browser.click(".once a").await;
    browser.click("form[action='/admin/sign-out'] button").await;
    browser.fill("#email", EMAIL).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("main form button").await;
    assert_eq!(browser.text("h1").await, "One more step");
    browser.fill("#code", codes.lines().next().unwrap()).await;
    browser.click("main form button").await;
    assert_eq!(browser.text("h1").await, "Home");
    browser.end().await;
}
