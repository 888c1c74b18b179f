//! Creating (SCIM 1.1 protocol section 3.1, core schema sections 3 to 8).

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::check::{Chapter, checks};
use crate::expect::{canonical, error_body, has_values, instant, same, unassigned};
use crate::fixtures::ENTERPRISE_V1;
use crate::probe::{CORE_V1, Probe, path_of, text_at};
use crate::verdict::{Stop, Verdict, expect, failed};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "create",
    title: "Creating",
    needs: None,
    checks: checks![
        Must "V1-API-3.1-01" created: "POST /Users makes a user: 201 with the user", |p| created(p);
        Must "V1-API-3.1-01" location: "Location is sent and equals meta.location", |p| location(p);
        Must "V1-CORE-5.1-01" id: "The server gives an id without bulkId:", |p| id(p);
        Must "V1-CORE-5.1-01" times: "meta has created and lastModified", |p| times(p);
        Must "V1-CORE-5.1-01" external_id: "externalId comes back", |p| kept(p, json!({"externalId": p.fresh("EXT-aB")}));
        Must "V1-CORE-3-01" schemas: "schemas are those of 1.1", |p| schemas(p);
        Must "V1-CORE-3-02" no_type: "There is no meta.resourceType", |p| no_type(p);
        Must "V1-API-3.1-01" duplicate: "The same userName is 409", |p| duplicate(p);
        Must "V1-CORE-6-01" no_user_name: "A user without userName is 400", |p| refused(p, json!({"userName": null}));
        Option "V1-CORE-5.2-01" no_schemas: "schemas may be left out of a request", |p| no_schemas(p);
        Must "V1-CORE-3.2-02" plain_values: "Plain strings stand for values", |p| plain_values(p);
        Must "V1-CORE-3.2-01" one_primary: "At most one value is primary", |p| one_primary(p);
        Must "V1-CORE-6-02" password: "password is not in the answer", |p| password(p);
        Must "V1-CORE-6-01" attributes: "Attributes come back",
            |p| kept(p, json!({"displayName": "Ωmega \u{1F600}", "nickName": "Ada", "title": "Dr.", "userType": "x", "locale": "en_US", "timezone": "America/Los_Angeles", "active": false}));
        Must "V1-CORE-6-01" lists: "Several values come back",
            |p| kept(p, json!({"phoneNumbers": [{"value": "555-555-5555", "type": "work"}], "ims": [{"value": "ada", "type": "xmpp"}], "addresses": [{"type": "work", "streetAddress": "1 Road", "country": "US"}]}));
        Must "V1-CORE-7-01" enterprise: "Enterprise attributes come back under their URN", |p| enterprise(p);
        Must "V1-CORE-4-01" manager: "manager has managerId", |p| manager(p);
        Must "V1-CORE-3.1-01" wrong_type: "A value of the wrong type is 400", |p| refused(p, json!({"active": "maybe"}));
        Must "V1-API-3.1-01" as_read: "The answer equals the GET that follows", |p| as_read(p);
        Must "V1-CORE-8-01" group: "POST /Groups makes a group with members", |p| group(p);
        Must "V1-CORE-8-01" group_no_name: "A group without displayName is 400", |p| group_no_name(p);
    ],
};

async fn post(p: &Probe, more: Value) -> Result<Answer, Stop> {
    let answer = p.post("/Users", &p.person("create", more)).await?;
    answer.resource(201)?;
    Ok(answer)
}

async fn created(p: &Probe) -> Verdict {
    let name = format!("{}@example.com", p.fresh("created"));
    same("userName", &json!(name), post(p, json!({"userName": name})).await?.get("userName"))
}

async fn location(p: &Probe) -> Verdict {
    let answer = post(p, json!({})).await?;
    same("Location", &answer.get("meta")["location"], &json!(answer.header("location")))?;
    text_at(answer.object()?, "/meta/location").map(|_| ())
}

async fn id(p: &Probe) -> Verdict {
    let answer = post(p, json!({"id": "mine"})).await?;
    let id = text_at(answer.object()?, "/id")?;
    expect(id != "mine" && !id.contains("bulkId:"), "an id of the server's own", id)
}

async fn times(p: &Probe) -> Verdict {
    let answer = post(p, json!({})).await?;
    instant("meta.created", &answer.get("meta")["created"])?;
    instant("meta.lastModified", &answer.get("meta")["lastModified"]).map(|_| ())
}

async fn kept(p: &Probe, more: Value) -> Verdict {
    let answer = post(p, more.clone()).await?;
    let read = p.read(&path_of("/Users", answer.object()?)).await?;
    for (name, value) in more.as_object().into_iter().flatten() {
        same(name, value, &read[name])?;
    }
    Ok(())
}

async fn schemas(p: &Probe) -> Verdict {
    let answer = post(p, json!({})).await?;
    answer.has_schema(CORE_V1)?;
    expect(!answer.text.contains("urn:ietf:params:scim"), "no URI of SCIM 2.0", answer.told())
}

async fn no_type(p: &Probe) -> Verdict {
    let answer = post(p, json!({})).await?;
    unassigned("meta.resourceType", &answer.get("meta")["resourceType"])
}

async fn duplicate(p: &Probe) -> Verdict {
    let (first, _) = p.user("twice", json!({})).await?;
    error_body(p.version, &p.post("/Users", &p.person("", json!({"userName": first["userName"]}))).await?, &[409])
}

async fn refused(p: &Probe, more: Value) -> Verdict {
    error_body(p.version, &p.post("/Users", &p.person("refused", more)).await?, &[400])
}

async fn no_schemas(p: &Probe) -> Verdict {
    post(p, json!({"schemas": null})).await.map(|_| ())
}

async fn plain_values(p: &Probe) -> Verdict {
    let answer = post(p, json!({"emails": ["a@example.com", "b@example.com"]})).await?;
    has_values(answer.object()?, "emails", &["a@example.com", "b@example.com"])
}

async fn one_primary(p: &Probe) -> Verdict {
    let email = |kind: &str| json!({"value": format!("{kind}@example.com"), "type": kind, "primary": true});
    let answer = p.post("/Users", &p.person("primary", json!({"emails": [email("work"), email("home")]}))).await?;
    if answer.status == 400 {
        return Ok(());
    }
    answer.resource(201)?;
    let primaries = answer.get("emails").as_array().into_iter().flatten().filter(|one| one["primary"] == true);
    expect(primaries.count() < 2, "400, or at most one primary", answer.told())
}

async fn password(p: &Probe) -> Verdict {
    let secret = p.fresh("Secret-1x");
    let answer = post(p, json!({"password": secret})).await?;
    let read = p.get(&path_of("/Users", answer.object()?)).await?;
    let shown = [&answer, &read].into_iter().find(|one| one.text.contains(&secret) || !one.get("password").is_null());
    shown.map_or(Ok(()), |answer| Err(failed("no answer shows the password", answer.told())))
}

async fn enterprise(p: &Probe) -> Verdict {
    let all = json!({"employeeNumber": "701984", "costCenter": "4130", "organization": "Analytical", "division": "Engines", "department": "Tours"});
    kept(p, json!({"schemas": [CORE_V1, ENTERPRISE_V1], (ENTERPRISE_V1): all})).await
}

async fn manager(p: &Probe) -> Verdict {
    let id = p.shared_id("ada")?;
    let more = json!({"schemas": [CORE_V1, ENTERPRISE_V1], (ENTERPRISE_V1): {"manager": {"managerId": id}}});
    let answer = post(p, more).await?;
    let read = p.read(&path_of("/Users", answer.object()?)).await?;
    same("manager.managerId", &json!(id), &read[ENTERPRISE_V1]["manager"]["managerId"])
}

async fn as_read(p: &Probe) -> Verdict {
    let answer = post(p, json!({"nickName": "Ada"})).await?;
    let read = p.read(&path_of("/Users", answer.object()?)).await?;
    expect(canonical(answer.object()?) == canonical(&read), answer.text.clone(), read.to_string())
}

async fn group(p: &Probe) -> Verdict {
    let id = p.shared_id("ada")?;
    let (made, path) = p.group("group", &[id]).await?;
    let read = p.read(&path).await?;
    same("displayName", &made["displayName"], &read["displayName"])?;
    has_values(&read, "members", &[id])
}

async fn group_no_name(p: &Probe) -> Verdict {
    p.needs(crate::probe::Feature::Groups)?;
    error_body(p.version, &p.post("/Groups", &json!({"schemas": [CORE_V1]})).await?, &[400])
}
