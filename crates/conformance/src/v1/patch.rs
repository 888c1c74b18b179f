//! PATCH by a partial resource (SCIM 1.1 protocol section 3.3.2).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::expect::{canonical, error_body, has_values, same, unassigned};
use crate::probe::{CORE_V1, Feature, Probe};
use crate::verdict::{Stop, Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "patch",
    title: "PATCH",
    needs: Some(Feature::Patch),
    checks: checks![
        Must "V1-API-3.3.2-04" single: "A single value is replaced", |p| sets(p, json!({"title": "New"}), "/title", json!("New"));
        Must "V1-API-3.3.2-04" complex: "A complex value is merged", |p| complex(p);
        Must "V1-API-3.3.2-04" list: "Values of a list are added",
            |p| emails(p, json!({"emails": [{"value": "new@example.com", "type": "other"}]}), &["home@example.com", "new@example.com", "work@example.com"]);
        Must "V1-API-3.3.2-04" primary: "A new primary ends the old one", |p| primary(p);
        Must "V1-API-3.3.2-05" delete: "operation delete removes a value",
            |p| emails(p, json!({"emails": [{"value": "home@example.com", "operation": "delete"}]}), &["work@example.com"]);
        Must "V1-CORE-3.2-01" no_operation: "operation is not stored", |p| no_operation(p);
        Must "V1-API-3.3.2-02" remove: "meta.attributes removes attributes", |p| sets(p, json!({"meta": {"attributes": ["title"]}}), "/title", Value::Null);
        Must "V1-API-3.3.2-03" remove_sub: "meta.attributes removes sub-attributes", |p| remove_sub(p);
        Must "V1-API-3.3.2-02" replace_list: "meta.attributes and values replace a list",
            |p| emails(p, json!({"meta": {"attributes": ["emails"]}, "emails": [{"value": "new@example.com"}]}), &["new@example.com"]);
        Must "V1-API-3.3.2-02" deactivate: "active false deactivates", |p| sets(p, json!({"active": false}), "/active", json!(false));
        Must "V1-API-3.3.2-02" unknown: "An unknown id is 404", |p| unknown(p);
        Must "V1-API-3.9-01" wrong_type: "A value of the wrong type is 400 and changes nothing", |p| wrong_type(p);
        Must "V1-API-3.3.2-05" members: "Members are added and deleted", |p| members(p);
        Must "V1-API-3.3.2-06" member_absent: "Deleting who is no member succeeds", |p| member_absent(p);
        Must "V1-API-3.3.2-06" member_again: "Adding a member twice keeps one", |p| member_again(p);
    ],
};

async fn patient(p: &Probe) -> Result<String, Stop> {
    let emails = json!([{"value": "work@example.com", "type": "work", "primary": true}, {"value": "home@example.com", "type": "home"}]);
    Ok(p.user("patch", json!({"title": "Old", "emails": emails})).await?.1)
}

async fn patched(p: &Probe, path: &str, mut body: Value) -> Result<Value, Stop> {
    body["schemas"] = json!([CORE_V1]);
    p.patch(path, &body).await?.one_of(&[200, 204])?;
    p.read(path).await
}

async fn sets(p: &Probe, body: Value, pointer: &str, expected: Value) -> Verdict {
    let read = patched(p, &patient(p).await?, body).await?;
    let got = read.pointer(pointer).cloned().unwrap_or_default();
    if expected.is_null() { unassigned(pointer, &got) } else { same(pointer, &expected, &got) }
}

async fn emails(p: &Probe, body: Value, expected: &[&str]) -> Verdict {
    has_values(&patched(p, &patient(p).await?, body).await?, "emails", expected)
}

async fn complex(p: &Probe) -> Verdict {
    let read = patched(p, &patient(p).await?, json!({"name": {"familyName": "New"}})).await?;
    same("name.familyName", &json!("New"), &read["name"]["familyName"])?;
    same("name.givenName", &json!("Ada"), &read["name"]["givenName"])
}

async fn primary(p: &Probe) -> Verdict {
    let body = json!({"emails": [{"value": "home@example.com", "type": "home", "primary": true}]});
    let read = patched(p, &patient(p).await?, body).await?;
    let primaries: Vec<&Value> =
        read["emails"].as_array().into_iter().flatten().filter(|one| one["primary"] == true).collect();
    let right = primaries.len() == 1 && primaries[0]["value"] == "home@example.com";
    expect(right, "home@example.com as the only primary", read["emails"].to_string())
}

async fn no_operation(p: &Probe) -> Verdict {
    let body = json!({"emails": [{"value": "home@example.com", "operation": "delete"}]});
    let read = patched(p, &patient(p).await?, body).await?;
    expect(!crate::expect::mentions(&read, "operation"), "no operation", read.to_string())
}

async fn remove_sub(p: &Probe) -> Verdict {
    let read = patched(p, &patient(p).await?, json!({"meta": {"attributes": ["name.givenName"]}})).await?;
    unassigned("name.givenName", &read["name"]["givenName"])?;
    same("name.familyName", &json!("Lovelace"), &read["name"]["familyName"])
}

async fn unknown(p: &Probe) -> Verdict {
    let body = json!({"schemas": [CORE_V1], "title": "New"});
    error_body(p.version, &p.patch("/Users/no-such-id-4f1c", &body).await?, &[404])
}

async fn wrong_type(p: &Probe) -> Verdict {
    let path = patient(p).await?;
    let before = p.read(&path).await?;
    let body = json!({"schemas": [CORE_V1], "title": "New", "active": "maybe"});
    error_body(p.version, &p.patch(&path, &body).await?, &[400])?;
    let after = p.read(&path).await?;
    expect(canonical(&before) == canonical(&after), before.to_string(), after.to_string())
}

async fn members(p: &Probe) -> Verdict {
    let (ada, bob) = (p.shared_id("ada")?, p.shared_id("bob")?);
    let (_, path) = p.group("patch", &[ada]).await?;
    let read = patched(p, &path, json!({"members": [{"value": ada, "operation": "delete"}, {"value": bob}]})).await?;
    has_values(&read, "members", &[bob])
}

async fn member_absent(p: &Probe) -> Verdict {
    let (ada, bob) = (p.shared_id("ada")?, p.shared_id("bob")?);
    let (_, path) = p.group("patch", &[ada]).await?;
    has_values(
        &patched(p, &path, json!({"members": [{"value": bob, "operation": "delete"}]})).await?,
        "members",
        &[ada],
    )
}

async fn member_again(p: &Probe) -> Verdict {
    let ada = p.shared_id("ada")?;
    let (_, path) = p.group("patch", &[ada]).await?;
    has_values(&patched(p, &path, json!({"members": [{"value": ada}]})).await?, "members", &[ada])
}
