//! Replacing (RFC 7644 section 3.5.1).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::expect::{canonical, error_body, instant, same, unassigned};
use crate::probe::{Probe, text};
use crate::verdict::{Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "put",
    title: "Replacing",
    needs: None,
    checks: checks![
        Must "P-7644-3.5.1-01" replaces: "PUT replaces values", |p| replaces(p);
        Must "P-7644-3.5.1-07" answer: "PUT is answered 200 with the resource", |p| answer(p);
        Must "P-7644-3.1-03" as_understood: "The answer equals the GET that follows", |p| as_understood(p);
        Must "P-7644-3.5.1-03" nulls: "null and [] clear", |p| nulls(p);
        Must "P-7644-3.5.1-05" own_id: "Another id in the body is ignored", |p| read_only(p, "id", json!("another-id"));
        Must "P-7644-3.5.1-05" own_meta: "meta in the body is ignored", |p| own_meta(p);
        Must "P-7644-3.5.1-05" own_groups: "groups in the body are ignored", |p| own_groups(p);
        Must "P-7644-3.5.1-06" no_user_name: "Without userName it is 400", |p| no_user_name(p);
        Must "P-7644-3.2-01" unknown: "PUT to an unknown id is 404 and makes nothing", |p| unknown(p);
        Must "P-7644-3.5.1-08" duplicate: "The userName of another is 409 uniqueness", |p| duplicate(p);
        Must "P-7644-3.5.1-08" own_name: "The own userName in other letter case passes", |p| own_name(p);
        Must "S-7643-3.1-06" times: "lastModified moves, created stays", |p| times(p);
        Must "S-7643-2.3.2-01" wrong_type: "A value of the wrong type is 400 and changes nothing", |p| wrong_type(p);
        Must "P-7644-3.5.1-01" whole_lists: "Lists are replaced, not added to", |p| whole_lists(p);
    ],
};

async fn replaces(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({"nickName": "Before"})).await?;
    let body = p.person("", json!({"userName": made["userName"], "nickName": "After", "active": false}));
    p.put(&path, &body).await?.resource(200)?;
    let read = p.read(&path).await?;
    same("nickName", &json!("After"), &read["nickName"])?;
    same("active", &json!(false), &read["active"])
}

async fn answer(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let body = p.person("", json!({"userName": made["userName"], "title": "Countess"}));
    let answer = p.put(&path, &body).await?;
    same("id", &made["id"], &answer.resource(200)?["id"])?;
    same("title", &json!("Countess"), answer.get("title"))
}

async fn as_understood(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let answer = p.put(&path, &p.person("", json!({"userName": made["userName"], "title": "Countess"}))).await?;
    let read = p.read(&path).await?;
    expect(canonical(answer.resource(200)?) == canonical(&read), answer.text.clone(), read.to_string())
}

async fn nulls(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({"nickName": "Ada", "phoneNumbers": [{"value": "1"}]})).await?;
    let mut body = p.person("", json!({"userName": made["userName"], "phoneNumbers": []}));
    body["nickName"] = Value::Null;
    p.put(&path, &body).await?.resource(200)?;
    let read = p.read(&path).await?;
    unassigned("nickName", &read["nickName"])?;
    unassigned("phoneNumbers", &read["phoneNumbers"])
}

async fn read_only(p: &Probe, name: &str, value: Value) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let answer = p.put(&path, &p.person("", json!({"userName": made["userName"], (name): value}))).await?;
    same(name, &made[name], &answer.resource(200)?[name])
}

async fn own_meta(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let meta = json!({"created": "2001-01-01T00:00:00Z", "resourceType": "Robot", "location": "urn:x"});
    let answer = p.put(&path, &p.person("", json!({"userName": made["userName"], "meta": meta}))).await?;
    let got = &answer.resource(200)?["meta"];
    same("meta.created", &made["meta"]["created"], &got["created"])?;
    same("meta.location", &made["meta"]["location"], &got["location"])
}

async fn own_groups(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let body = p.person("", json!({"userName": made["userName"], "groups": [{"value": "nobody"}]}));
    let answer = p.put(&path, &body).await?;
    unassigned("groups", &answer.resource(200)?["groups"])
}

async fn no_user_name(p: &Probe) -> Verdict {
    let (_, path) = p.user("put", json!({})).await?;
    error_body(p.version, &p.put(&path, &p.person("", json!({"userName": null}))).await?, &[400])
}

async fn unknown(p: &Probe) -> Verdict {
    let body = p.person("put", json!({}));
    error_body(p.version, &p.put("/Users/no-such-id-4f1c", &body).await?, &[404])?;
    let filter = format!("userName eq {}", body["userName"]);
    let found = p.query("/Users", &[("filter", &filter)]).await?;
    expect(found.status != 200 || found.get("totalResults") == 0, "nobody was made", found.told())
}

async fn duplicate(p: &Probe) -> Verdict {
    let (_, path) = p.user("put", json!({})).await?;
    let (other, _) = p.user("other", json!({})).await?;
    p.put(&path, &p.person("", json!({"userName": other["userName"]}))).await?.refusal(409, "uniqueness")
}

async fn own_name(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let body = p.person("", json!({"userName": text(&made["userName"]).to_uppercase()}));
    p.put(&path, &body).await?.resource(200).map(|_| ())
}

async fn times(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    // Many servers keep whole seconds only.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let answer = p.put(&path, &p.person("", json!({"userName": made["userName"], "title": "Later"}))).await?;
    let meta = &answer.resource(200)?["meta"];
    same("meta.created", &made["meta"]["created"], &meta["created"])?;
    let later = instant("meta.lastModified", &meta["lastModified"])?
        > instant("meta.lastModified", &made["meta"]["lastModified"])?;
    expect(later, format!("lastModified after {}", made["meta"]["lastModified"]), meta["lastModified"].to_string())
}

async fn wrong_type(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let body = p.person("", json!({"userName": made["userName"], "title": "Lost", "active": "maybe"}));
    error_body(p.version, &p.put(&path, &body).await?, &[400])?;
    unassigned("title", &p.read(&path).await?["title"])
}

async fn whole_lists(p: &Probe) -> Verdict {
    let (made, path) = p.user("put", json!({})).await?;
    let body =
        p.person("", json!({"userName": made["userName"], "emails": [{"value": "only@example.com", "type": "home"}]}));
    p.put(&path, &body).await?.resource(200)?;
    crate::expect::has_values(&p.read(&path).await?, "emails", &["only@example.com"])
}
