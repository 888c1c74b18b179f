//! Creating users (RFC 7644 section 3.3).

use serde_json::{Value, json};

use crate::check::{Chapter, checks};
use crate::client::Request;
use crate::expect::{canonical, error_body, instant, same, unassigned};
use crate::probe::{Probe, USER, path_of, text, text_at};
use crate::verdict::{Stop, Verdict, expect, failed};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "create",
    title: "Creating",
    needs: None,
    checks: checks![
        Must "P-7644-3.3-01" created: "POST /Users makes a user: 201", |p| created(p);
        Must "P-7644-3.3-03" location: "Location is sent and equals meta.location", |p| location(p);
        Should "P-7644-3.3-03" whole_body: "The answer holds the whole resource", |p| whole_body(p);
        Must "P-7644-8.1-01" media_type: "The answer is application/scim+json", |p| media_type(p);
        Must "P-7644-3.1-03" as_understood: "The answer equals the GET that follows", |p| as_understood(p);
        Must "S-7643-3.1-02" id: "The server gives an id without the word bulkId", |p| id(p);
        Must "S-7643-3.1-02" own_id: "An id in the request is ignored", |p| own_id(p);
        Must "S-7643-3.1-04" own_meta: "meta in the request is ignored", |p| own_meta(p);
        Must "S-7643-3.1-05" resource_type: "meta.resourceType is User", |p| resource_type(p);
        Must "S-7643-3.1-06" times: "created and lastModified are equal dateTimes", |p| times(p);
        Must "S-7643-3.1-03" external_id: "externalId comes back letter by letter", |p| kept(p, json!({"externalId": p.fresh("EXT-aB")}));
        Must "S-7643-3.1-03" no_external_id: "externalId is never invented", |p| never_invented(p);
        Should "S-7643-3.1-03" twice_external_id: "Two users may have one externalId", |p| twice_external_id(p);
        Must "S-7643-3-01" schemas: "schemas name the User schema, each URI once", |p| schemas(p);
        Must "S-7643-3-02" schemas_known: "schemas name only the type's schemas", |p| schemas_known(p);
        Must "P-7644-3.3-04" duplicate: "The same userName is 409 uniqueness", |p| duplicate(p, str::to_owned);
        Must "S-7643-4.1.1-01" duplicate_case: "userName is unique in any letter case", |p| duplicate(p, str::to_uppercase);
        Must "S-7643-4.1.1-01" no_user_name: "A user without userName is 400", |p| refused(p, json!({"userName": null}));
        Must "S-7643-4.1.1-01" empty_user_name: "A user with an empty userName is 400", |p| refused(p, json!({"userName": ""}));
        Must "P-7644-3.3-01" read_only: "readOnly attributes in the request are ignored", |p| read_only(p);
        Must "S-7643-2.1-01" name_case: "Attribute names are read in any letter case", |p| name_case(p);
        Must "S-7643-2.5-01" nulls: "null and [] leave an attribute without value", |p| nulls(p);
        Must "S-7643-2.4-02" two_primaries: "At most one value is primary", |p| two_primaries(p);
        Must "S-7643-2.3.2-01" wrong_boolean: "active that is no boolean is 400", |p| refused(p, json!({"active": "maybe"}));
        Must "S-7643-2.3.1-01" wrong_string: "displayName that is an object is 400", |p| refused(p, json!({"displayName": {"x": 1}}));
        Must "S-7643-2.4-01" wrong_list: "emails that are a number are 400", |p| refused(p, json!({"emails": 42}));
        Must "P-7644-3.8-01" not_json: "A body that is not JSON is 400", |p| raw(p, "{\"userName\": ");
        Must "P-7644-3.8-01" not_object: "A body that is a list is 400", |p| raw(p, "[]");
        Should "P-7644-3.8-02" plain_json: "A body sent as application/json is read", |p| plain_json(p);
        Must "S-7643-4.1.1-08" password: "password is not in the answer", |p| password(p);
    ],
};

async fn post(p: &Probe, more: Value) -> Result<(Value, crate::answer::Answer), Stop> {
    let body = p.person("create", more);
    let answer = p.post("/Users", &body).await?;
    answer.resource(201)?;
    Ok((body, answer))
}

async fn created(p: &Probe) -> Verdict {
    post(p, json!({})).await.map(|_| ())
}

async fn location(p: &Probe) -> Verdict {
    let (_, answer) = post(p, json!({})).await?;
    let header = answer.header("location").unwrap_or_default();
    expect(!header.is_empty(), "a Location header", "there is none")?;
    let meta = text_at(answer.object()?, "/meta/location")?;
    expect(header == meta, format!("Location and meta.location are equal: {meta}"), header)
}

async fn whole_body(p: &Probe) -> Verdict {
    let (sent, answer) = post(p, json!({})).await?;
    same("userName", &sent["userName"], answer.get("userName"))?;
    same("name.givenName", &sent["name"]["givenName"], &answer.get("name")["givenName"])
}

async fn media_type(p: &Probe) -> Verdict {
    post(p, json!({})).await?.1.media_type(&["application/scim+json"])
}

async fn as_understood(p: &Probe) -> Verdict {
    let (_, answer) = post(p, json!({"nickName": "Ada", "id": "mine"})).await?;
    let read = p.read(&path_of("/Users", answer.object()?)).await?;
    let equal = canonical(answer.object()?) == canonical(&read);
    expect(equal, format!("GET answers what POST answered: {}", answer.text), read.to_string())
}

async fn id(p: &Probe) -> Verdict {
    let (_, answer) = post(p, json!({})).await?;
    let id = text_at(answer.object()?, "/id")?;
    expect(!id.contains("bulkId"), "an id without the word bulkId", id)
}

async fn own_id(p: &Probe) -> Verdict {
    let mine = p.fresh("my-id");
    let (_, answer) = post(p, json!({"id": mine})).await?;
    expect(answer.get("id") != mine.as_str(), "an id of the server's own", mine)
}

async fn own_meta(p: &Probe) -> Verdict {
    let past = "2001-01-01T00:00:00Z";
    let meta = json!({"created": past, "lastModified": past, "resourceType": "Robot", "location": "urn:x"});
    let (_, answer) = post(p, json!({"meta": meta})).await?;
    let got = answer.get("meta");
    let own = instant("meta.created", &got["created"])?.as_second() > 1_000_000_000;
    expect(
        own && got["resourceType"] != "Robot" && got["location"] != "urn:x",
        "meta as the server makes it",
        got.to_string(),
    )
}

async fn resource_type(p: &Probe) -> Verdict {
    same("meta.resourceType", &json!("User"), &post(p, json!({})).await?.1.get("meta")["resourceType"])
}

async fn times(p: &Probe) -> Verdict {
    let (_, answer) = post(p, json!({})).await?;
    let meta = answer.get("meta");
    let created = instant("meta.created", &meta["created"])?;
    let modified = instant("meta.lastModified", &meta["lastModified"])?;
    expect(created == modified, "lastModified equals created", meta.to_string())
}

/// These attributes come back as they were sent, in the answer and by GET.
pub(crate) async fn kept(p: &Probe, more: Value) -> Verdict {
    let (_, answer) = post(p, more.clone()).await?;
    let read = p.read(&path_of("/Users", answer.object()?)).await?;
    for (name, value) in more.as_object().into_iter().flatten().filter(|(name, _)| *name != "schemas") {
        same(name, value, &read[name])?;
    }
    Ok(())
}

async fn never_invented(p: &Probe) -> Verdict {
    unassigned("externalId", post(p, json!({})).await?.1.get("externalId"))
}

async fn twice_external_id(p: &Probe) -> Verdict {
    let more = json!({"externalId": p.fresh("twice")});
    post(p, more.clone()).await?;
    post(p, more).await.map(|_| ())
}

async fn schemas(p: &Probe) -> Verdict {
    let (_, answer) = post(p, json!({})).await?;
    answer.has_schema(USER)?;
    let mut all: Vec<&str> = answer.get("schemas").as_array().into_iter().flatten().map(text).collect();
    let before = all.len();
    all.sort_unstable();
    all.dedup();
    expect(all.len() == before, "each URI once", answer.get("schemas").to_string())
}

async fn schemas_known(p: &Probe) -> Verdict {
    let types = p.get("/ResourceTypes").await?;
    let Some(user) = types.resources()?.iter().find(|one| one["name"] == "User").cloned() else {
        return crate::verdict::skip("the server has no resource type User");
    };
    let extensions = user["schemaExtensions"].as_array().cloned().unwrap_or_default();
    let (_, answer) = post(p, json!({})).await?;
    for uri in answer.get("schemas").as_array().into_iter().flatten() {
        let known = *uri == user["schema"] || extensions.iter().any(|extension| extension["schema"] == *uri);
        expect(known, "only the schemas of the resource type", uri.to_string())?;
    }
    Ok(())
}

async fn duplicate(p: &Probe, change: fn(&str) -> String) -> Verdict {
    let (first, _) = p.user("twice", json!({})).await?;
    let again = p.person("again", json!({"userName": change(text(&first["userName"]))}));
    p.post("/Users", &again).await?.refusal(409, "uniqueness")
}

/// A user like this is not made.
pub(crate) async fn refused(p: &Probe, more: Value) -> Verdict {
    error_body(p.version, &p.post("/Users", &p.person("refused", more)).await?, &[400])
}

async fn read_only(p: &Probe) -> Verdict {
    let groups = json!([{"value": "nobody", "display": "Nobody"}]);
    let (_, answer) = post(p, json!({"groups": groups})).await?;
    unassigned("groups", answer.get("groups"))
}

async fn name_case(p: &Probe) -> Verdict {
    let name = format!("{}@example.com", p.fresh("case"));
    let more = json!({"userName": null, "USERNAME": name, "nickName": null, "NICKname": "Ada"});
    let (_, answer) = post(p, more).await?;
    same("userName", &json!(name), answer.get("userName"))?;
    same("nickName", &json!("Ada"), answer.get("nickName"))
}

async fn nulls(p: &Probe) -> Verdict {
    let mut body = p.person("nulls", json!({"phoneNumbers": []}));
    body["nickName"] = Value::Null;
    let answer = p.post("/Users", &body).await?;
    answer.resource(201)?;
    unassigned("nickName", answer.get("nickName"))?;
    unassigned("phoneNumbers", answer.get("phoneNumbers"))
}

async fn two_primaries(p: &Probe) -> Verdict {
    let email = |name: &str| json!({"value": format!("{name}@example.com"), "type": name, "primary": true});
    let body = p.person("primaries", json!({"emails": [email("work"), email("home")]}));
    let answer = p.post("/Users", &body).await?;
    if answer.status == 400 {
        return Ok(());
    }
    answer.resource(201)?;
    let primaries = answer.get("emails").as_array().into_iter().flatten().filter(|one| one["primary"] == true);
    expect(primaries.count() < 2, "400, or at most one primary", answer.get("emails").to_string())
}

async fn raw(p: &Probe, body: &str) -> Verdict {
    error_body(p.version, &p.send(Request::new("POST", "/Users").text(body)).await?, &[400])
}

async fn plain_json(p: &Probe) -> Verdict {
    let request = Request::new("POST", "/Users").header("Content-Type", "application/json");
    p.send(request.json(&p.person("json", json!({})))).await?.status(201).map(|_| ())
}

async fn password(p: &Probe) -> Verdict {
    let secret = p.fresh("Secret-1x");
    let (_, answer) = post(p, json!({"password": secret})).await?;
    let read = p.get(&path_of("/Users", answer.object()?)).await?;
    for answer in [&answer, &read] {
        if answer.text.contains(&secret) || !answer.get("password").is_null() {
            return Err(failed("no answer shows the password", answer.told()));
        }
    }
    Ok(())
}
