//! `doorward role`: the roles that your application knows.

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use doorward_server::service::roles::catalogue::{self, NewRole, RoleChange};
use doorward_store::ids::{OrganizationId, RoleId};
use serde_json::{Value, json};

use crate::database::Administration;
use crate::output::{Output, table};

/// What can be done with roles.
#[derive(Subcommand)]
pub enum Command {
    /// Make a role; without --org for all organizations that have none of their own
    Create {
        /// Its name, such as Admin
        name: String,
        /// The organization whose role it is to be
        #[arg(long, value_name = "ID")]
        org: Option<OrganizationId>,
        /// How programs name it [default: made of the name]
        #[arg(long)]
        slug: Option<String>,
        #[command(flatten)]
        more: More,
    },
    /// Show the roles that count for an organization; without --org those for all that have none of their own
    List {
        /// The organization
        #[arg(long, value_name = "ID")]
        org: Option<OrganizationId>,
    },
    /// Change a role
    Update {
        /// Its id
        #[arg(value_name = "ROLE")]
        id: RoleId,
        /// Its name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        more: More,
    },
    /// Remove a role that no rule gives
    Delete {
        /// Its id
        #[arg(value_name = "ROLE")]
        id: RoleId,
    },
}

/// What else there is to a role.
#[derive(Args)]
pub struct More {
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// Its place in the catalogue: higher ones first
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=i64::from(i32::MAX)))]
    priority: Option<i64>,
    /// Whether people have it whom no rule gives another one
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    default: Option<bool>,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    let (store, by) = (&at.store, &at.operator);
    let row = match command {
        Command::List { org } => return list(at, org, output).await,
        Command::Delete { id } => {
            catalogue::delete(store, by, id).await.with_context(|| id.to_string())?;
            let gone = json!({ "object": "role", "id": id, "deleted": true });
            return output.answer(&gone, || format!("removed {id}"));
        }
        Command::Create { name, org, slug, more } => {
            let new = NewRole {
                organization_id: org,
                slug,
                name,
                description: more.description,
                priority: more.priority.unwrap_or(0),
                is_default: more.default.unwrap_or(false),
            };
            catalogue::create(store, by, new).await?
        }
        Command::Update { id, name, more } => {
            let change = RoleChange {
                name,
                description: more.description.map(Some),
                priority: more.priority,
                is_default: more.default,
            };
            catalogue::update(store, by, id, change).await.with_context(|| id.to_string())?
        }
    };
    output.answer(&catalogue::object(&row), || format!("{}  {} ({})", row.id, row.name, row.slug))
}

async fn list(at: &Administration, org: Option<OrganizationId>, output: Output) -> Result<()> {
    let rows = catalogue::list(&at.store, &at.operator, org).await?;
    let objects: Vec<Value> = rows.iter().map(|row| Value::Object(catalogue::object(row))).collect();
    output.answer(&json!({ "object": "list", "data": objects }), || {
        if rows.is_empty() {
            return "There are no roles yet; `doorward role create` makes one.".to_owned();
        }
        let cells = rows.iter().map(|row| {
            let of = row.organization_id.map_or_else(|| "all".to_owned(), |id| id.to_string());
            let default = if row.is_default { "yes" } else { "no" };
            vec![
                row.id.to_string(),
                row.slug.clone(),
                row.name.clone(),
                row.priority.to_string(),
                default.to_owned(),
                of,
            ]
        });
        table(&["ID", "SLUG", "NAME", "PRIORITY", "DEFAULT", "OF"], cells)
    })
}
