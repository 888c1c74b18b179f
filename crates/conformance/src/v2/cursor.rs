//! Paging by cursor (RFC 9865).

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::probe::{Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect, failed, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "cursor",
    title: "Paging by cursor",
    needs: Some(Feature::Cursor),
    checks: checks![
        Must "P-9865-2-01" first: "An empty cursor begins", |p| first(p);
        Must "P-9865-2-01" unreserved: "Cursors need no escaping in a URL", |p| unreserved(p);
        Must "P-9865-2-02" walk: "Cursor by cursor everybody comes once", |p| walk(p);
        Must "P-9865-2-02" last: "The last page has no nextCursor", |p| last(p);
        Must "P-9865-2-03" no_previous: "The first page has no previousCursor", |p| no_previous(p);
        Must "P-9865-2-04" count: "Never more than count", |p| count(p);
        Must "P-9865-2-04" zero: "count 0 tells totalResults only", |p| zero(p);
        Must "P-9865-2-05" other_filter: "A cursor does not fit another query: 400", |p| other_filter(p);
        Should "P-9865-2.1-01" invalid: "An invented cursor is 400 invalidCursor", |p| invalid(p);
        Should "P-9865-2-06" total: "totalResults is right", |p| total(p);
        Must "P-9865-2.4-01" default_method: "Without cursor the announced method is used", |p| default_method(p);
        Must "P-9865-3-01" search: "/.search takes a cursor", |p| search(p);
    ],
};

async fn page(p: &Probe, cursor: &str, count: &str) -> Result<Answer, Stop> {
    p.needs(Feature::Filter)?;
    for name in ["ada", "bob", "cai"] {
        p.shared(name)?;
    }
    let filter = format!("userName sw \"{}\"", p.shared_prefix());
    p.query("/Users", &[("filter", &filter), ("cursor", cursor), ("count", count)]).await
}

fn next(answer: &Answer) -> Result<String, Stop> {
    match answer.get("nextCursor").as_str() {
        Some(next) if !next.is_empty() => Ok(next.to_owned()),
        _ => Err(failed("nextCursor, because there is more", answer.told())),
    }
}

async fn first(p: &Probe) -> Verdict {
    let answer = page(p, "", "2").await?;
    let shown = answer.resources()?.len();
    expect(shown > 0, "the first page", answer.told())?;
    next(&answer).map(|_| ())
}

async fn unreserved(p: &Probe) -> Verdict {
    let cursor = next(&page(p, "", "1").await?)?;
    let fits = cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    expect(fits, "letters, digits, -, ., _, ~", cursor)
}

/// The ids of all pages, and how many pages there were.
async fn all_pages(p: &Probe) -> Result<(Vec<String>, Answer), Stop> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    for _ in 0..10 {
        let answer = page(p, &cursor, "1").await?;
        ids.extend(answer.resources()?.iter().map(|one| text(&one["id"]).to_owned()));
        match answer.get("nextCursor").as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok((ids, answer)),
        }
    }
    Err(failed("an end after three users", "there is a nextCursor on the tenth page"))
}

async fn walk(p: &Probe) -> Verdict {
    let (mut ids, _) = all_pages(p).await?;
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    expect(all == 3 && ids.len() == 3, "three users, each once", format!("{all} users, {} different", ids.len()))
}

async fn last(p: &Probe) -> Verdict {
    let (_, answer) = all_pages(p).await?;
    expect(answer.get("nextCursor").is_null(), "no nextCursor", answer.told())
}

async fn no_previous(p: &Probe) -> Verdict {
    let answer = page(p, "", "1").await?;
    answer.resources()?;
    expect(answer.get("previousCursor").is_null(), "no previousCursor", answer.told())
}

async fn count(p: &Probe) -> Verdict {
    let shown = page(p, "", "2").await?.resources()?.len();
    expect(shown <= 2, "at most 2 Resources", shown.to_string())
}

async fn zero(p: &Probe) -> Verdict {
    let answer = page(p, "", "0").await?;
    let shown = answer.resources()?.len();
    expect(shown == 0, "no Resources", shown.to_string())
}

async fn other_filter(p: &Probe) -> Verdict {
    let cursor = next(&page(p, "", "1").await?)?;
    let filter = format!("userName co \"{}\"", p.shared_prefix());
    let answer = p.query("/Users", &[("filter", &filter), ("cursor", &cursor), ("count", "1")]).await?;
    answer.status(400).map(|_| ())
}

async fn invalid(p: &Probe) -> Verdict {
    page(p, "invented-cursor", "1").await?.refusal(400, "invalidCursor")
}

async fn total(p: &Probe) -> Verdict {
    let total = page(p, "", "1").await?.total()?;
    expect(total == 3, "totalResults 3", total.to_string())
}

async fn default_method(p: &Probe) -> Verdict {
    let pagination = &p.features.config["pagination"];
    if pagination["index"] != true || pagination["defaultPaginationMethod"] == "cursor" {
        return skip("the server pages by cursor unless asked otherwise");
    }
    let answer = p.query("/Users", &[("count", "1")]).await?;
    answer.resources()?;
    expect(answer.get("nextCursor").is_null(), "no nextCursor unasked", answer.told())
}

async fn search(p: &Probe) -> Verdict {
    let filter = format!("userName sw \"{}\"", p.shared_prefix());
    let body: Value = json!({"schemas": [super::search::SEARCH], "filter": filter, "cursor": "", "count": 1});
    let answer = p.post("/Users/.search", &body).await?;
    answer.resources()?;
    next(&answer).map(|_| ())
}
