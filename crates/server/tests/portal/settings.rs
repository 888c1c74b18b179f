//! What customers see of the operator's product (O17).

use base64::Engine as _;
use reqwest::{Method, StatusCode};

use crate::browser::Browser;
use crate::support::{Page, Portal, Visitor, on_each_database};

/// A red pixel.
const PIXEL: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

/// Sends a file by the form for the logo.
async fn upload(operator: &Visitor, bytes: &[u8], token: &str, site: &str) -> Page {
    let mut body =
        format!("--part\r\nContent-Disposition: form-data; name=\"form_token\"\r\n\r\n{token}\r\n--part\r\n")
            .into_bytes();
    body.extend_from_slice(
        b"Content-Disposition: form-data; name=\"logo\"; filename=\"logo.png\"\r\nContent-Type: image/png\r\n\r\n",
    );
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--part--\r\n");
    let request = operator.request(Method::POST, "/admin/settings/logo").header("Sec-Fetch-Site", site);
    operator.send(request.header("Content-Type", "multipart/form-data; boundary=part").body(body)).await
}

#[tokio::test]
async fn customers_see_name_logo_colour_and_whom_to_ask_and_operators_doorward() {
    on_each_database(async |portal| {
        let (acme, operator) = (portal.acme().await, portal.operator().await);
        let link = crate::setup::link(&portal, acme.organization).await;
        let fields = [
            ("product_name", "Vendor & Söhne"),
            ("accent", "#8a1c7c"),
            ("support_contact", "help@vendor.example"),
            ("return_url", "https://app.vendor.example/settings"),
        ];
        operator.post("/admin/settings", &fields).await.expect(StatusCode::SEE_OTHER);
        let pixel = base64::engine::general_purpose::STANDARD.decode(PIXEL).unwrap();
        let token = operator.token.borrow().clone();
        upload(&operator, &pixel, &token, "same-origin").await.expect(StatusCode::SEE_OTHER);
        let visitor = portal.visitor();
        for page in [visitor.get(&link).await.expect(StatusCode::OK), visitor.get("/setup/plink_nothing").await] {
            for said in [
                "Vendor &#38; Söhne</span>",
                "mailto:help@vendor.example",
                "https://app.vendor.example/settings",
                "/assets/accent/8a1c7c",
            ] {
                assert!(page.body.contains(said), "{said}: {}", page.body);
            }
            let logo = page.body.split("/assets/logo/").nth(1).unwrap().split('"').next().unwrap();
            let found = visitor.get(&format!("/assets/logo/{logo}")).await.expect(StatusCode::OK);
            assert_eq!(found.headers["content-type"], "image/png");
            assert_eq!(found.headers["x-content-type-options"], "nosniff");
        }
        let style = visitor.get("/assets/accent/8a1c7c").await.expect(StatusCode::OK);
        assert!(style.body.contains("--accent: light-dark(#8a1c7c, #"), "{}", style.body);
        for wrong in ["red", "8a1c7c0", "8a1c7g", "%23fff"] {
            visitor.get(&format!("/assets/accent/{wrong}")).await.expect(StatusCode::NOT_FOUND);
        }
        assert!(!operator.get("/admin").await.body.contains("/assets/accent/"), "operators see Doorward");
        operator.post("/admin/settings/logo/remove", &[]).await.expect(StatusCode::SEE_OTHER);
        assert!(!visitor.get(&link).await.body.contains("/assets/logo/"));
        let told: Vec<String> = portal
            .events()
            .await
            .into_iter()
            .filter(|event| event.event_type == "portal.appearance.updated")
            .map(|event| event.data)
            .collect();
        assert_eq!(told.len(), 3);
        assert!(told[0].contains("\"previous_attributes\"") && told[0].contains("#8a1c7c"));
    })
    .await;
}

#[tokio::test]
async fn sec_47_48_what_is_no_logo_and_what_comes_from_elsewhere_is_refused() {
    let portal = Portal::sqlite().await;
    let operator = portal.operator().await;
    let before = portal.events().await.len();
    let token = operator.token.borrow().clone();
    let pixel = base64::engine::general_purpose::STANDARD.decode(PIXEL).unwrap();
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let behind = [&pixel[..], b"<script>alert(1)</script>"].concat();
    for bytes in [&svg[..], &behind, b"", &[0x89; 110 * 1024]] {
        let page = upload(&operator, bytes, &token, "same-origin").await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("id=\"logo-problem\""));
    }
    upload(&operator, &[0; 300 * 1024], &token, "same-origin").await.expect(StatusCode::PAYLOAD_TOO_LARGE);
    upload(&operator, &pixel, &token, "cross-site").await.expect(StatusCode::FORBIDDEN);
    upload(&operator, &pixel, "00", "same-origin").await.expect(StatusCode::FORBIDDEN);
    for (field, value) in [
        ("product_name", "a\u{202e}b"),
        ("accent", "#ffff00"),
        ("accent", "red; } body { display: none"),
        ("support_contact", "javascript:alert(1)"),
        ("return_url", "http://app.example"),
    ] {
        let page = operator.post("/admin/settings", &[(field, value)]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains(&format!("id=\"{field}-problem\"")), "{field}");
    }
    assert_eq!(portal.events().await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logo_is_uploaded_in_a_browser_and_shown_to_customers() {
    let portal = Portal::sqlite().await;
    let (acme, operator) = (portal.acme().await, portal.operator().await);
    let link = crate::setup::link(&portal, acme.organization).await;
    let browser = Browser::start_with(&portal, false).await;
    browser.sign_in(&operator).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("logo.png");
    std::fs::write(&file, base64::engine::general_purpose::STANDARD.decode(PIXEL).unwrap()).unwrap();
    browser.go("/admin/settings").await;
    assert!(browser.text("main").await.contains("It is plain http"));
    browser.fill("#product_name", "Vendor").await;
    browser.fill("#accent", "#8a1c7c").await;
    browser.click("main form button").await;
    browser.choose_file("#logo", &file.display().to_string()).await;
    browser.click("form[action$='/logo'] button").await;
    assert!(browser.has("main img.logo").await);
    browser.go(&link).await;
    assert!(browser.text(".brand").await.contains("Vendor"));
    assert!(browser.has(".brand img.logo").await);
    let color =
        browser.script("return getComputedStyle(document.querySelector('main form button')).backgroundColor").await;
    assert_eq!(color, "rgb(138, 28, 124)");
    browser.end().await;
}
