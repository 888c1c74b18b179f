//! Which attributes are shown (RFC 7644 section 3.9).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::client::{Request, with_query};
use crate::expect::unassigned;
use crate::probe::{ENTERPRISE, Feature, Probe, USER};
use crate::verdict::{Stop, Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "projection",
    title: "Attributes shown",
    needs: None,
    checks: checks![
        Must "P-7644-3.9-02" only: "attributes shows what it names", |p| shows(p, ("attributes", "title"), &["/title", "/id", "/schemas"], &["/userName", "/emails"]);
        Must "P-7644-3.9-02" several: "attributes names several", |p| shows(p, ("attributes", "title,emails"), &["/title", "/emails"], &["/userName"]);
        Must "P-7644-3.9-02" sub_attribute: "attributes names a sub-attribute", |p| shows(p, ("attributes", "name.givenName"), &["/name/givenName"], &["/name/familyName", "/title"]);
        Must "P-7644-3.9-03" excluded: "excludedAttributes hides what it names", |p| shows(p, ("excludedAttributes", "title,emails"), &["/userName", "/name/givenName"], &["/title", "/emails"]);
        Must "P-7644-3.9-03" excluded_sub: "excludedAttributes hides a sub-attribute", |p| shows(p, ("excludedAttributes", "name.givenName"), &["/name/familyName"], &["/name/givenName"]);
        Must "P-7644-3.9-03" always: "id cannot be excluded", |p| shows(p, ("excludedAttributes", "id,title"), &["/id"], &["/title"]);
        Must "P-7644-3.10-01" name_case: "Names ignore letter case", |p| shows(p, ("attributes", "TITLE,Name.GivenName"), &["/title", "/name/givenName"], &["/userName"]);
        Must "P-7644-3.9-07" qualified: "Names may carry the schema", |p| shows(p, ("attributes", "urn:ietf:params:scim:schemas:core:2.0:User:title"), &["/title"], &["/userName"]);
        Must "P-7644-3.9-07" extension: "An extension attribute may be named",
            |p| extension(p, "attributes", ":department", &["department"], &["employeeNumber"]);
        Must "P-7644-3.9-07" whole_extension: "A whole extension may be named", |p| extension(p, "attributes", "", &["department", "employeeNumber"], &[]);
        Must "P-7644-3.9-07" excluded_extension: "A whole extension may be excluded", |p| extension(p, "excludedAttributes", "", &[], &["department", "employeeNumber"]);
        Should "P-7644-3.9-04" both: "Both parameters together are 400", |p| both(p);
        Must "S-7643-7-05" password: "password is not shown when asked for", |p| shows(p, ("attributes", "password,title"), &["/title"], &["/password"]);
        Must "P-7644-3.4.2.5-01" in_list: "attributes works on lists", |p| in_list(p, "attributes", &["title"], &["userName"]);
        Must "P-7644-3.4.2.5-01" excluded_in_list: "excludedAttributes works on lists", |p| in_list(p, "excludedAttributes", &["userName"], &["title"]);
        Must "P-7644-3.4.2.5-01" in_post: "attributes works on POST", |p| in_post(p);
        Must "P-7644-3.4.2.5-01" in_put: "attributes works on PUT", |p| in_put(p);
        Option "P-7644-3.9-06" unknown: "Unknown names are ignored", |p| shows(p, ("attributes", "title,shoeSize"), &["/title"], &["/userName"]);
    ],
};

fn right(read: &Value, there: &[&str], absent: &[&str]) -> Verdict {
    for pointer in there {
        expect(
            read.pointer(pointer).is_some_and(|value| !value.is_null()),
            format!("{pointer} is shown"),
            read.to_string(),
        )?;
    }
    for pointer in absent {
        unassigned(&format!("{pointer}, which is not to be shown,"), read.pointer(pointer).unwrap_or(&Value::Null))?;
    }
    Ok(())
}

async fn shows(p: &Probe, parameter: (&str, &str), there: &[&str], absent: &[&str]) -> Verdict {
    let answer = p.query(&p.shared_path("ada")?, &[parameter]).await?;
    right(answer.resource(200)?, there, absent)
}

async fn extension(p: &Probe, parameter: &str, attribute: &str, there: &[&str], absent: &[&str]) -> Verdict {
    if p.shared("ada")?[ENTERPRISE].is_null() {
        return crate::verdict::skip("the server did not take the enterprise extension");
    }
    let named = format!("{ENTERPRISE}{attribute}");
    let answer = p.query(&p.shared_path("ada")?, &[(parameter, &named)]).await?;
    let shown = &answer.resource(200)?[ENTERPRISE];
    let pointers = |names: &[&str]| names.iter().map(|name| format!("/{name}")).collect::<Vec<_>>();
    let (there, absent) = (pointers(there), pointers(absent));
    right(shown, &refs(&there), &refs(&absent))
}

fn refs(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

async fn both(p: &Probe) -> Verdict {
    let answer = p.query(&p.shared_path("ada")?, &[("attributes", "title"), ("excludedAttributes", "emails")]).await?;
    answer.status(400).map(|_| ())
}

async fn in_list(p: &Probe, parameter: &str, there: &[&str], absent: &[&str]) -> Verdict {
    p.needs(Feature::Filter)?;
    let filter = format!("userName eq {}", p.shared("ada")?["userName"]);
    let answer = p.query("/Users", &[("filter", &filter), (parameter, "title")]).await?;
    let one = answer.resources()?.first().cloned().unwrap_or_default();
    expect(one["id"].is_string(), "id is shown", answer.told())?;
    let shown = |names: &[&str]| names.iter().map(|name| format!("/{name}")).collect::<Vec<_>>();
    right(&one, &refs(&shown(there)), &refs(&shown(absent)))
}

async fn written(p: &Probe, method: &'static str, path: &str, body: &Value) -> Result<Value, Stop> {
    let answer = p.send(Request::new(method, with_query(path, &[("attributes", "title")])).json(body)).await?;
    Ok(answer.one_of(&[200, 201])?.object()?.clone())
}

async fn in_post(p: &Probe) -> Verdict {
    let body = p.person("shown", json!({"title": "Countess"}));
    right(&written(p, "POST", "/Users", &body).await?, &["/title", "/id"], &["/userName", "/emails"])
}

async fn in_put(p: &Probe) -> Verdict {
    let (made, path) = p.user("shown", json!({})).await?;
    let body = p.person("", json!({"schemas": [USER], "userName": made["userName"], "title": "Countess"}));
    right(&written(p, "PUT", &path, &body).await?, &["/title", "/id"], &["/userName", "/emails"])
}
