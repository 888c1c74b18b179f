//! The writing half of the application's API, over real HTTP on both databases.

mod conventions;
mod deletion;
mod directories;
mod keys;
mod links;
mod openapi;
mod organizations;

use std::sync::Arc;

use doorward_store::event::{self, EventQuery};
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;
use serde_json::{Value, json};

use crate::app_api::Api;
use crate::support::Service;

/// A new organization, made over the API; its id.
async fn organization(api: &Api, name: &str) -> String {
    let made = api.send("POST", "/organizations", json!({ "name": name })).await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

/// The types and data of an organization's events, oldest first.
async fn events_of(service: &Arc<Service>, organization: &str) -> Vec<(String, Value)> {
    let query = EventQuery {
        limit: 10_000,
        order: Order::Ascending,
        organization_id: Some(organization.parse().unwrap()),
        ..EventQuery::default()
    };
    let read = service.app.store().read(move |tx| event::list(tx, &OperatorScope::local(), &query));
    let events = read.await.unwrap().into_iter();
    events.map(|event| (event.event_type, serde_json::from_str(&event.data).unwrap())).collect()
}

fn text(object: &Value, member: &str) -> String {
    object[member].as_str().unwrap_or_else(|| panic!("no {member} in {object}")).to_owned()
}
