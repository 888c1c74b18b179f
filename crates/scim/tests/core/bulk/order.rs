//! What waits for what, and what is done together.

use super::*;

#[test]
fn p_7644_3_7_09_who_waits_makes_later_operations_on_the_same_resource_wait() {
    let add = |path: &str, member: &str| {
        let value = json!([{"value": member}]);
        json!({"method": "PATCH", "path": path, "data": {"Operations": [{"op": "add", "path": "members", "value": value}]}})
    };
    let delete = |path: &str| json!({"method": "DELETE", "path": path});
    let operations = json!([
        add("/Groups/g", "bulkId:x"),   // waits for 5
        delete("/Groups/g"),            // after 0
        delete("/Users/u"),             // free
        group("h", &["w", "bulkId:x"]), // waits for 5
        delete("/Users/w"),             // after 3, which names it
        user("x"),
    ]);
    assert_eq!(play(&mut run(operations)), ["2", "5", "0", "1", "3", "4"]);
}

/// How many steps come together each time, everything succeeding.
fn windows(run: &mut Run, most: usize) -> Vec<Vec<usize>> {
    let mut windows = Vec::new();
    loop {
        let steps = run.next_steps(most);
        if steps.is_empty() {
            return windows;
        }
        let mut window = Vec::new();
        for step in steps {
            match step {
                Step::One(job) => window.push(job.index),
                Step::Circle(circle) => window.extend(circle.iter().map(|one| one.index)),
            }
        }
        for index in &window {
            run.done(*index, Done { id: format!("id-{index}"), version: Some(1) });
        }
        windows.push(window);
    }
}

#[test]
fn p_7644_3_7_09_what_refers_to_nothing_before_it_comes_together() {
    let patch = json!({"method": "PATCH", "path": "/Users/bulkId:b", "data": {"Operations": []}});
    let gone = json!({"method": "DELETE", "path": "/Users/u"});
    for (operations, most, expected) in [
        (json!([user("a"), user("b"), user("c")]), 2, vec![vec![0, 1], vec![2]]),
        (json!([user("a"), gone, gone, user("b")]), 9, vec![vec![0, 1, 2, 3]]),
        (json!([user("a"), group("g", &["bulkId:a"]), user("b")]), 9, vec![vec![0], vec![1, 2]]),
        (json!([group("g", &["bulkId:a"]), user("a"), user("b"), patch]), 9, vec![vec![1], vec![0, 2], vec![3]]),
        (json!([user("a"), "unreadable", user("b"), group("g", &["bulkId:a"])]), 9, vec![vec![0, 2], vec![3]]),
        (
            json!([user("a"), group("g", &["bulkId:h"]), group("h", &["bulkId:g"]), user("b")]),
            9,
            vec![vec![0], vec![1, 2], vec![3]],
        ),
        (json!([user("a"), group("g", &["bulkId:g"]), user("b")]), 9, vec![vec![0], vec![1], vec![2]]),
    ] {
        let mut run = run(operations.clone());
        assert_eq!(windows(&mut run, most), expected, "{operations}");
        assert_eq!(results(run).len(), operations.as_array().map_or(0, Vec::len), "{operations}");
    }
}

#[test]
fn p_7644_3_7_06_nothing_is_begun_behind_an_error_that_may_end_the_job() {
    let operations: Vec<Value> = ["a", "b", "c", "d"].map(user).to_vec();
    let message = json!({"schemas": [REQUEST], "failOnErrors": 2, "Operations": operations});
    let mut run = Run::new(read(message).expect("a readable request"));
    let mut seen = Vec::new();
    while let [Step::One(job)] = run.next_steps(9).as_slice() {
        seen.push(job.index);
        run.failed(job.index, failure(409));
    }
    assert_eq!(seen, [0, 1]);
    assert_eq!(statuses(run), ["409", "409"]);
}
