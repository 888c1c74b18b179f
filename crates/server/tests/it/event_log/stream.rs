//! `/events/stream`.

use std::time::{Duration, Instant};

use doorward_server::config::Limits;
use doorward_server::service::events::{self, EventFilter};
use doorward_server::service::follow::{Follower, Step};
use doorward_server::service::{api_keys, organizations};
use doorward_store::Options;
use doorward_store::scope::OperatorScope;

use super::Streamed;
use crate::app_api::Api;
use crate::support::{Directory, Kind, Service, with_directory};

#[tokio::test(flavor = "multi_thread")]
async fn sk_12_the_stream_sends_every_event_once_and_goes_on_where_it_was_left() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let filter = format!("directory={}&events=dsync.user.created,dsync.user.deleted", directory.id);
        let mut stream = Streamed::found(&api, &format!("/events/stream?{filter}"), "").await;
        assert!(stream.head.contains("content-type: text/event-stream"), "{}", stream.head);
        assert!(stream.head.contains("cache-control: no-store"), "{}", stream.head);
        directory.user("ada@corp.example").await;
        directory.group("Engineering", &[]).await;
        directory.user("bob@corp.example").await;
        let listed = |from: usize| {
            let (api, filter) = (&api, &filter);
            async move { api.all(&format!("/events?{filter}")).await.split_off(from) }
        };
        let mut last = String::new();
        let told = listed(0).await;
        assert_eq!(told.len(), 2);
        for event in &told {
            let (id, kind, data) = stream.event().await.unwrap();
            assert_eq!((id.as_str(), kind.as_str()), (event["id"].as_str().unwrap(), "dsync.user.created"));
            assert_eq!(data, *event, "the same envelope as in the list");
            last = id;
        }
        drop(stream);
        directory.user("eve@corp.example").await;
        for (target, header) in [
            (format!("/events/stream?{filter}"), format!("Last-Event-ID: {last}\r\n")),
            (format!("/events/stream?{filter}&after={last}"), String::new()),
            // A client that comes back sends both: where it began, and where it was.
            (
                format!("/events/stream?{filter}&after={}", told[0]["id"].as_str().unwrap()),
                format!("Last-Event-ID: {last}\r\n"),
            ),
        ] {
            let mut stream = Streamed::found(&api, &target, &header).await;
            assert_eq!(stream.event().await.unwrap().2, listed(2).await[0], "{target} {header}");
        }
        for (target, header) in [("/events/stream?after=event_1", ""), ("/events/stream", "Last-Event-ID: 7\r\n")] {
            let refused = Streamed::open(&api, target, header).await;
            assert!(refused.head.starts_with("http/1.1 422"), "{target} {header}: {}", refused.head);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_outlives_the_time_of_a_request_and_ends_with_the_service() {
    for database in doorward_testkit::databases() {
        let limits = Limits { request_timeout: Duration::from_secs(1), ..Limits::default() };
        let service = Service::start_within(database, Options::default(), limits);
        let directory = service.directory(Kind::okta()).await;
        let api = Api::of(&service).await;
        let target = format!("/events/stream?directory={}&events=dsync.user.created", directory.id);
        let mut stream = Streamed::found(&api, &target, "").await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        directory.user("ada@corp.example").await;
        let (last, _, _) = stream.event().await.unwrap();
        // What is committed while the service ends is not lost: the client asks for it with the last id that it has.
        directory.user("bob@corp.example").await;
        let started = Instant::now();
        service.end();
        let mut rest = Vec::new();
        while let Some((id, _, _)) = stream.event().await {
            rest.push(id);
        }
        assert!(stream.whole, "the stream ends in good order");
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        let last = rest.pop().unwrap_or(last);
        let node = service.node();
        let again = Api { service: node, id: api.id, key: api.key.clone() };
        let seen = again.all(&format!("/events?directory={}&events=dsync.user.created", directory.id)).await;
        let unseen = seen.iter().skip_while(|event| event["id"] != last.as_str()).nth(1);
        if let Some(unseen) = unseen {
            let mut stream = Streamed::found(&again, &target, &format!("Last-Event-ID: {last}\r\n")).await;
            assert_eq!(stream.event().await.unwrap().2, *unseen);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_20_a_revoked_key_gets_no_more_events() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let target = format!("/events/stream?directory={}&events=dsync.user.created", directory.id);
        let mut stream = Streamed::found(&api, &target, "").await;
        directory.user("ada@corp.example").await;
        assert!(stream.event().await.is_some());
        api_keys::revoke(directory.service.app.store(), &OperatorScope::local(), api.id).await.unwrap();
        tokio::time::sleep(Duration::from_millis(900)).await;
        directory.user("bob@corp.example").await;
        assert!(stream.event().await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_29_streams_of_a_key_and_of_a_node_are_bounded() {
    for database in doorward_testkit::databases() {
        let limits = Limits { streams: 2, streams_per_key: 1, ..Limits::default() };
        let service = Service::start_within(database, Options::default(), limits);
        let apis = [Api::of(&service).await, Api::of(&service).await, Api::of(&service).await];
        let first = Streamed::found(&apis[0], "/events/stream", "").await;
        let again = Streamed::open(&apis[0], "/events/stream", "").await;
        assert!(again.head.starts_with("http/1.1 429") && again.head.contains("retry-after:"), "{}", again.head);
        let _second = Streamed::found(&apis[1], "/events/stream", "").await;
        let third = Streamed::open(&apis[2], "/events/stream", "").await;
        assert!(third.head.starts_with("http/1.1 503") && third.head.contains("retry-after:"), "{}", third.head);
        drop(first);
        let started = Instant::now();
        while !Streamed::open(&apis[2], "/events/stream", "").await.head.starts_with("http/1.1 200") {
            assert!(started.elapsed() < Duration::from_secs(10), "the place of a client that has gone is free again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_says_when_nothing_came_and_when_the_service_ends() {
    for database in doorward_testkit::databases() {
        let service = Service::start(database, Options::default());
        let (app, operator) = (&service.app, OperatorScope::local());
        let head = events::head(app.store(), &operator).await.unwrap();
        let filter = EventFilter { types: vec!["organization.created".to_owned()], ..EventFilter::default() };
        let mut follower = Follower::new(app, operator.clone(), filter, head);
        // What a stream then makes a comment of, which keeps proxies from taking it for dead.
        assert!(matches!(follower.next(Duration::from_millis(100)).await, Ok(Step::Nothing)));
        Api::of(&service).await;
        assert!(matches!(follower.next(Duration::from_millis(300)).await, Ok(Step::Nothing)), "of another type");
        organizations::create(app.store(), &operator, "Acme", None).await.unwrap();
        let step = follower.next(Duration::from_secs(20)).await.unwrap();
        assert!(matches!(&step, Step::Events(rows) if rows.len() == 1), "{step:?}");
        service.end();
        assert!(matches!(follower.next(Duration::from_secs(20)).await, Ok(Step::Ended)));
    }
}
