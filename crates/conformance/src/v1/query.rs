//! Lists, filters, sorting and paging (SCIM 1.1 protocol section 3.2.2).

use serde_json::json;

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::expect::same;
use crate::fixtures::{finds, finds_shared, guides, refuses};
use crate::probe::{CORE_V1, Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "query",
    title: "Lists and filters",
    needs: None,
    checks: checks![
        Must "V1-API-3.2.2.3-01" list: "GET /Users answers totalResults and Resources", |p| list(p);
        Must "V1-API-3.2.2.3-01" list_schema: "A list carries the core schema", |p| list_schema(p);
        Must "V1-API-3.2.2.3-01" count: "Never more than count", |p| shown(p, "1", "2", 2);
        Must "V1-API-3.2.2.3-01" start: "startIndex counts from 1", |p| shown(p, "3", "2", 1);
        Must "V1-API-3.2.2.3-01" start_zero: "startIndex 0 is 1", |p| shown(p, "0", "3", 3);
        Must "V1-API-3.2.2.3-01" walk: "Page by page everybody comes once", |p| walk(p);
        Should "V1-API-3.2.2-01" unknown_parameter: "Unknown parameters are ignored", |p| unknown_parameter(p);
        Must "V1-API-3.2.2.1-01" eq: "eq finds the identical value", |p| filter(p, r#"userName eq "{f}-ada@example.com""#, "ada");
        Must "V1-API-3.2.2.1-02" eq_case: "eq ignores letter case", |p| filter(p, r#"userName eq "{f}-BOB@example.com""#, "bob");
        Must "V1-API-3.2.2.1-01" eq_boolean: "eq compares booleans", |p| shared(p, "active eq false", "bob");
        Must "V1-API-3.2.2.1-01" co: "co finds a part", |p| shared(p, r#"userName co "-ad""#, "ada");
        Must "V1-API-3.2.2.1-01" sw: "sw finds a beginning", |p| filter(p, r#"userName sw "{f}-c""#, "cai");
        Must "V1-API-3.2.2.1-01" pr: "pr finds what has a value", |p| shared(p, "title pr", "ada");
        Must "V1-API-3.2.2.1-01" gt: "gt and lt order strings", |p| shared(p, r#"userName gt "{f}-ada@example.com" and userName lt "{f}-cai@example.com""#, "bob");
        Must "V1-API-3.2.2.1-01" ge: "ge and le include the bound", |p| shared(p, r#"userName ge "{f}-bob@example.com" and userName le "{f}-cai@example.com""#, "bob cai");
        Must "V1-API-3.2.2.1-01" times: "Times are ordered in time", |p| shared(p, r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, "ada bob cai");
        Must "V1-API-3.2.2.1-01" and_or: "and binds tighter than or", |p| shared(p, r#"title pr or userType eq "{f}-Intern" and active eq true"#, "ada");
        Must "V1-API-3.2.2.1-01" grouping: "Parentheses group", |p| shared(p, r#"(title pr or userType eq "{f}-Intern") and active eq false"#, "bob");
        Must "V1-API-3.2.2.1-02" sub_attribute: "Sub-attributes are found", |p| filter(p, r#"name.familyName eq "{f}-Babbage""#, "bob");
        Must "V1-API-3.8-01" qualified: "Attributes may be named with their schema", |p| filter(p, r#"urn:scim:schemas:core:1.0:userName eq "{f}-cai@example.com""#, "cai");
        Must "V1-API-3.2.2.1-02" external_id: "eq finds by externalId", |p| filter(p, r#"externalId eq "{f}-EXT-Ada""#, "ada");
        Must "V1-API-3.2.2.1-03" operator: "An unknown operator is 400", |p| refuses_filter(p, r#"userName regex "x""#);
        Must "V1-API-3.2.2.1-03" no_value: "A missing value is 400", |p| refuses_filter(p, "userName eq");
        Must "V1-API-3.2.2.1-01" group_name: "Groups are found by displayName", |p| group_name(p);
        Option "V1-API-3.2.2.2-01" sort: "sortBy sorts", |p| sort(p);
    ],
};

async fn filter(p: &Probe, filter: &str, expected: &str) -> Verdict {
    p.needs(Feature::Filter)?;
    finds(p, filter, expected).await
}

async fn shared(p: &Probe, condition: &str, expected: &str) -> Verdict {
    p.needs(Feature::Filter)?;
    finds_shared(p, condition, expected).await
}

async fn refuses_filter(p: &Probe, filter: &str) -> Verdict {
    p.needs(Feature::Filter)?;
    refuses(p, filter).await
}

async fn list(p: &Probe) -> Verdict {
    p.shared("ada")?;
    let answer = p.get("/Users").await?;
    let (total, shown) = (answer.total()?, answer.resources()?.len() as u64);
    expect(shown > 0 && shown <= total, "Resources, at most totalResults", answer.told())
}

async fn list_schema(p: &Probe) -> Verdict {
    let answer = p.query("/Users", &[("count", "1")]).await?;
    answer.resource(200)?;
    answer.has_schema(CORE_V1)
}

async fn page(p: &Probe, start: &str, count: &str) -> Result<Answer, Stop> {
    p.needs(Feature::Filter)?;
    p.shared("cai")?;
    let filter = format!("userName sw \"{}\"", p.shared_prefix());
    p.query("/Users", &[("filter", &filter), ("startIndex", start), ("count", count)]).await
}

async fn shown(p: &Probe, start: &str, count: &str, expected: usize) -> Verdict {
    let answer = page(p, start, count).await?;
    let (total, got) = (answer.total()?, answer.resources()?.len());
    expect(total == 3 && got == expected, format!("{expected} of 3"), format!("{got} of {total}"))
}

async fn walk(p: &Probe) -> Verdict {
    let mut ids = Vec::new();
    for start in ["1", "2", "3"] {
        ids.extend(page(p, start, "1").await?.resources()?.iter().map(|one| text(&one["id"]).to_owned()));
    }
    let shown = ids.len();
    ids.sort_unstable();
    ids.dedup();
    let got = format!("{shown} users, {} different ones", ids.len());
    expect(shown == 3 && ids.len() == 3, "three users, one on each page", got)
}

async fn unknown_parameter(p: &Probe) -> Verdict {
    p.query("/Users", &[("count", "1"), ("x-unknown", "1")]).await?.resources().map(|_| ())
}

async fn group_name(p: &Probe) -> Verdict {
    p.needs(Feature::Filter)?;
    let guides = guides(p)?;
    let filter = format!("displayName eq {}", guides["displayName"]);
    let answer = p.query("/Groups", &[("filter", &filter)]).await?;
    same("id", &guides["id"], &answer.resources()?.first().cloned().unwrap_or(json!({}))["id"])
}

async fn sort(p: &Probe) -> Verdict {
    p.needs(Feature::Sort)?;
    p.needs(Feature::Filter)?;
    let filter = format!("userName sw \"{}\"", p.shared_prefix());
    let answer = p.query("/Users", &[("filter", &filter), ("sortBy", "userName"), ("sortOrder", "descending")]).await?;
    let ids: Vec<&str> = answer.resources()?.iter().map(|one| text(&one["id"])).collect();
    expect(ids == [p.shared_id("cai")?, p.shared_id("bob")?, p.shared_id("ada")?], "cai, bob, ada", answer.told())
}
