//! `dsync.sync.settled`.

use std::time::Duration;

use doorward_server::service::{directories, settled};
use doorward_store::scope::{OperatorScope, SystemScope};
use doorward_store::{Clock, Options};
use serde_json::{Value, json};

use crate::support::{Directory, Kind, Service};

const QUIET: Duration = Duration::from_secs(120);
const SECOND: i64 = 1_000_000;

/// What was announced of the directory so far, after whoever is due was announced. The service's own job may be quicker.
async fn announced(directory: &Directory) -> Vec<Value> {
    settled::announce(directory.service.app.store(), &SystemScope::job("test"), QUIET).await.unwrap();
    let events = directory.events_after(0).await;
    let told = events.iter().filter(|event| event.event_type == "dsync.sync.settled");
    told.map(|event| serde_json::from_str(&event.data).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sk_12_the_end_of_the_first_sync_is_told_once_after_two_quiet_minutes() {
    for database in doorward_testkit::databases() {
        let clock = Clock::fixed(1_795_000_000_000_000);
        let service = Service::start(database, Options { clock: clock.clone(), ..Options::default() });
        let directory = service.directory(Kind::okta()).await;
        directory.get("/Users").await.expect(200);
        clock.advance(500 * SECOND);
        assert!(announced(&directory).await.is_empty(), "nobody has come yet");
        directory.user("ada@corp.example").await;
        clock.advance(119 * SECOND);
        assert!(announced(&directory).await.is_empty(), "not quiet for long enough");
        directory.group("Engineering", &[]).await;
        clock.advance(120 * SECOND - 1);
        assert!(announced(&directory).await.is_empty(), "a change in between counts");
        clock.advance(1);
        let told = announced(&directory).await;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["users"], json!({"active": 1, "inactive": 0}));
        assert_eq!((&told[0]["groups"], &told[0]["quiet_seconds"]), (&json!(1), &json!(120)));
        directory.user("bob@corp.example").await;
        clock.advance(900 * SECOND);
        assert_eq!(announced(&directory).await.len(), 1, "daily work is no first sync");
        let operator = OperatorScope::local();
        directories::disable(service.app.store(), &operator, directory.id).await.unwrap();
        directories::enable(service.app.store(), &operator, directory.id).await.unwrap();
        clock.advance(120 * SECOND);
        assert_eq!(announced(&directory).await.len(), 2, "everything may have changed while it was off");
        assert_eq!(announced(&directory).await.len(), 2);
    }
}
