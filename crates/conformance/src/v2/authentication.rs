//! Who may enter (RFC 7644 section 2, RFC 6750).

use serde_json::json;

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::error_body;
use crate::probe::Probe;
use crate::verdict::{Verdict, expect, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "authentication",
    title: "Authentication",
    needs: None,
    checks: checks![
        Must "P-7644-2-01" challenge: "Without a credential: 401 and WWW-Authenticate", |p| challenge(p);
        Must "P-7644-3.12-01" error_form: "The 401 has a SCIM error body", |p| error_form(p);
        Must "A-6750-3.1-01" wrong_token: "A wrong token is 401", |p| wrong_token(p);
        Should "A-6750-3.1-01" invalid_token: "The challenge to a wrong token names invalid_token", |p| invalid_token(p);
        Should "A-6750-3-01" no_error_code: "The challenge without a credential names a scheme and no error", |p| no_error_code(p);
        Should "P-7644-2.2-01" anonymous_write: "Without a credential nothing is made", |p| anonymous_write(p);
        Should "P-7644-2.2-01" anonymous_read: "Without a credential nobody is shown", |p| anonymous_read(p);
        Must "A-6750-2.1-01" scheme_case: "The scheme is read in any letter case", |p| scheme_case(p);
    ],
};

fn without(p: &Probe, method: &'static str, path: &str) -> Request {
    let request = Request::new(method, path).anonymous();
    if method == "POST" { request.json(&p.person("anonymous", json!({}))) } else { request }
}

/// Basic is taken by servers that never heard of bearer tokens; then nothing is asked about them.
fn wrong(p: &Probe) -> Request {
    Request::new("GET", "/Users?count=1").header("Authorization", format!("Bearer {}-wrong", p.prefix))
}

pub(crate) async fn challenge(p: &Probe) -> Verdict {
    let answer = p.send(without(p, "GET", "/Users?count=1")).await?;
    answer.status(401)?;
    expect(answer.header("www-authenticate").is_some(), "WWW-Authenticate names the schemes", "there is no such header")
}

pub(crate) async fn error_form(p: &Probe) -> Verdict {
    error_body(p.version, &p.send(without(p, "GET", "/Users?count=1")).await?, &[401])
}

pub(crate) async fn wrong_token(p: &Probe) -> Verdict {
    p.send(wrong(p)).await?.status(401).map(|_| ())
}

async fn invalid_token(p: &Probe) -> Verdict {
    let answer = p.send(wrong(p)).await?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    if !challenge.to_ascii_lowercase().contains("bearer") {
        return skip("the server does not ask for a bearer token");
    }
    expect(challenge.contains("invalid_token"), "error=\"invalid_token\"", challenge)
}

async fn no_error_code(p: &Probe) -> Verdict {
    let answer = p.send(without(p, "GET", "/Users?count=1")).await?;
    let challenge = answer.header("www-authenticate").unwrap_or_default();
    expect(!challenge.is_empty() && !challenge.contains("error="), "a scheme without error=", challenge)
}

pub(crate) async fn anonymous_write(p: &Probe) -> Verdict {
    p.send(without(p, "POST", "/Users")).await?.status(401).map(|_| ())
}

async fn anonymous_read(p: &Probe) -> Verdict {
    let (_, path) = p.user("hidden", json!({})).await?;
    p.send(without(p, "GET", &path)).await?.status(401).map(|_| ())
}

async fn scheme_case(p: &Probe) -> Verdict {
    match p.client.authorization_with(str::to_ascii_lowercase) {
        Some(lower) => {
            p.send(Request::new("GET", "/Users?count=1").header("Authorization", lower)).await?.status(200).map(|_| ())
        }
        None => skip("the credential has no scheme"),
    }
}
