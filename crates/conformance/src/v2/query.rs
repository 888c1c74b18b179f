//! The form of list responses (RFC 7644 section 3.4.2).

use crate::check::{Chapter, checks};
use crate::expect::canonical;
use crate::probe::{Feature, LIST, Probe, text};
use crate::verdict::{Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "query",
    title: "Lists",
    needs: None,
    checks: checks![
        Must "P-7644-3.4.2-01" users: "GET /Users answers a list response", |p| list(p, "/Users");
        Must "P-7644-3.4.2-01" groups: "GET /Groups answers a list response", |p| groups(p);
        Must "P-7644-8.1-01" media_type: "The media type is application/scim+json", |p| media_type(p);
        Must "P-7644-3.4.2-01" partial: "A part of a list tells startIndex and itemsPerPage", |p| partial(p);
        Must "P-7644-3.4.2-01" items_per_page: "itemsPerPage is the number of Resources", |p| items_per_page(p);
        Must "P-7644-3.4.2-02" nobody: "No match is 200 with totalResults 0", |p| nobody(p);
        Should "P-7644-3.4.2-03" unknown_parameter: "Unknown parameters are ignored", |p| unknown_parameter(p);
        Must "S-7643-3.1-02" ids: "Every resource of a list has id and schemas", |p| ids(p);
        Must "P-7644-3.9-01" as_by_id: "A resource in a list is as by its id", |p| as_by_id(p);
    ],
};

async fn list(p: &Probe, endpoint: &str) -> Verdict {
    let answer = p.get(endpoint).await?;
    answer.resource(200)?;
    answer.has_schema(LIST)?;
    let (total, shown) = (answer.total()?, answer.resources()?.len() as u64);
    expect(total == 0 || shown > 0, "Resources, because totalResults is not 0", answer.told())?;
    expect(shown <= total, format!("at most totalResults ({total}) Resources"), shown.to_string())
}

async fn groups(p: &Probe) -> Verdict {
    p.needs(Feature::Groups)?;
    list(p, "/Groups").await
}

async fn media_type(p: &Probe) -> Verdict {
    p.query("/Users", &[("count", "1")]).await?.media_type(&["application/scim+json"])
}

async fn partial(p: &Probe) -> Verdict {
    p.shared("bob")?;
    let answer = p.query("/Users", &[("startIndex", "1"), ("count", "1")]).await?;
    answer.resource(200)?;
    let told = answer.get("startIndex") == 1 && answer.get("itemsPerPage").is_u64();
    expect(told, "startIndex 1 and itemsPerPage", answer.told())
}

async fn items_per_page(p: &Probe) -> Verdict {
    let answer = p.query("/Users", &[("count", "2")]).await?;
    let shown = answer.resources()?.len() as u64;
    let told = answer.get("itemsPerPage");
    expect(told.is_null() || *told == shown, format!("itemsPerPage is {shown}"), told.to_string())
}

async fn nobody(p: &Probe) -> Verdict {
    p.needs(Feature::Filter)?;
    let filter = format!("userName eq \"{}\"", p.fresh("nobody"));
    let answer = p.query("/Users", &[("filter", &filter)]).await?;
    expect(answer.total()? == 0 && answer.resources()?.is_empty(), "totalResults 0 and no Resources", answer.told())
}

async fn unknown_parameter(p: &Probe) -> Verdict {
    let answer = p.query("/Users", &[("count", "1"), ("x-unknown", "1"), ("_", "123")]).await?;
    answer.resources().map(|_| ())
}

async fn ids(p: &Probe) -> Verdict {
    for one in p.query("/Users", &[("count", "10")]).await?.resources()? {
        expect(!text(&one["id"]).is_empty() && one["schemas"].is_array(), "id and schemas", one.to_string())?;
    }
    Ok(())
}

async fn as_by_id(p: &Probe) -> Verdict {
    p.needs(Feature::Filter)?;
    let ada = p.shared("ada")?;
    let filter = format!("userName eq {}", ada["userName"]);
    let answer = p.query("/Users", &[("filter", &filter)]).await?;
    let read = p.read(&p.shared_path("ada")?).await?;
    let listed = answer.resources()?.first().cloned().unwrap_or_default();
    expect(canonical(&listed) == canonical(&read), format!("{read}"), listed.to_string())
}
