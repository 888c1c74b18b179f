//! Replacing and deleting (SCIM 1.1 protocol sections 3.3.1, 3.4, 3.11, 3.12).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::{error_body, has_values, same, unassigned};
use crate::probe::{Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect, failed};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "write",
    title: "Replacing and deleting",
    needs: None,
    checks: checks![
        Must "V1-API-3.3.1-01" replaces: "PUT replaces and answers the user", |p| replaces(p);
        Must "V1-API-3.3.1-01" own_id: "Another id in the body is ignored", |p| own_id(p);
        Must "V1-API-3.3.1-01" unknown: "PUT to an unknown id is 404", |p| unknown(p);
        Must "V1-API-3.3.1-01" no_user_name: "PUT without userName is 400", |p| no_user_name(p);
        Must "V1-API-3.3.1-01" group: "PUT replaces a group's members", |p| group(p);
        Must "V1-API-3.4-01" deleted: "DELETE is 200", |p| deleted(p);
        Must "V1-API-3.4-01" gone: "Afterwards GET is 404", |p| gone(p);
        Must "V1-API-3.4-01" again: "A second DELETE is 404", |p| again(p);
        Must "V1-API-3.4-01" name_free: "The userName may be used again", |p| name_free(p);
        Must "V1-API-3.11-01" stale: "PUT with a stale If-Match is 412", |p| stale(p);
        Must "V1-API-3.12-01" override_put: "POST with the override PUT replaces", |p| overridden(p, "PUT");
        Must "V1-API-3.12-01" override_patch: "POST with the override PATCH patches", |p| overridden(p, "PATCH");
        Must "V1-API-3.12-01" override_delete: "POST with the override DELETE deletes", |p| override_delete(p);
    ],
};

async fn replaced(p: &Probe, more: Value) -> Result<(Value, Value), Stop> {
    let (made, path) = p.user("put", json!({})).await?;
    let mut body = p.person("", json!({"userName": made["userName"], "title": "New"}));
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    let answer = p.put(&path, &body).await?;
    Ok((made, answer.resource(200)?.clone()))
}

async fn replaces(p: &Probe) -> Verdict {
    same("title", &json!("New"), &replaced(p, json!({})).await?.1["title"])
}

async fn own_id(p: &Probe) -> Verdict {
    let (made, after) = replaced(p, json!({"id": "another-id"})).await?;
    same("id", &made["id"], &after["id"])
}

async fn unknown(p: &Probe) -> Verdict {
    error_body(p.version, &p.put("/Users/no-such-id-4f1c", &p.person("put", json!({}))).await?, &[404])
}

async fn no_user_name(p: &Probe) -> Verdict {
    let (_, path) = p.user("put", json!({})).await?;
    error_body(p.version, &p.put(&path, &p.person("", json!({"userName": null}))).await?, &[400])
}

async fn group(p: &Probe) -> Verdict {
    let (ada, bob) = (p.shared_id("ada")?, p.shared_id("bob")?);
    let (made, path) = p.group("put", &[ada]).await?;
    let body = p.team("", &[bob], json!({"displayName": made["displayName"]}));
    p.put(&path, &body).await?.one_of(&[200])?;
    has_values(&p.read(&path).await?, "members", &[bob])
}

async fn deleted(p: &Probe) -> Verdict {
    let (_, path) = p.user("delete", json!({})).await?;
    p.delete(&path).await?.status(200).map(|_| ())
}

async fn deleted_user(p: &Probe) -> Result<(Value, String), Stop> {
    let (made, path) = p.user("delete", json!({})).await?;
    p.delete(&path).await?.one_of(&[200, 204])?;
    Ok((made, path))
}

async fn gone(p: &Probe) -> Verdict {
    let (_, path) = deleted_user(p).await?;
    error_body(p.version, &p.get(&path).await?, &[404])
}

async fn again(p: &Probe) -> Verdict {
    let (_, path) = deleted_user(p).await?;
    error_body(p.version, &p.delete(&path).await?, &[404])
}

async fn name_free(p: &Probe) -> Verdict {
    let (made, _) = deleted_user(p).await?;
    p.post("/Users", &p.person("", json!({"userName": made["userName"]}))).await?.status(201).map(|_| ())
}

async fn stale(p: &Probe) -> Verdict {
    p.needs(Feature::Etag)?;
    let (made, path) = p.user("etag", json!({})).await?;
    let before = p.get(&path).await?;
    let tag = before.header("etag").ok_or_else(|| failed("an ETag header", "there is none"))?;
    let body = |title: &str| p.person("", json!({"userName": made["userName"], "title": title}));
    p.put(&path, &body("First")).await?.status(200)?;
    p.send(Request::new("PUT", path.clone()).header("If-Match", tag).json(&body("Second"))).await?.status(412)?;
    same("title", &json!("First"), &p.read(&path).await?["title"])
}

async fn overridden(p: &Probe, method: &str) -> Verdict {
    if method == "PATCH" {
        p.needs(Feature::Patch)?;
    }
    let (made, path) = p.user("override", json!({})).await?;
    let body = p.person("", json!({"userName": made["userName"], "title": "New", "emails": null}));
    p.send(Request::new("POST", path.clone()).header("X-HTTP-Method-Override", method).json(&body))
        .await?
        .one_of(&[200, 204])?;
    let read = p.read(&path).await?;
    same("title", &json!("New"), &read["title"])?;
    expect(text(&read["id"]) == text(&made["id"]), "the same user", read.to_string())
}

async fn override_delete(p: &Probe) -> Verdict {
    let (_, path) = p.user("override", json!({})).await?;
    p.send(Request::new("POST", path.clone()).header("X-HTTP-Method-Override", "DELETE")).await?.one_of(&[200, 204])?;
    let after = p.get(&path).await?;
    unassigned("userName", after.get("userName"))?;
    after.status(404).map(|_| ())
}
