//! Groups and their members (RFC 7643 section 4.2).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::expect::{error_body, has_values, same, unassigned, values};
use crate::probe::{Feature, GROUP, Probe, path_of, text};
use crate::verdict::{Stop, Verdict, expect, skip};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "groups",
    title: "Groups",
    needs: Some(Feature::Groups),
    checks: checks![
        Must "P-7644-3.3-01" created: "POST /Groups makes a group: 201", |p| created(p);
        Must "P-7644-3.3.1-01" resource_type: "meta.resourceType is Group", |p| resource_type(p);
        Must "P-7644-3.3-03" location: "Location is sent and equals meta.location", |p| location(p);
        Must "S-7643-4.2-01" no_name: "A group without displayName is 400", |p| no_name(p);
        Must "S-7643-4.2-03" members: "Members come back by their ids", |p| members(p);
        Must "S-7643-4.2-03" member_kind: "A member's type, if there, is User or Group", |p| member_kind(p);
        Should "S-7643-4.2-04" filled: "type and $ref of members are filled in", |p| filled(p);
        Must "S-7643-4.2-03" nested: "A group as a member: taken, or refused", |p| nested(p);
        Must "P-7644-3.5.2.1-03" add: "PATCH adds a member", |p| change(p, |_, b| json!([{"op": "add", "path": "members", "value": [{"value": b}]}]), &["a", "b"]);
        Must "P-7644-3.5.2.1-02" add_pathless: "PATCH without path adds a member", |p| change(p, |_, b| json!([{"op": "add", "value": {"members": [{"value": b}]}}]), &["a", "b"]);
        Must "P-7644-3.5.2.1-04" add_again: "Adding a member twice keeps one", |p| change(p, |a, _| json!([{"op": "add", "path": "members", "value": [{"value": a}]}]), &["a"]);
        Must "P-7644-3.5.2.2-01" remove: "PATCH removes a member by a filter", |p| change(p, |a, _| json!([{"op": "remove", "path": format!("members[value eq \"{a}\"]")}]), &[]);
        Must "P-7644-3.5.2.2-04" remove_other: "Removing who is no member succeeds", |p| change(p, |_, b| json!([{"op": "remove", "path": format!("members[value eq \"{b}\"]")}]), &["a"]);
        Must "P-7644-3.5.2.2-01" remove_all: "PATCH removes all members", |p| change(p, |_, _| json!([{"op": "remove", "path": "members"}]), &[]);
        Must "P-7644-3.5.2.3-02" replace: "PATCH replaces the members", |p| change(p, |_, b| json!([{"op": "replace", "path": "members", "value": [{"value": b}]}]), &["b"]);
        Must "P-7644-3.5.2-08" add_and_remove: "One PATCH adds and removes",
            |p| change(p, |a, b| json!([{"op": "add", "path": "members", "value": [{"value": b}]}, {"op": "remove", "path": format!("members[value eq \"{a}\"]")}]), &["b"]);
        Must "P-7644-3.5.2.3-02" rename: "PATCH renames a group", |p| rename(p);
        Must "P-7644-3.5.2.2-03" remove_name: "displayName cannot be removed: 400 mutability", |p| remove_name(p);
        Must "S-7643-4.2-02" member_fixed: "The value of a member cannot be changed: 400 mutability", |p| member_fixed(p);
        Must "P-7644-3.5.1-01" put: "PUT replaces name and members", |p| put(p);
        Must "P-7644-3.5.1-03" put_empty: "PUT with [] takes all members", |p| put_empty(p);
        Must "S-7643-4.1.2-07" joins: "A user shows the group it was added to", |p| joins(p);
        Must "S-7643-4.1.2-07" leaves: "A user no longer shows a deleted group", |p| leaves(p);
        Should "S-7643-4.1.2-08" cycle: "Groups within each other do no harm", |p| cycle(p);
        Must "P-7644-3.9-03" without_members: "excludedAttributes=members leaves members out", |p| without_members(p);
    ],
};

async fn created(p: &Probe) -> Verdict {
    let body = p.team("group", &[], json!({}));
    let answer = p.post("/Groups", &body).await?;
    same("displayName", &body["displayName"], &answer.resource(201)?["displayName"])?;
    answer.has_schema(GROUP)
}

async fn resource_type(p: &Probe) -> Verdict {
    same("meta.resourceType", &json!("Group"), &p.group("group", &[]).await?.0["meta"]["resourceType"])
}

async fn location(p: &Probe) -> Verdict {
    let answer = p.post("/Groups", &p.team("group", &[], json!({}))).await?;
    let meta = answer.resource(201)?["meta"]["location"].clone();
    same("Location", &meta, &json!(answer.header("location")))
}

async fn no_name(p: &Probe) -> Verdict {
    error_body(p.version, &p.post("/Groups", &json!({"schemas": [GROUP]})).await?, &[400])
}

/// Two users and a group of the first.
async fn pair(p: &Probe) -> Result<(String, String, String), Stop> {
    let (a, b) = (p.user("a", json!({})).await?.0, p.user("b", json!({})).await?.0);
    let (a, b) = (text(&a["id"]).to_owned(), text(&b["id"]).to_owned());
    let (_, path) = p.group("team", &[&a]).await?;
    Ok((a, b, path))
}

async fn members(p: &Probe) -> Verdict {
    let (a, _, path) = pair(p).await?;
    has_values(&p.read(&path).await?, "members", &[&a])
}

async fn member_kind(p: &Probe) -> Verdict {
    let (_, _, path) = pair(p).await?;
    let member = &p.read(&path).await?["members"][0];
    let right = member["type"].is_null() || member["type"] == "User";
    expect(right, "type User", member.to_string())
}

async fn filled(p: &Probe) -> Verdict {
    let (a, _, path) = pair(p).await?;
    let member = &p.read(&path).await?["members"][0];
    let right = member["type"] == "User" && text(&member["$ref"]).ends_with(&format!("/{a}"));
    expect(right, "type and $ref", member.to_string())
}

async fn nested(p: &Probe) -> Verdict {
    let (inner, _) = p.group("inner", &[]).await?;
    let answer = p.post("/Groups", &p.team("outer", &[text(&inner["id"])], json!({}))).await?;
    if answer.status == 400 {
        return error_body(p.version, &answer, &[400]);
    }
    let member = &p.read(&path_of("/Groups", answer.resource(201)?)).await?["members"][0];
    let right = member["value"] == inner["id"] && (member["type"].is_null() || member["type"] == "Group");
    expect(right, "the group as a member of type Group, or 400", member.to_string())
}

/// Operations on a group of `a` leave these of `a` and `b` in it.
async fn change(p: &Probe, operations: fn(&str, &str) -> Value, expected: &[&str]) -> Verdict {
    p.needs(Feature::Patch)?;
    let (a, b, path) = pair(p).await?;
    p.operations(&path, operations(&a, &b)).await?.one_of(&[200, 204])?;
    let ids: Vec<&str> = expected.iter().map(|name| if *name == "a" { a.as_str() } else { b.as_str() }).collect();
    has_values(&p.read(&path).await?, "members", &ids)
}

async fn rename(p: &Probe) -> Verdict {
    p.needs(Feature::Patch)?;
    let (a, _, path) = pair(p).await?;
    let name = p.fresh("renamed");
    p.operations(&path, json!([{"op": "replace", "path": "displayName", "value": name}])).await?.one_of(&[200, 204])?;
    let read = p.read(&path).await?;
    same("displayName", &json!(name), &read["displayName"])?;
    has_values(&read, "members", &[&a])
}

async fn remove_name(p: &Probe) -> Verdict {
    p.needs(Feature::Patch)?;
    let (_, path) = p.group("named", &[]).await?;
    p.operations(&path, json!([{"op": "remove", "path": "displayName"}])).await?.refusal(400, "mutability")
}

async fn member_fixed(p: &Probe) -> Verdict {
    p.needs(Feature::Patch)?;
    let (a, b, path) = pair(p).await?;
    let operations = json!([{"op": "replace", "path": format!("members[value eq \"{a}\"].value"), "value": b}]);
    p.operations(&path, operations).await?.refusal(400, "mutability")?;
    has_values(&p.read(&path).await?, "members", &[&a])
}

async fn put(p: &Probe) -> Verdict {
    let (_, b, path) = pair(p).await?;
    let body = p.team("put", &[&b], json!({}));
    p.put(&path, &body).await?.one_of(&[200, 204])?;
    let read = p.read(&path).await?;
    same("displayName", &body["displayName"], &read["displayName"])?;
    has_values(&read, "members", &[&b])
}

async fn put_empty(p: &Probe) -> Verdict {
    let (_, _, path) = pair(p).await?;
    p.put(&path, &p.team("put", &[], json!({"members": []}))).await?.one_of(&[200, 204])?;
    unassigned("members", &p.read(&path).await?["members"])
}

async fn joins(p: &Probe) -> Verdict {
    let (a, _, path) = pair(p).await?;
    let user = p.read(&format!("/Users/{a}")).await?;
    let id = path.trim_start_matches("/Groups/");
    expect(values(&user, "groups").contains(&id), format!("groups with the value {id}"), user["groups"].to_string())
}

async fn leaves(p: &Probe) -> Verdict {
    let (a, _, path) = pair(p).await?;
    p.delete(&path).await?.one_of(&[200, 204])?;
    unassigned("groups", &p.read(&format!("/Users/{a}")).await?["groups"])
}

async fn cycle(p: &Probe) -> Verdict {
    p.needs(Feature::Patch)?;
    let (a, _, one) = pair(p).await?;
    let (two, _) = p.group("two", &[one.trim_start_matches("/Groups/")]).await?;
    let operations = json!([{"op": "add", "path": "members", "value": [{"value": two["id"]}]}]);
    if p.operations(&one, operations).await?.status == 400 {
        return skip("the server takes no groups within each other");
    }
    p.get(&format!("/Users/{a}")).await?.status(200).map(|_| ())
}

async fn without_members(p: &Probe) -> Verdict {
    let (_, _, path) = pair(p).await?;
    let read = p.query(&path, &[("excludedAttributes", "members")]).await?.resource(200)?.clone();
    unassigned("members", &read["members"])?;
    expect(read["displayName"].is_string(), "displayName", read.to_string())
}
