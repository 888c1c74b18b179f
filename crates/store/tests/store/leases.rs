//! One of several nodes does a job.

use doorward_store::scope::SystemScope;
use doorward_store::{Lane, Store, lease};

use crate::common::{Fixture, on_both_at_noon};

const MINUTE: i64 = 60_000_000;

async fn take(store: &Store, holder: &'static str) -> Option<i64> {
    let by = SystemScope::job("test");
    store.write(Lane::Any, move |tx| lease::take(tx, &by, "sweep", holder, MINUTE)).await.expect("take")
}

async fn is_held(store: &Store, fence: i64) -> bool {
    let by = SystemScope::job("test");
    store.write(Lane::Any, move |tx| lease::is_held(tx, &by, "sweep", fence)).await.expect("is_held")
}

#[test]
fn rel_31_a_lease_has_one_holder_and_who_slept_through_it_is_recognised() {
    on_both_at_noon(async |fixture: Fixture| {
        let (one, other) = (fixture.store.clone(), fixture.second_node());
        assert_eq!(take(&one, "one").await, Some(1));
        assert_eq!(take(&other, "other").await, None);
        fixture.clock.advance(MINUTE / 2);
        assert_eq!(take(&one, "one").await, Some(1), "prolonged under the same fence");
        assert!(is_held(&other, 1).await);
        fixture.clock.advance(2 * MINUTE);
        assert!(!is_held(&one, 1).await, "its time is up though nobody has taken it");
        assert_eq!(take(&other, "other").await, Some(2));
        assert!(!is_held(&one, 1).await);
        assert_eq!(take(&one, "one").await, None);
        let by = SystemScope::job("test");
        other.write(Lane::Any, move |tx| lease::release(tx, &by, "sweep", 2)).await.expect("release");
        assert_eq!(take(&one, "one").await, Some(3));
        other.close().await;
    });
}
