//! Sorting (RFC 7644 section 3.4.2.3), among the three shared users.

use serde_json::Value;

use crate::check::{Chapter, checks};
use crate::probe::{Feature, Probe};
use crate::verdict::{Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "sort",
    title: "Sorting",
    needs: Some(Feature::Sort),
    checks: checks![
        Must "P-7644-3.4.2.3-01" ascending: "sortBy sorts", |p| order(p, "userName", Some("ascending"), &["ada", "bob", "cai"]);
        Must "P-7644-3.4.2.3-02" default_order: "Without sortOrder it is ascending", |p| order(p, "userName", None, &["ada", "bob", "cai"]);
        Must "P-7644-3.4.2.3-02" descending: "descending turns the order", |p| order(p, "userName", Some("descending"), &["cai", "bob", "ada"]);
        Must "P-7644-3.4.2.3-01" sub_attribute: "Sub-attributes sort", |p| order(p, "name.familyName", None, &["bob", "ada", "cai"]);
        Must "P-7644-3.4.2.3-01" name_case: "sortBy ignores letter case", |p| order(p, "NAME.FAMILYNAME", None, &["bob", "ada", "cai"]);
        Must "P-7644-3.4.2.3-01" qualified: "sortBy may name the schema", |p| order(p, "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", None, &["ada", "bob", "cai"]);
        Must "P-7644-3.4.2.3-01" several_values: "Several values sort by the primary or the first", |p| order(p, "emails", None, &["ada", "bob", "cai"]);
        Must "P-7644-3.4.2.3-04" times: "Times sort in time", |p| times(p);
        Must "P-7644-3.4.2.3-03" none_last: "Without a value: last when ascending", |p| edge(p, "ascending", 0);
        Must "P-7644-3.4.2.3-03" none_first: "Without a value: first when descending", |p| edge(p, "descending", 2);
    ],
};

async fn sorted(p: &Probe, by: &str, order: Option<&str>) -> Result<Vec<Value>, crate::verdict::Stop> {
    p.needs(Feature::Filter)?;
    for name in ["ada", "bob", "cai"] {
        p.shared(name)?;
    }
    let filter = format!("userName sw \"{}\"", p.shared_prefix());
    let mut parameters = vec![("filter", filter.as_str()), ("sortBy", by)];
    parameters.extend(order.map(|order| ("sortOrder", order)));
    let answer = p.query("/Users", &parameters).await?;
    Ok(answer.resources()?.to_vec())
}

fn names(p: &Probe, resources: &[Value]) -> Vec<&'static str> {
    let name = |one: &Value| {
        let found =
            ["ada", "bob", "cai"].into_iter().find(|name| p.shared(name).is_ok_and(|made| made["id"] == one["id"]));
        found.unwrap_or("another")
    };
    resources.iter().map(name).collect()
}

async fn order(p: &Probe, by: &str, order: Option<&str>, expected: &[&str]) -> Verdict {
    let got = names(p, &sorted(p, by, order).await?);
    expect(got == expected, expected.join(", "), got.join(", "))
}

async fn times(p: &Probe) -> Verdict {
    let resources = sorted(p, "meta.created", None).await?;
    let times: Result<Vec<_>, _> =
        resources.iter().map(|one| crate::expect::instant("meta.created", &one["meta"]["created"])).collect();
    expect(times?.is_sorted(), "meta.created never falls", names(p, &resources).join(", "))
}

/// Of the shared users only Ada has a title.
async fn edge(p: &Probe, order: &str, place: usize) -> Verdict {
    let got = names(p, &sorted(p, "title", Some(order)).await?);
    expect(got.len() == 3 && got[place] == "ada", format!("ada at place {}", place + 1), got.join(", "))
}
