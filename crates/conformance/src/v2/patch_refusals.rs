//! PATCH that must be refused, and then changes nothing (RFC 7644 section 3.5.2).

use serde_json::{Value, json};

use super::patch::patient;
use crate::check::{Chapter, checks};
use crate::expect::{canonical, error_body};
use crate::probe::{Feature, PATCH_OP, Probe};
use crate::verdict::{Verdict, expect};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "patch-refusals",
    title: "PATCH refused",
    needs: Some(Feature::Patch),
    checks: checks![
        Must "P-7644-3.5.2-01" no_operations: "A body without Operations is 400", |p| message(p, json!({"schemas": [PATCH_OP]}));
        Must "P-7644-3.5.2-01" no_schema: "A body of another schema is 400",
            |p| message(p, json!({"schemas": ["urn:example:other"], "Operations": [{"op": "replace", "path": "title", "value": "New"}]}));
        Must "P-7644-3.5.2-02" unknown_op: "An unknown op is 400", |p| refused(p, json!([{"op": "move", "path": "title", "value": "New"}]), 400, None);
        Must "P-7644-3.5.2-02" no_op: "A missing op is 400", |p| refused(p, json!([{"path": "title", "value": "New"}]), 400, None);
        Must "P-7644-3.5.2-03" remove_pathless: "remove without path is 400 noTarget", |p| refused(p, json!([{"op": "remove"}]), 400, Some("noTarget"));
        Must "P-7644-3.5.2.1-01" add_nothing: "add without value is 400", |p| refused(p, json!([{"op": "add", "path": "title"}]), 400, None);
        Must "P-7644-3.5.2-04" pointer: "A JSON pointer as path is 400", |p| refused(p, json!([{"op": "remove", "path": "/emails/0"}]), 400, None);
        Must "P-7644-3.5.2-04" index: "An index in a path is 400", |p| refused(p, json!([{"op": "remove", "path": "emails[0]"}]), 400, None);
        Should "P-7644-3.12-03" bad_path: "A path outside the grammar is 400 invalidPath", |p| refused(p, json!([{"op": "replace", "path": "na me", "value": "x"}]), 400, Some("invalidPath"));
        Must "P-7644-3.5.2-05" own_id: "id cannot be set: 400 mutability", |p| refused(p, json!([{"op": "replace", "path": "id", "value": "x"}]), 400, Some("mutability"));
        Must "P-7644-3.5.2-05" own_meta: "meta.created cannot be set: 400 mutability",
            |p| refused(p, json!([{"op": "replace", "path": "meta.created", "value": "2001-01-01T00:00:00Z"}]), 400, Some("mutability"));
        Must "P-7644-3.5.2-05" own_groups: "groups cannot be set: 400 mutability",
            |p| refused(p, json!([{"op": "add", "path": "groups", "value": [{"value": "x"}]}]), 400, Some("mutability"));
        Must "P-7644-3.5.2.2-03" remove_required: "userName cannot be removed: 400 mutability", |p| refused(p, json!([{"op": "remove", "path": "userName"}]), 400, Some("mutability"));
        Must "P-7644-3.5.2.2-03" remove_id: "id cannot be removed: 400 mutability", |p| refused(p, json!([{"op": "remove", "path": "id"}]), 400, Some("mutability"));
        Must "P-7644-3.5.2.3-07" replace_no_match: "replace through a filter without match is 400 noTarget",
            |p| refused(p, json!([{"op": "replace", "path": "emails[value eq \"nobody\"]", "value": {"value": "x@example.com"}}]), 400, Some("noTarget"));
        Must "P-7644-3.5.2.3-07" replace_no_match_sub: "replace of a sub-attribute through a filter without match is 400 noTarget",
            |p| refused(p, json!([{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "x@example.com"}]), 400, Some("noTarget"));
        Must "S-7643-2.3.2-01" wrong_type: "A value of the wrong type is 400", |p| refused(p, json!([{"op": "replace", "path": "active", "value": "maybe"}]), 400, None);
        Must "P-7644-3.5.2-10" atomic: "When one operation fails, none is applied",
            |p| refused(p, json!([{"op": "replace", "path": "title", "value": "New"}, {"op": "add", "path": "nickName", "value": "New"}, {"op": "remove", "path": "userName"}]), 400, None);
        Must "S-7643-7-06" duplicate: "The userName of another is 409", |p| duplicate(p);
        Must "P-7644-3.5.2-12" unknown: "An unknown id is 404", |p| unknown(p);
        Must "P-7644-3.5.2-12" not_json: "A body that is not JSON is 400", |p| not_json(p);
    ],
};

/// The answer is this refusal, and the user is as before.
async fn refused(p: &Probe, operations: Value, status: u16, scim_type: Option<&str>) -> Verdict {
    let (_, path) = patient(p).await?;
    let before = p.read(&path).await?;
    let answer = p.operations(&path, operations).await?;
    error_body(p.version, &answer, &[status])?;
    if let Some(scim_type) = scim_type {
        answer.refusal(status, scim_type)?;
    }
    let after = p.read(&path).await?;
    expect(canonical(&before) == canonical(&after), format!("the user as before: {before}"), after.to_string())
}

async fn message(p: &Probe, body: Value) -> Verdict {
    let (_, path) = patient(p).await?;
    error_body(p.version, &p.patch(&path, &body).await?, &[400])
}

async fn duplicate(p: &Probe) -> Verdict {
    let (other, _) = p.user("other", json!({})).await?;
    refused(p, json!([{"op": "replace", "path": "userName", "value": other["userName"]}]), 409, Some("uniqueness"))
        .await
}

async fn unknown(p: &Probe) -> Verdict {
    let operations = json!([{"op": "replace", "path": "title", "value": "New"}]);
    error_body(p.version, &p.operations("/Users/no-such-id-4f1c", operations).await?, &[404])
}

async fn not_json(p: &Probe) -> Verdict {
    let (_, path) = patient(p).await?;
    error_body(p.version, &p.send(crate::client::Request::new("PATCH", path).text("{")).await?, &[400])
}
