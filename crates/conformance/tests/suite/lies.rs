//! Each kind of check finds the untruth that it is there for.

use doorward_conformance::{Outcome, Version};
use serde_json::{Value, json};

use crate::doorward::failures;
use crate::liar::{Lie, Passing, in_answers, in_requests, tested};

/// With this lie these checks fail, all in these chapters, and nothing of the run is left.
async fn caught(lie: Lie, chapters: &[&str], expected: &[&str]) {
    let (report, doorward) = tested(Version::V2, lie, chapters).await;
    let failed = failures(&report);
    for check in expected {
        assert!(failed.contains(check), "{check} did not fail: {report}");
    }
    assert!(!report.conforms());
    assert!(report.cleanup.is_clean(), "{report}");
    assert_eq!(doorward.population().await, (1, 0), "the bystander alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_lie_the_proxy_is_as_good_as_the_server() {
    let (report, _) = tested(Version::V2, in_answers(|_| {}), &[]).await;
    assert_eq!(failures(&report), [""; 0], "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_status() {
    let lie = in_answers(|passing: &mut Passing| match (passing.method.as_str(), passing.status) {
        ("POST", 201) if passing.body.contains("-create@") => passing.status = 200,
        ("DELETE", 204) => passing.status = 200,
        (_, 404) => passing.status = 410,
        _ => {}
    });
    let expected =
        ["create/created", "create/location", "delete/deleted", "delete/get", "read/unknown", "errors/not_found"];
    caught(lie, &["create", "delete", "read", "errors"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_content_type() {
    let lie = in_answers(|passing: &mut Passing| {
        passing.headers.insert("content-type", "text/html".parse().unwrap());
    });
    let expected =
        ["discovery/media_type", "create/media_type", "read/media_type", "query/media_type", "errors/media_type"];
    caught(lie, &["discovery", "create", "read", "query", "errors"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn total_results_off_by_one() {
    let lie = in_answers(|passing: &mut Passing| {
        passing.json(|body| {
            if let Some(total) = body["totalResults"].as_u64() {
                body["totalResults"] = json!(total + 1);
            }
        });
    });
    let expected = ["discovery/types_list", "query/nobody", "paging/count", "paging/zero", "search/users"];
    caught(lie, &["discovery", "query", "paging", "search"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_is_ignored() {
    let lie = in_requests(|passing: &mut Passing| {
        if passing.method == "PATCH" {
            passing.answer(204);
        }
    });
    let expected = [
        "patch/replace_simple",
        "patch/deactivate",
        "patch/remove_filtered",
        "patch-refusals/own_id",
        "patch-refusals/atomic",
        "groups/add",
        "groups/remove",
        "groups/rename",
        "etag/patch_stale",
    ];
    caught(lie, &["patch", "patch-refusals", "groups", "etag"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn put_is_ignored() {
    let lie = in_requests(|passing: &mut Passing| {
        if passing.method == "PUT" {
            passing.method = "GET".to_owned();
            passing.body.clear();
        }
    });
    caught(lie, &["put", "etag"], &["put/replaces", "put/nulls", "put/no_user_name", "put/times", "etag/changes"])
        .await;
}

/// Then the sweep must read the list, and must not take the others in it for its own.
#[tokio::test(flavor = "multi_thread")]
async fn filters_are_ignored() {
    let lie = in_requests(|passing: &mut Passing| {
        if passing.method == "GET" {
            passing.without_parameter("filter");
        }
    });
    let expected = ["filter/eq", "filter/value_path", "filter/operator", "query/nobody"];
    caught(lie, &["filter", "query"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paging_and_projection_are_ignored() {
    let lie = in_requests(|passing: &mut Passing| {
        for name in ["count", "startIndex", "attributes", "excludedAttributes"] {
            passing.without_parameter(name);
        }
    });
    let expected = [
        "paging/count",
        "paging/zero",
        "paging/walk",
        "projection/only",
        "projection/excluded",
        "projection/in_post",
        "groups/without_members",
    ];
    caught(lie, &["paging", "projection", "groups"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_are_missing_and_preconditions_ignored() {
    let lie = Lie {
        request: |passing| {
            passing.headers.remove("if-match");
            passing.headers.remove("if-none-match");
        },
        answer: |passing| {
            for name in ["location", "www-authenticate"] {
                passing.headers.remove(name);
            }
            if passing.method == "POST" {
                passing.headers.remove("etag");
            }
        },
    };
    let expected = [
        "authentication/challenge",
        "create/location",
        "groups/location",
        "etag/post",
        "etag/not_modified",
        "etag/put_stale",
        "etag/delete_stale",
    ];
    caught(lie, &["authentication", "create", "groups", "etag"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_lack_what_they_must_have() {
    fn spoil(one: &mut Value) {
        if let Some(members) = one.as_object_mut().filter(|one| one.contains_key("id")) {
            members.remove("schemas");
            members.remove("groups");
            members.insert("password".to_owned(), json!("shown"));
            members.insert("externalId".to_owned(), json!("invented"));
            if let Some(meta) = members.get_mut("meta") {
                meta["resourceType"] = json!("Person");
                meta["lastModified"] = json!("yesterday");
            }
        }
    }
    let lie = in_answers(|passing| passing.json(spoil));
    let expected = [
        "create/schemas",
        "create/password",
        "create/no_external_id",
        "create/resource_type",
        "create/times",
        "read/schemas",
        "read/groups",
        "read/meta",
        "projection/password",
    ];
    caught(lie, &["create", "read", "projection"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_not_in_the_form_of_scim() {
    let lie = in_answers(|passing| {
        if passing.status >= 400 {
            passing.body = "<h1>Sorry</h1>".to_owned();
        }
    });
    let expected = [
        "errors/not_found",
        "errors/uniqueness",
        "errors/invalid_filter",
        "authentication/error_form",
        "create/duplicate",
        "patch-refusals/remove_required",
        "put/unknown",
        "discovery/no_schema",
    ];
    caught(lie, &["errors", "authentication", "create", "patch-refusals", "put", "discovery"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_and_configuration_are_wrong() {
    let lie = in_answers(|passing| {
        if passing.path.starts_with("/Schemas") {
            passing.body = passing
                .body
                .replace("\"readWrite\"", "\"perhaps\"")
                .replace("\"boolean\"", "\"flag\"")
                .replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "urn:other");
        }
        if passing.path == "/ServiceProviderConfig" {
            passing.json(|config| {
                config["filter"]["maxResults"] = json!("many");
                config["changePassword"] = json!({});
                config["authenticationSchemes"][0]["type"] = json!("secret");
            });
        }
    });
    let expected = [
        "schemas/mutability",
        "schemas/attribute_types",
        "discovery/type_schemas",
        "discovery/config_limits",
        "discovery/config_features",
        "discovery/scheme_types",
    ];
    caught(lie, &["schemas", "discovery"], &expected).await;
}

/// What is advertised and does not work is a failure, not a reason to skip.
#[tokio::test(flavor = "multi_thread")]
async fn features_are_promised_that_are_not_there() {
    let lie = Lie {
        request: |passing| {
            passing.without_parameter("sortBy");
            passing.without_parameter("cursor");
            if passing.path == "/Bulk" {
                passing.answer(501);
            }
        },
        answer: |passing| {
            if passing.path == "/ServiceProviderConfig" {
                passing.json(|config| {
                    config["sort"]["supported"] = json!(true);
                    config["bulk"] = json!({"supported": true, "maxOperations": 10, "maxPayloadSize": 1000});
                    config["pagination"] = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index"});
                });
            }
        },
    };
    let expected =
        ["sort/descending", "bulk/response", "bulk/reference", "bulk/too_many", "cursor/first", "cursor/walk"];
    caught(lie, &["sort", "bulk", "cursor"], &expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_and_the_report_says_what_is_left() {
    let lie = in_requests(|passing: &mut Passing| {
        if passing.method == "DELETE" {
            passing.answer(204);
        }
    });
    let (report, doorward) = tested(Version::V2, lie, &["delete"]).await;
    assert!(failures(&report).contains(&"delete/get"), "{report}");
    assert!(!report.cleanup.is_clean());
    let (users, groups) = doorward.population().await;
    assert_eq!(report.cleanup.left.len() as u64, users - 1 + groups, "{:?}", report.cleanup);
    assert!(report.to_string().contains("STILL THERE"), "{report}");
}

/// A SHOULD that is not met is told, and the server conforms nevertheless.
#[tokio::test(flavor = "multi_thread")]
async fn a_should_is_a_warning() {
    let lie = in_answers(|passing: &mut Passing| {
        if passing.path.starts_with("/Schemas?filter") {
            passing.status = 400;
            passing.json(|error| error["status"] = json!("400"));
        }
    });
    let (report, _) = tested(Version::V2, lie, &["discovery"]).await;
    assert!(report.conforms());
    let warned = report.checks.iter().find(|entry| matches!(entry.outcome, Outcome::Warned { .. })).unwrap();
    assert_eq!(warned.check, "discovery/schemas_filter");
    assert_eq!(report.counts().warned, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_sends_is_neither_markup_nor_control() {
    let lie = in_answers(|passing: &mut Passing| {
        if passing.status >= 400 {
            passing.body = "<script>alert(1)</script> \u{1b}[2J \u{7} end".to_owned();
        }
    });
    let (report, _) = tested(Version::V2, lie, &["errors"]).await;
    let page = doorward_conformance::html(&report);
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script") && !page.contains('\u{1b}'));
    let text = report.to_string();
    assert!(text.contains("<script>alert(1)") && !text.contains(['\u{1b}', '\u{7}']), "{text}");
}
