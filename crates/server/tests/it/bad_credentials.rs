//! Very many bad credentials, and what others notice of them (SEC-22). Each test has a service of its own, because the limits hold for
//! everybody who comes from one network.

use std::sync::Arc;

use doorward_server::service::api_keys::{self, Lifetime};
use doorward_store::Options;
use doorward_store::scope::OperatorScope;

use crate::answers::{error, list};
use crate::credentials::seen;
use crate::support::{Directory, Kind, Service};
use crate::wire::{Answer, Request};

async fn on_a_service_of_its_own(test: impl AsyncFn(Arc<Service>)) {
    for database in doorward_testkit::databases() {
        test(Service::start(database, Options::default())).await;
    }
}

/// Sends so many of these requests, a few at a time, and gives the answers in the order in which they were sent.
async fn many(count: usize, request: &Request) -> Vec<Answer> {
    let mut answers = Vec::new();
    while answers.len() < count {
        let sent: Vec<_> = (0..10).map(|_| tokio::spawn(request.clone().send())).collect();
        for answer in sent {
            answers.push(answer.await.unwrap());
        }
    }
    answers
}

/// The first answer to this request that is no 401: time runs meanwhile, and lets one through now and then.
async fn limited(request: &Request) -> Option<Answer> {
    many(50, request).await.into_iter().find(|answer| answer.status != 401)
}

/// A stranger's request to the directory.
fn guess(directory: &Directory, version: &str) -> Request {
    let target = format!("/scim/{}/{version}/Users", directory.label);
    Request::new(directory.service.address, "GET", &target).header("Authorization", "Bearer dw_guess")
}

#[tokio::test]
async fn sec_22_who_fails_at_a_directory_very_often_gets_429_and_its_credential_works_on() {
    on_a_service_of_its_own(async |service: Arc<Service>| {
        let mut attacked = service.directory(Kind::okta()).await;
        let other = service.directory(Kind::okta()).await;
        list(attacked.get("/Users").await);
        let answers = many(300, &guess(&attacked, "v2")).await;
        let first = seen(&answers[0], &[]);
        for answer in &answers[..100] {
            assert_eq!(answer.status, 401);
            assert_eq!(seen(answer, &[]), first, "below the limit nothing changes");
        }
        let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status != 401).collect();
        assert!(refused.len() > 100, "{} of 300 are limited", refused.len());
        for answer in refused {
            let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=60).contains(&seconds), "{seconds}");
            error(answer.clone(), 429, None);
        }
        let in_v1 = limited(&guess(&attacked, "v1")).await.unwrap().expect(429).json();
        assert_eq!(in_v1["Errors"][0]["code"], "429", "{in_v1}");
        let elsewhere = limited(&guess(&attacked, "v2").from([127, 0, 9, 1])).await;
        assert!(elsewhere.is_some(), "the directory is counted, wherever the request comes from");
        let foreign = guess(&attacked, "v2").without("Authorization").header("Authorization", &other.authorization);
        let foreign = limited(&foreign).await;
        assert!(foreign.is_some(), "nor does it show that the credential opens another directory");
        assert_eq!(seen(&guess(&other, "v2").send().await, &[]), first, "another directory is another count");
        let nothing = guess(&attacked, "v2").without("Authorization").send().await;
        assert_eq!(nothing.status, 401, "who presents nothing tries nothing");
        list(attacked.get("/Users").await);
        attacked.use_new_credential().await;
        list(attacked.get("/Users").await);
    })
    .await;
}

#[tokio::test]
async fn sec_22_a_network_that_fails_very_often_gets_429_at_both_doors_and_valid_credentials_work_on() {
    on_a_service_of_its_own(async |service: Arc<Service>| {
        let idp = service.directory(Kind::basic()).await;
        let guess = Request::new(service.address, "GET", "/scim/v2/Users").header("Authorization", "Basic dTpw");
        let answers = many(1000, &guess).await;
        assert!(answers.iter().all(|answer| answer.status == 401), "generous: a proxy makes one network of everybody");
        limited(&guess).await.unwrap().expect(429);
        let key_guess = Request::new(service.address, "GET", "/directories").header("Authorization", "Bearer sk_guess");
        let limited = limited(&key_guess).await.unwrap();
        assert!(limited.header("retry-after").unwrap().parse::<u32>().is_ok());
        assert_eq!(limited.expect(429).json()["code"], "too_many_requests");
        assert_eq!(key_guess.clone().from([127, 0, 9, 1]).send().await.status, 401, "another network");
        assert_eq!(guess.from([127, 0, 9, 1]).send().await.status, 401, "another network");
        let operator = OperatorScope::local();
        let (_, key) = api_keys::create(service.app.store(), &operator, "new", Lifetime::Unlimited).await.unwrap();
        let valid = format!("Bearer {}", key.expose());
        key_guess.without("Authorization").header("Authorization", &valid).send().await.expect(200);
        list(idp.get("/Users").await);
    })
    .await;
}
