//! Versions of resources (RFC 7644 section 3.14).

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::{error_body, same, unassigned};
use crate::probe::{Feature, PATCH_OP, Probe, text};
use crate::verdict::{Stop, Verdict, expect, failed};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "etag",
    title: "ETags",
    needs: Some(Feature::Etag),
    checks: checks![
        Must "P-7644-3.14-01" get: "GET sends an ETag", |p| get(p);
        Must "P-7644-3.14-01" post: "POST sends an ETag", |p| post(p);
        Must "S-7643-3.1-08" version: "ETag and meta.version are equal", |p| version(p);
        Must "P-7644-3.14-04" changes: "The ETag changes with the resource", |p| changes(p);
        Must "P-7644-3.14-02" not_modified: "If-None-Match with the current tag: 304 without body", |p| not_modified(p);
        Must "P-7644-3.14-02" modified: "If-None-Match with another tag: 200", |p| modified(p);
        Must "P-7644-3.14-03" put_stale: "PUT with a stale If-Match: 412, nothing changed", |p| stale(p, "PUT");
        Must "P-7644-3.14-03" patch_stale: "PATCH with a stale If-Match: 412, nothing changed", |p| stale(p, "PATCH");
        Must "P-7644-3.6-04" delete_stale: "DELETE with a stale If-Match: 412, still there", |p| stale(p, "DELETE");
        Must "P-7644-3.14-03" put_current: "PUT with the current If-Match passes", |p| current(p, "PUT");
        Must "P-7644-3.14-03" patch_current: "PATCH with the current If-Match passes", |p| current(p, "PATCH");
        Must "P-7644-3.14-03" delete_current: "DELETE with the current If-Match passes", |p| current(p, "DELETE");
        Must "P-7644-3.14-03" any: "If-Match * passes", |p| any(p);
        Must "P-7644-3.12-01" error_form: "The 412 has a SCIM error body", |p| error_form(p);
    ],
};

fn tag(answer: &Answer) -> Result<String, Stop> {
    match answer.header("etag") {
        Some(tag) if !tag.is_empty() => Ok(tag.to_owned()),
        _ => Err(failed(format!("an ETag header in the answer to {}", answer.line), "there is none")),
    }
}

async fn get(p: &Probe) -> Verdict {
    tag(&p.get(&p.shared_path("ada")?).await?).map(|_| ())
}

async fn post(p: &Probe) -> Verdict {
    tag(p.post("/Users", &p.person("etag", json!({}))).await?.status(201)?).map(|_| ())
}

async fn version(p: &Probe) -> Verdict {
    let answer = p.get(&p.shared_path("ada")?).await?;
    same("meta.version", &json!(tag(&answer)?), &answer.resource(200)?["meta"]["version"])
}

/// A user, its path and its tag.
async fn tagged(p: &Probe) -> Result<(Value, String, String), Stop> {
    let (made, path) = p.user("etag", json!({})).await?;
    let tag = tag(&p.get(&path).await?)?;
    Ok((made, path, tag))
}

/// A PUT, PATCH or DELETE of this user with this If-Match.
async fn write(p: &Probe, method: &'static str, made: &Value, path: &str, tag: &str) -> Result<Answer, Stop> {
    let request = Request::new(method, path).header("If-Match", tag);
    let operations = json!([{"op": "replace", "path": "title", "value": "New"}]);
    p.send(match method {
        "PUT" => request.json(&p.person("", json!({"userName": made["userName"], "title": "New"}))),
        "PATCH" => request.json(&json!({"schemas": [PATCH_OP], "Operations": operations})),
        _ => request,
    })
    .await
}

async fn changes(p: &Probe) -> Verdict {
    let (made, path, before) = tagged(p).await?;
    p.put(&path, &p.person("", json!({"userName": made["userName"], "title": "New"}))).await?.status(200)?;
    let after = tag(&p.get(&path).await?)?;
    expect(before != after, format!("another tag than {before}"), after)
}

async fn not_modified(p: &Probe) -> Verdict {
    let (_, path, tag) = tagged(p).await?;
    let answer = p.send(Request::new("GET", path).header("If-None-Match", tag)).await?;
    answer.status(304)?;
    expect(answer.text.is_empty(), "no body", answer.told())
}

async fn modified(p: &Probe) -> Verdict {
    let request = Request::new("GET", p.shared_path("ada")?).header("If-None-Match", "W/\"no-such-version\"");
    p.send(request).await?.resource(200).map(|_| ())
}

async fn stale(p: &Probe, method: &'static str) -> Verdict {
    if method == "PATCH" {
        p.needs(Feature::Patch)?;
    }
    let (made, path, old) = tagged(p).await?;
    p.put(&path, &p.person("", json!({"userName": made["userName"], "nickName": "Changed"}))).await?.status(200)?;
    write(p, method, &made, &path, &old).await?.status(412)?;
    let read = p.read(&path).await?;
    unassigned("title", &read["title"])?;
    expect(text(&read["nickName"]) == "Changed", "the user as before", read.to_string())
}

async fn current(p: &Probe, method: &'static str) -> Verdict {
    if method == "PATCH" {
        p.needs(Feature::Patch)?;
    }
    let (made, path, tag) = tagged(p).await?;
    write(p, method, &made, &path, &tag).await?.one_of(&[200, 204]).map(|_| ())
}

async fn any(p: &Probe) -> Verdict {
    let (made, path, _) = tagged(p).await?;
    write(p, "PUT", &made, &path, "*").await?.status(200).map(|_| ())
}

async fn error_form(p: &Probe) -> Verdict {
    let (made, path, _) = tagged(p).await?;
    error_body(p.version, &write(p, "PUT", &made, &path, "W/\"no-such-version\"").await?, &[412])
}
