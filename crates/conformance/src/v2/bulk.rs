//! Many operations in one request (RFC 7644 section 3.7).

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::{error_body, has_values, same};
use crate::probe::{Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect, failed, skip};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// Larger limits are believed, not tried.
const LARGEST: u64 = 2 << 20;

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "bulk",
    title: "Bulk",
    needs: Some(Feature::Bulk),
    checks: checks![
        Must "P-7644-3.7-02" response: "The answer is 200 with the BulkResponse schema", |p| response(p);
        Must "P-7644-3.7-08" created: "A created resource has method, location and status 201", |p| created(p);
        Must "P-7644-3.7-07" bulk_id: "bulkId comes back", |p| bulk_id(p);
        Must "P-7644-3.7-03" every_method: "POST, PUT, PATCH and DELETE work", |p| every_method(p);
        Must "P-7644-3.7.2-01" reference: "bulkId: in a value becomes the new id", |p| reference(p);
        Must "P-7644-3.7.2-01" reference_forward: "bulkId: may point forward", |p| reference_forward(p);
        Must "P-7644-3.7.1-01" circular: "References in a circle are resolved, or 409", |p| circular(p);
        Must "P-7644-3.7-05" goes_on: "After an error it goes on", |p| goes_on(p);
        Must "P-7644-3.7-06" fail_on_errors: "failOnErrors ends it", |p| fail_on_errors(p);
        Must "P-7644-3.7-04" all_fail: "It is 200 though all operations fail", |p| all_fail(p);
        Must "P-7644-3.7.3-01" error_response: "A failed operation carries the error", |p| error_response(p);
        Must "P-7644-3.7-03" no_method: "An operation without method fails alone", |p| fails_alone(p, json!({"path": "/Users", "bulkId": "x", "data": p.person("bulk", json!({}))}));
        Must "P-7644-3.7-03" no_data: "A POST without data fails alone", |p| fails_alone(p, json!({"method": "POST", "path": "/Users", "bulkId": "x"}));
        Must "P-7644-3.7-02" no_operations: "Without Operations it is 400", |p| no_operations(p);
        Must "P-7644-3.7.4-01" too_many: "More than maxOperations is 413", |p| too_many(p);
        Must "P-7644-3.7.4-01" too_large: "More than maxPayloadSize is 413", |p| too_large(p);
    ],
};

async fn bulk(p: &Probe, operations: Value, more: Value) -> Result<Answer, Stop> {
    let mut body = json!({"schemas": [REQUEST], "Operations": operations});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    p.post("/Bulk", &body).await
}

/// The results of a job that was processed.
fn results(answer: &Answer) -> Result<&[Value], Stop> {
    match answer.resource(200)?["Operations"].as_array() {
        Some(results) => Ok(results),
        None => Err(failed("Operations with the results", answer.told())),
    }
}

fn create(p: &Probe, bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": p.person("bulk", json!({}))})
}

fn broken(p: &Probe, bulk_id: &str) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": p.person("bulk", json!({"userName": null}))})
}

/// The path below the base URL of what an operation made.
fn path<'a>(p: &Probe, result: &'a Value) -> Result<&'a str, Stop> {
    let location = text(&result["location"]);
    match location.strip_prefix(p.client.base()).unwrap_or(location) {
        path if path.starts_with('/') => Ok(path),
        _ => Err(failed("the location of a resource", result.to_string())),
    }
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| text(&result["status"])).collect()
}

async fn response(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([create(p, "a")]), json!({})).await?;
    results(&answer)?;
    answer.has_schema(RESPONSE)
}

async fn created(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([create(p, "a")]), json!({})).await?;
    let result = &results(&answer)?[0];
    same("status", &json!("201"), &result["status"])?;
    same("method", &json!("POST"), &result["method"])?;
    p.read(path(p, result)?).await.map(|_| ())
}

async fn bulk_id(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([create(p, "my-id")]), json!({})).await?;
    same("bulkId", &json!("my-id"), &results(&answer)?[0]["bulkId"])
}

async fn every_method(p: &Probe) -> Verdict {
    let ((one, one_path), (_, two_path), (_, three_path)) =
        (p.user("bulk", json!({})).await?, p.user("bulk", json!({})).await?, p.user("bulk", json!({})).await?);
    let patch = json!({"schemas": [crate::probe::PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": "New"}]});
    let operations = json!([
        create(p, "a"),
        {"method": "PUT", "path": one_path, "data": p.person("", json!({"userName": one["userName"], "title": "New"}))},
        {"method": "PATCH", "path": two_path, "data": patch},
        {"method": "DELETE", "path": three_path},
    ]);
    let answer = bulk(p, operations, json!({})).await?;
    let got = statuses(results(&answer)?);
    expect(got.len() == 4 && got.iter().all(|status| status.starts_with('2')), "four times 2xx", answer.told())?;
    same("title", &json!("New"), &p.read(&one_path).await?["title"])?;
    same("title", &json!("New"), &p.read(&two_path).await?["title"])?;
    p.get(&three_path).await?.status(404).map(|_| ())
}

/// A user and a group of it, in this order or the other.
async fn referring(p: &Probe, group_first: bool) -> Verdict {
    p.needs(Feature::Groups)?;
    let group =
        json!({"method": "POST", "path": "/Groups", "bulkId": "g", "data": p.team("bulk", &["bulkId:u"], json!({}))});
    let mut operations = vec![create(p, "u"), group];
    if group_first {
        operations.reverse();
    }
    let answer = bulk(p, json!(operations), json!({})).await?;
    let results = results(&answer)?;
    let find = |id: &str| results.iter().find(|result| result["bulkId"] == id).cloned().unwrap_or_default();
    let (user, group) = (find("u"), find("g"));
    let id = path(p, &user)?.trim_start_matches("/Users/").to_owned();
    has_values(&p.read(path(p, &group)?).await?, "members", &[&id])
}

async fn reference(p: &Probe) -> Verdict {
    referring(p, false).await
}

async fn reference_forward(p: &Probe) -> Verdict {
    referring(p, true).await
}

async fn circular(p: &Probe) -> Verdict {
    p.needs(Feature::Groups)?;
    let group = |id: &str, other: &str| json!({"method": "POST", "path": "/Groups", "bulkId": id, "data": p.team("circle", &[&format!("bulkId:{other}")], json!({}))});
    let answer = bulk(p, json!([group("a", "b"), group("b", "a")]), json!({})).await?;
    let got = statuses(results(&answer)?);
    let right = got.iter().all(|status| *status == "201") || got.contains(&"409");
    expect(right, "twice 201, or 409", answer.told())
}

async fn goes_on(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([broken(p, "a"), broken(p, "b"), create(p, "c")]), json!({})).await?;
    let got = statuses(results(&answer)?);
    expect(got == ["400", "400", "201"], "400, 400, 201", got.join(", "))
}

async fn fail_on_errors(p: &Probe) -> Verdict {
    let operations = json!([create(p, "a"), broken(p, "b"), create(p, "c"), create(p, "d")]);
    let answer = bulk(p, operations, json!({"failOnErrors": 1})).await?;
    let got = statuses(results(&answer)?);
    expect(got == ["201", "400"], "two results: 201, 400", got.join(", "))
}

async fn all_fail(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([broken(p, "a"), broken(p, "b")]), json!({})).await?;
    let got = statuses(results(&answer)?);
    expect(got == ["400", "400"], "200 with 400, 400", got.join(", "))
}

async fn error_response(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([broken(p, "a")]), json!({})).await?;
    let result = &results(&answer)?[0];
    expect(
        result["response"]["status"] == "400" && result["location"].is_null(),
        "response with the error, no location",
        result.to_string(),
    )
}

async fn fails_alone(p: &Probe, operation: Value) -> Verdict {
    let answer = bulk(p, json!([operation, create(p, "good")]), json!({})).await?;
    let got = statuses(results(&answer)?);
    expect(got == ["400", "201"], "400, 201", got.join(", "))
}

async fn no_operations(p: &Probe) -> Verdict {
    error_body(p.version, &p.post("/Bulk", &json!({"schemas": [REQUEST]})).await?, &[400])
}

async fn too_many(p: &Probe) -> Verdict {
    let Some(limit) = p.limit("bulk", "maxOperations").filter(|limit| *limit <= 5_000) else {
        return skip("maxOperations is not told, or too large to be tried");
    };
    let operation = json!({"method": "DELETE", "path": "/Users/no-such-id-4f1c"});
    let operations = vec![operation; usize::try_from(limit).unwrap_or(0) + 1];
    error_body(p.version, &bulk(p, json!(operations), json!({})).await?, &[413])
}

async fn too_large(p: &Probe) -> Verdict {
    let Some(limit) = p.limit("bulk", "maxPayloadSize").filter(|limit| *limit <= LARGEST) else {
        return skip("maxPayloadSize is not told, or too large to be tried");
    };
    let mut body = json!({"schemas": [REQUEST], "Operations": [create(p, "a")]}).to_string();
    body.push_str(&" ".repeat(usize::try_from(limit).unwrap_or(0)));
    error_body(p.version, &p.send(Request::new("POST", "/Bulk").text(body)).await?, &[413])
}
