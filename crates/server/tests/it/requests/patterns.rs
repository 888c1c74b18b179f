//! D01, D09, D10, D14, D15, D20, D23 and D24: what only several requests show, or their absence.

use std::sync::Arc;

use doorward_store::Clock;
use serde_json::json;

use super::{MINUTE, at_noon, problem, words};
use crate::app_api::Api;
use crate::support::{Directory, GROUP, Kind, Service, USER, with_directory};

#[tokio::test]
async fn d01_nothing_has_come_since_the_credential_was_made() {
    at_noon(async |service: Arc<Service>, clock: Clock| {
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::okta()).await;
        clock.advance(4 * MINUTE);
        assert_eq!(problem(&api, &idp, "D01").await, None);
        clock.advance(2 * MINUTE);
        let said = problem(&api, &idp, "D01").await.unwrap();
        assert!(said["severity"] == "warning" && words(&said).contains(&idp.base("v2")), "{said}");
        clock.advance(25 * MINUTE);
        assert_eq!(problem(&api, &idp, "D01").await.unwrap()["severity"], "error");
        idp.get("/Users?count=1").await.expect(200);
        assert_eq!(problem(&api, &idp, "D01").await, None);
    })
    .await;
}

#[tokio::test]
async fn d09_people_are_looked_up_and_never_created() {
    at_noon(async |service: Arc<Service>, clock: Clock| {
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::okta()).await;
        for name in ["ada", "bob"] {
            idp.get(&format!("/Users?filter=userName%20eq%20%22{name}%40x.example%22")).await.expect(200);
        }
        assert_eq!(problem(&api, &idp, "D09").await, None, "the creation may still come");
        clock.advance(3 * MINUTE);
        let said = problem(&api, &idp, "D09").await.unwrap();
        assert!(words(&said).contains("2 people") && words(&said).contains("\"Create Users\""), "{said}");
        idp.user("ada@x.example").await;
        assert_eq!(problem(&api, &idp, "D09").await, None);
    })
    .await;
}

#[tokio::test]
async fn d10_the_connection_works_and_nobody_is_assigned() {
    at_noon(async |service: Arc<Service>, clock: Clock| {
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::okta()).await;
        idp.get("/ServiceProviderConfig").await.expect(200);
        clock.advance(14 * MINUTE);
        assert_eq!(problem(&api, &idp, "D10").await, None);
        clock.advance(2 * MINUTE);
        let said = problem(&api, &idp, "D10").await.unwrap();
        assert!(words(&said).contains("Provision User") && words(&said).contains("16 minutes"), "{said}");
        idp.user("ada@x.example").await;
        assert_eq!(problem(&api, &idp, "D10").await, None);
    })
    .await;
}

#[tokio::test]
async fn d14_a_group_is_pushed_that_also_assigns() {
    at_noon(async |service: Arc<Service>, clock: Clock| {
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::okta()).await;
        let ada = idp.user("ada@x.example").await;
        let group = idp.group("Team", &[&ada]).await;
        idp.operations(&format!("/Users/{ada}"), json!([{"op": "replace", "value": {"active": false}}])).await;
        clock.advance(9 * MINUTE);
        assert_eq!(problem(&api, &idp, "D14").await, None, "the members may still leave");
        clock.advance(2 * MINUTE);
        let said = problem(&api, &idp, "D14").await.unwrap();
        assert!(words(&said).contains("Use two groups in Okta"), "{said}");
        idp.operations(&format!("/Groups/{group}"), json!([{"op": "remove", "path": "members"}])).await;
        assert_eq!(problem(&api, &idp, "D14").await, None);
        for _ in 0..3 {
            let body = json!({"schemas": [GROUP], "displayName": "Team", "members": [{"value": ada}]});
            idp.put(&format!("/Groups/{group}"), body).await.expect(200);
        }
        let said = problem(&api, &idp, "D14").await.unwrap();
        assert!(words(&said).contains("3 times"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn d15_entra_was_tested_and_not_started() {
    at_noon(async |service: Arc<Service>, clock: Clock| {
        let api = Api::of(&service).await;
        let idp = service.directory(Kind::entra()).await;
        idp.get("/Users?filter=userName+eq+%226f1c0c1e-0000-4000-8000-000000000000%22").await.expect(200);
        clock.advance(59 * MINUTE);
        assert_eq!(problem(&api, &idp, "D15").await, None);
        clock.advance(2 * MINUTE);
        let said = problem(&api, &idp, "D15").await.unwrap();
        assert!(words(&said).contains("Start provisioning"), "{said}");
        assert_eq!(problem(&api, &idp, "D09").await, None, "it is not said twice");
    })
    .await;
}

#[tokio::test]
async fn d20_too_many_requests() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        // A hundred at once and two a second are answered as failures; a slow machine needs more requests to get beyond that.
        let mut limited = false;
        for n in 0..600_u16 {
            let [high, low] = n.to_be_bytes();
            let request = idp.v2("GET", "/Users").without("Authorization");
            let answer = request.header("Authorization", "Bearer dw_guess").from([127, 7, high + 1, low]).send().await;
            limited = answer.status == 429;
            if limited {
                break;
            }
        }
        assert!(limited);
        let said = problem(&api, &idp, "D20").await.unwrap();
        assert!(words(&said).contains("after 5 seconds"), "{said}");
        // The log takes the first thirty failures of each kind, and then one every ten seconds.
        let list = api.found(&format!("/directories/{}/requests?limit=100&status=401", idp.id)).await;
        let kept = list["data"].as_array().unwrap().len();
        assert!(
            (30..40).contains(&kept) && list["not_recorded"].as_u64() >= Some(60),
            "{kept} {}",
            list["not_recorded"]
        );
    })
    .await;
}

#[tokio::test]
async fn d23_a_person_goes_and_comes_and_goes() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let ada = idp.user("ada@x.example").await;
        for active in [false, true, false] {
            let body = json!({"schemas": [USER], "userName": "ada@x.example", "active": active});
            idp.put(&format!("/Users/{ada}"), body).await.expect(200);
        }
        let said = problem(&api, &idp, "D23").await.unwrap();
        assert!(words(&said).contains(&ada) && words(&said).contains("3 times"), "{said}");
    })
    .await;
}

#[tokio::test]
async fn d24_many_people_are_deactivated_at_once_and_the_writes_go_through() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let mut people = Vec::new();
        for n in 0..10 {
            people.push(idp.user(&format!("user{n}@x.example")).await);
        }
        let off = json!([{"op": "replace", "path": "active", "value": false}]);
        for (n, id) in people.iter().enumerate().take(5) {
            assert_eq!(problem(&api, &idp, "D24").await, None, "{n}");
            idp.operations(&format!("/Users/{id}"), off.clone()).await.expect(200);
        }
        let said = problem(&api, &idp, "D24").await.unwrap();
        assert!(words(&said).contains("5 of 10 people"), "{said}");
    })
    .await;
}
