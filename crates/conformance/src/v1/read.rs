//! Reading (SCIM 1.1 protocol sections 3.2, 3.6, 3.7, 3.11).

use serde_json::json;

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::{error_body, same, unassigned};
use crate::fixtures::guides;
use crate::probe::{CORE_V1, Feature, Probe, text_at};
use crate::verdict::{Verdict, expect, failed};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "read",
    title: "Reading",
    needs: None,
    checks: checks![
        Must "V1-API-3.2-01" by_id: "GET by id answers id and meta", |p| by_id(p);
        Must "V1-CORE-3-01" schema: "The user carries the core schema of 1.1", |p| schema(p);
        Must "V1-API-3.2-01" unknown: "An unknown id is 404", |p| unknown(p);
        Must "V1-CORE-5.1-01" location: "meta.location leads to the resource", |p| location(p);
        Must "V1-API-3.6-01" media_type: "The media type is application/json", |p| media_type(p);
        Option "V1-API-3.6-01" suffix: "The suffix .json is understood", |p| suffix(p);
        Must "V1-API-3.7-01" attributes: "attributes shows what it names, with id", |p| attributes(p);
        Must "V1-API-3.7-01" sub_attribute: "attributes names a sub-attribute", |p| sub_attribute(p);
        Must "V1-API-3.8-01" name_case: "Names ignore letter case", |p| name_case(p);
        Must "V1-CORE-6-01" groups: "A user shows the groups in which it is", |p| groups(p);
        Must "V1-CORE-6-01" no_reference: "There is no $ref", |p| no_reference(p);
        Must "V1-API-3.11-01" etag: "ETag and meta.version are equal", |p| etag(p);
        Must "V1-API-3.11-01" not_modified: "If-None-Match with the current tag: 304", |p| not_modified(p);
    ],
};

async fn by_id(p: &Probe) -> Verdict {
    let read = p.read(&p.shared_path("ada")?).await?;
    same("id", &p.shared("ada")?["id"], &read["id"])?;
    expect(read["meta"].is_object(), "meta", read.to_string())
}

async fn schema(p: &Probe) -> Verdict {
    p.get(&p.shared_path("ada")?).await?.has_schema(CORE_V1)
}

async fn unknown(p: &Probe) -> Verdict {
    error_body(p.version, &p.get("/Users/no-such-id-4f1c").await?, &[404])
}

async fn location(p: &Probe) -> Verdict {
    let read = p.read(&p.shared_path("ada")?).await?;
    let answer = p.follow(text_at(&read, "/meta/location")?).await?;
    same("id", &read["id"], &answer.resource(200)?["id"])
}

async fn media_type(p: &Probe) -> Verdict {
    super::discovery::media_type(p, &p.shared_path("ada")?).await
}

async fn suffix(p: &Probe) -> Verdict {
    let read = p.read(&format!("{}.json", p.shared_path("ada")?)).await?;
    same("id", &p.shared("ada")?["id"], &read["id"])
}

async fn attributes(p: &Probe) -> Verdict {
    let answer = p.query(&p.shared_path("ada")?, &[("attributes", "title")]).await?;
    let read = answer.resource(200)?;
    expect(read["title"].is_string() && read["id"].is_string(), "title and id", read.to_string())?;
    unassigned("emails", &read["emails"])
}

async fn sub_attribute(p: &Probe) -> Verdict {
    let answer = p.query(&p.shared_path("ada")?, &[("attributes", "name.givenName")]).await?;
    let name = &answer.resource(200)?["name"];
    same("name.givenName", &json!("Ada"), &name["givenName"])?;
    unassigned("name.familyName", &name["familyName"])
}

async fn name_case(p: &Probe) -> Verdict {
    let answer = p.query(&p.shared_path("ada")?, &[("attributes", "TITLE")]).await?;
    expect(answer.resource(200)?["title"].is_string(), "title", answer.told())
}

async fn groups(p: &Probe) -> Verdict {
    let guides = guides(p)?;
    let read = p.read(&p.shared_path("ada")?).await?;
    let shown = read["groups"].as_array().into_iter().flatten().any(|group| group["value"] == guides["id"]);
    expect(shown, format!("groups with the value {}", guides["id"]), read["groups"].to_string())
}

async fn no_reference(p: &Probe) -> Verdict {
    guides(p)?;
    let answer = p.get(&p.shared_path("guides")?).await?;
    answer.resource(200)?;
    expect(!crate::expect::mentions(answer.object()?, "$ref"), "no $ref, which is of 2.0", answer.told())
}

async fn etag(p: &Probe) -> Verdict {
    p.needs(Feature::Etag)?;
    let answer = p.get(&p.shared_path("ada")?).await?;
    let tag = answer.header("etag").ok_or_else(|| failed("an ETag header", "there is none"))?;
    same("meta.version", &json!(tag), &answer.resource(200)?["meta"]["version"])
}

async fn not_modified(p: &Probe) -> Verdict {
    p.needs(Feature::Etag)?;
    let path = p.shared_path("ada")?;
    let answer = p.get(&path).await?;
    let tag = answer.header("etag").ok_or_else(|| failed("an ETag header", "there is none"))?;
    p.send(Request::new("GET", path).header("If-None-Match", tag)).await?.status(304).map(|_| ())
}
