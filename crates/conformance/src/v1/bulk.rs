//! Many operations in one request (SCIM 1.1 protocol section 3.5).

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::expect::{error_body, has_values, same};
use crate::probe::{CORE_V1, Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect, failed, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "bulk",
    title: "Bulk",
    needs: Some(Feature::Bulk),
    checks: checks![
        Must "V1-API-3.5-01" created: "A created resource has location, bulkId and the status code 201", |p| created(p);
        Must "V1-API-3.5-01" reference: "bulkId: in a value becomes the new id", |p| reference(p);
        Must "V1-API-3.5-01" goes_on: "After an error it goes on", |p| goes_on(p);
        Must "V1-API-3.5-01" fail_on_errors: "failOnErrors ends it", |p| fail_on_errors(p);
        Must "V1-API-3.5-02" too_many: "More than maxOperations is 413", |p| too_many(p);
    ],
};

async fn bulk(p: &Probe, operations: Value, fail_on_errors: Option<u32>) -> Result<Answer, Stop> {
    let mut body = json!({"schemas": [CORE_V1], "Operations": operations});
    if let Some(count) = fail_on_errors {
        body["failOnErrors"] = json!(count);
    }
    p.post("/Bulk", &body).await
}

fn results(answer: &Answer) -> Result<&[Value], Stop> {
    match answer.resource(200)?["Operations"].as_array() {
        Some(results) => Ok(results),
        None => Err(failed("Operations with the results", answer.told())),
    }
}

fn create(p: &Probe, bulk_id: &str, more: Value) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": p.person("bulk", more)})
}

fn codes(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| text(&result["status"]["code"])).collect()
}

fn path<'a>(p: &Probe, result: &'a Value) -> Result<&'a str, Stop> {
    let location = text(&result["location"]);
    match location.strip_prefix(p.client.base()).unwrap_or(location) {
        path if path.starts_with('/') => Ok(path),
        _ => Err(failed("the location of a resource", result.to_string())),
    }
}

async fn created(p: &Probe) -> Verdict {
    let answer = bulk(p, json!([create(p, "my-id", json!({}))]), None).await?;
    let result = &results(&answer)?[0];
    same("status.code", &json!("201"), &result["status"]["code"])?;
    same("bulkId", &json!("my-id"), &result["bulkId"])?;
    p.read(path(p, result)?).await.map(|_| ())
}

async fn reference(p: &Probe) -> Verdict {
    p.needs(Feature::Groups)?;
    let group = p.team("bulk", &["bulkId:u"], json!({}));
    let group = json!({"method": "POST", "path": "/Groups", "bulkId": "g", "data": group});
    let answer = bulk(p, json!([create(p, "u", json!({})), group]), None).await?;
    let results = results(&answer)?;
    let find = |id: &str| results.iter().find(|result| result["bulkId"] == id).cloned().unwrap_or_default();
    let (user, group) = (find("u"), find("g"));
    let id = path(p, &user)?.trim_start_matches("/Users/").to_owned();
    has_values(&p.read(path(p, &group)?).await?, "members", &[&id])
}

async fn goes_on(p: &Probe) -> Verdict {
    let broken = create(p, "a", json!({"userName": null}));
    let answer = bulk(p, json!([broken, create(p, "b", json!({}))]), None).await?;
    let got = codes(results(&answer)?);
    expect(got == ["400", "201"], "400, 201", answer.told())
}

async fn fail_on_errors(p: &Probe) -> Verdict {
    let broken = create(p, "a", json!({"userName": null}));
    let answer = bulk(p, json!([broken, create(p, "b", json!({}))]), Some(1)).await?;
    let got = codes(results(&answer)?);
    expect(got == ["400"], "one result: 400", answer.told())
}

async fn too_many(p: &Probe) -> Verdict {
    let Some(limit) = p.limit("bulk", "maxOperations").filter(|limit| *limit <= 5_000) else {
        return skip("maxOperations is not told, or too large to be tried");
    };
    let operation = json!({"method": "DELETE", "path": "/Users/no-such-id-4f1c"});
    let operations = vec![operation; usize::try_from(limit).unwrap_or(0) + 1];
    error_body(p.version, &bulk(p, json!(operations), None).await?, &[413])
}
