//! Filters (RFC 7644 section 3.4.2.2), asked about three users whose every value begins with a prefix of this run.

use crate::check::{Chapter, checks};
use crate::expect::same;
use crate::fixtures::{finds, finds_shared, guides, refuses};
use crate::probe::{Feature, Probe};
use crate::verdict::{Verdict, expect, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "filter",
    title: "Filters",
    needs: Some(Feature::Filter),
    checks: checks![
        Must "P-7644-3.4.2.2-03" eq: "eq finds the identical value", |p| finds(p, r#"userName eq "{f}-ada@example.com""#, "ada");
        Must "P-7644-3.4.2.2-15" eq_case: "eq on userName ignores letter case", |p| finds(p, r#"userName eq "{f}-BOB@EXAMPLE.com""#, "bob");
        Must "P-7644-3.4.2.2-15" eq_exact: "eq on externalId is exact", |p| finds(p, r#"externalId eq "{f}-ext-ada""#, "");
        Must "P-7644-3.4.2.2-03" eq_external_id: "eq finds by externalId", |p| finds(p, r#"externalId eq "{f}-EXT-Ada""#, "ada");
        Must "P-7644-3.4.2.2-03" eq_id: "eq finds by id", |p| by_id(p);
        Must "P-7644-3.4.2.2-03" eq_boolean: "eq compares booleans", |p| finds_shared(p, "active eq false", "bob");
        Must "P-7644-3.4.2.2-03" ne: "ne finds the others", |p| finds_shared(p, r#"userName ne "{f}-ada@example.com""#, "bob cai");
        Must "P-7644-3.4.2.2-04" co: "co finds a part", |p| finds_shared(p, r#"userName co "-ad""#, "ada");
        Must "P-7644-3.4.2.2-04" sw: "sw finds a beginning", |p| finds(p, r#"userName sw "{f}-c""#, "cai");
        Must "P-7644-3.4.2.2-04" ew: "ew finds an end", |p| finds_shared(p, r#"userName ew "ob@example.com""#, "bob");
        Must "P-7644-3.4.2.2-04" sw_whole: "sw finds the identical value", |p| finds(p, r#"userName sw "{f}-cai@example.com""#, "cai");
        Must "P-7644-3.4.2.2-04" ew_whole: "ew finds the identical value", |p| finds(p, r#"userName ew "{f}-cai@example.com""#, "cai");
        Must "P-7644-3.4.2.2-04" literal: "% and _ stand for themselves", |p| finds_shared(p, r#"userName co "%" or userName co "a_a""#, "");
        Must "P-7644-3.4.2.2-04" percent: "% in a value is found", |p| finds_shared(p, r#"displayName ew "100%""#, "ada");
        Must "P-7644-3.4.2.2-05" pr: "pr finds what has a value", |p| finds_shared(p, "title pr", "ada");
        Must "P-7644-3.4.2.2-05" pr_complex: "pr finds complex attributes with a value", |p| finds_shared(p, "name pr", "ada bob cai");
        Must "P-7644-3.4.2.2-05" pr_none: "pr finds nobody without a value", |p| finds_shared(p, "profileUrl pr", "");
        Must "P-7644-3.4.2.2-06" gt: "gt and lt order strings", |p| finds_shared(p, r#"userName gt "{f}-ada@example.com" and userName lt "{f}-cai@example.com""#, "bob");
        Must "P-7644-3.4.2.2-06" ge: "ge and le include the bound", |p| finds_shared(p, r#"userName ge "{f}-bob@example.com" and userName le "{f}-cai@example.com""#, "bob cai");
        Must "P-7644-3.4.2.2-06" times: "Times are ordered in time", |p| finds_shared(p, r#"meta.created gt "2011-05-13T04:42:34Z""#, "ada bob cai");
        Must "P-7644-3.4.2.2-06" times_zone: "Times with offset and fraction are understood", |p| finds_shared(p, r#"meta.lastModified lt "2011-05-13T04:42:34.5+02:00""#, "");
        Must "P-7644-3.4.2.2-06" boolean_order: "Booleans have no order: 400", |p| refuses(p, "active gt false");
        Must "P-7644-3.4.2.2-07" and: "and asks for both", |p| finds_shared(p, r#"userType eq "{f}-Employee" and title pr"#, "ada");
        Must "P-7644-3.4.2.2-07" or: "or asks for either", |p| finds_shared(p, r#"title pr or userType eq "{f}-Intern""#, "ada bob");
        Must "P-7644-3.4.2.2-07" precedence: "and binds tighter than or", |p| finds_shared(p, r#"title pr or userType eq "{f}-Intern" and active eq true"#, "ada");
        Must "P-7644-3.4.2.2-07" grouping: "Parentheses group", |p| finds_shared(p, r#"(title pr or userType eq "{f}-Intern") and active eq false"#, "bob");
        Must "P-7644-3.4.2.2-07" not: "not inverts", |p| finds_shared(p, "not (title pr)", "bob cai");
        Must "P-7644-3.4.2.2-07" not_first: "not binds tightest", |p| finds_shared(p, r#"not (title pr) and userType eq "{f}-Employee""#, "cai");
        Must "P-7644-3.4.2.2-02" operator_case: "Operators ignore letter case", |p| finds_shared(p, r#"title PR AND NOT (userType Eq "{f}-Intern")"#, "ada");
        Must "P-7644-3.4.2.2-02" name_case: "Attribute names ignore letter case", |p| finds(p, r#"USERNAME eq "{f}-ada@example.com""#, "ada");
        Must "P-7644-3.4.2.2-03" sub_attribute: "Sub-attributes are found", |p| finds(p, r#"name.familyName eq "{f}-Babbage""#, "bob");
        Must "P-7644-3.10-02" qualified: "Attributes may be named with their schema", |p| finds(p, r#"urn:ietf:params:scim:schemas:core:2.0:User:name.familyName eq "{f}-Zuse""#, "cai");
        Must "P-7644-3.10-01" qualified_case: "The schema in a name ignores letter case", |p| finds(p, r#"URN:ietf:params:SCIM:schemas:core:2.0:user:userName eq "{f}-cai@example.com""#, "cai");
        Must "P-7644-3.10-02" extension: "Extension attributes are found", |p| extension(p);
        Must "P-7644-3.4.2.2-11" any_value: "Any value of several suffices", |p| finds_shared(p, r#"emails.type eq "home""#, "ada cai");
        Must "P-7644-3.4.2.2-08" value_path: "emails[…] asks one value for all", |p| finds_shared(p, r#"emails[type eq "work" and value co "@example.com"]"#, "ada bob");
        Must "P-7644-3.4.2.2-08" value_path_one: "emails[…] does not mix values", |p| finds_shared(p, r#"emails[type eq "home" and value co "@example.com"]"#, "");
        Must "P-7644-3.4.2.2-11" two_values: "Without brackets values may mix", |p| finds_shared(p, r#"emails.type eq "home" and emails.value co "@example.com""#, "ada");
        Must "P-7644-3.4.2.2-08" value_path_or: "Inside brackets or and parentheses work", |p| finds_shared(p, r#"emails[type eq "work" or (type eq "home" and value sw "{f}-cai")]"#, "ada bob cai");
        Must "P-7644-3.4.2.2-12" bare: "emails without sub-attribute means value", |p| finds(p, r#"emails co "{f}-ada@home""#, "ada");
        Must "P-7644-3.4.2.2-10" escapes: "Escapes of JSON are understood", |p| finds_shared(p, r#"displayName co "\"Oz\"""#, "ada");
        Must "P-7644-3.4.2.2-10" unicode_escapes: "Unicode escapes are understood", |p| finds_shared(p, r#"displayName ew "\u00c7ai""#, "cai");
        Must "P-7644-7.8-01" unicode_case: "Letter case is ignored beyond ASCII", |p| finds_shared(p, r#"displayName ew "çAI""#, "cai");
        Must "P-7644-3.4.2.2-13" default_value: "A default compares as it was shown", |p| default_value(p);
        Option "P-7644-3.4.2.2-16" by_schemas: "Filters on schemas", |p| finds_shared(p, r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, "ada");
        Must "P-7644-3.4.2.2-14" operator: "An unknown operator is 400 invalidFilter", |p| refuses(p, r#"userName regex "x""#);
        Must "P-7644-3.4.2.2-09" no_value: "A missing value is 400 invalidFilter", |p| refuses(p, "userName eq");
        Must "P-7644-3.4.2.2-09" unquoted: "Unquoted text is 400 invalidFilter", |p| refuses(p, "userName eq ada");
        Must "P-7644-3.4.2.2-09" unterminated: "An open quote is 400 invalidFilter", |p| refuses(p, r#"userName eq "ada"#);
        Must "P-7644-3.4.2.2-09" parentheses: "An open parenthesis is 400 invalidFilter", |p| refuses(p, r#"(userName eq "ada""#);
        Must "P-7644-3.4.2.2-09" brackets: "Empty brackets are 400 invalidFilter", |p| refuses(p, "emails[]");
        Must "P-7644-3.4.2.2-01" empty: "An empty filter is 400 invalidFilter", |p| refuses(p, "");
        Should "P-7644-3.4.2.2-17" long: "A very long filter is answered or 400, no fault", |p| long(p);
        Should "P-7644-7.7-02" injection: "Text that looks like a query finds nobody", |p| finds(p, r#"userName eq "' OR '1'='1' --""#, "");
        Must "P-7644-3.4.2.2-03" group_name: "Groups are found by displayName", |p| group(p, r#"displayName eq "{f} Guides""#);
        Must "P-7644-3.4.2.2-11" group_member: "Groups are found by a member", |p| group(p, r#"members.value eq "{ada}" and displayName sw "{f}""#);
        Must "P-7644-3.4.2.2-08" group_value_path: "Groups are found by members[…]", |p| group(p, r#"members[value eq "{ada}"] and displayName sw "{f}""#);
    ],
};

async fn by_id(p: &Probe) -> Verdict {
    let id = p.shared_id("bob")?.to_owned();
    finds(p, &format!("id eq \"{id}\""), "bob").await
}

async fn extension(p: &Probe) -> Verdict {
    let urn = crate::probe::ENTERPRISE;
    if p.shared("ada")?[urn].is_null() {
        return skip("the server did not take the enterprise extension");
    }
    finds(p, &format!("{urn}:department eq \"{{f}}-Tours\""), "ada").await
}

/// Cai was made without `active`; what the server showed then is what it must find now.
async fn default_value(p: &Probe) -> Verdict {
    match p.read(&p.shared_path("cai")?).await?["active"].as_bool() {
        Some(true) => finds_shared(p, "active eq true", "ada cai").await,
        Some(false) => finds_shared(p, "active eq false", "bob cai").await,
        None => skip("the server gives active no default"),
    }
}

async fn long(p: &Probe) -> Verdict {
    let filter = vec!["userName eq \"nobody\""; 200].join(" or ");
    let answer = p.query("/Users", &[("filter", &filter)]).await?;
    expect(answer.status < 500, "200, or a refusal with 4xx", answer.told())
}

async fn group(p: &Probe, filter: &str) -> Verdict {
    let guides = guides(p)?;
    let filter = filter.replace("{f}", &p.shared_prefix()).replace("{ada}", p.shared_id("ada")?);
    let answer = p.query("/Groups", &[("filter", &filter)]).await?;
    expect(answer.total()? == 1, "one group", answer.told())?;
    same("id", &guides["id"], &answer.resources()?.first().cloned().unwrap_or_default()["id"])
}
