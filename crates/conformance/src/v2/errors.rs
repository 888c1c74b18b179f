//! How a server says no (RFC 7644 section 3.12).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::error_body;
use crate::probe::{Feature, Probe, USER, text};
use crate::verdict::{Verdict, expect, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "errors",
    title: "Errors",
    needs: None,
    checks: checks![
        Must "P-7644-3.12-01" not_found: "A 404 has a SCIM error body", |p| not_found(p);
        Must "P-7644-3.12-01" media_type: "Errors are application/scim+json", |p| media_type(p);
        Must "P-7644-3.1-02" schema: "Errors carry the message schema alone", |p| schema(p);
        Should "P-7644-3.2-03" unknown_endpoint: "An unknown endpoint is 404 with an error body", |p| unknown_endpoint(p);
        Should "P-7644-3.2-03" wrong_method: "PUT on /Users is refused with an error body", |p| wrong_method(p);
        Must "P-7644-3.12-03" uniqueness: "A conflict says uniqueness", |p| uniqueness(p);
        Must "P-7644-3.12-03" invalid_filter: "A wrong filter says invalidFilter", |p| invalid_filter(p);
        Should "P-7644-3.12-03" invalid_syntax: "Broken JSON says invalidSyntax", |p| raw(p, "{", "invalidSyntax");
        Should "P-7644-3.12-03" invalid_value: "A missing userName says invalidValue", |p| invalid_value(p, json!({"userName": null}));
        Should "P-7644-3.12-03" invalid_type: "A wrong type says invalidValue", |p| invalid_value(p, json!({"active": "maybe"}));
        Must "P-7644-3.11-01" me: "/Me is 501, or leads to a resource", |p| me(p);
        Must "P-7644-3.13-01" version: "An unknown version is refused", |p| version(p);
        Should "P-7644-3.12-05" quiet: "An error does not show the server's inside", |p| quiet(p);
        Option "P-7644-3.8-04" media_type_in: "A body of text/plain is 415, not a fault", |p| media_type_in(p);
    ],
};

async fn not_found(p: &Probe) -> Verdict {
    error_body(p.version, &p.get("/Users/no-such-id-4f1c").await?, &[404])
}

async fn media_type(p: &Probe) -> Verdict {
    p.get("/Users/no-such-id-4f1c").await?.status(404)?.media_type(&["application/scim+json"])
}

async fn schema(p: &Probe) -> Verdict {
    let answer = p.get("/Users/no-such-id-4f1c").await?;
    crate::expect::same("schemas", &json!([crate::probe::ERROR]), answer.status(404)?.get("schemas"))
}

async fn unknown_endpoint(p: &Probe) -> Verdict {
    error_body(p.version, &p.get("/NoSuchEndpoint").await?, &[404])
}

async fn wrong_method(p: &Probe) -> Verdict {
    let answer = p.put("/Users", &p.person("method", json!({}))).await?;
    error_body(p.version, &answer, &[400, 403, 404, 405, 501])
}

async fn uniqueness(p: &Probe) -> Verdict {
    let (made, _) = p.user("unique", json!({})).await?;
    p.post("/Users", &p.person("", json!({"userName": made["userName"]}))).await?.refusal(409, "uniqueness")
}

async fn invalid_filter(p: &Probe) -> Verdict {
    p.needs(Feature::Filter)?;
    p.query("/Users", &[("filter", "userName")]).await?.refusal(400, "invalidFilter")
}

async fn raw(p: &Probe, body: &str, scim_type: &str) -> Verdict {
    p.send(Request::new("POST", "/Users").text(body)).await?.refusal(400, scim_type)
}

async fn invalid_value(p: &Probe, more: Value) -> Verdict {
    p.post("/Users", &p.person("value", more)).await?.refusal(400, "invalidValue")
}

async fn me(p: &Probe) -> Verdict {
    // A user may also have been deleted or be unknown to a provisioning client: 404.
    p.get("/Me").await?.one_of(&[200, 301, 302, 307, 308, 404, 501]).map(|_| ())
}

async fn version(p: &Probe) -> Verdict {
    if !p.client.base().ends_with("/v2") {
        return skip("the URL names no version");
    }
    p.get("/../v99/Users").await?.refused().map(|_| ())
}

async fn quiet(p: &Probe) -> Verdict {
    let body = format!("{{\"schemas\": [\"{USER}\"], \"userName\": \"a\\u0000b\", \"active\": 1e999}}");
    let answer = p.send(Request::new("POST", "/Users").text(body)).await?;
    let telling = ["at java.", "Traceback (most recent", "SQLSTATE", "stack backtrace", ".rs:", "NullPointerException"];
    let found = telling.iter().find(|mark| answer.text.contains(**mark));
    expect(found.is_none(), "an error text without stack or SQL", text(answer.get("detail")))
}

async fn media_type_in(p: &Probe) -> Verdict {
    let request = Request::new("POST", "/Users").header("Content-Type", "text/plain");
    p.send(request.json(&p.person("plain", json!({})))).await?.status(415).map(|_| ())
}
