//! `doorward events`: the log of everything that happened.

use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use doorward_server::service::events::{self, EventFilter, EventObject, Place};
use doorward_store::event::EventRow;
use doorward_store::ids::{DirectoryId, EventId, OrganizationId};
use doorward_store::paging::Order;
use serde_json::{Value, json};

use crate::database::Administration;
use crate::output::{Output, table};

/// How often the log is looked at. Events of other processes wake nobody here.
const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// How many events are read at once.
const PAGE: i64 = 100;

/// What can be done with events.
#[derive(Subcommand)]
pub enum Command {
    /// Show events
    List(List),
    /// Show events as they happen, until interrupted
    Tail(Tail),
}

/// Which events.
#[derive(Args)]
struct Which {
    /// Only these types, such as dsync.user.created; several with commas
    #[arg(long = "type", value_name = "TYPES", value_delimiter = ',')]
    types: Vec<String>,
    /// Only those of this organization
    #[arg(long, value_name = "ID")]
    org: Option<OrganizationId>,
    /// Only those of this directory
    #[arg(long, value_name = "ID")]
    directory: Option<DirectoryId>,
}

impl Which {
    fn filter(self) -> EventFilter {
        EventFilter {
            types: self.types,
            organization_id: self.org,
            directory_id: self.directory,
            ..EventFilter::default()
        }
    }
}

/// A part of the log.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    which: Which,
    /// Only those after this event
    #[arg(long, value_name = "EVENT")]
    after: Option<EventId>,
    /// At most so many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Oldest or newest first
    #[arg(long, value_enum, default_value_t = Sort::Asc)]
    order: Sort,
}

/// What happens from now on.
#[derive(Args)]
pub struct Tail {
    #[command(flatten)]
    which: Which,
    /// Begin after this event instead of now
    #[arg(long, value_name = "EVENT", conflicts_with = "all")]
    after: Option<EventId>,
    /// Begin with the first event there is
    #[arg(long)]
    all: bool,
    /// End after so many events
    #[arg(long, value_name = "COUNT")]
    limit: Option<u64>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sort {
    /// Oldest first
    Asc,
    /// Newest first
    Desc,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::List(wanted) => list(at, wanted, output).await,
        Command::Tail(wanted) => tail(at, wanted, output).await,
    }
}

async fn list(at: &Administration, wanted: List, output: Output) -> Result<()> {
    let order = match wanted.order {
        Sort::Asc => Order::Ascending,
        Sort::Desc => Order::Descending,
    };
    let after = match wanted.after {
        Some(id) => Some(events::position_of(&at.store, &at.operator, "--after", id).await?),
        None => None,
    };
    let place = Place { after, before: None, limit: wanted.limit, order };
    let slice = events::list(&at.store, &at.operator, place, wanted.which.filter()).await?;
    let next = slice.items.last().filter(|_| slice.more_after).map(|row| row.id);
    let events = objects(slice.items)?;
    let object = json!({ "object": "list", "data": &events, "list_metadata": { "before": null, "after": next } });
    output.answer(&object, || {
        if events.is_empty() {
            return "There are no such events.".to_owned();
        }
        table(&["SEQUENCE", "TIME", "EVENT", "ABOUT"], events.iter().map(cells))
    })
}

async fn tail(at: &Administration, wanted: Tail, output: Output) -> Result<()> {
    let mut position = match (wanted.after, wanted.all) {
        (Some(id), _) => events::position_of(&at.store, &at.operator, "--after", id).await?,
        (None, true) => events::beginning(&at.store, &at.operator).await?,
        (None, false) => events::head(&at.store, &at.operator).await?,
    };
    let filter = wanted.which.filter();
    let mut left = wanted.limit.unwrap_or(u64::MAX);
    loop {
        let place = Place { after: Some(position), before: None, limit: PAGE, order: Order::Ascending };
        let slice = events::list(&at.store, &at.operator, place, filter.clone()).await?;
        let more = slice.more_after;
        for event in objects(slice.items)? {
            position = event.sequence();
            if left == 0 {
                return Ok(());
            }
            output.answer(&event, || cells(&event).join("  "))?;
            left -= 1;
        }
        if left == 0 {
            return Ok(());
        }
        if !more {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

fn objects(rows: Vec<EventRow>) -> Result<Vec<EventObject>> {
    Ok(rows.into_iter().map(EventObject::new).collect::<Result<_, _>>()?)
}

/// An event on one line, for people.
pub fn cells(event: &EventObject) -> Vec<String> {
    vec![
        event.sequence().to_string(),
        event.created_at().to_owned(),
        event.event_type().to_owned(),
        about(event.data()),
    ]
}

/// Whom or what an event is about: names, as far as its data have some.
fn about(data: &str) -> String {
    let Ok(data) = serde_json::from_str::<Value>(data) else { return String::new() };
    let name = |object: &Value| {
        let text = |key| object.get(key).and_then(Value::as_str);
        text("username").or_else(|| text("name")).or_else(|| text("id")).unwrap_or_default().to_owned()
    };
    match (data.get("user"), data.get("group")) {
        (Some(user), Some(group)) => format!("{} in {}", name(user), name(group)),
        _ => {
            let changed = data.get("previous_attributes").and_then(Value::as_object);
            let keys = changed.map(|keys| keys.keys().map(String::as_str).filter(|key| *key != "updated_at"));
            match keys {
                Some(keys) => format!("{} ({})", name(&data), keys.collect::<Vec<_>>().join(", ")),
                None => name(&data),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_tells_whom_it_is_about() {
        assert_eq!(about(r#"{"id":"directory_user_1","username":"ada@example.com"}"#), "ada@example.com");
        let joined = r#"{"user":{"username":"ada"},"group":{"name":"Engineering"}}"#;
        assert_eq!(about(joined), "ada in Engineering");
        let changed = r#"{"username":"ada","previous_attributes":{"state":"active","updated_at":"2026"}}"#;
        assert_eq!(about(changed), "ada (state)");
    }
}
