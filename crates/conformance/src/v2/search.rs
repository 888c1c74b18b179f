//! Queries by POST (RFC 7644 section 3.4.3), and at the root (section 3.4.2.1).

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::expect::{error_body, unassigned};
use crate::probe::{Feature, LIST, Probe, text};
use crate::verdict::{Stop, Verdict, expect, skip};

pub(super) const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "search",
    title: "Search by POST",
    needs: Some(Feature::Filter),
    checks: checks![
        Must "P-7644-3.4.3-01" users: "POST /Users/.search answers as GET does", |p| users(p);
        Must "P-7644-3.4.3-01" groups: "POST /Groups/.search answers as GET does", |p| groups(p);
        Must "P-7644-3.4.3-01" message: "A body of another schema is 400", |p| message(p);
        Must "P-7644-3.4.3-02" paging: "startIndex and count work", |p| paging(p);
        Must "P-7644-3.4.3-02" attributes: "attributes works", |p| attributes(p);
        Must "P-7644-3.4.3-02" excluded: "excludedAttributes works", |p| excluded(p);
        Must "P-7644-3.4.2.2-14" bad_filter: "A wrong filter is 400 invalidFilter", |p| bad_filter(p);
        Must "P-7644-3.4.2.1-02" root: "GET / searches all types", |p| root(p);
        Must "P-7644-3.4.2.1-02" root_type: "meta.resourceType restricts a search at the root", |p| root_type(p);
        Must "P-7644-3.4.2.1-03" root_unknown: "An attribute that a type does not have is without value", |p| root_unknown(p);
        Must "P-7644-3.4.3-01" root_post: "POST /.search searches all types", |p| root_post(p);
    ],
};

async fn search(p: &Probe, path: &str, more: Value) -> Result<Answer, Stop> {
    let name = if path == "/Groups/.search" { "displayName" } else { "userName" };
    let mut body = json!({"schemas": [SEARCH], "filter": format!("{name} sw \"{}\"", p.shared_prefix())});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    p.post(path, &body).await
}

async fn users(p: &Probe) -> Verdict {
    p.shared("cai")?;
    let answer = search(p, "/Users/.search", json!({})).await?;
    answer.resource(200)?;
    answer.has_schema(LIST)?;
    expect(answer.total()? == 3, "the three users of the filter", answer.told())
}

async fn groups(p: &Probe) -> Verdict {
    crate::fixtures::guides(p)?;
    let answer = search(p, "/Groups/.search", json!({})).await?;
    expect(answer.total()? == 1, "the one group of the filter", answer.told())
}

async fn message(p: &Probe) -> Verdict {
    error_body(p.version, &search(p, "/Users/.search", json!({"schemas": ["urn:example:other"]})).await?, &[400])
}

async fn paging(p: &Probe) -> Verdict {
    p.shared("cai")?;
    let answer = search(p, "/Users/.search", json!({"startIndex": 2, "count": 1})).await?;
    let right = answer.resources()?.len() == 1 && answer.total()? == 3 && *answer.get("startIndex") == 2;
    expect(right, "one of three, startIndex 2", answer.told())
}

async fn attributes(p: &Probe) -> Verdict {
    let answer = search(p, "/Users/.search", json!({"attributes": ["userName"]})).await?;
    for one in answer.resources()? {
        expect(one["userName"].is_string() && one["id"].is_string(), "userName and id", one.to_string())?;
        unassigned("emails", &one["emails"])?;
    }
    Ok(())
}

async fn excluded(p: &Probe) -> Verdict {
    let answer = search(p, "/Users/.search", json!({"excludedAttributes": ["emails"]})).await?;
    for one in answer.resources()? {
        expect(one["userName"].is_string(), "userName", one.to_string())?;
        unassigned("emails", &one["emails"])?;
    }
    Ok(())
}

async fn bad_filter(p: &Probe) -> Verdict {
    search(p, "/Users/.search", json!({"filter": "userName regex \"x\""})).await?.refusal(400, "invalidFilter")
}

/// Queries at the root are nothing that a server announces; one that refuses them does not offer them.
fn offered(answer: Answer) -> Result<Answer, Stop> {
    let too_many = answer.status == 400 && answer.get("scimType") == "tooMany";
    if too_many || matches!(answer.status, 403 | 404 | 405 | 501) {
        return skip("the server does not search at the root");
    }
    Ok(answer)
}

async fn at_root(p: &Probe, filter: &str) -> Result<Answer, Stop> {
    crate::fixtures::guides(p)?;
    offered(p.query("/", &[("filter", &filter.replace("{f}", &p.shared_prefix()))]).await?)
}

async fn root(p: &Probe) -> Verdict {
    let answer = at_root(p, r#"userName eq "{f}-ada@example.com" or displayName eq "{f} Guides""#).await?;
    let mut kinds: Vec<&str> = answer.resources()?.iter().map(|one| text(&one["meta"]["resourceType"])).collect();
    kinds.sort_unstable();
    expect(kinds == ["Group", "User"], "a user and a group", answer.told())
}

async fn root_type(p: &Probe) -> Verdict {
    let answer = at_root(p, r#"meta.resourceType eq "Group" and displayName sw "{f}""#).await?;
    let right = answer.total()? == 1 && answer.resources()?.iter().all(|one| one["meta"]["resourceType"] == "Group");
    expect(right, "the one group", answer.told())
}

async fn root_unknown(p: &Probe) -> Verdict {
    let answer = at_root(p, r#"displayName sw "{f}" and not (userName pr)"#).await?;
    let right = answer.total()? == 1 && answer.resources()?.iter().all(|one| one["meta"]["resourceType"] == "Group");
    expect(right, "the one group, which has no userName", answer.told())
}

async fn root_post(p: &Probe) -> Verdict {
    crate::fixtures::guides(p)?;
    let filter = format!("displayName eq \"{} Guides\"", p.shared_prefix());
    let answer = offered(p.post("/.search", &json!({"schemas": [SEARCH], "filter": filter})).await?)?;
    expect(answer.total()? == 1, "the one group", answer.told())
}
