//! `doorward known-users`: the accounts that your application has already, and whose they are.

use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use doorward_server::service::directories::{self, Wanted};
use doorward_server::service::known_users::import::{Import, Report};
use doorward_server::service::known_users::{accounts, conflicts};
use doorward_store::directory::KnownUsersPolicy;
use doorward_store::ids::IdentityConflictId;
use doorward_store::known_user::{KnownUserFilter, KnownUserId, LinkState};
use doorward_store::paging::{Cursor, Order};
use serde_json::{Value, json};

use super::directory_schema::Of;
use crate::database::Administration;
use crate::output::{Output, table};
use crate::pages;

/// Bytes that are read together.
const PART: usize = 64 << 10;

/// What can be done with known users.
#[derive(Subcommand)]
pub enum Command {
    /// Load accounts: NDJSON, on each line id and username, email, external_id, name as far as they are known
    Import {
        #[command(flatten)]
        of: Of,
        /// The file; - reads standard input
        #[arg(long, value_name = "FILE")]
        file: String,
    },
    /// Say what becomes of people whose account is known
    Policy {
        #[command(flatten)]
        of: Of,
        /// What becomes of them
        #[arg(value_enum)]
        policy: Policy,
    },
    /// Show the accounts
    List(List),
    /// Show the people whose account somebody has to decide about
    Conflicts(Of),
    /// Say that an account is the person's
    Accept {
        #[command(flatten)]
        of: Of,
        /// Its id
        #[arg(value_name = "CONFLICT")]
        id: IdentityConflictId,
        /// Your own id of the account [default: the only one that fits]
        #[arg(long, value_name = "ID")]
        account: Option<KnownUserId>,
    },
    /// Say that none of the accounts is the person's
    Refuse {
        #[command(flatten)]
        of: Of,
        /// Its id
        #[arg(value_name = "CONFLICT")]
        id: IdentityConflictId,
    },
}

/// What becomes of people whose account is known.
#[derive(Clone, Copy, ValueEnum)]
pub enum Policy {
    /// Nothing
    Off,
    /// The identity provider is refused
    Refuse,
    /// They are linked when the username is the same
    LinkUsername,
    /// They are linked when an address is the same whose domain the organization has verified
    LinkEmail,
    /// Somebody is asked
    Ask,
}

impl From<Policy> for KnownUsersPolicy {
    fn from(policy: Policy) -> Self {
        match policy {
            Policy::Off => Self::Off,
            Policy::Refuse => Self::Refuse,
            Policy::LinkUsername => Self::LinkUsername,
            Policy::LinkEmail => Self::LinkEmail,
            Policy::Ask => Self::Ask,
        }
    }
}

/// Which accounts.
#[derive(Args)]
pub struct List {
    #[command(flatten)]
    of: Of,
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// Only those whose id, username, address or name holds this text
    #[arg(long)]
    search: Option<String>,
    /// At most so many
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

/// Whether an account is somebody's.
#[derive(Clone, Copy, ValueEnum)]
pub enum State {
    /// Somebody's
    Linked,
    /// Nobody's
    Unlinked,
    /// Somebody has to decide
    Conflict,
}

pub async fn run(at: &Administration, command: Command, output: Output) -> Result<()> {
    let (store, by) = (&at.store, &at.operator);
    match command {
        Command::Import { of, file } => import(at, of, &file, output).await,
        Command::Policy { of, policy } => {
            let directory = of.named().find(at).await?;
            let wanted = Wanted { known_users: Some(policy.into()), ..Wanted::default() };
            let row = directories::update(store, by, directory.id, wanted).await?;
            let word = json!(row.settings.known_users);
            let set = json!({ "object": "known_users_policy", "directory_id": row.id, "policy": word });
            output.answer(&set, || format!("people whose account is known: {}", text(&word)))
        }
        Command::List(wanted) => list(at, wanted, output).await,
        Command::Conflicts(of) => list_conflicts(at, of, output).await,
        Command::Accept { of, id, account } => {
            let directory = of.named().find(at).await?;
            let person = conflicts::accept(store, by, directory.id, id, account).await;
            let person = person.with_context(|| id.to_string())?;
            output.answer(&person, || {
                format!("{} has the account {}", text(&person["username"]), text(&person["known_user_id"]))
            })
        }
        Command::Refuse { of, id } => {
            let directory = of.named().find(at).await?;
            let person = conflicts::refuse(store, by, directory.id, id).await.with_context(|| id.to_string())?;
            output.answer(&person, || format!("{} has none of these accounts", text(&person["username"])))
        }
    }
}

async fn import(at: &Administration, of: Of, file: &str, output: Output) -> Result<()> {
    let directory = of.named().find(at).await?;
    let mut source: Box<dyn Read> = match file {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(Path::new(path)).with_context(|| format!("cannot open {path}"))?),
    };
    let mut import = Import::begin(&at.store, &at.operator, directory.id).await?;
    let mut part = vec![0; PART];
    loop {
        let read = source.read(&mut part).with_context(|| format!("cannot read {file}"))?;
        let Some(bytes) = part.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        import.push(bytes).await?;
    }
    let report = import.finish().await?;
    if report.is_useless() {
        let first = report.errors.first().map(|error| format!("line {} {}", error.line, error.message));
        anyhow::bail!("no line could be used: {}", first.unwrap_or_default());
    }
    output.answer(&report.object(directory.id), || told(&report))
}

fn told(report: &Report) -> String {
    let mut lines = vec![format!(
        "{} lines: {} new, {} changed, {} as before, {} not usable; {} people linked, {} to decide about",
        report.received,
        report.created,
        report.updated,
        report.unchanged,
        report.failed,
        report.linked,
        report.conflicts
    )];
    lines.extend(report.errors.iter().map(|error| format!("line {}: {}", error.line, error.message)));
    lines.join("\n")
}

async fn list(at: &Administration, wanted: List, output: Output) -> Result<()> {
    let directory = wanted.of.named().find(at).await?;
    let state = wanted.state.map(|state| match state {
        State::Linked => LinkState::Linked,
        State::Unlinked => LinkState::Unlinked,
        State::Conflict => LinkState::Conflict,
    });
    let filter = KnownUserFilter { state, search: wanted.search };
    let cursor = Cursor::first(wanted.limit, Order::Ascending);
    let slice = accounts::list(&at.store, &at.operator, directory.id, cursor, filter).await?;
    let objects: Vec<Value> = slice.items.into_iter().map(|shown| shown.object).collect();
    output.answer(&json!({ "object": "list", "data": objects }), || {
        if objects.is_empty() {
            return "No such account. Load accounts with: doorward known-users import".to_owned();
        }
        let cells = objects.iter().map(|known| {
            ["id", "username", "email", "name", "directory_user_id"].map(|name| text(&known[name])).to_vec()
        });
        let rows = table(&["ID", "USERNAME", "EMAIL", "NAME", "PERSON"], cells);
        if slice.more_after { format!("{rows}\n\nThere are more: use --limit or --search.") } else { rows }
    })
}

async fn list_conflicts(at: &Administration, of: Of, output: Output) -> Result<()> {
    let directory = of.named().find(at).await?;
    let page = |cursor| conflicts::list(&at.store, &at.operator, directory.id, cursor);
    let all = pages::all(page, |shown| shown.id).await?;
    let objects: Vec<Value> = all.into_iter().map(|shown| shown.object).collect();
    output.answer(&json!({ "object": "list", "data": objects }), || {
        if objects.is_empty() {
            return "Nobody has to decide anything.".to_owned();
        }
        let cells = objects.iter().map(|conflict| {
            let candidates = conflict["candidates"].as_array().map(Vec::as_slice).unwrap_or_default();
            let candidates: Vec<String> = candidates.iter().map(|known| text(&known["id"])).collect();
            vec![text(&conflict["id"]), text(&conflict["username"]), candidates.join(", "), text(&conflict["message"])]
        });
        table(&["ID", "PERSON", "ACCOUNTS", "WHY"], cells)
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}
