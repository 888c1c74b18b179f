//! D02 to D07: the credential and the URL.

use doorward_server::service::tokens;
use doorward_store::ids::TokenId;
use doorward_store::scope::OperatorScope;
use serde_json::json;

use super::{MINUTE, at_noon, diagnosed, problem, recorded, words};
use crate::app_api::{Api, data};
use crate::support::{Directory, Kind, on_each_database, with_directory};
use crate::wire::Request;

async fn token_of(directory: &Directory) -> TokenId {
    let store = directory.service.app.store();
    tokens::list(store, &OperatorScope::local(), directory.id).await.unwrap().pop().unwrap().id
}

#[tokio::test]
async fn d02_no_credential_is_told_to_the_directory_that_the_url_names() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let answer = idp.v2("GET", "/Users").without("Authorization").send().await.expect(401);
        let said = diagnosed(&api, &idp, &answer, "D02").await;
        assert!(words(&said).contains("HTTP Header") && said["severity"] == "error", "{said}");
        let empty = idp.v2("GET", "/Users").without("Authorization").header("Authorization", "Bearer").send().await;
        assert!(words(&diagnosed(&api, &idp, &empty.expect(401), "D02").await).contains("without a credential"));
        assert!(problem(&api, &idp, "D02").await.is_some_and(|problem| problem["count"] == 1));
        idp.get("/Users?count=1").await.expect(200);
        assert_eq!(problem(&api, &idp, "D02").await, None, "it works now");
    })
    .await;
}

#[tokio::test]
async fn d03_wt_09_other_forms_of_the_header_are_accepted_and_noted() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        for (header, credential) in [
            (idp.secret.clone(), "bare-token"),
            (format!("Bearer Bearer {}", idp.secret), "doubled-scheme"),
            (format!("Token {}", idp.secret), "other-scheme"),
        ] {
            let request = idp.v2("GET", "/Users?count=1").without("Authorization").header("Authorization", &header);
            let answer = request.send().await.expect(200);
            let said = diagnosed(&api, &idp, &answer, "D03").await;
            assert_eq!(said["severity"], "note");
            let shown = recorded(&api, &idp, &answer).await;
            assert_eq!((&shown["credential"], &shown["tolerated"]), (&json!(credential), &json!([credential])));
        }
        let usual = idp.get("/Users?count=1").await;
        assert_eq!(recorded(&api, &idp, &usual).await["diagnoses"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn d04_a_token_of_a_sister_directory_is_named_and_a_stranger_s_is_not() {
    on_each_database(async |service| {
        let api = Api::of(&service).await;
        let organization = service.organization().await;
        let idp = service.directory_of(organization, Kind::okta()).await;
        let sister = service.directory_of(organization, Kind::entra()).await;
        let stranger = service.directory(Kind::okta()).await;
        let with = |other: &Directory| {
            let target = "/Users?filter=userName%20eq%20%22canary%22";
            idp.v2("GET", target).without("Authorization").header("Authorization", &other.authorization)
        };
        let answer = with(&sister).send().await.expect(401);
        let said = diagnosed(&api, &idp, &answer, "D04").await;
        assert!(words(&said).contains(&sister.label), "{said}");
        let answer = with(&stranger).send().await.expect(401);
        let said = diagnosed(&api, &idp, &answer, "D06").await;
        assert!(!said.to_string().contains(&stranger.label), "{said}");
        let shown = recorded(&api, &idp, &answer).await;
        assert_eq!(shown["query"], json!(null), "whom a stranger looked for is not shown");
        for other in [&sister, &stranger] {
            let list = api.found(&format!("/directories/{}/requests", other.id)).await;
            assert!(data(&list).is_empty(), "{list}");
        }
    })
    .await;
}

#[tokio::test]
async fn d05_a_revoked_token_and_an_expired_one_say_when_and_by_whom() {
    at_noon(async |service, clock| {
        let api = Api::of(&service).await;
        let mut idp = service.directory(Kind::okta()).await;
        let (store, operator) = (service.app.store(), OperatorScope::local());
        let old = idp.authorization.clone();
        tokens::revoke(store, &operator, idp.id, token_of(&idp).await).await.unwrap();
        clock.advance(MINUTE);
        let said = diagnosed(&api, &idp, &idp.get("/Users").await.expect(401), "D05").await;
        assert!(words(&said).contains("revoked") && words(&said).contains("the operator"), "{said}");
        assert_eq!(said["parameters"]["at"], "2027-01-15T08:00:00.000Z");
        idp.use_new_credential().await;
        idp.get("/Users").await.expect(200);
        clock.advance(366 * 24 * 60 * MINUTE);
        let said = diagnosed(&api, &idp, &idp.get("/Users").await.expect(401), "D05").await;
        assert!(words(&said).contains("expired at 2028-01-15"), "{said}");
        // Without a label in the URL the token alone tells whose it is.
        let bare = Request::new(service.address, "GET", "/scim/v2/Users").header("Authorization", &old);
        diagnosed(&api, &idp, &bare.send().await.expect(401), "D05").await;
    })
    .await;
}

#[tokio::test]
async fn d06_a_token_that_is_cut_or_mistaken_for_another_kind() {
    with_directory(Kind::okta(), async |mut idp: Directory| {
        let api = Api::of(&idp.service).await;
        let secret = idp.secret.clone();
        let send = async |token: &str| {
            let request = idp.v2("GET", "/Users").without("Authorization");
            request.header("Authorization", &format!("Bearer {token}")).send().await.expect(401)
        };
        let said = diagnosed(&api, &idp, &send(&secret[..31]).await, "D06").await;
        assert_eq!(said["message"], "The token looks cut: 31 of 52 characters.");
        let said = diagnosed(&api, &idp, &send(&format!("{secret}x")).await, "D06").await;
        assert!(words(&said).contains("too long: 53"), "{said}");
        let said = diagnosed(&api, &idp, &send(&secret[..51]).await, "D06").await;
        assert!(words(&said).contains("51 of 52"), "{said}");
        let said = diagnosed(&api, &idp, &send("dw_nobody").await, "D06").await;
        assert!(words(&said).contains("9 characters"), "{said}");
        let said = diagnosed(&api, &idp, &send("sk_somebodys").await, "D06").await;
        assert!(words(&said).contains("application's API"), "{said}");
        let basic = idp.v2("GET", "/Users").without("Authorization").header("Authorization", "Basic YTpiYmJiYmJiYg==");
        let said = diagnosed(&api, &idp, &basic.send().await.expect(401), "D06").await;
        assert!(words(&said).contains("a bearer token"), "{said}");
        idp.use_new_credential().await;
        idp.get("/Users").await.expect(200);
        assert_eq!(problem(&api, &idp, "D06").await, None, "it works now");
    })
    .await;
}

#[tokio::test]
async fn d07_a_wrong_url_is_answered_in_scim_and_corrected_in_the_log() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let label = &idp.label;
        for (target, words_of_it) in [
            (format!("/{label}/v2/Users"), "lacks its beginning"),
            ("/Users".to_owned(), "lacks its beginning"),
            ("/ServiceProviderConfigs".to_owned(), "lacks its beginning"),
            (format!("/scim/{label}/v2/scim/v2/Users"), "twice"),
            (format!("/scim/{label}/v2/Users/Users?count=1"), "names an endpoint twice"),
            (format!("/scim/{label}/v2/users"), "nothing at"),
            (format!("/scim/{label}/v7/Users"), "version"),
        ] {
            let answer = idp.raw("GET", &target).send().await.expect_one_of(&[400, 404]);
            assert!(answer.json()["schemas"].is_array(), "in SCIM's form: {}", answer.body);
            let said = diagnosed(&api, &idp, &answer, "D07").await;
            assert!(words(&said).contains(words_of_it), "{target}: {said}");
            assert!(words(&said).contains(&idp.base("v2")), "{target}: {said}");
        }
        let answer = idp.raw("GET", "/scim/nobody-has-this/v2/Users").send().await.expect(401);
        let said = diagnosed(&api, &idp, &answer, "D07").await;
        assert!(words(&said).contains(&idp.base("v2")), "{said}");
        let answer = idp.raw("GET", &format!("/scim/{label}/v2//Users/?count=1")).send().await.expect(200);
        assert_eq!(diagnosed(&api, &idp, &answer, "D07").await["severity"], "note");
        // Nobody learns from such a path whether a credential is good for anything else.
        let stranger = idp.raw("GET", "/Users").without("Authorization").header("Authorization", "Bearer dw_x");
        assert_eq!(stranger.send().await.expect(404).json()["code"], "not_found");
    })
    .await;
}
