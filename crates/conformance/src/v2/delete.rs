//! Deleting (RFC 7644 section 3.6).

use serde_json::json;

use crate::check::{Chapter, checks};
use crate::expect::{error_body, values};
use crate::probe::{Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "delete",
    title: "Deleting",
    needs: None,
    checks: checks![
        Must "P-7644-3.6-01" deleted: "DELETE is 204 without a body", |p| deleted(p);
        Must "P-7644-3.6-01" get: "Afterwards GET is 404", |p| afterwards(p, "GET");
        Must "P-7644-3.6-01" put: "Afterwards PUT is 404", |p| afterwards(p, "PUT");
        Must "P-7644-3.6-01" patch: "Afterwards PATCH is 404", |p| afterwards(p, "PATCH");
        Must "P-7644-3.6-01" again: "A second DELETE is 404", |p| afterwards(p, "DELETE");
        Must "P-7644-3.6-01" unknown: "DELETE of an unknown id is 404", |p| unknown(p);
        Must "P-7644-3.6-01" not_found: "Afterwards no query finds it", |p| not_found(p);
        Must "P-7644-3.6-01" no_member: "Afterwards it is no member", |p| no_member(p);
        Should "P-7644-3.6-02" name_free: "Its userName may be used again", |p| name_free(p);
        Must "S-7643-3.1-02" id_not_reused: "Its id is not given again", |p| id_not_reused(p);
        Must "P-7644-3.6-01" group: "Groups are deleted too", |p| group(p);
    ],
};

/// The path of a user that was deleted, and its name.
async fn gone(p: &Probe) -> Result<(String, String), Stop> {
    let (made, path) = p.user("delete", json!({})).await?;
    p.delete(&path).await?.one_of(&[200, 204])?;
    Ok((path, text(&made["userName"]).to_owned()))
}

async fn deleted(p: &Probe) -> Verdict {
    let (_, path) = p.user("delete", json!({})).await?;
    let answer = p.delete(&path).await?;
    answer.status(204)?;
    expect(answer.text.is_empty(), "no body", answer.told())
}

async fn afterwards(p: &Probe, method: &'static str) -> Verdict {
    let (path, name) = gone(p).await?;
    let answer = match method {
        "PUT" => p.put(&path, &p.person("", json!({"userName": name}))).await?,
        "PATCH" => {
            p.needs(Feature::Patch)?;
            p.operations(&path, json!([{"op": "replace", "path": "title", "value": "x"}])).await?
        }
        "DELETE" => p.delete(&path).await?,
        _ => p.get(&path).await?,
    };
    error_body(p.version, &answer, &[404])
}

async fn unknown(p: &Probe) -> Verdict {
    error_body(p.version, &p.delete("/Users/no-such-id-4f1c").await?, &[404])
}

async fn not_found(p: &Probe) -> Verdict {
    p.needs(Feature::Filter)?;
    let (_, name) = gone(p).await?;
    let total = p.query("/Users", &[("filter", &format!("userName eq \"{name}\""))]).await?.total()?;
    expect(total == 0, "totalResults 0", total.to_string())
}

async fn no_member(p: &Probe) -> Verdict {
    let (one, path) = p.user("member", json!({})).await?;
    let (two, _) = p.user("member", json!({})).await?;
    let (_, group) = p.group("team", &[text(&one["id"]), text(&two["id"])]).await?;
    p.delete(&path).await?.one_of(&[200, 204])?;
    let read = p.read(&group).await?;
    expect(
        !values(&read, "members").contains(&text(&one["id"])),
        "members without the deleted user",
        read["members"].to_string(),
    )
}

async fn name_free(p: &Probe) -> Verdict {
    let (_, name) = gone(p).await?;
    p.post("/Users", &p.person("", json!({"userName": name}))).await?.status(201).map(|_| ())
}

async fn id_not_reused(p: &Probe) -> Verdict {
    let (path, name) = gone(p).await?;
    let made = p.made("/Users", &p.person("", json!({"userName": name}))).await?;
    let id = text(&made["id"]);
    expect(!path.ends_with(&format!("/{id}")), "another id", id)
}

async fn group(p: &Probe) -> Verdict {
    let (_, path) = p.group("delete", &[]).await?;
    p.delete(&path).await?.status(204)?;
    p.get(&path).await?.status(404).map(|_| ())
}
