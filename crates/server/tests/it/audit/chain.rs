//! The hash chain (SEC-54).

use std::sync::Arc;

use doorward_server::service::sealing::{self, Head};
use doorward_store::Options;
use doorward_store::scope::OperatorScope;

use crate::app_api::Api;
use crate::event_log::sealed;
use crate::support::{Kind, Service};

/// What is wrong with the log.
async fn findings(service: &Service, kept: Option<&Head>) -> Vec<(i64, &'static str)> {
    let verified = sealing::verify(service.app.store(), &OperatorScope::local(), kept.cloned()).await.unwrap();
    verified.findings.iter().map(|finding| (finding.position, finding.problem)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_54_the_record_that_was_altered_removed_or_moved_is_named() {
    for database in doorward_testkit::databases() {
        let service = Service::start(database, Options::default());
        let directory = service.directory(Kind::okta()).await;
        let api = Api::of(&service).await;
        for n in 0..20 {
            directory.user(&format!("u{n}@corp.example")).await;
        }
        sealed(&service).await;
        assert!(findings(&service, None).await.is_empty());
        let shown = api.found("/audit_events/verification").await;
        let kept: Head = shown["head"].as_str().unwrap().parse().unwrap();
        for n in 20..30 {
            directory.user(&format!("u{n}@corp.example")).await;
        }
        sealed(&service).await;
        assert!(findings(&service, Some(&kept)).await.is_empty());
        let holds = api.found(&format!("/audit_events/verification?head={kept}")).await;
        assert_eq!((holds["holds"].as_bool(), holds["unsealed"].as_i64()), (Some(true), Some(0)));

        for column in ["data", "actor", "actor_id", "address", "event_type", "request_id"] {
            service.raw(&format!("CREATE TABLE kept AS SELECT * FROM event WHERE position = 9; UPDATE event SET {column} = 'x' WHERE position = 9"));
            assert_eq!(findings(&service, None).await, [(9, "altered")], "{column}");
            service.raw(&format!(
                "UPDATE event SET {column} = (SELECT {column} FROM kept) WHERE position = 9; DROP TABLE kept"
            ));
        }
        assert!(findings(&service, None).await.is_empty(), "put back as it was");
        service.raw(
            "UPDATE event SET position = -1 WHERE position = 12; UPDATE event SET position = 12 WHERE position = 15; \
            UPDATE event SET position = 15 WHERE position = -1",
        );
        assert_eq!(findings(&service, None).await[0], (12, "altered"), "moved");
        service.raw(
            "UPDATE event SET position = -1 WHERE position = 12; UPDATE event SET position = 12 WHERE position = 15; \
            UPDATE event SET position = 15 WHERE position = -1",
        );
        service
            .raw("CREATE TABLE kept AS SELECT * FROM event WHERE position = 7; DELETE FROM event WHERE position = 7");
        assert_eq!(findings(&service, None).await, [(7, "removed")]);
        service.raw("INSERT INTO event SELECT * FROM kept; DROP TABLE kept");
        assert!(findings(&service, None).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sec_54_a_log_whose_end_was_cut_off_does_not_hold_a_kept_head() {
    for database in doorward_testkit::databases() {
        let service = Service::start(database, Options::default());
        let directory = service.directory(Kind::okta()).await;
        directory.user("ada@corp.example").await;
        sealed(&service).await;
        let operator = OperatorScope::local();
        let early = sealing::head(service.app.store(), &operator).await.unwrap().head.unwrap();
        directory.user("bob@corp.example").await;
        sealed(&service).await;
        let kept = sealing::head(service.app.store(), &operator).await.unwrap().head.unwrap();
        // Everything that the database knows of the end, so that only what was kept elsewhere can tell.
        let cut = early.position;
        service.raw(&format!(
            "DELETE FROM event WHERE position > {cut}; DELETE FROM event_seal WHERE last_position > {cut}"
        ));
        assert_eq!(findings(&service, None).await, [(cut + 1, "removed")], "the counter still knows");
        service.raw(&format!("UPDATE counter SET value = {cut} WHERE name = 'event'"));
        assert!(findings(&service, None).await.is_empty());
        assert_eq!(findings(&service, Some(&kept)).await, [(kept.position, "head_missing")]);
        assert!(findings(&service, Some(&early)).await.is_empty());
        // And one that was written anew, with seals that fit.
        directory.user("eve@corp.example").await;
        sealed(&service).await;
        assert_eq!(findings(&service, Some(&kept)).await, [(kept.position, "head_missing")]);
        let holds =
            Api::of(&Arc::clone(&service)).await.found(&format!("/audit_events/verification?head={kept}")).await;
        assert_eq!((holds["holds"].as_bool(), holds["problem"].as_str()), (Some(false), Some("head_missing")));
    }
}
