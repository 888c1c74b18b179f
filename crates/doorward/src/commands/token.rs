//! `doorward token`: the credentials that identity providers use.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use doorward_server::secrets;
use doorward_server::service::instant;
use doorward_server::service::tokens::{self, Lifetime, NewToken, put_secret};
use doorward_store::directory::DirectoryFilter;
use doorward_store::ids::{DirectoryId, TokenId};
use doorward_store::token::TokenRow;
use serde_json::{Value, json};

use super::directory::Named;
use crate::database::Administration;
use crate::output::{Output, pairs, table};
use crate::pages;

/// What can be done with tokens.
#[derive(Subcommand)]
pub enum Command {
    /// Make a token, or user name and password where the directory uses Basic; it is shown this once
    Create(Create),
    /// Show the tokens of a directory; the secrets cannot be shown
    List {
        #[command(flatten)]
        directory: Which,
    },
    /// End a token at once
    Revoke {
        /// Its id
        #[arg(value_name = "TOKEN")]
        id: TokenId,
    },
}

/// A directory, named either way.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The directory's id or label
    #[arg(value_name = "DIRECTORY")]
    positional: Option<String>,
    /// The same, as an option
    #[arg(long = "directory", value_name = "DIRECTORY")]
    option: Option<String>,
}

/// What a token is made from.
#[derive(Args)]
pub struct Create {
    #[command(flatten)]
    directory: Which,
    /// A name to know it by
    #[arg(long, default_value = "token")]
    name: String,
    #[command(flatten)]
    validity: Validity,
    /// It opens the directory for reading alone: a request that would change something gets 403
    #[arg(long)]
    read_only: bool,
    /// Take the token from this environment variable instead of making one (32 characters or more)
    #[arg(long, value_name = "VARIABLE", conflicts_with = "from_file")]
    from_env: Option<String>,
    /// Take the token from this file instead of making one (32 characters or more)
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
}

/// How long a credential is good for.
#[derive(Args)]
pub struct Validity {
    /// The days until it expires [default: 365]
    #[arg(long, value_name = "DAYS", conflicts_with = "no_expiry")]
    duration: Option<u32>,
    /// It does not expire
    #[arg(long)]
    no_expiry: bool,
}

impl Validity {
    /// The lifetime asked for; a year unless told otherwise.
    pub fn lifetime(&self) -> Result<Lifetime> {
        let lifetime = match (self.duration, self.no_expiry) {
            (_, true) => Lifetime::Unlimited,
            (Some(days), false) => Lifetime::Days(days),
            (None, false) => Lifetime::default(),
        };
        lifetime.end(0)?;
        Ok(lifetime)
    }
}

impl Which {
    async fn find(self, at: &Administration) -> Result<DirectoryId> {
        let directory = self.positional.or(self.option).unwrap_or_default();
        Ok(Named { directory }.find(at).await?.id)
    }
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    match command {
        Command::Create(new) => create(at, new, output).await,
        Command::List { directory } => list(at, directory.find(at).await?, output).await,
        Command::Revoke { id } => revoke(at, id, output).await,
    }
}

async fn create(at: &Administration, new: Create, output: Output) -> Result<()> {
    let lifetime = new.validity.lifetime()?;
    let supplied = match (&new.from_env, &new.from_file) {
        (Some(variable), _) => Some(secrets::from_env(variable)?),
        (None, Some(path)) => Some(secrets::from_file(path)?),
        (None, None) => None,
    };
    let directory_id = new.directory.find(at).await?;
    let new = NewToken { name: new.name, lifetime, supplied, read_only: new.read_only };
    let created = tokens::create(&at.store, &at.operator, directory_id, new).await?;
    let mut object = tokens::object(&created.row, directory_id);
    put_secret(&mut object, &created);
    output.answer(&object, || {
        let row = &created.row;
        let (id, expires) = (row.id.to_string(), expiry(row.expires_at));
        let mut lines = vec![("id", id.as_str()), ("name", &row.name), ("expires", &expires)];
        for secret in ["token", "username", "password"] {
            lines.extend(object.get(secret).and_then(Value::as_str).map(|text| (secret, text)));
        }
        let text = pairs(&lines);
        if created.secret.is_some() { format!("{text}\n\nThe secret is not shown again.") } else { text }
    })
}

async fn list(at: &Administration, directory_id: DirectoryId, output: Output) -> Result<()> {
    let rows = tokens::list(&at.store, &at.operator, directory_id).await?;
    let object = |row| tokens::object(row, directory_id);
    let objects = json!({ "object": "list", "data": rows.iter().map(object).collect::<Vec<_>>() });
    let now = at.store.clock().now();
    output.answer(&objects, || {
        let cells = |row: &TokenRow| {
            vec![
                row.id.to_string(),
                row.name.clone(),
                row.kind.clone(),
                format!("{}…{}", row.prefix, row.last_four),
                standing(row.revoked_at, row.expires_at, now).to_owned(),
                expiry(row.expires_at),
                row.last_used_at.map_or_else(|| "never".to_owned(), instant::text),
            ]
        };
        table(&["ID", "NAME", "KIND", "SECRET", "STATE", "EXPIRES", "LAST USED"], rows.iter().map(cells))
    })
}

async fn revoke(at: &Administration, id: TokenId, output: Output) -> Result<()> {
    let directory_id = owner(at, id).await?;
    let row = tokens::revoke(&at.store, &at.operator, directory_id, id).await?;
    output.answer(&tokens::object(&row, directory_id), || format!("revoked {} ({})", row.id, row.name))
}

/// The directory that a token belongs to.
async fn owner(at: &Administration, id: TokenId) -> Result<DirectoryId> {
    let page = |cursor| {
        doorward_server::service::directories::list(&at.store, &at.operator, cursor, DirectoryFilter::default())
    };
    for directory in pages::all(page, |row| row.id).await? {
        let tokens = tokens::list(&at.store, &at.operator, directory.id).await.context("reading tokens")?;
        if tokens.iter().any(|token| token.id == id) {
            return Ok(directory.id);
        }
    }
    bail!("there is no token {id}; `doorward token list DIRECTORY` shows them");
}

/// When a credential ends, for people.
pub fn expiry(expires_at: Option<i64>) -> String {
    expires_at.map_or_else(|| "never".to_owned(), instant::text)
}

/// Whether a credential is good, in one word. All instants in Unix microseconds.
pub fn standing(revoked_at: Option<i64>, expires_at: Option<i64>, now: i64) -> &'static str {
    if revoked_at.is_some() {
        "revoked"
    } else if expires_at.is_some_and(|end| end <= now) {
        "expired"
    } else {
        "live"
    }
}
