//! P001 to P135, and the PATCH messages of V001 to V017: what a message makes of a fixture.

use serde_json::{Value, json};

use super::data::{X, in_profile};
use super::scene::Scene;
use super::steps::{ensure, refusal, same_set};
use crate::support::{CORE_V1, ENTERPRISE, PATCH_OP, member_ids};
use crate::wire::Answer;

/// Runs one case.
pub async fn run(scene: &mut Scene, case: &Value) -> Result<(), String> {
    let case = in_profile(case, scene.strict);
    let path = scene.path(case["target"].as_str().unwrap());
    for message in messages(scene, &case) {
        let before = scene.directory.get(&path).await.expect(200).json();
        let events = scene.events().await;
        let answer = send(scene, &path, message).await;
        let after = scene.directory.get(&path).await.expect(200).json();
        let events = scene.events().await - events;
        check(scene, &case, &answer, (&before, &after), events)
            .map_err(|reason| format!("{} {}: {reason}", answer.status, answer.body))?;
    }
    match case.get("then") {
        Some(steps) => super::steps::run(scene, steps).await,
        None => Ok(()),
    }
}

/// The messages as text, because JSON that was read would not hold a name twice.
fn messages(scene: &Scene, case: &Value) -> Vec<String> {
    let filled = |message: Value| scene.variables.value(&message).to_string();
    if let Some(operations) = case.get("operations") {
        let list = if operations.is_array() { operations.clone() } else { json!([operations]) };
        return vec![filled(json!({"schemas": [PATCH_OP], "Operations": list}))];
    }
    if let Some(text) = case["text"].as_str() {
        return vec![scene.variables.text(text)];
    }
    if let Some(partial) = case.get("patch") {
        let mut message = partial.clone();
        message["schemas"] = json!([CORE_V1]);
        return vec![filled(message)];
    }
    match case["bodies"].as_array() {
        Some(bodies) => bodies.iter().cloned().map(filled).collect(),
        None => vec![filled(case["body"].clone())],
    }
}

async fn send(scene: &Scene, path: &str, message: String) -> Answer {
    let request = match scene.version {
        "v1" => scene.directory.v1("PATCH", path).header("Content-Type", "application/json"),
        _ => scene.directory.v2("PATCH", path).header("Content-Type", "application/scim+json"),
    };
    request.body(message).send().await
}

fn check(
    scene: &Scene,
    case: &Value,
    answer: &Answer,
    (before, after): (&Value, &Value),
    events: usize,
) -> Result<(), String> {
    let unchanged = || {
        ensure(before == after, || format!("it became {after}"))?;
        ensure(events == 0, || format!("{events} events"))
    };
    if let Some(keyword) = case["error"].as_str() {
        let status = if keyword == "uniqueness" { 409 } else { 400 };
        ensure(answer.status == status, || "not refused".to_owned())?;
        refusal(answer, Some(keyword))?;
        return unchanged();
    }
    let group = case["target"].as_str().unwrap().starts_with('G');
    ensure(answer.status == 200 || (group && answer.status == 204), || "not done".to_owned())?;
    if answer.status == 200 && scene.version == "v2" {
        ensure(answer.json() == *after, || format!("GET says {after}"))?;
    }
    if case["unchanged"] == true {
        return unchanged();
    }
    let wanted = case["events"].as_u64().map(|count| usize::try_from(count).unwrap());
    if let Some(members) = case.get("members") {
        let wanted: Vec<String> = serde_json::from_value(scene.variables.value(members)).unwrap();
        same_set(member_ids(after), wanted)?;
        return ensure(without(before, "members") == without(after, "members"), || "more changed".to_owned());
    }
    ensure(wanted.map_or(events > 0, |wanted| events == wanted), || format!("{events} events"))?;
    ensure(before["meta"]["version"] != after["meta"]["version"], || "the version stayed".to_owned())?;
    let mut expected = without(before, "schemas");
    merge(&mut expected, &scene.variables.value(&case["changed"]));
    let found = without(after, "schemas");
    ensure(found == expected, || format!("\n wanted {expected}\n found  {found}"))?;
    let extensions: Vec<&str> = [ENTERPRISE, X].into_iter().filter(|urn| after.get(urn).is_some()).collect();
    let named: Vec<&str> = after["schemas"].as_array().unwrap().iter().skip(1).filter_map(Value::as_str).collect();
    ensure(named == extensions, || format!("schemas names {named:?}"))
}

/// A resource without one attribute and without what follows from the others.
fn without(resource: &Value, name: &str) -> Value {
    let mut resource = resource.clone();
    let object = resource.as_object_mut().unwrap();
    object.shift_remove(name);
    object.shift_remove("meta");
    if let Some(Value::Object(manager)) = object.get_mut(ENTERPRISE).and_then(|extension| extension.get_mut("manager"))
    {
        manager.shift_remove("$ref");
    }
    resource
}

/// RFC 7396, but that an object whose last member goes, goes too.
fn merge(target: &mut Value, changes: &Value) {
    let (Some(object), Some(changes)) = (target.as_object_mut(), changes.as_object()) else {
        *target = changes.clone();
        return;
    };
    for (name, value) in changes {
        if value.is_null() {
            object.shift_remove(name);
            continue;
        }
        let place = object.entry(name.clone()).or_insert_with(|| json!({}));
        merge(place, value);
        if place.as_object().is_some_and(serde_json::Map::is_empty) {
            object.shift_remove(name);
        }
    }
}
