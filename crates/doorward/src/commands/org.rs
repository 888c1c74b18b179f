//! `doorward org`: the customers of the application.

use anyhow::Result;
use clap::Subcommand;
use doorward_server::service::{instant, organizations};
use doorward_store::organization::{OrganizationFilter, OrganizationRow};
use serde_json::json;

use crate::database::Administration;
use crate::output::{Output, pairs, table};
use crate::pages;

/// What can be done with organizations.
#[derive(Subcommand)]
pub enum Command {
    /// Make an organization, and the database where there is none yet
    Create {
        /// Its name
        name: String,
        /// Your application's own id of the customer
        #[arg(long, value_name = "ID")]
        external_id: Option<String>,
    },
    /// Show all organizations
    List,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create { name, external_id } => create(at, &name, external_id, output).await,
        Command::List => list(at, output).await,
    }
}

async fn create(at: &Administration, name: &str, external_id: Option<String>, output: Output) -> Result<()> {
    let row = organizations::create(&at.store, &at.operator, name, external_id).await?;
    output.answer(&organizations::object(&row), || {
        let created = pairs(&[("id", &row.id.to_string()), ("name", &row.name)]);
        format!("{created}\n\nNext: doorward directory create --org {} --name \"{} Okta\"", row.id, row.name)
    })
}

async fn list(at: &Administration, output: Output) -> Result<()> {
    let page = |cursor| organizations::list(&at.store, &at.operator, cursor, OrganizationFilter::default());
    let rows = pages::all(page, |row: &OrganizationRow| row.id).await?;
    let objects = json!({ "object": "list", "data": rows.iter().map(organizations::object).collect::<Vec<_>>() });
    output.answer(&objects, || {
        if rows.is_empty() {
            return "There is no organization yet. Make one: doorward org create NAME".to_owned();
        }
        let cells = |row: &OrganizationRow| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                row.external_id.clone().unwrap_or_default(),
                instant::text(row.created_at),
            ]
        };
        table(&["ID", "NAME", "EXTERNAL ID", "CREATED"], rows.iter().map(cells))
    })
}
