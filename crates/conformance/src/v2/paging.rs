//! Paging by index (RFC 7644 section 3.4.2.4), among the three shared users.

use serde_json::Value;

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::probe::{Feature, Probe, text};
use crate::verdict::{Stop, Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "paging",
    title: "Paging",
    needs: None,
    checks: checks![
        Must "P-7644-3.4.2.4-02" count: "Never more than count", |p| shown(p, &[("count", "2")], 2);
        Must "P-7644-3.4.2.4-02" zero: "count 0 tells totalResults only", |p| shown(p, &[("count", "0")], 0);
        Must "P-7644-3.4.2.4-02" negative: "A negative count is 0", |p| shown(p, &[("count", "-1")], 0);
        Must "P-7644-3.4.2.4-01" start_zero: "startIndex 0 is 1", |p| starts(p, "0");
        Must "P-7644-3.4.2.4-01" start_negative: "A negative startIndex is 1", |p| starts(p, "-5");
        Must "P-7644-3.4.2.4-01" start_default: "Without startIndex it is 1", |p| start_default(p);
        Must "P-7644-3.4.2.4-01" walk: "Page by page everybody comes once", |p| walk(p);
        Must "P-7644-3.4.2.4-01" start: "startIndex counts from 1", |p| shown(p, &[("startIndex", "3")], 1);
        Should "P-7644-3.4.2.4-01" beyond: "Beyond the end is an empty page", |p| shown(p, &[("startIndex", "1000")], 0);
        Must "P-7644-3.4.2.4-02" large: "A very large count is no error", |p| shown(p, &[("count", "1000000")], 3);
        Should "P-7644-3.12-02" not_a_number: "A count that is no number is no fault", |p| not_a_number(p);
        Must "P-7644-3.4.2.4-01" groups: "Groups are paged too", |p| groups(p);
    ],
};

async fn page(p: &Probe, parameters: &[(&str, &str)]) -> Result<Answer, Stop> {
    p.needs(Feature::Filter)?;
    for name in ["ada", "bob", "cai"] {
        p.shared(name)?;
    }
    let filter = format!("userName sw \"{}\"", p.shared_prefix());
    let mut all = vec![("filter", filter.as_str())];
    all.extend_from_slice(parameters);
    p.query("/Users", &all).await
}

/// So many of the three are shown, and all three are counted.
async fn shown(p: &Probe, parameters: &[(&str, &str)], expected: usize) -> Verdict {
    let answer = page(p, parameters).await?;
    let (total, got) = (answer.total()?, answer.resources()?.len());
    expect(total == 3, "totalResults 3", total.to_string())?;
    expect(got == expected, format!("{expected} Resources"), format!("{got} Resources"))
}

async fn starts(p: &Probe, start: &str) -> Verdict {
    let (odd, first) = (
        page(p, &[("startIndex", start), ("count", "2")]).await?,
        page(p, &[("startIndex", "1"), ("count", "2")]).await?,
    );
    let ids = |answer: &Answer| {
        Ok::<_, Stop>(answer.resources()?.iter().map(|one| one["id"].clone()).collect::<Vec<Value>>())
    };
    expect(ids(&odd)? == ids(&first)?, "the first page", odd.told())
}

async fn start_default(p: &Probe) -> Verdict {
    let answer = page(p, &[("count", "1")]).await?;
    answer.resources()?;
    expect(*answer.get("startIndex") == 1, "startIndex 1", answer.get("startIndex").to_string())
}

async fn walk(p: &Probe) -> Verdict {
    let mut ids = Vec::new();
    for start in ["1", "2", "3"] {
        let answer = page(p, &[("startIndex", start), ("count", "1")]).await?;
        ids.extend(answer.resources()?.iter().map(|one| text(&one["id"]).to_owned()));
    }
    let shown = ids.len();
    ids.sort_unstable();
    ids.dedup();
    let got = format!("{shown} users, {} different ones", ids.len());
    expect(shown == 3 && ids.len() == 3, "three users, one on each page", got)
}

async fn not_a_number(p: &Probe) -> Verdict {
    let answer = p.query("/Users", &[("count", "abc")]).await?;
    expect(answer.status < 500, "400, or as without count", answer.told())
}

async fn groups(p: &Probe) -> Verdict {
    p.needs(Feature::Groups)?;
    let answer = p.query("/Groups", &[("count", "0")]).await?;
    let got = answer.resources()?.len();
    answer.total()?;
    expect(got == 0, "no Resources", got.to_string())
}
