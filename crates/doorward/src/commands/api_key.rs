//! `doorward api-key`: the credentials that applications use.

use anyhow::Result;
use clap::{Args, Subcommand};
use doorward_server::service::{api_keys, instant};
use doorward_store::api_key::{ApiKeyRow, KeyScope, KeyScopes};
use doorward_store::ids::{ApiKeyId, OrganizationId};
use serde_json::json;

use super::token::{expiry, standing};
use crate::database::Administration;
use crate::output::{Output, pairs, table};

/// What can be done with API keys.
#[derive(Subcommand)]
pub enum Command {
    /// Make a key, which is shown this once, and the database where there is none yet
    Create {
        /// A name to know it by
        #[arg(long, default_value = "application")]
        name: String,
        /// What it may do: read, write, events or access-check; can be repeated [default: everything]
        #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',')]
        scopes: Vec<KeyScope>,
        /// The one organization that it is for [default: all of them]
        #[arg(long, value_name = "ID")]
        org: Option<OrganizationId>,
        #[command(flatten)]
        validity: KeyValidity,
    },
    /// Show all keys; the secrets cannot be shown
    List,
    /// End a key at once
    Revoke {
        /// Its id
        #[arg(value_name = "KEY")]
        id: ApiKeyId,
    },
}

/// How long a key is good for. An application's key runs on unless its maker says otherwise.
#[derive(Args)]
pub struct KeyValidity {
    /// The days until it expires [default: it does not]
    #[arg(long, value_name = "DAYS", conflicts_with = "no_expiry")]
    duration: Option<u32>,
    /// It does not expire
    #[arg(long)]
    no_expiry: bool,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create { name, scopes, org, validity } => {
            create(at, &name, (KeyScopes::of(&scopes), org), &validity, output).await
        }
        Command::List => list(at, output).await,
        Command::Revoke { id } => {
            let row = api_keys::revoke(&at.store, &at.operator, id).await?;
            output.answer(&api_keys::object(&row), || format!("revoked {} ({})", row.id, row.name))
        }
    }
}

async fn create(
    at: &Administration,
    name: &str,
    (scopes, org): (KeyScopes, Option<OrganizationId>),
    validity: &KeyValidity,
    output: Output,
) -> Result<()> {
    let lifetime = match validity.duration {
        Some(days) => api_keys::Lifetime::Days(days),
        None => api_keys::Lifetime::Unlimited,
    };
    let (row, key) = api_keys::create_with(&at.store, &at.operator, name, lifetime, scopes, org).await?;
    let mut object = api_keys::object(&row);
    if let Some(fields) = object.as_object_mut() {
        fields.insert("key".to_owned(), json!(key.expose()));
    }
    output.answer(&object, || {
        let lines = [
            ("id", row.id.to_string()),
            ("name", row.name.clone()),
            ("scopes", row.scopes.to_string()),
            ("key", key.expose().to_owned()),
        ];
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{}\n\nThe key is not shown again.", pairs(&lines))
    })
}

async fn list(at: &Administration, output: Output) -> Result<()> {
    let rows = api_keys::list(&at.store, &at.operator).await?;
    let objects = json!({ "object": "list", "data": rows.iter().map(api_keys::object).collect::<Vec<_>>() });
    let now = at.store.clock().now();
    output.answer(&objects, || {
        if rows.is_empty() {
            return "There is no API key yet. Make one: doorward api-key create --name NAME".to_owned();
        }
        let cells = |row: &ApiKeyRow| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                format!("{}…{}", row.prefix, row.last_four),
                standing(row.revoked_at, row.expires_at, now).to_owned(),
                row.scopes.to_string(),
                row.organization_id.map_or_else(|| "all".to_owned(), |id| id.to_string()),
                expiry(row.expires_at),
                row.last_used_at.map_or_else(|| "never".to_owned(), instant::text),
            ]
        };
        table(&["ID", "NAME", "KEY", "STATE", "SCOPES", "ORGANIZATION", "EXPIRES", "LAST USED"], rows.iter().map(cells))
    })
}
