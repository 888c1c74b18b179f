//! Webhook endpoints as they are stored, and who may say how far one has come.

use doorward_store::ids::{DeliveryId, EndpointId, EventId, Id};
use doorward_store::paging::{Cursor, Order};
use doorward_store::scope::SystemScope;
use doorward_store::webhook::delivery::{self, DeliveryRow, State};
use doorward_store::webhook::lane::{self, Lane as Strand, LaneRow};
use doorward_store::webhook::progress::{self, Progress, Saved};
use doorward_store::webhook::{self, Disabled, EndpointRow};
use doorward_store::{Error, Lane, lease};

use crate::common::{Fixture, NOON, event, on_both, on_both_at_noon};

const MINUTE: i64 = 60_000_000;

fn by() -> SystemScope {
    SystemScope::job("test")
}

async fn endpoint(fixture: &Fixture, events: &[&str]) -> EndpointRow {
    let events: Vec<String> = events.iter().map(|name| (*name).to_owned()).collect();
    fixture
        .store
        .write(Lane::Any, move |tx| {
            let row = EndpointRow {
                id: tx.mint(),
                url: "https://app.example.com/".into(),
                description: String::new(),
                organization_id: None,
                events: events.clone(),
                disabled: None,
                failing_since: None,
                secret: "sealed".into(),
                secret_last_four: "abcd".into(),
                previous: None,
                scanned: 0,
                revision: 1,
                tested_at: None,
                created_at: tx.now(),
                updated_at: tx.now(),
            };
            webhook::create(tx, &by(), &row)?;
            Ok::<_, Error>(row)
        })
        .await
        .expect("endpoint")
}

fn delivery(position: u128, state: State) -> DeliveryRow {
    DeliveryRow {
        id: DeliveryId::from_bits(position),
        event_type: "dsync.user.created".into(),
        state,
        attempts: 1,
        response_status: Some(200),
        latency_ms: Some(3),
        error: None,
        excerpt: None,
        next_attempt_at: None,
        created_at: NOON,
        updated_at: NOON,
    }
}

async fn take(fixture: &Fixture, id: EndpointId, holder: &'static str) -> Option<i64> {
    let take =
        fixture.store.write(Lane::Any, move |tx| lease::take(tx, &by(), &progress::lease_name(&id), holder, MINUTE));
    take.await.expect("lease")
}

async fn save(fixture: &Fixture, id: EndpointId, fence: i64, progress: Progress) -> Saved {
    fixture.store.write(Lane::Any, move |tx| progress::save(tx, &by(), &id, fence, &progress)).await.expect("save")
}

async fn read(fixture: &Fixture, id: EndpointId) -> (EndpointRow, Vec<LaneRow>, usize) {
    fixture
        .store
        .read(move |tx| {
            let row = webhook::get(tx, &by(), &id)?.expect("row");
            let recorded = delivery::list(tx, &by(), &id, None, &Cursor::first(100, Order::Ascending))?;
            Ok::<_, Error>((row, lane::list(tx, &by(), &id)?, recorded.items.len()))
        })
        .await
        .expect("read")
}

#[test]
fn rel_31_who_has_lost_the_lease_saves_nothing() {
    on_both_at_noon(async |fixture: Fixture| {
        let id = endpoint(&fixture, &[]).await.id;
        let lane = Strand::Directory(fixture.scope.directory_id());
        let row = LaneRow { lane, cursor: 7, until: None, attempts: 2, next_attempt_at: 5, unreachable: true };
        let progress = Progress {
            scanned: 9,
            failing_since: Some(3),
            lanes: vec![row.clone()],
            finished: vec![],
            deliveries: vec![delivery(1, State::Retrying), delivery(2, State::Delivered)],
        };
        assert_eq!(save(&fixture, id, 1, progress.clone()).await, Saved::Lost, "nobody has it");
        assert_eq!(take(&fixture, id, "one").await, Some(1));
        assert_eq!(save(&fixture, id, 1, progress.clone()).await, Saved::Kept);
        let (stored, lanes, recorded) = read(&fixture, id).await;
        assert_eq!((stored.scanned, stored.failing_since, lanes, recorded), (9, Some(3), vec![row], 2));

        fixture.clock.advance(2 * MINUTE);
        assert_eq!(take(&fixture, id, "two").await, Some(2));
        let late = Progress { scanned: 90, finished: vec![lane], ..progress.clone() };
        assert_eq!(save(&fixture, id, 1, late.clone()).await, Saved::Lost);
        assert_eq!(read(&fixture, id).await.0.scanned, 9);
        let finished = Progress { lanes: vec![], ..late };
        assert_eq!(save(&fixture, id, 2, finished).await, Saved::Kept);
        assert_eq!(read(&fixture, id).await.1, vec![]);

        fixture.store.write(Lane::Any, move |tx| webhook::delete(tx, &by(), &id)).await.expect("delete");
        assert_eq!(save(&fixture, id, 2, progress).await, Saved::Lost, "the endpoint is gone");
    });
}

#[test]
fn an_endpoint_is_stored_as_it_is_and_only_enabled_ones_are_served() {
    on_both(async |fixture: Fixture| {
        let row = endpoint(&fixture, &["a.b", "c.d"]).await;
        let id = row.id;
        assert_eq!(read(&fixture, id).await.0, row);
        let changed = EndpointRow { disabled: Some(Disabled::Gone), url: "https://other.example/".into(), ..row };
        let wanted = changed.clone();
        let stored =
            fixture.store.write(Lane::Any, move |tx| webhook::update(tx, &by(), &wanted)).await.expect("update");
        assert_eq!((stored.revision, &stored.url), (2, &changed.url));
        assert_eq!(read(&fixture, id).await.0, stored);
        let enabled = fixture.store.read(|tx| webhook::enabled(tx, &by())).await.expect("enabled");
        assert!(enabled.is_empty());
    });
}

#[test]
fn a_lane_holds_what_the_endpoint_wants_of_it_in_order() {
    on_both(async |fixture: Fixture| {
        let row = endpoint(&fixture, &["dsync.user.created"]).await;
        for number in 0..5 {
            fixture
                .write(move |tx, scope| tx.emit(scope.origin(), event(scope, "directory_user_1", number)))
                .await
                .expect("emit");
        }
        let directory = Strand::Directory(fixture.scope.directory_id());
        let read = async |lane: Strand, range: (i64, i64)| {
            let row = row.clone();
            let found = fixture.store.read(move |tx| lane::events(tx, &by(), &row, lane, range, 3));
            found.await.expect("events").into_iter().map(|event| event.position).collect::<Vec<_>>()
        };
        let all = fixture.store.read(|tx| lane::log(tx, &by(), 0, 100)).await.expect("log");
        let wanted: Vec<i64> =
            all.iter().filter(|event| event.event_type == "dsync.user.created").map(|event| event.position).collect();
        let (first, last) = (wanted[0], wanted[4]);
        assert_eq!(read(directory, (0, last)).await, wanted[..3]);
        assert_eq!(read(directory, (wanted[2], last)).await, wanted[3..]);
        assert_eq!(read(directory, (first, last - 1)).await, wanted[1..4]);
        assert_eq!(read(Strand::Replay(Id::from_bits(1)), (0, last)).await, wanted[..3]);
        for empty in [Strand::Installation, Strand::Test, Strand::Retry, Strand::Organization(fixture.organization)] {
            assert_eq!(read(empty, (0, last)).await, Vec::<i64>::new(), "{empty}");
            assert_eq!(empty.to_string().parse::<Strand>().expect("lane"), empty);
        }
        assert_eq!(directory.to_string().parse::<Strand>().expect("lane"), directory);
    });
}

#[test]
fn rel_14_parked_deliveries_are_asked_for_again_and_old_ones_forgotten() {
    on_both(async |fixture: Fixture| {
        let id = endpoint(&fixture, &[]).await.id;
        let fence = take(&fixture, id, "one").await.expect("lease");
        let states =
            [State::Delivered, State::Parked, State::Retrying, State::Parked, State::Delivered, State::Delivered];
        let deliveries = (1..).zip(states).map(|(position, state)| delivery(position, state)).collect();
        save(&fixture, id, fence, Progress { deliveries, ..Progress::default() }).await;
        let asked = fixture.store.write(Lane::Any, move |tx| delivery::ask_again(tx, &by(), &id, None)).await;
        assert_eq!(asked.expect("ask"), 2);
        let one = DeliveryId::from_bits(EventId::from_bits(1).bits());
        let asked = fixture.store.write(Lane::Any, move |tx| delivery::ask_again(tx, &by(), &id, Some(one))).await;
        assert_eq!(asked.expect("ask"), 1);
        let forgotten = fixture.store.write(Lane::Any, move |tx| delivery::forget_delivered(tx, &by(), &id, 1)).await;
        assert_eq!(forgotten.expect("forget"), 1);
        let (_, _, left) = read(&fixture, id).await;
        assert_eq!(left, 5, "what has not arrived stays");
    });
}
