//! `doorward webhook`: where events are sent.

use anyhow::{Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use doorward_server::sealed::Keyring;
use doorward_server::service::webhooks::{self, Changes, NewEndpoint, Rules};
use doorward_server::service::{deliveries, instant};
use doorward_store::Secret;
use doorward_store::ids::{DeliveryId, EndpointId, EventId, OrganizationId};
use doorward_store::paging::{Cursor, Order};
use doorward_store::webhook::delivery::{DeliveryRow, State};
use doorward_store::webhook::{Disabled, EndpointRow};
use serde_json::json;

use crate::cli::Global;
use crate::database::{Administration, config};
use crate::output::{Output, pairs, table};
use crate::pages;

/// What can be done with webhook endpoints.
#[derive(Subcommand)]
pub enum Command {
    /// Make an endpoint, which gets the events from now on; its secret is shown this once
    Create {
        /// Where events are sent: an https URL
        #[arg(value_name = "URL")]
        url: String,
        /// Only these types, such as dsync.user.created; several with commas [default: all]
        #[arg(long = "events", value_name = "TYPES", value_delimiter = ',')]
        events: Vec<String>,
        /// Only events of this organization
        #[arg(long, value_name = "ID")]
        org: Option<OrganizationId>,
        /// A line to know it by
        #[arg(long, default_value = "")]
        description: String,
    },
    /// Show all endpoints; the secrets cannot be shown
    List,
    /// Send nothing to it any more, and forget it with the record of its deliveries
    Delete {
        #[command(flatten)]
        endpoint: Which,
        /// It cannot be undone, and is meant
        #[arg(long)]
        yes: bool,
    },
    /// Give it a new secret, which is shown this once; the old one counts for a day more
    Rotate {
        #[command(flatten)]
        endpoint: Which,
        /// How long the old secret counts
        #[arg(long, value_name = "SECONDS", default_value_t = webhooks::OVERLAP)]
        overlap: i64,
    },
    /// Send it a test event
    Test(Which),
    /// Show what became of events, newest first
    Deliveries {
        #[command(flatten)]
        endpoint: Which,
        /// Only those that stand so
        #[arg(long, value_enum)]
        state: Option<Standing>,
        /// At most so many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=10_000))]
        limit: i64,
    },
    /// Try a delivery again now, or all parked ones
    Retry {
        #[command(flatten)]
        endpoint: Which,
        /// The delivery
        #[arg(value_name = "DELIVERY", required_unless_present = "parked")]
        delivery: Option<DeliveryId>,
        /// All that failed too often
        #[arg(long, conflicts_with = "delivery")]
        parked: bool,
    },
    /// Send a part of the log once more, in order
    Replay {
        #[command(flatten)]
        endpoint: Which,
        /// Begin after this event [default: with the first there is]
        #[arg(long, value_name = "EVENT")]
        after: Option<EventId>,
        /// End with this event [default: the last that was looked at]
        #[arg(long, value_name = "EVENT")]
        until: Option<EventId>,
    },
    /// Send to it again, from where it was stopped; what waits for another attempt is due at once
    Enable(Which),
    /// Send nothing to it until it is enabled again; nothing is lost meanwhile
    Disable(Which),
}

/// An endpoint.
#[derive(Args)]
pub struct Which {
    /// The endpoint's id
    #[arg(value_name = "ENDPOINT")]
    id: EndpointId,
}

/// Where a delivery stands.
#[derive(Clone, Copy, ValueEnum)]
pub enum Standing {
    /// The receiver has accepted it
    Delivered,
    /// It failed and is tried again
    Retrying,
    /// It failed too often
    Parked,
    /// It is about to be tried again because somebody asked
    Pending,
}

impl From<Standing> for State {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Delivered => Self::Delivered,
            Standing::Retrying => Self::Retrying,
            Standing::Parked => Self::Parked,
            Standing::Pending => Self::Pending,
        }
    }
}

pub async fn run(at: &Administration, global: &Global, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create { url, events, org, description } => {
            let new = NewEndpoint { url, description, organization_id: org, events };
            let (row, secret) = webhooks::create(&at.store, &at.operator, &rules(at, global).await?, new).await?;
            show_secret(&row, &secret, output)
        }
        Command::List => list(at, output).await,
        Command::Delete { endpoint, yes } => delete(at, endpoint.id, yes, output).await,
        Command::Rotate { endpoint, overlap } => {
            let rules = rules(at, global).await?;
            let (row, secret) = webhooks::rotate(&at.store, &at.operator, &rules, endpoint.id, overlap).await?;
            show_secret(&row, &secret, output)
        }
        Command::Test(endpoint) => {
            let row = deliveries::test(&at.store, &at.operator, endpoint.id).await?;
            let next =
                format!("a test is on its way; `doorward webhook deliveries {}` shows what becomes of it", row.id);
            output.answer(&webhooks::object(&row), || next)
        }
        Command::Deliveries { endpoint, state, limit } => {
            show_deliveries(at, endpoint.id, state.map(State::from), limit, output).await
        }
        Command::Retry { endpoint, delivery, parked: _ } => retry(at, endpoint.id, delivery, output).await,
        Command::Replay { endpoint, after, until } => {
            let replay = deliveries::replay(&at.store, &at.operator, endpoint.id, after, until).await?;
            output.answer(&deliveries::replay_object(&replay), || {
                format!("sending the events {} to {} once more", replay.after + 1, replay.until)
            })
        }
        Command::Enable(endpoint) => switch(at, global, endpoint.id, true, output).await,
        Command::Disable(endpoint) => switch(at, global, endpoint.id, false, output).await,
    }
}

/// What this installation is configured with; a server on the same database must be too.
async fn rules(at: &Administration, global: &Global) -> Result<Rules> {
    let config = config(global, None)?;
    let keyring = Keyring::load(&at.store, &config.secret_keys).await?;
    Ok(Rules { keyring, networks: config.webhooks.allow_networks })
}

fn show_secret(row: &EndpointRow, secret: &Secret, output: Output) -> Result<()> {
    output.answer(&webhooks::object_with(row, secret), || {
        let lines = [("id", row.id.to_string()), ("url", row.url.clone()), ("secret", secret.expose().to_owned())];
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{}\n\nThe secret is not shown again.", pairs(&lines))
    })
}

async fn list(at: &Administration, output: Output) -> Result<()> {
    let page = |cursor| webhooks::list(&at.store, &at.operator, cursor);
    let rows = pages::all(page, |row: &EndpointRow| row.id).await?;
    let objects = json!({ "object": "list", "data": rows.iter().map(webhooks::object).collect::<Vec<_>>() });
    output.answer(&objects, || {
        if rows.is_empty() {
            return "There is no endpoint yet. Make one: doorward webhook create URL".to_owned();
        }
        let cells = |row: &EndpointRow| {
            vec![
                row.id.to_string(),
                row.url.clone(),
                row.disabled
                    .map_or_else(|| "enabled".to_owned(), |why: Disabled| format!("disabled ({})", why.as_str())),
                row.failing_since.map_or_else(|| "-".to_owned(), instant::text),
                if row.events.is_empty() { "all".to_owned() } else { row.events.join(",") },
            ]
        };
        table(&["ID", "URL", "STATUS", "FAILING SINCE", "EVENTS"], rows.iter().map(cells))
    })
}

async fn delete(at: &Administration, id: EndpointId, yes: bool, output: Output) -> Result<()> {
    let row = webhooks::get(&at.store, &at.operator, id).await?;
    if !yes {
        bail!("deleting {id} ({}) cannot be undone; add --yes if that is meant", row.url);
    }
    webhooks::delete(&at.store, &at.operator, id).await?;
    output.answer(&webhooks::object(&row), || format!("deleted {id} ({})", row.url))
}

async fn switch(at: &Administration, global: &Global, id: EndpointId, enabled: bool, output: Output) -> Result<()> {
    let changes = Changes { enabled: Some(enabled), ..Changes::default() };
    let row = webhooks::update(&at.store, &at.operator, &rules(at, global).await?, id, changes).await?;
    let word = if enabled { "enabled" } else { "disabled" };
    output.answer(&webhooks::object(&row), || format!("{word} {id} ({})", row.url))
}

async fn retry(at: &Administration, id: EndpointId, delivery: Option<DeliveryId>, output: Output) -> Result<()> {
    match delivery {
        Some(delivery) => {
            let row = deliveries::retry(&at.store, &at.operator, id, delivery).await?;
            output.answer(&deliveries::object(id, &row), || format!("{delivery} is tried again now"))
        }
        None => {
            let count = deliveries::retry_parked(&at.store, &at.operator, id).await?;
            let object = json!({ "object": "webhook_retry", "deliveries": count });
            output.answer(&object, || format!("{count} parked deliveries are tried again now"))
        }
    }
}

async fn show_deliveries(
    at: &Administration,
    id: EndpointId,
    state: Option<State>,
    limit: i64,
    output: Output,
) -> Result<()> {
    let cursor = Cursor::first(limit, Order::Descending);
    let rows = deliveries::list(&at.store, &at.operator, id, state, cursor).await?.items;
    let objects: Vec<_> = rows.iter().map(|row| deliveries::object(id, row)).collect();
    output.answer(&json!({ "object": "list", "data": objects }), || {
        if rows.is_empty() {
            return "There are no such deliveries.".to_owned();
        }
        let cells = |row: &DeliveryRow| {
            vec![
                row.id.to_string(),
                row.event_type.clone(),
                row.state.as_str().to_owned(),
                row.attempts.to_string(),
                row.response_status.map_or_else(|| "-".to_owned(), |status| status.to_string()),
                row.latency_ms.map_or_else(|| "-".to_owned(), |latency| format!("{latency} ms")),
                row.error.clone().unwrap_or_default(),
            ]
        };
        table(&["ID", "EVENT", "STATE", "ATTEMPTS", "STATUS", "LATENCY", "LAST ERROR"], rows.iter().map(cells))
    })
}
