//! `doorward link`: setup links for customers' administrators.

use anyhow::Result;
use clap::{Args, Subcommand};
use doorward_server::service::instant;
use doorward_server::service::portal_links::{self, DEFAULT_LIFETIME, NewLink};
use doorward_store::ids::{OrganizationId, PortalLinkId};
use doorward_store::portal_link::PortalLinkRow;
use serde_json::json;

use crate::database::Administration;
use crate::output::{Output, pairs, table};
use crate::pages;

/// What can be done with setup links.
#[derive(Subcommand)]
pub enum Command {
    /// Make a link, which is shown this once; an earlier one for the same purpose that was not opened ends
    Create(Create),
    /// Show the links; their secrets cannot be shown
    List {
        /// Only those of this organization
        #[arg(long, value_name = "ID")]
        org: Option<OrganizationId>,
    },
    /// End a link, and the session opened with it, at once
    Revoke {
        /// Its id
        #[arg(value_name = "LINK")]
        id: PortalLinkId,
    },
}

/// What a link is made from.
#[derive(Args)]
pub struct Create {
    /// The organization whose administrator it is for
    #[arg(long, value_name = "ID")]
    org: OrganizationId,
    /// What can be set up with it
    #[arg(long, default_value = "dsync")]
    intent: String,
    /// The minutes in which it can be opened, up to 43200 (30 days)
    #[arg(long, value_name = "MINUTES", default_value_t = DEFAULT_LIFETIME / 60)]
    expires_in: u32,
    /// Where its pages lead back to
    #[arg(long, value_name = "URL")]
    return_url: Option<String>,
    /// Where its pages lead to when all is done
    #[arg(long, value_name = "URL")]
    success_url: Option<String>,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create(new) => create(at, new, output).await,
        Command::List { org } => list(at, org, output).await,
        Command::Revoke { id } => {
            let row = portal_links::revoke(&at.store, &at.operator, id).await?;
            let now = at.store.clock().now();
            output.answer(&portal_links::object(&row, now), || format!("revoked {}", row.id))
        }
    }
}

async fn create(at: &Administration, new: Create, output: Output) -> Result<()> {
    let new = NewLink {
        organization_id: new.org,
        intent: new.intent,
        return_url: new.return_url,
        success_url: new.success_url,
        external_user_id: None,
        contacts: Vec::new(),
        lifetime: new.expires_in.saturating_mul(60),
    };
    let (row, secret) = portal_links::create(&at.store, &at.operator, new).await?;
    let link = portal_links::address(at.public_url.as_str(), &secret);
    let mut object = portal_links::object(&row, at.store.clock().now());
    if let Some(fields) = object.as_object_mut() {
        fields.insert("link".to_owned(), json!(link));
    }
    output.answer(&object, || {
        let lines = [("id", row.id.to_string()), ("link", link), ("expires", instant::text(row.expires_at))];
        let lines: Vec<(&str, &str)> = lines.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("{}\n\nThe link is not shown again. Whoever has it can use it, once.", pairs(&lines))
    })
}

async fn list(at: &Administration, org: Option<OrganizationId>, output: Output) -> Result<()> {
    let page = |cursor| portal_links::list(&at.store, &at.operator, cursor, org);
    let rows = pages::all(page, |row: &PortalLinkRow| row.id).await?;
    let now = at.store.clock().now();
    let object = |row| portal_links::object(row, now);
    let objects = json!({ "object": "list", "data": rows.iter().map(object).collect::<Vec<_>>() });
    output.answer(&objects, || {
        if rows.is_empty() {
            return "There is no setup link yet. Make one: doorward link create --org ID".to_owned();
        }
        let cells = |row: &PortalLinkRow| {
            vec![
                row.id.to_string(),
                row.organization_id.to_string(),
                row.intent.clone(),
                row.status(now).to_owned(),
                instant::text(row.expires_at),
                row.opened_from.clone().unwrap_or_default(),
            ]
        };
        table(&["ID", "ORGANIZATION", "INTENT", "STATUS", "EXPIRES", "OPENED FROM"], rows.iter().map(cells))
    })
}
