//! `/audit_events/export` (SEC-53).

use serde_json::Value;

use crate::app_api::Api;
use crate::event_log::Streamed;
use crate::support::{Directory, Kind, with_directory};

#[tokio::test(flavor = "multi_thread")]
async fn sec_53_exports_are_files_in_which_no_cell_is_a_formula() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        for name in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "a,\"b\""] {
            directory.group(name, &[]).await;
        }
        for n in 0..120 {
            directory.user(&format!("u{n}@corp.example")).await;
        }
        let own = format!("directory={}", directory.id);
        let mut csv = Streamed::found(&api, &format!("/audit_events/export?format=csv&{own}"), "").await;
        for want in ["content-type: text/csv", "content-disposition: attachment;", "x-content-type-options: nosniff"] {
            assert!(csv.head.contains(want), "{want}: {}", csv.head);
        }
        let rows = csv.lines().await;
        assert!(csv.whole && rows[0].starts_with("sequence,id,occurred_at,action,actor_type"), "{}", rows[0]);
        for want in [",'=cmd|' /C calc'!A0,", ",'+1,", ",'-1,", ",'@SUM(A1),", ",\"a,\"\"b\"\"\","] {
            assert!(rows.iter().any(|row| row.contains(want)), "{want}");
        }
        let mut lines = Streamed::found(&api, &format!("/audit_events/export?format=ndjson&{own}"), "").await;
        assert!(lines.head.contains("content-disposition: attachment;"), "{}", lines.head);
        let records: Vec<Value> = lines.lines().await.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        let listed = api.all(&format!("/audit_events?order=asc&{own}")).await;
        assert!(lines.whole && records == listed, "{} of {}", records.len(), listed.len());
        assert_eq!(rows.len(), listed.len() + 1);
        api.refused("/audit_events/export?format=xml", 422, "unprocessable_entity").await;
    })
    .await;
}
