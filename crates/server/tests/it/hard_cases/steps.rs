//! One request of a case and what its answer must be.

use serde_json::Value;

use super::data::in_profile;
use super::scene::Scene;
use crate::support::ERROR;
use crate::wire::{Answer, Request};

/// Runs the steps of a case, one after the other, each in the words of one profile.
pub async fn run(scene: &mut Scene, steps: &Value) -> Result<(), String> {
    for step in steps.as_array().unwrap() {
        let step = in_profile(step, scene.strict);
        let asked = step["send"].as_str().unwrap().to_owned();
        one(scene, &step).await.map_err(|reason| format!("{asked} {}: {reason}", step["query"]))?;
    }
    Ok(())
}

async fn one(scene: &mut Scene, step: &Value) -> Result<(), String> {
    if let Some(names) = step.get("walks") {
        return walk(scene, step, names).await;
    }
    let before = scene.events().await;
    let answer = request(scene, step).send().await;
    check(scene, step, &answer)?;
    if let Some(count) = step["events"].as_u64() {
        let told = scene.events().await - before;
        ensure(told == usize::try_from(count).unwrap(), || format!("{told} events"))?;
    }
    for (name, pointer) in members(&step["keep"]) {
        let value = answer.json().pointer(pointer.as_str().unwrap()).cloned();
        let value = value.ok_or_else(|| format!("nothing at {pointer} in {}", answer.body))?;
        if name == "cursor" {
            scene.variables.set("cursor with another character", flipped(value.as_str().unwrap()));
        }
        scene.variables.set(name, value);
    }
    Ok(())
}

/// A request as the step words it.
fn request(scene: &Scene, step: &Value) -> Request {
    let (method, path) = step["send"].as_str().unwrap().split_once(' ').unwrap();
    let path = scene.variables.text(path);
    let (version, path) = match path.get(..4) {
        Some("/v1/") => ("v1", &path[3..]),
        Some("/v2/") => ("v2", &path[3..]),
        _ => (scene.version, path.as_str()),
    };
    let query: Vec<String> = members(&step["query"])
        .map(|(name, value)| format!("{name}={}", encoded(&scene.variables.text(value.as_str().unwrap()))))
        .collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let mut request = match (path.strip_prefix("host"), version) {
        (Some(path), _) => scene.directory.raw(method, &format!("{path}{query}")),
        (None, "v1") => scene.directory.v1(method, &format!("{path}{query}")),
        (None, _) => scene.directory.v2(method, &format!("{path}{query}")),
    };
    if let Some(body) = body(scene, step) {
        request = request.header("Content-Type", "application/scim+json").body(body);
    }
    for (name, value) in members(&step["headers"]) {
        request = request.without(name);
        for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            if let Some(value) = value.as_str() {
                request = request.header(name, &scene.variables.text(value));
            }
        }
    }
    request
}

fn body(scene: &Scene, step: &Value) -> Option<String> {
    match step["text"].as_str() {
        Some("<10000 levels>") => Some(format!("{{\"userName\": {}1{}}}", "[".repeat(10_000), "]".repeat(10_000))),
        Some("<20 megabytes>") => Some(format!("{{\"userName\": \"{}\"}}", "a".repeat(20 * 1024 * 1024))),
        Some(text) => Some(scene.variables.text(text)),
        None => step.get("body").map(|body| scene.variables.value(body).to_string()),
    }
}

fn check(scene: &Scene, step: &Value, answer: &Answer) -> Result<(), String> {
    let statuses = step["status"].as_array().map_or(std::slice::from_ref(&step["status"]), Vec::as_slice);
    ensure(statuses.iter().any(|status| *status == answer.status), || format!("{} {}", answer.status, answer.body))?;
    if answer.status >= 400 {
        refusal(answer, step["scimType"].as_str())?;
    }
    let wanted = |key: &str| step.get(key).map(|value| scene.variables.value(value));
    if let Some(wanted) = wanted("is") {
        holds(&answer.json(), &wanted).map_err(|reason| format!("{reason} in {}", answer.body))?;
    }
    if let Some(whole) = wanted("equals") {
        ensure(answer.json() == whole, || format!("not equal: {} and {whole}", answer.body))?;
    }
    if let Some(wanted) = wanted("keys") {
        let mut keys: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
        let mut wanted: Vec<String> = serde_json::from_value(wanted).unwrap();
        keys.sort();
        wanted.sort();
        ensure(keys == wanted, || format!("its keys are {keys:?}"))?;
    }
    for text in list(&scene.variables.value(&step["lacks"])) {
        ensure(!answer.body.contains(&text), || format!("{text} in {}", answer.body))?;
    }
    for text in list(&step["contains"]) {
        ensure(answer.body.contains(&text), || format!("no {text} in {}", answer.body))?;
    }
    if step["empty"] == true {
        ensure(answer.body.is_empty(), || format!("a body: {}", answer.body))?;
    }
    for (pointer, other) in members(&step["differs"]) {
        let value = answer.json().pointer(pointer).cloned();
        ensure(value.is_some() && value != Some(scene.variables.value(other)), || format!("{pointer} is {value:?}"))?;
    }
    for (name, start) in members(&step["shows"]) {
        let value = answer.header(name).unwrap_or_default();
        ensure(value.starts_with(&scene.variables.text(start.as_str().unwrap())), || format!("{name} is {value}"))?;
    }
    finds(scene, step, answer)
}

/// Which resources a list holds.
fn finds(scene: &Scene, step: &Value, answer: &Answer) -> Result<(), String> {
    if let Some(names) = step.get("ordered") {
        let (found, wanted) = (listed(&answer.json()), scene.ids(names));
        return ensure(found == wanted, || format!("{found:?} in place of {names}"));
    }
    let Some(names) = step.get("finds") else { return Ok(()) };
    same_set(listed(&answer.json()), scene.ids(names))
}

/// Page after page by cursor: every resource once.
async fn walk(scene: &Scene, step: &Value, names: &Value) -> Result<(), String> {
    let mut step = step.clone();
    let mut found = Vec::new();
    for _ in 0..100 {
        let answer = request(scene, &step).send().await;
        let page = answer.json();
        ensure(answer.status == 200, || format!("{} {}", answer.status, answer.body))?;
        found.extend(listed(&page));
        match page.get("nextCursor") {
            Some(next) => step["query"]["cursor"] = next.clone(),
            None => return same_set(found, scene.ids(names)),
        }
    }
    Err("the pages do not end".to_owned())
}

/// The ids of the resources of a list, in order.
pub fn listed(list: &Value) -> Vec<String> {
    let resources = list["Resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    resources.iter().map(|resource| resource["id"].as_str().unwrap().to_owned()).collect()
}

pub fn same_set(mut found: Vec<String>, mut wanted: Vec<String>) -> Result<(), String> {
    found.sort();
    wanted.sort();
    ensure(found == wanted, || format!("{found:?} in place of {wanted:?}"))
}

/// A refusal has the whole error body of its version.
pub fn refusal(answer: &Answer, keyword: Option<&str>) -> Result<(), String> {
    let body = answer.json();
    let status = answer.status.to_string();
    let said = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    if answer.asked.contains("/v1") {
        let error = &body["Errors"][0];
        let whole = error["code"] == *status && said(&error["description"]) && body.get("schemas").is_none();
        return ensure(whole, || format!("not an error of 1.1: {body}"));
    }
    let kind = answer.header("content-type").unwrap_or_default();
    let whole = body["schemas"][0] == ERROR && body["status"] == *status && said(&body["detail"]);
    ensure(whole && kind.starts_with("application/scim+json"), || format!("not an error of 2.0: {kind} {body}"))?;
    match keyword {
        Some(keyword) => ensure(body["scimType"] == keyword, || format!("not {keyword}: {body}")),
        None => Ok(()),
    }
}

/// Whether a value has all that is wanted: objects may have more, null means absent.
fn holds(value: &Value, wanted: &Value) -> Result<(), String> {
    match (value, wanted) {
        (Value::Object(object), Value::Object(wanted)) => wanted.iter().try_for_each(|(key, wanted)| {
            let found = object.get(key).unwrap_or(&Value::Null);
            holds(found, wanted).map_err(|reason| format!("{key}: {reason}"))
        }),
        (Value::Array(list), Value::Array(wanted)) if list.len() == wanted.len() => {
            list.iter().zip(wanted).try_for_each(|(value, wanted)| holds(value, wanted))
        }
        _ => ensure(value == wanted, || format!("{value} in place of {wanted}")),
    }
}

pub fn ensure(condition: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(reason()) }
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn list(texts: &Value) -> Vec<String> {
    texts.as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

pub fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The text with one character exchanged.
fn flipped(text: &str) -> String {
    let at = text.len() / 2;
    let other = if text[at..].starts_with('A') { 'B' } else { 'A' };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}
