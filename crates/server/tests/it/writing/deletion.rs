//! The end of a directory: in two steps, with a time of grace, torn by nothing (SEC-14).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use doorward_server::service::deletion::{self, Progress};
use doorward_server::service::replay::Replay;
use doorward_store::scope::SystemScope;
use serde_json::json;

use super::{events_of, text};
use crate::app_api::Api;
use crate::support::{Directory, Kind, Service, on_each_database, types, with_directory};

#[tokio::test]
async fn sec_14_deleting_ends_credentials_at_once_and_can_be_taken_back() {
    with_directory(Kind::okta(), async |idp: Directory| {
        let api = Api::of(&idp.service).await;
        let ada = idp.user("ada").await;
        idp.group("Everybody", &[&ada]).await;
        let target = format!("/directories/{}", idp.id);
        let preview = api.found(&format!("{target}/deletion_preview")).await;
        assert_eq!(preview["message"], "1 user will lose access, and 1 group will be removed.");
        assert_eq!((&preview["users"]["active"], &preview["grace_days"]), (&json!(1), &json!(7)));
        let deleted = api.request("DELETE", &target).send().await.expect(202).json();
        assert_eq!((&deleted["state"], &deleted["status"]), (&json!("deleting"), &json!("deleting")));
        assert!(deleted["delete_at"].is_string());
        idp.get("/Users").await.expect(401);
        assert_eq!(api.found(&format!("/directory_users?directory={}", idp.id)).await["data"][0]["id"], json!(ada));
        for (method, path) in [("PATCH", ""), ("POST", "/tokens")] {
            let answer = api.send(method, &format!("{target}{path}"), json!({"name": "x"})).await.expect(409).json();
            assert!(text(&answer, "message").contains("restore"), "{answer}");
        }
        for path in ["/enable", "/disable"] {
            api.request("POST", &format!("{target}{path}")).send().await.expect(409);
        }
        let restored = api.request("POST", &format!("{target}/restore")).send().await.expect(200).json();
        assert_eq!((&restored["state"], &restored["delete_at"]), (&json!("linked"), &json!(null)));
        idp.get("/Users").await.expect(200);
        api.request("POST", &format!("{target}/restore")).send().await.expect(409);
        let (_, events) = idp
            .events_of(async {
                api.request("DELETE", &format!("{target}?grace_days=3")).send().await.expect(202);
            })
            .await;
        assert_eq!(types(&events), ["dsync.updated"]);
        assert_eq!(events[0].1["previous_attributes"]["state"], "active");
        api.request("DELETE", &format!("{target}?grace_days=366")).send().await.expect(422);
    })
    .await;
}

#[tokio::test]
async fn sec_14_a_directory_that_was_off_is_off_after_it_was_restored() {
    on_each_database(async |service: Arc<Service>| {
        let (api, idp) = (Api::of(&service).await, service.directory(Kind::okta()).await);
        let target = format!("/directories/{}", idp.id);
        api.request("POST", &format!("{target}/disable")).send().await.expect(200);
        api.request("DELETE", &target).send().await.expect(202);
        let restored = api.request("POST", &format!("{target}/restore")).send().await.expect(200).json();
        assert_eq!(restored["state"], "unlinked");
        idp.get("/Users").await.expect(403);
    })
    .await;
}

#[tokio::test]
async fn sec_14_when_the_time_is_over_everything_is_announced_once_and_gone() {
    on_each_database(async |service: Arc<Service>| {
        let (api, idp) = (Api::of(&service).await, service.directory(Kind::okta()).await);
        let mut people = BTreeSet::new();
        for n in 0..7 {
            people.insert(idp.user(&format!("p{n}")).await);
        }
        let ids: Vec<&str> = people.iter().map(String::as_str).collect();
        let inner = idp.group("Inner", &ids[..3]).await;
        idp.group("Outer", &[&inner, ids[0]]).await;
        let target = format!("/directories/{}", idp.id);
        api.request("DELETE", &format!("{target}?grace_days=0")).send().await.expect(202);
        for _ in 0..300 {
            if api.request("GET", &target).send().await.status == 404 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        api.refused(&target, 404, "entity_not_found").await;
        check_end(&idp, &people, 2, 4).await;
        let owner = idp.organization_id;
        api.request("DELETE", &format!("/organizations/{owner}")).send().await.expect(204);
        let last = events_of(&service, &owner.to_string()).await.pop().unwrap();
        assert_eq!(last.0, "organization.deleted");
    })
    .await;
}

/// Exactly one event for each end, the directory's own last, and nothing left that the events do not end.
async fn check_end(idp: &Directory, people: &BTreeSet<String>, groups: usize, memberships: usize) {
    let events = idp.events_after(0).await;
    let mut replay = Replay::default();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut gone = BTreeSet::new();
    for event in &events {
        let data = serde_json::from_str(&event.data).unwrap();
        replay.apply(event.position, &event.event_type, &data).unwrap();
        *counts.entry(event.event_type.clone()).or_default() += 1;
        if event.event_type == "dsync.user.deleted" {
            assert!(gone.insert(text(&data, "id")), "twice: {data}");
            assert_eq!(event.origin.actor, "system");
        }
    }
    assert_eq!(&gone, people);
    assert_eq!(counts["dsync.group.deleted"], groups);
    assert_eq!(counts["dsync.group.user_removed"], memberships);
    assert_eq!(counts["dsync.deleted"], 1);
    assert_eq!(events.last().unwrap().event_type, "dsync.deleted");
    assert_eq!((replay.users.len(), replay.groups.len(), replay.memberships.len()), (0, 0, 0));
}

#[tokio::test]
async fn sec_14_removers_that_get_in_each_others_way_still_announce_everything_once() {
    on_each_database(async |service: Arc<Service>| {
        let idp = service.directory(Kind::okta()).await;
        let mut people = BTreeSet::new();
        for n in 0..120 {
            people.insert(idp.user(&format!("p{n}")).await);
        }
        let ids: Vec<&str> = people.iter().map(String::as_str).collect();
        idp.group("All", &ids).await;
        let operator = doorward_store::scope::OperatorScope::local();
        deletion::schedule(service.app.store(), &operator, idp.id, 0).await.unwrap();
        // No lease: several at once, on top of the service's own job.
        let (store, id) = (service.app.store().clone(), idp.id);
        let removers = (0..4).map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let by = SystemScope::job("test");
                loop {
                    match deletion::remove_portion(&store, &by, id, None).await {
                        Ok(Progress::Done) => break,
                        // Whoever comes too late is told to come again.
                        Ok(Progress::More) | Err(doorward_server::service::Error::Unavailable) => (),
                        Err(error) => panic!("{error}"),
                    }
                }
            })
        });
        for remover in removers.collect::<Vec<_>>() {
            remover.await.unwrap();
        }
        check_end(&idp, &people, 1, 120).await;
        let restore = deletion::restore(service.app.store(), &operator, idp.id).await;
        assert!(restore.is_err(), "there is nothing to restore");
    })
    .await;
}

#[tokio::test]
async fn sec_14_nothing_is_restored_once_the_removal_has_begun() {
    on_each_database(async |service: Arc<Service>| {
        let (api, idp) = (Api::of(&service).await, service.directory(Kind::okta()).await);
        for n in 0..60 {
            idp.user(&format!("p{n}")).await;
        }
        let target = format!("/directories/{}", idp.id);
        let operator = doorward_store::scope::OperatorScope::local();
        deletion::schedule(service.app.store(), &operator, idp.id, 0).await.unwrap();
        deletion::remove_portion(service.app.store(), &SystemScope::job("test"), idp.id, None).await.unwrap();
        let refused = api.request("POST", &format!("{target}/restore")).send().await;
        // The service's own job may have finished meanwhile.
        assert!(matches!(refused.status, 409 | 404), "{}", refused.body);
        api.request("DELETE", &format!("{target}?grace_days=30")).send().await.expect_one_of(&[202, 404]);
        for _ in 0..300 {
            if api.request("GET", &target).send().await.status == 404 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the removal did not end");
    })
    .await;
}
