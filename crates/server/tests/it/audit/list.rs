//! `/audit_events`.

use serde_json::{Value, json};

use crate::app_api::{Api, data};
use crate::custom_schemas::{X, x};
use crate::support::{Directory, Kind, with_directory};

fn texts<'a>(list: &'a [Value], key: &str) -> Vec<&'a str> {
    list.iter().map(|record| record[key].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn wt_26_wt_32_the_audit_log_tells_who_did_what_to_whom() {
    with_directory(Kind::okta(), async |directory: Directory| {
        let api = Api::of(&directory.service).await;
        let ada = directory.user("ada@corp.example").await;
        let group = directory.group("Engineering", &[&ada]).await;
        let off = json!([{"op": "replace", "value": {"active": false, "name": {"familyName": "Byron"}}}]);
        let patched = directory.operations(&format!("/Users/{ada}"), off).await.expect(200);
        let target = format!("/directories/{}/schemas/{X}", directory.id);
        let put = api.send("PUT", &target, x()).await.expect(200);
        let own = format!("/audit_events?organization_id={}&order=asc", directory.organization_id);

        let scim = api.all(&format!("{own}&actor=scim_auto_sync")).await;
        let want = [
            "dsync.activated",
            "dsync.user.created",
            "dsync.group.created",
            "dsync.group.user_added",
            "dsync.user.updated",
        ];
        assert_eq!(texts(&scim, "action"), want, "exactly what the identity provider changed (WT-32)");
        assert!(scim.iter().all(|record| record["actor"]["id"].as_str().unwrap().starts_with("token_")));

        let added = &scim[1];
        assert_eq!((&added["object"], &added["target"]["type"]), (&json!("audit_event"), &json!("directory_user")));
        assert_eq!((&added["target"]["id"], &added["target"]["name"]), (&json!(ada), &Value::Null));
        assert_eq!(added["directory_id"], json!(directory.id));
        assert_eq!(added["context"], json!({"address": "127.0.0.1"}));
        assert_eq!(added["occurred_at"].as_str().unwrap().len(), 24);
        let joined = &scim[3];
        assert_eq!(joined["target"], json!({"type": "directory_group", "id": group, "name": "Engineering"}));
        assert_eq!(joined["changes"], json!([{"field": "members", "before": null, "after": ada}]));

        let updated = &scim[4];
        assert_eq!(updated["request_id"].as_str(), patched.header("x-request-id"));
        let changes = updated["changes"].as_array().unwrap();
        assert!(changes.contains(&json!({"field": "state", "before": "active", "after": "inactive"})), "{updated}");
        assert!(texts(changes, "field").contains(&"last_name"), "{updated}");
        assert!(!updated.to_string().contains("Lovelace") && !updated.to_string().contains("Byron"), "{updated}");

        let by_key = api.all(&format!("{own}&actor=api_key&actor_id={}", api.id)).await;
        assert_eq!(texts(&by_key, "action"), ["dsync.updated"]);
        assert_eq!(by_key[0]["request_id"].as_str(), put.header("x-request-id"));
        assert_eq!(by_key[0]["changes"][0]["field"], "schemas");
        assert_eq!(by_key[0]["changes"][0]["before"], json!([]));
        let by_operator = api.all(&format!("{own}&actor=operator")).await;
        assert_eq!(texts(&by_operator, "action"), ["organization.created", "dsync.created", "dsync.token.created"]);

        let of_ada = api.all(&format!("{own}&target={ada}")).await;
        assert_eq!(texts(&of_ada, "action"), ["dsync.user.created", "dsync.user.updated"]);
        let only = api.all(&format!("{own}&actions=dsync.group.created,dsync.group.deleted")).await;
        assert_eq!(texts(&only, "action"), ["dsync.group.created"]);
        let request = updated["request_id"].as_str().unwrap();
        assert_eq!(
            api.all(&format!("/audit_events?request_id={request}&order=asc")).await,
            std::slice::from_ref(updated)
        );
        assert!(data(&api.found(&format!("{own}&range_end=2020-01-01T00:00:00Z")).await).is_empty());
        let newest = api.found(&format!("/audit_events?directory={}&limit=1", directory.id)).await;
        assert_eq!(data(&newest)[0], by_key[0], "newest first");
        api.refused("/audit_events?actor=nobody", 422, "unprocessable_entity").await;
    })
    .await;
}
