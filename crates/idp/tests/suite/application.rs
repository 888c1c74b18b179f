//! The verdict through the application's API, against a double of it that shows what the fake server has.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use doorward_idp::{Application, Dialect, Plan, Report, run};
use serde_json::{Value, json};

use crate::fake::{Fake, Fault, TOKEN};

const KEY: &str = "sk_reader";

/// Serves `/directory_users` and `/directory_groups` in pages of 7, and passes every object through `show`.
async fn start(fake: Arc<Fake>, show: fn(&mut Value)) -> String {
    let router = axum::Router::new().fallback(move |request: Request<Body>| {
        let fake = Arc::clone(&fake);
        async move {
            assert_eq!(request.headers()["authorization"], format!("Bearer {KEY}"));
            let query = request.uri().query().unwrap_or_default();
            let parameters: BTreeMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let mut items = match request.uri().path() {
                "/directory_users" => users(&fake, parameters.get("group").copied()),
                _ => fake.all("Groups").iter().map(|g| json!({"id": g["id"], "name": g["displayName"]})).collect(),
            };
            items.iter_mut().for_each(show);
            let skip = parameters.get("after").map_or(0, |id| items.iter().position(|i| i["id"] == *id).unwrap() + 1);
            let rest = items.split_off(skip);
            let after = rest.get(7).and(rest.get(6)).map(|item| item["id"].clone());
            let page: Vec<_> = rest.into_iter().take(7).collect();
            json!({"object": "list", "data": page, "list_metadata": {"before": null, "after": after}}).to_string()
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

fn users(fake: &Fake, group: Option<&str>) -> Vec<Value> {
    let members: Option<Vec<Value>> = group.map(|id| {
        let groups = fake.all("Groups");
        let group = groups.iter().find(|group| group["id"] == id).unwrap();
        group.get("members").and_then(Value::as_array).into_iter().flatten().map(|m| m["value"].clone()).collect()
    });
    let shown = |user: &crate::fake::Object| {
        json!({
            "id": user["id"], "username": user["userName"], "idp_id": user["externalId"],
            "first_name": user["name"]["givenName"], "last_name": user["name"]["familyName"],
            "email": user["emails"][0]["value"], "state": if user["active"] == true { "active" } else { "inactive" },
        })
    };
    let all = fake.all("Users");
    all.iter().filter(|user| members.as_ref().is_none_or(|members| members.contains(&user["id"]))).map(shown).collect()
}

async fn play(show: fn(&mut Value)) -> Report {
    let fake = Arc::new(Fake::start(false, Fault::None).await);
    let url = start(Arc::clone(&fake), show).await;
    let dialect = Dialect::OktaCatalog;
    let application = Application { url, api_key: KEY.to_owned(), directory: "directory_1".to_owned() };
    let plan = Plan {
        users: 30,
        groups: 4,
        changes: 60,
        application: Some(application),
        ..Plan::new(dialect, &fake.url, dialect.credential(TOKEN))
    };
    run(plan, &mut |_| {}).await.unwrap()
}

#[tokio::test]
async fn wb_13_the_application_sees_what_the_provider_intended() {
    let report = play(|_| {}).await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn wb_13_what_the_application_sees_otherwise_is_named() {
    let report = play(|object| {
        if object["id"] == "users-0001" {
            object["email"] = Value::Null;
        }
        if object["state"] == "inactive" {
            object["state"] = json!("active");
        }
        if object.get("name").is_some() {
            object["name"] = json!("x");
        }
    })
    .await;
    let text: Vec<_> = report.differences.iter().map(ToString::to_string).collect();
    let has = |what: &str| text.iter().any(|line| line.contains(what));
    assert!(has("(application): email is null, should be \""), "{text:?}");
    assert!(has("state is \"active\", should be \"inactive\""), "{text:?}");
    assert!(has("group \"Everyone\" (application): name is \"x\""), "{text:?}");
}
