//! The request log: written in batches, read by directory, bounded.

use doorward_store::ids::TokenId;
use doorward_store::paging::{Cursor, Order};
use doorward_store::request_log::{self, Named, RequestFilter, RequestRow, RequestValues};
use doorward_store::scope::SystemScope;
use doorward_store::{Lane, directory};

use crate::common::{Fixture, NOON, make_directory, on_both_at_noon};

const HOUR: i64 = 3_600_000_000;

fn job() -> SystemScope {
    SystemScope::job("test")
}

fn request(fixture: &Fixture, number: i64, status: i64) -> RequestValues {
    RequestValues {
        request_id: format!("req_{number}"),
        method: "GET".into(),
        path: "/scim/v2/Users\0".into(),
        status: Some(status),
        token_id: (status != 401).then(token),
        codes: if status >= 400 { vec!["D01".into(), "D12".into()] } else { Vec::new() },
        address: Some("192.0.2.1".parse().expect("address")),
        request_body: Some("{}".into()),
        ..RequestValues::of(fixture.scope.directory_id(), NOON + number)
    }
}

fn token() -> TokenId {
    "token_01J00000000000000000000000".parse().expect("id")
}

async fn add(fixture: &Fixture, requests: Vec<RequestValues>) -> usize {
    fixture.store.write(Lane::Any, move |tx| request_log::add(tx, &job(), &requests)).await.expect("add")
}

async fn list(fixture: &Fixture, filter: RequestFilter) -> Vec<RequestRow> {
    let first = Cursor::first(1000, Order::Ascending);
    fixture.read(move |tx, scope| request_log::list(tx, scope, &first, &filter)).await.expect("list").items
}

#[test]
fn requests_are_written_in_batches_of_any_size_and_read_in_the_order_of_time() {
    on_both_at_noon(async |fixture: Fixture| {
        let mut batch: Vec<RequestValues> = (0..300).map(|number| request(&fixture, number, 200)).collect();
        batch.reverse();
        assert_eq!(add(&fixture, batch).await, 300);
        let found = list(&fixture, RequestFilter::default()).await;
        assert_eq!(found.len(), 300);
        assert!(found.iter().enumerate().all(|(place, row)| row.values.started_at == NOON + place as i64));
        assert!(found.iter().all(|row| row.values.request_body.is_none()), "lists are lean");
        let id = found[7].id;
        let one = fixture.read(move |tx, scope| request_log::get(tx, scope, Named::Id(id))).await.expect("get");
        let expected = RequestValues { path: "/scim/v2/Users\u{fffd}".into(), ..request(&fixture, 7, 200) };
        assert_eq!(one.expect("there").values, expected);
        let named = fixture.read(|tx, scope| request_log::get(tx, scope, Named::Request("req_7"))).await.expect("get");
        assert_eq!(named.expect("there").id, id);
    });
}

#[test]
fn filters_find_what_they_name() {
    on_both_at_noon(async |fixture: Fixture| {
        let unanswered = RequestValues { status: None, ..request(&fixture, 3, 200) };
        let batch = vec![request(&fixture, 1, 200), request(&fixture, 2, 409), unanswered];
        add(&fixture, batch).await;
        for (filter, want) in [
            (RequestFilter { failed: Some(true), ..Default::default() }, &[2, 3][..]),
            (RequestFilter { failed: Some(false), ..Default::default() }, &[1]),
            (RequestFilter { code: Some("D12".into()), ..Default::default() }, &[2]),
            (RequestFilter { code: Some("D1".into()), ..Default::default() }, &[]),
            (RequestFilter { status: Some(409), ..Default::default() }, &[2]),
            (RequestFilter { range_start: Some(NOON + 2), range_end: Some(NOON + 3), ..Default::default() }, &[2]),
        ] {
            let found: Vec<i64> =
                list(&fixture, filter.clone()).await.iter().map(|row| row.values.started_at - NOON).collect();
            assert_eq!(found, want, "{filter:?}");
        }
    });
}

#[test]
fn sec_06_a_log_belongs_to_its_directory_and_goes_with_it() {
    on_both_at_noon(async |fixture: Fixture| {
        let other = make_directory(&fixture.store, fixture.organization, "other").await;
        let foreign = RequestValues { directory_id: other.directory_id(), ..request(&fixture, 2, 200) };
        add(&fixture, vec![request(&fixture, 1, 200), foreign.clone()]).await;
        assert_eq!(list(&fixture, RequestFilter::default()).await.len(), 1);
        let found = fixture.read(|tx, scope| request_log::get(tx, scope, Named::Request("req_2"))).await.expect("get");
        assert_eq!(found, None);
        let (id, by) = (other.directory_id(), fixture.by.clone());
        fixture.store.write(Lane::Directory(id), move |tx| directory::delete(tx, &by, &id)).await.expect("delete");
        assert_eq!(fixture.raw_number("SELECT COUNT(*) FROM request_log"), 1);
        assert_eq!(add(&fixture, vec![foreign, request(&fixture, 3, 200)]).await, 1, "of those that are gone nothing");
    });
}

#[test]
fn the_sums_of_a_directory_follow_its_requests_for_two_hours() {
    on_both_at_noon(async |fixture: Fixture| {
        let traffic = async || {
            let row = fixture.read(directory::own).await.expect("own").expect("directory");
            let traffic = row.traffic;
            (traffic.requests, traffic.failures, traffic.refused)
        };
        assert_eq!(traffic().await, (0, 0, 0));
        add(&fixture, vec![request(&fixture, 1, 200), request(&fixture, 2, 409), request(&fixture, 3, 401)]).await;
        add(&fixture, vec![request(&fixture, 4, 401)]).await;
        assert_eq!(traffic().await, (4, 1, 2));
        let row = fixture.read(directory::own).await.expect("own").expect("directory").traffic;
        let times = (row.first_at, row.accepted_at, row.refused_at, row.last_at);
        assert_eq!(times, (Some(NOON + 1), Some(NOON + 2), Some(NOON + 4), Some(NOON + 4)));
        fixture.clock.advance(HOUR);
        add(&fixture, vec![request(&fixture, HOUR, 200)]).await;
        assert_eq!(traffic().await, (5, 1, 2), "the hour before counts as well");
        fixture.clock.advance(HOUR);
        assert_eq!(traffic().await, (1, 0, 0));
        fixture.clock.advance(5 * HOUR);
        assert_eq!(traffic().await, (0, 0, 0));
        add(&fixture, vec![request(&fixture, 7 * HOUR, 500)]).await;
        assert_eq!(traffic().await, (1, 1, 0), "what was long ago is forgotten");
    });
}

#[test]
fn the_oldest_go_first() {
    on_both_at_noon(async |fixture: Fixture| {
        add(&fixture, (0..10).map(|number| request(&fixture, number, 200)).collect()).await;
        let id = fixture.scope.directory_id();
        let crowded = async |most| {
            fixture.store.read(move |tx| request_log::crowded(tx, &job(), most, 10)).await.expect("crowded")
        };
        assert_eq!((crowded(9).await, crowded(10).await), (vec![id], vec![]));
        let beyond = move |tx: &mut doorward_store::Tx<'_>| request_log::purge_beyond(tx, &job(), &id, 7, 2);
        assert_eq!(fixture.store.write(Lane::Any, beyond).await.expect("purge"), 2);
        assert_eq!(fixture.store.write(Lane::Any, beyond).await.expect("purge"), 1);
        assert_eq!(fixture.store.write(Lane::Any, beyond).await.expect("purge"), 0);
        assert_eq!(list(&fixture, RequestFilter::default()).await[0].values.started_at, NOON + 3);
        let before = move |tx: &mut doorward_store::Tx<'_>| request_log::purge_before(tx, &job(), &id, NOON + 8, 100);
        assert_eq!(fixture.store.write(Lane::Any, before).await.expect("purge"), 5);
        assert_eq!((list(&fixture, RequestFilter::default()).await.len(), crowded(1).await), (2, vec![id]));
        let all = fixture.store.read(|tx| request_log::with_requests(tx, &job(), None, 10)).await.expect("with");
        assert_eq!(all, [id]);
        let after = fixture.store.read(move |tx| request_log::with_requests(tx, &job(), Some(id), 10)).await;
        assert_eq!(after.expect("with"), []);
    });
}
