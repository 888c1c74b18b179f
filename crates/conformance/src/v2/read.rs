//! Reading single resources (RFC 7644 section 3.4.1).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::{error_body, instant, same};
use crate::fixtures::guides;
use crate::probe::{Probe, USER, text, text_at};
use crate::verdict::{Verdict, expect, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "read",
    title: "Reading",
    needs: None,
    checks: checks![
        Must "P-7644-3.4.1-01" by_id: "GET by id answers the resource", |p| by_id(p);
        Must "P-7644-3.4.1-01" unknown: "An unknown id is 404", |p| unknown(p, "/Users/no-such-id-4f1c");
        Must "P-7644-3.4.1-01" unknown_group: "An unknown id of a group is 404", |p| unknown_group(p);
        Must "P-7644-3.4.1-01" other_type: "The id of a user is none of a group", |p| other_type(p);
        Must "P-7644-8.1-01" media_type: "The media type is application/scim+json", |p| media_type(p);
        Must "P-7644-3.8-02" accept_scim: "Accept application/scim+json is understood", |p| accept(p, "application/scim+json", &["application/scim+json"]);
        Should "P-7644-3.8-02" accept_json: "Accept application/json is understood", |p| accept(p, "application/json", &["application/json", "application/scim+json"]);
        Must "S-7643-3.1-07" location: "meta.location leads to the resource", |p| location(p);
        Must "S-7643-3.1-07" content_location: "Content-Location, if sent, equals meta.location", |p| content_location(p);
        Must "S-7643-3.1-01" meta: "meta has resourceType, created, lastModified, location", |p| meta(p);
        Must "S-7643-3-01" schemas: "schemas are in every resource", |p| schemas(p);
        Must "S-7643-4.1.2-07" groups: "A user shows the groups in which it is", |p| groups(p);
        Must "S-7643-2.3.7-02" group_reference: "The $ref of a user's group leads to it", |p| reference(p, "ada", "groups");
        Must "S-7643-2.3.7-02" member_reference: "The $ref of a group's member leads to it", |p| reference(p, "guides", "members");
    ],
};

async fn by_id(p: &Probe) -> Verdict {
    let read = p.read(&p.shared_path("ada")?).await?;
    same("id", &p.shared("ada")?["id"], &read["id"])?;
    same("userName", &json!(format!("{}-ada@example.com", p.shared_prefix())), &read["userName"])
}

pub(crate) async fn unknown(p: &Probe, path: &str) -> Verdict {
    error_body(p.version, &p.get(path).await?, &[404])
}

async fn unknown_group(p: &Probe) -> Verdict {
    p.needs(crate::probe::Feature::Groups)?;
    unknown(p, "/Groups/no-such-id-4f1c").await
}

async fn other_type(p: &Probe) -> Verdict {
    p.needs(crate::probe::Feature::Groups)?;
    unknown(p, &format!("/Groups/{}", p.shared_id("ada")?)).await
}

async fn media_type(p: &Probe) -> Verdict {
    p.get(&p.shared_path("ada")?).await?.media_type(&["application/scim+json"])
}

async fn accept(p: &Probe, accept: &str, answered: &[&str]) -> Verdict {
    let answer = p.send(Request::new("GET", p.shared_path("ada")?).header("Accept", accept)).await?;
    answer.resource(200)?;
    answer.media_type(answered)
}

async fn location(p: &Probe) -> Verdict {
    let read = p.read(&p.shared_path("ada")?).await?;
    let answer = p.follow(text_at(&read, "/meta/location")?).await?;
    same("id", &read["id"], &answer.resource(200)?["id"])
}

async fn content_location(p: &Probe) -> Verdict {
    let answer = p.get(&p.shared_path("ada")?).await?;
    match answer.header("content-location") {
        Some(header) => same("Content-Location", &answer.resource(200)?["meta"]["location"], &json!(header)),
        None => skip("the server sends no Content-Location"),
    }
}

async fn meta(p: &Probe) -> Verdict {
    let read = p.read(&p.shared_path("ada")?).await?;
    same("meta.resourceType", &json!("User"), &read["meta"]["resourceType"])?;
    instant("meta.created", &read["meta"]["created"])?;
    instant("meta.lastModified", &read["meta"]["lastModified"])?;
    text_at(&read, "/meta/location").map(|_| ())
}

async fn schemas(p: &Probe) -> Verdict {
    p.get(&p.shared_path("cai")?).await?.has_schema(USER)
}

/// The groups of a user; skipped where a server does not compute them.
async fn groups(p: &Probe) -> Verdict {
    let guides = guides(p)?;
    let read = p.read(&p.shared_path("ada")?).await?;
    let group = read["groups"].as_array().into_iter().flatten().find(|group| group["value"] == guides["id"]);
    expect(group.is_some(), format!("groups with the value {}", guides["id"]), read["groups"].to_string())
}

async fn reference(p: &Probe, of: &str, attribute: &str) -> Verdict {
    guides(p)?;
    let read = p.read(&p.shared_path(of)?).await?;
    let first = read[attribute].as_array().and_then(|all| all.first()).cloned().unwrap_or(Value::Null);
    if first["$ref"].is_null() {
        return skip(format!("the server sends no $ref in {attribute}"));
    }
    let answer = p.follow(text(&first["$ref"])).await?;
    same("id", &first["value"], &answer.resource(200)?["id"])
}
