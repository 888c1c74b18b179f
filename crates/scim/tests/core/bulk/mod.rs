//! Bulk requests without anybody who carries them out (`p_7644_3_7_…`, `h060_…` to `h068_…`, `v029_…`).

use std::collections::{HashMap, HashSet};

use doorward_scim::bulk::{self, Done, Failure, Method, Request, RequestError, Run, Step};
use doorward_scim::quirks::Leniency;
use doorward_scim::version::Version;
use proptest::prelude::*;
use serde_json::{Value, json};

mod order;
mod references;

use crate::fixtures::object;

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const BASE: &str = "https://x.example/scim/v2";

fn read(message: Value) -> Result<Request, RequestError> {
    Request::read(object(message), Version::V2, 1000, &mut Leniency::tolerant())
}

fn run(operations: Value) -> Run {
    Run::new(read(json!({"schemas": [REQUEST], "Operations": operations})).expect("a readable request"))
}

fn user(bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": {"userName": bulk_id}})
}

fn group(bulk_id: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|value| json!({"value": value})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": {"displayName": bulk_id, "members": members}})
}

/// Does everything, each resource getting `id-` and its bulkId as its id; what was done, in order, circles with a plus.
fn play(run: &mut Run) -> Vec<String> {
    let mut log = Vec::new();
    while let Some(step) = run.next_step() {
        match step {
            Step::One(job) => {
                let id = match job.method {
                    Method::Post => format!("id-{}", job.index),
                    _ => job.id,
                };
                log.push(job.index.to_string());
                run.done(job.index, Done { id, version: Some(1) });
            }
            Step::Circle(circle) => {
                log.push(circle.iter().map(|one| one.index.to_string()).collect::<Vec<_>>().join("+"));
                for one in circle {
                    run.done(one.index, Done { id: format!("id-{}", one.index), version: Some(2) });
                }
            }
        }
    }
    log
}

fn results(run: Run) -> Vec<Value> {
    let response = run.response(Version::V2, BASE);
    assert_eq!(response["schemas"], json!([RESPONSE]));
    response["Operations"].as_array().expect("an array").clone()
}

fn statuses(run: Run) -> Vec<String> {
    results(run).iter().map(|result| result["status"].as_str().expect("a string").to_owned()).collect()
}

fn one(step: Option<Step>) -> bulk::Job {
    match step {
        Some(Step::One(job)) => job,
        other => panic!("not one operation: {other:?}"),
    }
}

fn failure(status: u16) -> Failure {
    Failure { status, scim_type: None, detail: "for the test".to_owned() }
}

#[test]
fn p_7644_3_7_02_the_message_must_be_a_bulk_request() {
    let operations = json!([user("x")]);
    for (message, wanted) in [
        (json!({"schemas": [REQUEST]}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": []}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": {}}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": null}), "invalidSyntax"),
        (json!({"schemas": ["urn:x"], "Operations": operations}), "invalidSyntax"),
        (json!({"schemas": 7, "Operations": operations}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": operations, "failOnErrors": "1"}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": operations, "failOnErrors": 1.5}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": operations, "failOnErrors": 0}), "invalidValue"),
        (json!({"schemas": [REQUEST], "Operations": operations, "failOnErrors": -1}), "invalidValue"),
    ] {
        match read(message.clone()) {
            Err(RequestError::Message(error)) => assert_eq!(error.scim_type(), wanted, "{message}"),
            other => panic!("{message}: {other:?}"),
        }
    }
    let accepted = read(json!({"SCHEMAS": [REQUEST], "operations": operations, "FailOnErrors": 3, "more": 1}));
    assert_eq!(accepted.expect("names ignore letter case").fail_on_errors, Some(3));
    assert_eq!(read(json!({"Operations": operations, "failOnErrors": null})).expect("no limit").fail_on_errors, None);
    let strict = |message| Request::read(object(message), Version::V2, 9, &mut Leniency::strict());
    assert!(strict(json!({"Operations": operations})).is_err());
    assert!(strict(json!({"schemas": [REQUEST], "Operations": operations, "more": 1})).is_err());
    let of_1_1 = |schemas: Value| {
        let message = object(json!({"schemas": schemas, "Operations": operations}));
        Request::read(message, Version::V1, 9, &mut Leniency::strict()).is_ok()
    };
    assert!(of_1_1(json!(["urn:scim:schemas:core:1.0"])) && !of_1_1(json!([REQUEST])));
    let bare = object(json!({"Operations": operations}));
    assert!(Request::read(bare, Version::V1, 9, &mut Leniency::strict()).is_ok());
}

#[test]
fn p_7644_3_7_03_h060_what_is_wrong_with_one_operation_is_its_own_failure() {
    let data = json!({"userName": "a"});
    let wrong = [
        json!({"method": "POST", "path": "/Users", "data": data}),
        json!({"method": "POST", "path": "/Users", "bulkId": "", "data": data}),
        json!({"method": "POST", "path": "/Users", "bulkId": 7, "data": data}),
        json!({"path": "/Users", "bulkId": "n", "data": data}),
        json!({"method": "GET", "path": "/Users/u", "bulkId": "n"}),
        json!({"method": "post", "path": "/Users", "bulkId": "n", "data": data}),
        json!({"method": ["POST"], "path": "/Users", "bulkId": "n", "data": data}),
        json!({"method": "POST", "bulkId": "n", "data": data}),
        json!({"method": "POST", "path": null, "bulkId": "n", "data": data}),
        json!({"method": "POST", "path": "/Users/u", "bulkId": "n", "data": data}),
        json!({"method": "POST", "path": "/Users", "bulkId": "n"}),
        json!({"method": "POST", "path": "/Users", "bulkId": "n", "data": [data]}),
        json!({"method": "PUT", "path": "/Users", "data": data}),
        json!({"method": "PUT", "path": "/Users/u"}),
        json!({"method": "PATCH", "path": "/Groups/g", "data": null}),
        json!({"method": "PATCH", "path": "/Groups/g", "version": 7, "data": data}),
        json!({"method": "DELETE", "path": "/Groups"}),
        json!("POST /Users"),
        json!(null),
    ];
    for operation in wrong {
        let mut run = run(json!([user("a"), operation, user("b")]));
        assert_eq!(play(&mut run), ["0", "2"], "{operation}");
        let results = results(run);
        assert_eq!(results.len(), 3);
        assert_eq!(
            (&results[1]["status"], &results[1]["response"]["scimType"]),
            (&json!("400"), &json!("invalidSyntax"))
        );
        assert!(results[1]["response"]["detail"].as_str().is_some_and(|text| text.len() > 15), "{}", results[1]);
        assert_eq!((&results[0]["status"], &results[2]["status"]), (&json!("201"), &json!("201")));
    }
    let extra = json!({"method": "DELETE", "path": "/Users/u", "data": 7, "extra": 1});
    assert_eq!(play(&mut run(json!([extra]))), ["0"], "DELETE has no data; more members are tolerated");
    let message = object(json!({"schemas": [REQUEST], "Operations": [extra]}));
    let strict = Request::read(message, Version::V2, 9, &mut Leniency::strict()).expect("a readable request");
    assert_eq!(play(&mut Run::new(strict)), Vec::<String>::new());
}

#[test]
fn p_7644_3_7_10_sec_33_paths_that_lead_elsewhere() {
    for path in [
        "https://evil.example/scim/v2/Users/u",
        "//evil.example/Users",
        "/v2/Users/u",
        "/other/v2/Users/u",
        "/../other/v2/Users/u",
        "/Users/..",
        "/Users/%2e%2e",
        "/Users/u/../../Groups/g",
        "/Users/..%2FGroups%2Fg",
        "/Users/u/x",
        "/Users//u",
        "/Users?x=1",
        "/Users/u?attributes=id",
        "/Users/u#x",
        "/Bulk",
        "/Me",
        "/Schemas",
        "/users/u",
        "",
        "/",
        "Users/u/",
        "/Groups/g/",
    ] {
        let fine = matches!(path, "Users/u/" | "/Groups/g/");
        let mut run = run(json!([{"method": "DELETE", "path": path}]));
        assert_eq!(play(&mut run).len(), usize::from(fine), "{path}");
        let result = results(run).remove(0);
        assert_eq!(result["status"], if fine { "204" } else { "400" }, "{path}");
        assert_eq!(result.get("location").is_some(), fine, "{path}: a path that leads nowhere has no location");
    }
    let mut run = run(json!([{"method": "DELETE", "path": "/Users/a%20%C3%A9"}]));
    let job = one(run.next_step());
    assert_eq!(job.id, "a é");
    run.failed(0, failure(404));
    assert_eq!(results(run)[0]["location"], format!("{BASE}/Users/a%20%C3%A9"));
}

#[test]
fn p_7644_3_7_05_p_7644_3_7_06_h061_fail_on_errors() {
    let operations: Vec<Value> = ["a", "b", "c", "d"].map(user).to_vec();
    for (fail_on_errors, tried) in [(json!(null), 4), (json!(1), 2), (json!(2), 4), (json!(3), 4)] {
        let message = json!({"schemas": [REQUEST], "failOnErrors": fail_on_errors, "Operations": operations});
        let mut run = Run::new(read(message).expect("a readable request"));
        let mut seen = Vec::new();
        while let Some(step) = run.next_step() {
            let job = one(Some(step));
            seen.push(job.index);
            match job.index {
                1 | 3 => run.failed(job.index, failure(409)),
                index => run.done(index, Done { id: "x".to_owned(), version: Some(1) }),
            }
        }
        assert_eq!((seen.len(), results(run).len()), (tried, tried), "{fail_on_errors}");
    }
}
#[test]
fn h067_p_7644_3_7_4_01_too_many_operations() {
    let message = |count: usize| {
        let operations: Vec<Value> = (0..count).map(|n| user(&n.to_string())).collect();
        let message = object(json!({"schemas": [REQUEST], "Operations": operations}));
        Request::read(message, Version::V2, 10, &mut Leniency::tolerant())
    };
    assert!(message(9).is_ok() && message(10).is_ok());
    let refused = message(11).expect_err("one too many");
    assert_eq!(refused, RequestError::TooManyOperations { operations: 11, limit: 10 });
    assert!(refused.to_string().contains("maxOperations"), "{refused}");
}

#[test]
fn p_7644_3_7_2_03_the_same_bulk_id_twice() {
    let patch = json!({"method": "DELETE", "path": "/Users/u", "bulkId": "x"});
    for second in [user("x"), patch] {
        let refused = read(json!({"schemas": [REQUEST], "Operations": [user("x"), second]}));
        assert!(matches!(refused, Err(RequestError::Message(error)) if error.scim_type() == "invalidSyntax"));
    }
}

#[test]
fn p_7644_3_7_07_p_7644_3_7_08_d29_results_of_2_0() {
    let put = json!({"method": "PUT", "path": "/Users/u", "version": "W/\"1\"", "data": {"userName": "a"}});
    let delete = json!({"method": "DELETE", "path": "/Groups/g", "bulkId": "mine"});
    let mut run = run(json!([user("x"), put, delete, user("y"), {"method": "DELETE", "path": "/Users/v"}]));
    run.next_step();
    run.done(0, Done { id: "id-0".to_owned(), version: Some(1) });
    assert_eq!(one(run.next_step()).version.as_deref(), Some("W/\"1\""));
    run.failed(1, failure(412));
    run.next_step();
    run.done(2, Done { id: "g".to_owned(), version: None });
    run.next_step();
    run.failed(3, Failure { status: 409, scim_type: Some("uniqueness"), detail: "taken".to_owned() });
    let error = |status: &str| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": "for the test", "status": status});
    let mut taken = error("409");
    taken["scimType"] = json!("uniqueness");
    taken["detail"] = json!("taken");
    assert_eq!(
        results(run),
        [
            json!({"location": format!("{BASE}/Users/id-0"), "method": "POST", "bulkId": "x", "version": "W/\"1\"", "status": "201"}),
            json!({"location": format!("{BASE}/Users/u"), "method": "PUT", "status": "412", "response": error("412")}),
            json!({"location": format!("{BASE}/Groups/g"), "method": "DELETE", "bulkId": "mine", "status": "204"}),
            json!({"method": "POST", "bulkId": "y", "status": "409", "response": taken}),
        ],
        "the last one was not tried, so it has no result"
    );
}

#[test]
fn v029_v1_api_3_5_01_results_of_1_1() {
    let message = json!({"schemas": ["urn:scim:schemas:core:1.0"], "Operations": [user("x"), user("y"),
        {"method": "DELETE", "path": "/Users/u"}]});
    let request = Request::read(object(message), Version::V1, 9, &mut Leniency::strict()).expect("a request of 1.1");
    let mut run = Run::new(request);
    run.done(0, Done { id: "id-0".to_owned(), version: Some(1) });
    run.failed(1, Failure { status: 409, scim_type: Some("uniqueness"), detail: "taken".to_owned() });
    run.done(2, Done { id: "u".to_owned(), version: None });
    let base = "https://x.example/scim/v1";
    assert_eq!(
        Value::Object(run.response(Version::V1, base)),
        json!({"schemas": ["urn:scim:schemas:core:1.0"], "Operations": [
            {"location": format!("{base}/Users/id-0"), "method": "POST", "bulkId": "x", "version": "W/\"1\"", "status": {"code": "201"}},
            {"method": "POST", "bulkId": "y", "status": {"code": "409", "description": "taken"}},
            {"location": format!("{base}/Users/u"), "method": "DELETE", "status": {"code": "200"}}]})
    );
}

#[test]
fn sec_33_data_that_is_nested_too_deep() {
    let nested = |levels: usize| (1..levels).fold(json!({"a": "bulkId:x"}), |inner, _| json!({"a": inner}));
    for (levels, status) in [(bulk::DATA_DEPTH, "201"), (bulk::DATA_DEPTH + 1, "400")] {
        let deep = json!({"method": "POST", "path": "/Users", "bulkId": "d", "data": nested(levels)});
        let mut run = run(json!([deep, user("x")]));
        play(&mut run);
        assert_eq!(statuses(run), [status, "201"], "{levels}");
    }
}

proptest! {
    /// Whatever refers to whatever, everything is done once, after all that it refers to, and every reference becomes an id; also when
    /// several steps are begun before any of them has its answer.
    #[test]
    fn p_7644_3_7_09_every_graph_is_played_to_its_end(
        edges in proptest::collection::vec((0_usize..12, 0_usize..12), 0..30),
        most in 1_usize..6,
    ) {
        let operations: Vec<Value> = (0..12).map(|n| {
            let members: Vec<String> =
                edges.iter().filter(|(from, _)| *from == n).map(|(_, to)| format!("bulkId:{to}")).collect();
            group(&n.to_string(), &members.iter().map(String::as_str).collect::<Vec<_>>())
        }).collect();
        let mut run = run(json!(operations));
        let mut made: HashSet<usize> = HashSet::new();
        loop {
            let steps = run.next_steps(most);
            prop_assert!(steps.len() <= most);
            if steps.is_empty() {
                break;
            }
            let mut done = Vec::new();
            for step in steps {
                match step {
                    Step::One(job) => {
                        prop_assert!(!serde_json::to_string(&job.data).expect("JSON").contains("bulkId:"));
                        prop_assert!(edges.iter().all(|(from, to)| *from != job.index || made.contains(to)));
                        done.push((job.index, 1));
                    }
                    Step::Circle(circle) => {
                        let ids: HashMap<String, String> =
                            circle.iter().map(|one| (one.bulk_id.clone(), format!("id-{}", one.index))).collect();
                        for mut one in circle {
                            prop_assert!(!serde_json::to_string(&one.first).expect("JSON").contains("bulkId:"));
                            bulk::substitute(&mut one.whole, &ids);
                            prop_assert!(!serde_json::to_string(&one.whole).expect("JSON").contains("bulkId:"));
                            done.push((one.index, 2));
                        }
                    }
                }
            }
            for (index, version) in done {
                prop_assert!(made.insert(index));
                run.done(index, Done { id: format!("id-{index}"), version: Some(version) });
            }
        }
        prop_assert_eq!(made.len(), 12);
        prop_assert_eq!(statuses(run), vec!["201"; 12]);
    }
}
