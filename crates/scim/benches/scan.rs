//! What it costs to ask one stored user about a filter, an order or a projection: by a tree of the whole document, and by the part
//! that is asked for. `cargo bench -p doorward-scim --bench scan` prints rows a second; nothing is asserted.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use doorward_scim::Error;
use doorward_scim::filter::{Filter, Matcher};
use doorward_scim::quirks::Leniency;
use doorward_scim::resource::Resource;
use doorward_scim::schema::{ENTERPRISE, ResourceType, USER};
use doorward_scim::sort::SortBy;
use doorward_scim::version::{Parts, v2};
use serde_json::json;

/// How long each way is measured.
const TIME: Duration = Duration::from_secs(1);

fn document() -> String {
    json!({
        "schemas": [USER, ENTERPRISE],
        "userName": "grace.hopper.4711@corp.example", "externalId": "00u1a2b3c4d5e6f7g8h9",
        "name": {"givenName": "Grace", "familyName": "Hopper", "formatted": "Grace Hopper"},
        "displayName": "Grace Hopper", "nickName": "Amazing Grace", "title": "Rear Admiral", "locale": "en-US",
        "active": true, "preferredLanguage": "en", "timezone": "America/New_York", "userType": "Employee",
        "emails": [{"value": "grace.hopper.4711@corp.example", "type": "work", "primary": true},
            {"value": "grace4711@home.example", "type": "home"}],
        "phoneNumbers": [{"value": "+1 202 555 0147", "type": "work"}, {"value": "+1 202 555 0148", "type": "mobile"}],
        "addresses": [{"type": "work", "streetAddress": "100 Navy Yard", "locality": "Washington", "region": "DC",
            "postalCode": "20374", "country": "US"}],
        ENTERPRISE: {"employeeNumber": "4711", "costCenter": "4130", "organization": "Navy", "department": "Research"}
    })
    .to_string()
}

fn parts() -> Parts<'static> {
    Parts {
        id: "directory_user_01jd0000000000000000000000",
        created: 1_700_000_000_000_000,
        last_modified: 1_700_000_000_000_000,
        version: 3,
        location: "https://scim.example/scim/v2/Users/directory_user_01jd0000000000000000000000",
        groups: Some(&[]),
        members: None,
        base: "https://scim.example/scim/v2",
        manager_display: None,
    }
}

/// Rows a second.
fn rate(mut row: impl FnMut()) -> f64 {
    let (begun, mut rows) = (Instant::now(), 0_u32);
    while begun.elapsed() < TIME {
        (0..200).for_each(|_| row());
        rows += 200;
    }
    f64::from(rows) / begun.elapsed().as_secs_f64()
}

fn report(what: &str, tree: f64, part: f64) {
    println!("{what:<52} tree {tree:>10.0}/s   part {part:>10.0}/s   {:>5.1} x", part / tree);
}

fn main() -> Result<(), Error> {
    let (doc, user, parts) = (document(), ResourceType::user(), parts());
    let whole = |doc: &str| Resource::from_stored(doc).map(|stored| v2::render(&stored, &parts, &user));
    println!("a user of {} bytes", doc.len());
    for text in [
        r#"emails.value ew "@other.example""#,
        r#"title co "general""#,
        r#"name.familyName eq "Lovelace" and active eq true"#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "Sales""#,
        r#"phoneNumbers[type eq "home" and value pr]"#,
        r#"meta.lastModified gt "2024-01-01T00:00:00Z""#,
    ] {
        let filter = Filter::parse(text, &user, &mut Leniency::strict())?;
        let matcher = Matcher::new(&filter, &user);
        let needed = matcher.needed();
        let tree = rate(|| drop(black_box(whole(black_box(&doc)).map(|user| matcher.matches(&user)))));
        let part = rate(|| {
            let part = needed.read(black_box(&doc)).map(|part| v2::render_part(part, &needed, &parts, &user));
            drop(black_box(part.map(|user| matcher.matches(&user))));
        });
        report(text, tree, part);
    }
    for text in ["title", "name.familyName", "emails.value"] {
        let by = SortBy::parse(text, &user, &mut Leniency::strict())?;
        let needed = by.needed();
        let tree = rate(|| drop(black_box(whole(black_box(&doc)).map(|user| by.key(&user)))));
        let part = rate(|| {
            let part = needed.read(black_box(&doc)).map(|part| v2::render_part(part, &needed, &parts, &user));
            drop(black_box(part.map(|user| by.key(&user))));
        });
        report(&format!("sortBy {text}"), tree, part);
    }
    Ok(())
}
