//! PATCH that succeeds (RFC 7644 section 3.5.2). Each check makes a user, applies operations and reads it again.

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::expect::{canonical, has_values, instant, same, unassigned};
use crate::probe::{ENTERPRISE, Feature, Probe};
use crate::verdict::{Stop, Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "patch",
    title: "PATCH",
    needs: Some(Feature::Patch),
    checks: checks![
        Must "P-7644-3.5.2-11" answer: "The answer is 200 with the resource or 204", |p| answer(p);
        Must "P-7644-3.5.2-11" with_attributes: "With attributes it is 200", |p| with_attributes(p);
        Must "P-7644-3.5.2.1-03" add_simple: "add sets a single value", |p| sets(p, json!([{"op": "add", "path": "nickName", "value": "New"}]), "/nickName", json!("New"));
        Must "P-7644-3.5.2.1-03" add_over: "add replaces a single value", |p| sets(p, json!([{"op": "add", "path": "title", "value": "New"}]), "/title", json!("New"));
        Must "P-7644-3.5.2.1-03" add_complex: "add to a complex attribute takes sub-attributes", |p| add_complex(p);
        Must "P-7644-3.5.2.1-03" add_list: "add to a list appends",
            |p| emails(p, json!([{"op": "add", "path": "emails", "value": [{"value": "new@example.com", "type": "other"}]}]), &["home@example.com", "new@example.com", "work@example.com"]);
        Must "P-7644-3.5.2.1-02" add_pathless: "add without path merges", |p| add_pathless(p);
        Must "P-7644-3.5.2.1-04" add_again: "add of what is there changes nothing", |p| unchanged(p, json!([{"op": "add", "path": "emails", "value": [{"value": "work@example.com", "type": "work", "primary": true}]}]));
        Must "P-7644-3.5.2-07" extension: "A qualified name reaches an extension and adds its schema", |p| extension(p);
        Must "P-7644-3.5.2.2-01" remove_simple: "remove unassigns a single value", |p| sets(p, json!([{"op": "remove", "path": "title"}]), "/title", Value::Null);
        Must "P-7644-3.5.2.2-01" remove_sub: "remove of a sub-attribute leaves the others", |p| remove_sub(p);
        Must "P-7644-3.5.2.2-01" remove_filtered: "remove through a filter takes what matches",
            |p| emails(p, json!([{"op": "remove", "path": "emails[type eq \"home\"]"}]), &["work@example.com"]);
        Must "P-7644-3.5.2.2-01" remove_list: "remove of a list takes all", |p| emails(p, json!([{"op": "remove", "path": "emails"}]), &[]);
        Must "P-7644-3.5.2.2-02" remove_last: "When the last value goes, the attribute goes",
            |p| emails(p, json!([{"op": "remove", "path": "emails[value co \"@example.com\"]"}]), &[]);
        Must "P-7644-3.5.2.3-02" replace_simple: "replace sets a single value", |p| sets(p, json!([{"op": "replace", "path": "title", "value": "New"}]), "/title", json!("New"));
        Must "P-7644-3.5.2.3-03" replace_absent: "replace of what is absent adds", |p| sets(p, json!([{"op": "replace", "path": "nickName", "value": "New"}]), "/nickName", json!("New"));
        Must "P-7644-3.5.2.3-04" replace_complex: "replace of a complex attribute keeps other sub-attributes", |p| replace_complex(p);
        Must "P-7644-3.5.2.3-02" replace_sub: "replace reaches a sub-attribute", |p| sets(p, json!([{"op": "replace", "path": "name.familyName", "value": "New"}]), "/name/familyName", json!("New"));
        Must "P-7644-3.5.2.3-02" replace_list: "replace of a list replaces it",
            |p| emails(p, json!([{"op": "replace", "path": "emails", "value": [{"value": "new@example.com"}]}]), &["new@example.com"]);
        Must "P-7644-3.5.2.3-01" replace_pathless: "replace without path replaces what it names", |p| replace_pathless(p);
        Must "P-7644-3.5.2.3-05" replace_filtered: "replace through a filter replaces what matches",
            |p| emails(p, json!([{"op": "replace", "path": "emails[type eq \"home\"]", "value": {"value": "new@example.com", "type": "home"}}]), &["new@example.com", "work@example.com"]);
        Must "P-7644-3.5.2.3-06" replace_filtered_sub: "replace through a filter reaches a sub-attribute",
            |p| emails(p, json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com"}]), &["home@example.com", "new@example.com"]);
        Must "P-7644-3.5.2-09" primary: "A new primary ends the old one", |p| primary(p);
        Must "P-7644-3.5.2-08" order: "Operations apply one after another", |p| order(p);
        Must "S-7643-4.1.1-07" deactivate: "active false deactivates", |p| sets(p, json!([{"op": "replace", "path": "active", "value": false}]), "/active", json!(false));
        Must "S-7643-4.1.1-07" deactivate_pathless: "active false without path deactivates", |p| sets(p, json!([{"op": "replace", "value": {"active": false}}]), "/active", json!(false));
        Must "S-7643-2.1-01" name_case: "Names in paths ignore letter case", |p| sets(p, json!([{"op": "replace", "path": "NAME.FamilyName", "value": "New"}]), "/name/familyName", json!("New"));
        Must "P-7644-3.10-02" qualified: "Paths may name the core schema",
            |p| sets(p, json!([{"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:title", "value": "New"}]), "/title", json!("New"));
        Must "S-7643-2.5-01" null: "replace with null unassigns", |p| sets(p, json!([{"op": "replace", "path": "title", "value": null}]), "/title", Value::Null);
        Must "S-7643-3.1-06" times: "lastModified moves, created stays", |p| times(p);
        Must "P-7644-3.1-03" as_understood: "The answer equals the GET that follows", |p| as_understood(p);
    ],
};

/// A user with a title and two emails.
pub(super) async fn patient(p: &Probe) -> Result<(Value, String), Stop> {
    let emails = json!([{"value": "work@example.com", "type": "work", "primary": true}, {"value": "home@example.com", "type": "home"}]);
    p.user("patch", json!({"title": "Old", "emails": emails})).await
}

/// What the user is after these operations.
async fn after(p: &Probe, operations: Value) -> Result<Value, Stop> {
    let (_, path) = patient(p).await?;
    p.operations(&path, operations).await?.one_of(&[200, 204])?;
    p.read(&path).await
}

async fn sets(p: &Probe, operations: Value, pointer: &str, expected: Value) -> Verdict {
    let read = after(p, operations).await?;
    let got = read.pointer(pointer).cloned().unwrap_or_default();
    let name = pointer.trim_start_matches('/').replace('/', ".");
    if expected.is_null() { unassigned(&name, &got) } else { same(&name, &expected, &got) }
}

async fn emails(p: &Probe, operations: Value, expected: &[&str]) -> Verdict {
    has_values(&after(p, operations).await?, "emails", expected)
}

async fn answer(p: &Probe) -> Verdict {
    let (made, path) = patient(p).await?;
    let answer = p.operations(&path, json!([{"op": "replace", "path": "title", "value": "New"}])).await?;
    if answer.status == 204 {
        return expect(answer.text.is_empty(), "204 without a body", answer.told());
    }
    same("id", &made["id"], &answer.resource(200)?["id"])?;
    same("title", &json!("New"), answer.get("title"))
}

async fn with_attributes(p: &Probe) -> Verdict {
    let (_, path) = patient(p).await?;
    let operations = json!([{"op": "replace", "path": "title", "value": "New"}]);
    let answer = p.operations(&format!("{path}?attributes=title"), operations).await?;
    same("title", &json!("New"), &answer.resource(200)?["title"])?;
    unassigned("emails, which were not asked for,", answer.get("emails"))
}

async fn add_complex(p: &Probe) -> Verdict {
    let read = after(p, json!([{"op": "add", "path": "name", "value": {"middleName": "King"}}])).await?;
    same("name.middleName", &json!("King"), &read["name"]["middleName"])?;
    same("name.givenName", &json!("Ada"), &read["name"]["givenName"])
}

async fn add_pathless(p: &Probe) -> Verdict {
    let value = json!({"nickName": "New", "name": {"middleName": "King"}, "emails": [{"value": "new@example.com", "type": "other"}]});
    let read = after(p, json!([{"op": "add", "value": value}])).await?;
    same("nickName", &json!("New"), &read["nickName"])?;
    same("name.givenName", &json!("Ada"), &read["name"]["givenName"])?;
    has_values(&read, "emails", &["home@example.com", "new@example.com", "work@example.com"])
}

async fn unchanged(p: &Probe, operations: Value) -> Verdict {
    let (_, path) = patient(p).await?;
    let before = p.read(&path).await?;
    p.operations(&path, operations).await?.one_of(&[200, 204])?;
    let after = p.read(&path).await?;
    expect(canonical(&before) == canonical(&after), format!("as before, lastModified too: {before}"), after.to_string())
}

async fn extension(p: &Probe) -> Verdict {
    let operations = json!([{"op": "add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "42"}]);
    let read = after(p, operations).await?;
    same("employeeNumber", &json!("42"), &read[ENTERPRISE]["employeeNumber"])?;
    let named = read["schemas"].as_array().is_some_and(|all| all.iter().any(|uri| uri == ENTERPRISE));
    expect(named, format!("schemas with {ENTERPRISE}"), read["schemas"].to_string())
}

async fn remove_sub(p: &Probe) -> Verdict {
    let read = after(p, json!([{"op": "remove", "path": "name.givenName"}])).await?;
    unassigned("name.givenName", &read["name"]["givenName"])?;
    same("name.familyName", &json!("Lovelace"), &read["name"]["familyName"])
}

async fn replace_complex(p: &Probe) -> Verdict {
    let read = after(p, json!([{"op": "replace", "path": "name", "value": {"familyName": "New"}}])).await?;
    same("name.familyName", &json!("New"), &read["name"]["familyName"])?;
    same("name.givenName", &json!("Ada"), &read["name"]["givenName"])
}

async fn replace_pathless(p: &Probe) -> Verdict {
    let value = json!({"nickName": "New", "emails": [{"value": "new@example.com"}]});
    let read = after(p, json!([{"op": "replace", "value": value}])).await?;
    same("nickName", &json!("New"), &read["nickName"])?;
    same("title", &json!("Old"), &read["title"])?;
    has_values(&read, "emails", &["new@example.com"])
}

async fn primary(p: &Probe) -> Verdict {
    let value = json!([{"value": "new@example.com", "type": "other", "primary": true}]);
    let read = after(p, json!([{"op": "add", "path": "emails", "value": value}])).await?;
    let primaries: Vec<&Value> =
        read["emails"].as_array().into_iter().flatten().filter(|one| one["primary"] == true).collect();
    let right = primaries.len() == 1 && primaries[0]["value"] == "new@example.com";
    expect(right, "new@example.com as the only primary", read["emails"].to_string())
}

async fn order(p: &Probe) -> Verdict {
    let operations = json!([
        {"op": "add", "path": "emails", "value": [{"value": "first@example.com", "type": "other"}]},
        {"op": "replace", "path": "emails[value eq \"first@example.com\"].value", "value": "second@example.com"},
        {"op": "remove", "path": "emails[type eq \"home\"]"},
    ]);
    emails(p, operations, &["second@example.com", "work@example.com"]).await
}

async fn times(p: &Probe) -> Verdict {
    let (made, path) = patient(p).await?;
    // Many servers keep whole seconds only.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    p.operations(&path, json!([{"op": "replace", "path": "title", "value": "New"}])).await?.one_of(&[200, 204])?;
    let meta = &p.read(&path).await?["meta"];
    same("meta.created", &made["meta"]["created"], &meta["created"])?;
    let later = instant("meta.lastModified", &meta["lastModified"])?
        > instant("meta.lastModified", &made["meta"]["lastModified"])?;
    expect(later, format!("lastModified after {}", made["meta"]["lastModified"]), meta["lastModified"].to_string())
}

async fn as_understood(p: &Probe) -> Verdict {
    let (_, path) = patient(p).await?;
    let answer = p.operations(&path, json!([{"op": "replace", "path": "title", "value": "New"}])).await?;
    if answer.status == 204 {
        return crate::verdict::skip("the server answers PATCH with 204");
    }
    let read = p.read(&path).await?;
    expect(canonical(answer.resource(200)?) == canonical(&read), answer.text.clone(), read.to_string())
}
