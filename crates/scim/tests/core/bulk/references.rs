//! bulkIds that refer to each other, forwards, in circles and to nothing (RFC 7644 section 3.7.1 and 3.7.2).

use super::*;

#[test]
fn h062_a_reference_forward_is_resolved() {
    let mut run = run(json!([group("g", &["bulkId:x"]), user("y"), user("x")]));
    assert_eq!(one(run.next_step()).index, 1);
    run.done(1, Done { id: "id-1".to_owned(), version: Some(1) });
    assert_eq!(one(run.next_step()).index, 2);
    run.done(2, Done { id: "id-2".to_owned(), version: Some(1) });
    let job = one(run.next_step());
    assert_eq!((job.index, &job.data["members"][0]["value"]), (0, &json!("id-2")));
    run.done(0, Done { id: "id-0".to_owned(), version: Some(1) });
    let results = results(run);
    let names: Vec<_> = results.iter().map(|result| result["bulkId"].clone()).collect();
    assert_eq!(names, ["g", "y", "x"], "in the order of the request");
}

#[test]
fn h063_p_7644_3_7_1_01_resources_in_each_other_are_made_together() {
    let mut run = run(json!([group("a", &["u-1", "bulkId:b"]), user("x"), group("b", &["bulkId:a", "bulkId:x"])]));
    assert_eq!(one(run.next_step()).index, 1);
    run.done(1, Done { id: "id-x".to_owned(), version: Some(1) });
    let Some(Step::Circle(circle)) = run.next_step() else { panic!("a circle") };
    let names: Vec<_> = circle.iter().map(|one| (one.index, one.bulk_id.as_str())).collect();
    assert_eq!(names, [(0, "a"), (2, "b")]);
    assert_eq!(circle[0].first["members"], json!([{"value": "u-1"}]));
    assert_eq!(circle[0].whole["members"], json!([{"value": "u-1"}, {"value": "bulkId:b"}]));
    assert_eq!(circle[1].first["members"], json!([{"value": "id-x"}]));
    for one in circle {
        run.done(one.index, Done { id: format!("id-{}", one.bulk_id), version: Some(2) });
    }
    assert_eq!(results(run)[0]["version"], "W/\"2\"");
}

#[test]
fn p_7644_3_7_1_01_who_refers_to_itself_is_a_circle_of_one() {
    const ENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let data = json!({"userName": "boss", ENT: {"department": "R", "manager": {"value": "bulkId:me", "displayName": "I"}},
        "urn:acme:1.0:User": {"approver": "bulkId:me", "level": 3}});
    let mut run = run(json!([{"method": "POST", "path": "/Users", "bulkId": "me", "data": data}]));
    let Some(Step::Circle(circle)) = run.next_step() else { panic!("a circle") };
    let left = json!({"userName": "boss", ENT: {"department": "R"}, "urn:acme:1.0:User": {"level": 3}});
    assert_eq!(Value::Object(circle[0].first.clone()), left);
}

#[test]
fn p_7644_3_7_1_01_one_failure_in_a_circle_fails_all_of_it() {
    let operations = json!([group("a", &["bulkId:b"]), group("b", &["bulkId:a"]), group("c", &["bulkId:a"])]);
    let mut run = run(operations);
    assert!(matches!(run.next_step(), Some(Step::Circle(_))));
    run.circle_failed(&[0, 1], 1, &failure(400));
    assert_eq!(run.next_step(), None);
    assert_eq!(statuses(run), ["409", "400", "409"]);
    let mut run = self::run(json!([group("a", &["bulkId:b"]), group("b", &["bulkId:a", "bulkId:nobody"])]));
    assert_eq!(play(&mut run), Vec::<String>::new());
    assert_eq!(statuses(run), ["409", "400"]);
}

#[test]
fn h064_p_7644_3_7_2_02_an_unknown_bulk_id() {
    let patch = json!({"method": "PATCH", "path": "/Groups/bulkId:nobody", "bulkId": "p", "data": {}});
    let mut run = run(json!([group("g", &["bulkId:unknown"]), patch, group("h", &["bulkId:p"]), user("x")]));
    assert_eq!(play(&mut run), ["3"]);
    let results = results(run);
    for result in &results[..3] {
        assert_eq!((&result["status"], &result["response"]["scimType"]), (&json!("400"), &json!("invalidValue")));
    }
    assert!(results[0]["response"]["detail"].as_str().is_some_and(|text| text.contains("unknown")), "{}", results[0]);
}

#[test]
fn h065_p_7644_3_7_2_02_the_failure_of_a_source_is_a_409_all_the_way() {
    let delete = json!({"method": "DELETE", "path": "/Groups/bulkId:g"});
    let mut run = run(json!([group("g", &["bulkId:x"]), user("x"), delete, group("h", &[])]));
    assert_eq!(one(run.next_step()).index, 1);
    run.failed(1, Failure { scim_type: Some("uniqueness"), ..failure(409) });
    assert_eq!(play(&mut run), ["3"]);
    let results = results(run);
    let found: Vec<_> = results.iter().map(|result| result["status"].clone()).collect();
    assert_eq!(found, ["409", "409", "409", "201"]);
    assert_eq!(results[0]["response"].get("scimType"), None);
    assert_eq!(results[1]["response"]["scimType"], "uniqueness");
    assert!(results[0].get("location").is_none() && results[2].get("location").is_some(), "{results:?}");
    let broken = json!({"method": "POST", "path": "/Users", "bulkId": "x"});
    let mut run = self::run(json!([group("g", &["bulkId:x"]), broken]));
    assert_eq!(play(&mut run), Vec::<String>::new());
    assert_eq!(statuses(run), ["409", "400"]);
}

#[test]
fn h066_p_7644_3_7_2_01_references_in_paths_and_in_patches() {
    let operations = json!([
        {"op": "add", "path": "members", "value": [{"value": "bulkId:x", "$ref": "https://x.example/Users/bulkId:x"}]},
        {"op": "remove", "path": "members[value eq \"bulkId:x\" or value eq \"bulkId:y\"]"},
        {"op": "replace", "value": {"displayName": "not bulkId:x", "urn:acme:Group": {"owner": "bulkId:y"}}}]);
    let patch = json!({"method": "PATCH", "path": "/Groups/bulkId%3Ag", "data": {"Operations": operations}});
    let mut run = run(json!([patch, group("g", &[]), user("x"), user("y")]));
    for index in [1, 2, 3] {
        assert_eq!(one(run.next_step()).index, index);
        run.done(index, Done { id: format!("id-{index}"), version: Some(1) });
    }
    let job = one(run.next_step());
    assert_eq!((job.index, job.id.as_str()), (0, "id-1"));
    assert_eq!(
        job.data["Operations"],
        json!([
            {"op": "add", "path": "members", "value": [{"value": "id-2", "$ref": "https://x.example/Users/id-2"}]},
            {"op": "remove", "path": "members[value eq \"id-2\" or value eq \"id-3\"]"},
            {"op": "replace", "value": {"displayName": "not bulkId:x", "urn:acme:Group": {"owner": "id-3"}}}])
    );
}
