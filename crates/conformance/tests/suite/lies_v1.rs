//! The checks of SCIM 1.1 find untruths too.

use doorward_conformance::Version;
use serde_json::json;

use crate::doorward::failures;
use crate::liar::{Lie, tested};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_2_0_is_none_of_1_1() {
    let lie = Lie {
        request: |passing| {
            passing.headers.remove("x-http-method-override");
            if passing.method == "PATCH" {
                passing.answer(204);
            }
        },
        answer: |passing| {
            passing.headers.insert("content-type", "application/scim+json".parse().unwrap());
            passing.body =
                passing.body.replace("urn:scim:schemas:core:1.0", "urn:ietf:params:scim:schemas:core:2.0:User");
            match (passing.method.as_str(), passing.status) {
                ("DELETE", 200) => passing.status = 204,
                (_, 400..) => {
                    passing.json(|error| *error = json!({"status": "404", "detail": "no", "scimType": "none"}));
                }
                _ => {}
            }
        },
    };
    let (report, doorward) = tested(Version::V1, lie, &[]).await;
    let failed = failures(&report);
    for check in [
        "discovery/media_type",
        "discovery/schema",
        "create/schemas",
        "create/duplicate",
        "read/schema",
        "query/list_schema",
        "write/deleted",
        "write/override_put",
        "write/override_delete",
        "patch/single",
        "patch/delete",
        "patch/remove",
        "errors/not_found",
        "errors/no_scim_type",
    ] {
        assert!(failed.contains(&check), "{check} did not fail: {report}");
    }
    assert!(report.cleanup.is_clean(), "{report}");
    assert_eq!(doorward.population().await, (1, 0));
}
