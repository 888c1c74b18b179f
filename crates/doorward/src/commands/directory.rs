//! `doorward directory`: one connection each of an organization with its identity provider.

use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use doorward_scim::version::Version;
use doorward_server::service::directories::{self, NewDirectory};
use doorward_server::service::instant;
use doorward_server::service::tokens::NewToken;
use doorward_server::service::{deletion, directory_type};
use doorward_store::directory::{AuthMode, DirectoryFilter, DirectoryRow, Settings, Strictness};
use doorward_store::ids::{DirectoryId, OrganizationId};
use serde_json::{Value, json};

use super::token::Validity;
use super::{directory_catalogue, directory_requests, directory_schema};
use crate::database::Administration;
use crate::output::{Output, pairs, table};
use crate::pages;

/// What can be done with directories.
#[derive(Subcommand)]
pub enum Command {
    /// Make a directory and its first credential, which is shown this once
    Create(Create),
    /// Show all directories
    List {
        /// Only those of this organization
        #[arg(long, value_name = "ID")]
        org: Option<OrganizationId>,
    },
    /// Show one directory
    Show(Named),
    /// Switch a directory off: its data stay, its identity provider is refused
    Disable(Named),
    /// Switch a directory on again
    Enable(Named),
    /// The schemas that a directory declares beside the standard ones
    #[command(subcommand)]
    Schema(directory_schema::Command),
    /// The roles and entitlements that a directory offers
    #[command(subcommand)]
    Catalogue(directory_catalogue::Command),
    /// What its identity provider asked, and how it was answered
    Requests(directory_requests::Arguments),
    /// Delete a directory: its credentials end at once, its users and groups go after a time of grace; its events stay
    Delete {
        #[command(flatten)]
        directory: Named,
        /// The days in which it can be restored [default: 7, or what the file says]
        #[arg(long, value_name = "DAYS", conflicts_with = "now")]
        grace_days: Option<u32>,
        /// Remove it now and for good
        #[arg(long)]
        now: bool,
        /// Do not ask for the label first
        #[arg(long)]
        yes: bool,
    },
    /// Take the deletion of a directory back, while its time of grace runs
    Restore(Named),
}

/// A directory, by what people have at hand.
#[derive(Args)]
pub struct Named {
    /// Its id or its label
    #[arg(value_name = "DIRECTORY")]
    pub directory: String,
}

/// What a directory is made from.
#[derive(Args)]
pub struct Create {
    /// The organization whose it is to be
    #[arg(long, value_name = "ID")]
    org: OrganizationId,
    /// Its name
    #[arg(long)]
    name: String,
    /// The kind of identity provider, such as "okta scim v2.0" or "azure scim v2.0"
    #[arg(long = "type", value_name = "TYPE", default_value = "okta scim v2.0")]
    kind: String,
    /// Its part of the SCIM base URL: lower-case letters, digits, hyphens [default: made of the names]
    #[arg(long)]
    label: Option<String>,
    /// How the identity provider proves itself
    #[arg(long, value_enum, default_value_t = Auth::Bearer)]
    auth: Auth,
    /// How strictly SCIM is read
    #[arg(long, value_enum, default_value_t = Profile::Tolerant)]
    profile: Profile,
    /// Take no groups in
    #[arg(long)]
    no_groups: bool,
    #[command(flatten)]
    validity: Validity,
}

#[derive(Clone, Copy, ValueEnum)]
enum Auth {
    /// A bearer token
    Bearer,
    /// User name and password
    Basic,
}

#[derive(Clone, Copy, ValueEnum)]
enum Profile {
    /// What the standards demand and no more
    Strict,
    /// The known habits of identity providers are understood
    Tolerant,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create(new) => create(at, new, output).await,
        Command::List { org } => list(at, org, output).await,
        Command::Show(named) => show(at, &named.find(at).await?, output),
        Command::Disable(named) => {
            let id = named.find(at).await?.id;
            show(at, &directories::disable(&at.store, &at.operator, id).await?, output)
        }
        Command::Enable(named) => {
            let id = named.find(at).await?.id;
            show(at, &directories::enable(&at.store, &at.operator, id).await?, output)
        }
        Command::Schema(command) => directory_schema::run(at, command, output).await,
        Command::Catalogue(command) => directory_catalogue::run(at, command, output).await,
        Command::Delete { directory, grace_days, now, yes } => {
            let grace_days = if now { 0 } else { grace_days.unwrap_or(at.limits.deletion_grace_days) };
            delete(at, directory, (grace_days, now), yes, output).await
        }
        Command::Restore(named) => {
            let id = named.find(at).await?.id;
            show(at, &deletion::restore(&at.store, &at.operator, id).await?, output)
        }
        Command::Requests(arguments) => directory_requests::run(at, arguments, output).await,
    }
}

impl Named {
    /// The directory that is meant.
    pub async fn find(&self, at: &Administration) -> Result<DirectoryRow> {
        let id = match DirectoryId::from_str(&self.directory) {
            Ok(id) => id,
            Err(_) => return by_label(at, &self.directory).await,
        };
        directories::get(&at.store, &at.operator, id).await.with_context(|| self.directory.clone())
    }
}

async fn by_label(at: &Administration, label: &str) -> Result<DirectoryRow> {
    directories::get_by_label(&at.store, &at.operator, label.to_owned())
        .await
        .with_context(|| format!("`{label}` is neither an id nor a label; `doorward directory list` shows both"))
}

async fn create(at: &Administration, new: Create, output: Output) -> Result<()> {
    // Before anything is made: a directory without its credential would be left behind.
    let lifetime = new.validity.lifetime()?;
    let settings = Settings {
        profile: match new.profile {
            Profile::Strict => Strictness::Strict,
            Profile::Tolerant => Strictness::Tolerant,
        },
        groups: !new.no_groups,
        ..Settings::default()
    };
    let auth = match new.auth {
        Auth::Bearer => AuthMode::Bearer,
        Auth::Basic => AuthMode::Basic,
    };
    let new = NewDirectory {
        organization_id: new.org,
        name: new.name,
        directory_type: directory_type::parse(&new.kind)?,
        label: new.label,
        auth,
        settings,
    };
    let first = NewToken { lifetime, ..NewToken::first() };
    let (row, credential) = directories::create_with(&at.store, &at.operator, new, None, Some(first)).await?;
    let object = directories::created_object(&row, credential.as_ref(), at.public_url.as_str());
    output.answer(&object, || created(at, &row, &object))
}

/// What a person hands to the customer's administrator.
fn created(at: &Administration, row: &DirectoryRow, object: &Value) -> String {
    let version = if directory_type::speaks_v1(&row.directory_type) { Version::V1 } else { Version::V2 };
    let endpoint = directories::endpoint(at.public_url.as_str(), &row.label, version);
    let id = row.id.to_string();
    let mut lines =
        vec![("id", id.as_str()), ("label", &row.label), ("type", &row.directory_type), ("endpoint", &endpoint)];
    for secret in ["token", "username", "password"] {
        lines.extend(object.get(secret).and_then(Value::as_str).map(|text| (secret, text)));
    }
    let mut text = pairs(&lines);
    text.push_str(
        "\n\nThe endpoint and the credential are what the identity provider asks for. The secret is not shown again.",
    );
    for concern in at.public_url.concerns() {
        text.push_str(&format!("\nThe public URL {} will not do for everyone: {concern}.", at.public_url));
    }
    text
}

async fn list(at: &Administration, org: Option<OrganizationId>, output: Output) -> Result<()> {
    let filter = DirectoryFilter { organization_id: org, ..DirectoryFilter::default() };
    let page = |cursor| directories::list(&at.store, &at.operator, cursor, filter.clone());
    let rows = pages::all(page, |row: &DirectoryRow| row.id).await?;
    let object = |row| directories::object(row, at.public_url.as_str());
    let objects = json!({ "object": "list", "data": rows.iter().map(object).collect::<Vec<_>>() });
    output.answer(&objects, || {
        if rows.is_empty() {
            return "There is no directory yet. Make one: doorward directory create --org ID --name NAME".to_owned();
        }
        let cells = |row: &DirectoryRow| {
            vec![
                row.id.to_string(),
                row.label.clone(),
                row.name.clone(),
                row.directory_type.clone(),
                row.state.as_str().to_owned(),
                row.counts.users_active.to_string(),
                row.counts.users_inactive.to_string(),
                row.counts.groups.to_string(),
            ]
        };
        table(&["ID", "LABEL", "NAME", "TYPE", "STATE", "ACTIVE", "INACTIVE", "GROUPS"], rows.iter().map(cells))
    })
}

fn show(at: &Administration, row: &DirectoryRow, output: Output) -> Result<()> {
    let object = directories::object(row, at.public_url.as_str());
    output.answer(&object, || {
        let url = at.public_url.as_str();
        pairs(&[
            ("id", &row.id.to_string()),
            ("organization", &row.organization_id.to_string()),
            ("name", &row.name),
            ("label", &row.label),
            ("type", &row.directory_type),
            ("state", row.state.as_str()),
            ("auth", row.auth.as_str()),
            ("endpoint", &directories::endpoint(url, &row.label, Version::V2)),
            ("endpoint 1.1", &directories::endpoint(url, &row.label, Version::V1)),
            ("users active", &row.counts.users_active.to_string()),
            ("users inactive", &row.counts.users_inactive.to_string()),
            ("groups", &row.counts.groups.to_string()),
        ])
    })
}

async fn delete(
    at: &Administration,
    named: Named,
    (grace_days, now): (u32, bool),
    yes: bool,
    output: Output,
) -> Result<()> {
    let row = named.find(at).await?;
    if !yes && !output.is_json() && !confirmed(&row, grace_days, output)? {
        bail!("nothing was removed");
    }
    if !now {
        let row = deletion::schedule(&at.store, &at.operator, row.id, grace_days).await?;
        let end = row.delete_at.map(instant::text).unwrap_or_default();
        return output.answer(&directories::object(&row, at.public_url.as_str()), || {
            format!(
                "{} ({}) is refused from now on, and removed by the server after {end}.\n\nUntil then: doorward directory restore {}",
                row.id, row.name, row.label
            )
        });
    }
    deletion::delete_now(&at.store, &at.operator, row.id).await?;
    let gone = json!({ "object": "directory", "id": row.id, "deleted": true });
    output.answer(&gone, || format!("removed {} ({})", row.id, row.name))
}

/// Asks a person for the label. Programs say `--json` or `--yes`.
fn confirmed(row: &DirectoryRow, grace_days: u32, output: Output) -> Result<bool> {
    let preview = deletion::preview(row, grace_days);
    output.note(preview["message"].as_str().unwrap_or_default());
    output.note(&match grace_days {
        0 => "This cannot be taken back.".to_owned(),
        days => format!("It can be taken back for {days} days."),
    });
    output.note(&format!("Type its label, {}, to go on:", row.label));
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed).context("reading the answer")?;
    Ok(typed.trim() == row.label)
}
