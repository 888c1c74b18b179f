//! What keeps others out: headers, the gate, forms from elsewhere, secrets shown once.

use reqwest::{Method, StatusCode};

use crate::support::{Portal, form, on_each_database};

/// Every address of the operator's pages with its methods, from the table itself, so that no new one is left out.
fn routes() -> Vec<(String, bool, bool)> {
    table(include_str!("../../src/portal/operator/mod.rs"))
}

/// The same of the customer's pages.
pub fn setup_routes() -> Vec<(String, bool, bool)> {
    table(include_str!("../../src/portal/setup/mod.rs"))
}

fn table(source: &str) -> Vec<(String, bool, bool)> {
    let lines = source.lines().map(str::trim).filter_map(|line| line.strip_prefix(".route(\""));
    let routes: Vec<_> = lines
        .map(|line| {
            let (path, rest) = line.split_once('"').unwrap();
            (path.to_owned(), rest.contains("get("), rest.contains("post("))
        })
        .collect();
    assert!(routes.len() > 15, "the table was read");
    routes
}

const OPEN: [&str; 4] = ["/admin/sign-in", "/admin/sign-in/code", "/admin/begin", "/admin/appearance"];

/// The address with ids that nobody has.
pub fn filled(path: &str) -> String {
    ["{id}", "{token}", "{guide}", "{step}", "{user}", "{group}"]
        .into_iter()
        .fold(path.to_owned(), |path, part| path.replace(part, "nobody"))
        .replace("{request}", "nobody")
        .replace("{delivery}", "nobody")
        .replace("{*rest}", "no/such/page")
}

#[tokio::test]
async fn sec_47_48_every_page_carries_the_headers_that_protect_it() {
    let portal = Portal::sqlite().await;
    let operator = portal.operator().await;
    let want = [
        (
            "content-security-policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ("cache-control", "no-store"),
    ];
    let acme = portal.acme().await;
    let administrator = crate::setup::administrator(&portal, acme.organization).await;
    operator.cookies.borrow_mut().extend(administrator.cookies.borrow().clone());
    let own = |path: &str| match path.ends_with("/stream") {
        // Without an end; its own test looks at its headers.
        true => path.to_owned(),
        false => path.replace("/setup/directories/{id}", &format!("/setup/directories/{}", acme.directory)),
    };
    for (path, has_get, has_post) in routes().into_iter().chain(setup_routes()) {
        let path = filled(&own(&path));
        for method in [has_get.then_some(Method::GET), has_post.then_some(Method::POST)].into_iter().flatten() {
            let page = operator.send(operator.request(method.clone(), &path)).await;
            for (name, value) in want {
                let found = page.headers.get(name).map(|value| value.to_str().unwrap());
                assert_eq!(found, Some(value), "{method} {path}: {name}");
            }
            assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "{path}");
            assert!(!page.body.contains(" onclick") && !page.body.contains("javascript:"), "{path}");
        }
    }
    let page = operator.get("/admin").await;
    let style = page.body.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asset = operator.get(&style).await.expect(StatusCode::OK);
    assert_eq!(asset.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(operator.get("/assets/portal.000000000000.css").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nothing_is_shown_and_nothing_done_without_signing_in() {
    let portal = Portal::sqlite().await;
    portal.operator().await;
    let before = portal.events().await.len();
    for (path, has_get, has_post) in routes().into_iter().filter(|(path, ..)| !OPEN.contains(&path.as_str())) {
        let visitor = portal.visitor();
        visitor.get("/admin/sign-in").await.expect(StatusCode::OK);
        if has_get {
            let page = visitor.get(&filled(&path)).await;
            assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/admin/sign-in"), "{path}");
        }
        if has_post {
            let page = visitor.post(&filled(&path), &[("name", "x")]).await;
            assert_eq!((page.status, page.location()), (StatusCode::SEE_OTHER, "/admin/sign-in"), "{path}");
        }
    }
    assert_eq!(portal.events().await.len(), before);
}

#[tokio::test]
async fn nothing_of_a_setup_is_shown_and_nothing_done_without_an_opened_link() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let before = portal.events().await.len();
    for (path, has_get, has_post) in setup_routes() {
        let path = filled(&path.replace("{id}", &acme.directory.to_string()));
        let visitor = portal.visitor();
        if has_get {
            let page = visitor.get(&path).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
            assert!(!page.body.contains("Acme"), "{path}");
        }
        if has_post {
            let page = visitor.post(&path, &[("name", "x"), ("made", "1")]).await;
            assert!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&page.status), "{path}");
        }
    }
    assert_eq!(portal.events().await.len(), before);
}

#[tokio::test]
async fn sec_48_a_setup_s_form_from_elsewhere_changes_nothing() {
    let portal = Portal::sqlite().await;
    let acme = portal.acme().await;
    let administrator = crate::setup::administrator(&portal, acme.organization).await;
    administrator.get(&format!("/setup/directories/{}/tokens", acme.directory)).await.expect(StatusCode::OK);
    let token = administrator.token.borrow().clone();
    let before = portal.events().await.len();
    for (path, ..) in setup_routes().into_iter().filter(|(path, _, has_post)| *has_post && path != "/setup/{token}") {
        let path = path.replace("{guide}", "okta-catalog").replace("{step}", "connect");
        let path = filled(&path.replace("{id}", &acme.directory.to_string()));
        let fields = [("name", "evil"), ("made", "1"), ("lifetime", "90"), ("form_token", token.as_str())];
        let request = || administrator.request(Method::POST, &path);
        for request in [
            form(request().header("Sec-Fetch-Site", "cross-site"), &fields),
            form(request().header("Origin", "https://evil.example"), &fields),
            form(request(), &fields),
            form(request().header("Sec-Fetch-Site", "same-origin"), &fields[..3]),
        ] {
            assert_eq!(administrator.send(request).await.status, StatusCode::FORBIDDEN, "{path}");
        }
    }
    assert_eq!(portal.events().await.len(), before);
}

#[tokio::test]
async fn sec_48_a_form_from_elsewhere_changes_nothing() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let operator = portal.operator().await;
        let before = portal.events().await.len();
        let token = operator.token.borrow().clone();
        let (organization, directory) = (acme.organization.to_string(), acme.directory.to_string());
        let posts = routes().into_iter().filter(|(_, _, has_post)| *has_post);
        for (path, ..) in posts {
            let id = if path.contains("/organizations/") { &organization } else { &directory };
            let path = path.replace("{id}", id).replace("{token}", "nobody").replace("{delivery}", "nobody");
            let fields = [("name", "evil"), ("form_token", token.as_str()), ("made", "1"), ("language", "de")];
            let request = || operator.request(Method::POST, &path);
            let foreign = [
                form(request().header("Sec-Fetch-Site", "cross-site"), &fields),
                form(request().header("Sec-Fetch-Site", "same-site"), &fields),
                form(request().header("Sec-Fetch-Site", "none"), &fields),
                form(request().header("Origin", "https://evil.example"), &fields),
                form(request().header("Origin", "null"), &fields),
                form(request(), &fields),
            ];
            for request in foreign {
                let page = operator.send(request).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
                assert!(!page.headers.contains_key("set-cookie"), "{path}");
            }
            if path == "/admin/appearance" {
                continue;
            }
            // From here, but without the token, or with somebody else's.
            for fields in [vec![("name", "evil")], vec![("name", "evil"), ("form_token", "00")]] {
                let page = operator.send(form(request().header("Sec-Fetch-Site", "same-origin"), &fields)).await;
                assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
            }
            let json = request().header("Sec-Fetch-Site", "same-origin").header("Content-Type", "text/plain");
            assert_eq!(operator.send(json.body(format!("form_token={token}"))).await.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(portal.events().await.len(), before);
        // The same from here is done; a browser that says only `Origin` is taken too.
        let fields = [("name", "good"), ("form_token", token.as_str())];
        let origin = format!("http://{}", portal.address);
        let request = operator.request(Method::POST, "/admin/organizations").header("Origin", origin);
        operator.send(form(request, &fields)).await.expect(StatusCode::SEE_OTHER);
        assert_eq!(portal.events().await.len(), before + 1);
    })
    .await;
}

#[tokio::test]
async fn sec_51_a_token_is_shown_once_and_a_form_sent_again_makes_no_second() {
    on_each_database(async |portal| {
        let acme = portal.acme().await;
        let operator = portal.operator().await;
        let address = format!("/admin/directories/{}", acme.directory);
        operator.get(&address).await.expect(StatusCode::OK);
        let fields = [("name", "second"), ("lifetime", "90"), ("made", "1")];
        let page = operator.post(&format!("{address}/tokens"), &fields).await.expect(StatusCode::OK);
        let secret =
            page.body.split("dw_").nth(1).map(|rest| format!("dw_{}", rest.split('<').next().unwrap())).unwrap();
        assert_eq!(secret.len(), 3 + 43 + 6, "{secret}");
        assert_eq!(page.headers["cache-control"], "no-store");
        // Reloading sends the form again.
        let again = operator.post(&format!("{address}/tokens"), &fields).await.expect(StatusCode::SEE_OTHER);
        assert!(again.location().ends_with("done=token_exists"));
        for later in [address.clone(), "/admin".to_owned(), "/admin/events".to_owned()] {
            let page = operator.get(&later).await.expect(StatusCode::OK);
            assert!(!page.body.contains(&secret), "{later}");
        }
        assert!(!portal.events().await.iter().any(|event| event.data.contains(&secret)));
        let page = operator.get(&address).await;
        assert_eq!(page.body.matches("/revoke\"").count(), 2, "two tokens");
    })
    .await;
}

#[tokio::test]
async fn sec_54_what_an_operator_does_is_told_with_who_and_from_where() {
    on_each_database(async |portal| {
        let operator = portal.operator().await;
        let before = portal.events().await.len();
        let page = operator.post("/admin/organizations", &[("name", "Umbrella")]).await.expect(StatusCode::SEE_OTHER);
        let organization = page.location().split('?').next().unwrap().to_owned();
        let fields = [("type", "okta scim v1.1"), ("name", "Okta"), ("label", "umbrella"), ("auth", "basic")];
        let page = operator.post(&format!("{organization}/directories"), &fields).await.expect(StatusCode::SEE_OTHER);
        let directory = page.location().split('?').next().unwrap().to_owned();
        let page = operator.post(&format!("{directory}/tokens"), &[("name", "t"), ("made", "0")]).await;
        let token = page.expect(StatusCode::OK).body;
        let revoke = token.split(&format!("{directory}/tokens/")).nth(1).unwrap().split('"').next().unwrap();
        operator.get(&format!("{directory}/tokens/{revoke}")).await.expect(StatusCode::OK);
        operator.post(&format!("{directory}/tokens/{revoke}"), &[]).await.expect(StatusCode::SEE_OTHER);
        operator.post(&format!("{directory}/disable"), &[]).await.expect(StatusCode::SEE_OTHER);
        operator.post(&format!("{directory}/enable"), &[]).await.expect(StatusCode::SEE_OTHER);
        let events = portal.events().await.split_off(before);
        let types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        let want = [
            "organization.created",
            "dsync.created",
            "dsync.token.created",
            "dsync.token.revoked",
            "dsync.deactivated",
        ];
        assert_eq!(types[..5], want);
        assert_eq!(types.len(), 6, "{types:?}");
        for event in &events {
            assert_eq!(event.origin.actor, "operator", "{}", event.event_type);
            assert!(event.origin.actor_id.as_ref().unwrap().starts_with("operator_"));
            assert!(event.origin.request_id.as_ref().unwrap().starts_with("req_"));
            assert_eq!(event.origin.address, Some([127, 0, 0, 1].into()));
            assert!(!event.data.contains(crate::support::EMAIL), "no address of an operator in the log");
        }
    })
    .await;
}

#[tokio::test]
async fn lists_lead_on_and_back_and_what_is_wrong_is_said_beside_its_field() {
    on_each_database(async |portal| {
        let operator = portal.operator().await;
        for number in 0..30 {
            let name = format!("Customer {number:02}");
            operator.post("/admin/organizations", &[("name", &name)]).await.expect(StatusCode::SEE_OTHER);
        }
        let first = operator.get("/admin/organizations").await.expect(StatusCode::OK).body;
        assert!(first.contains("Customer 29") && first.contains("Customer 05") && !first.contains("Customer 04"));
        let next = first.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        let second = operator.get(&next).await.expect(StatusCode::OK).body;
        assert!(second.contains("Customer 00") && second.contains("Customer 04") && !second.contains("Customer 05"));
        assert!(second.contains("rel=\"prev\"") && !second.contains("rel=\"next\""));
        let found = operator.get("/admin/organizations?search=customer+17").await.body;
        assert!(found.contains("Customer 17") && !found.contains("Customer 18"));
        let page =
            operator.post("/admin/organizations", &[("name", " ")]).await.expect(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.body.contains("id=\"name-problem\"") && page.body.contains("aria-invalid=\"true\""));
        operator
            .post("/admin/organizations", &[("name", "A"), ("external_id", "x1")])
            .await
            .expect(StatusCode::SEE_OTHER);
        let taken = operator.post("/admin/organizations", &[("name", "B"), ("external_id", "x1")]).await;
        assert!(taken.expect(StatusCode::UNPROCESSABLE_ENTITY).body.contains("id=\"external_id-problem\""));
        let unknown = operator.get("/admin/organizations/org_00000000000000000000000000").await;
        unknown.expect(StatusCode::NOT_FOUND);
    })
    .await;
}
