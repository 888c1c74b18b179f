//! Opening the database that a command works on.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use doorward_server::config::{Config, FileConfig, Limits, Overrides, PublicUrl};
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};

use crate::cli::Global;
use crate::output::Output;

/// What an administrative command works with. Whoever can open the database is the operator.
pub struct Administration {
    /// The open database; a server may work on it at the same time.
    pub store: Store,
    /// The right to administer.
    pub operator: OperatorScope,
    /// The operator's limits that hold for commands too.
    pub limits: Limits,
    /// For the addresses that are shown.
    pub public_url: PublicUrl,
}

/// What a command does about a SQLite file that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// Makes it, and says so: it is one of the commands with which somebody begins.
    Made,
    /// Says that there is none: what the command is about can only be in another one.
    Refused,
}

impl Administration {
    /// Opens the database that the flags, the environment or the file name.
    pub async fn open(global: &Global, absent: Absent, output: Output) -> Result<Self> {
        let config = config(global, None)?;
        let url = config.database.expose();
        let is_absent = is_absent(url);
        if is_absent && absent == Absent::Refused {
            bail!(
                "there is no database {} yet; `doorward serve` makes it, and so does `doorward org create`; \
                 if it should exist, correct --database or DOORWARD_DATABASE_URL",
                shown(url)
            );
        }
        let store = open(url, Options { readers: 1, writers: 1, ..Options::default() }).await?;
        if is_absent {
            // On standard error, for whoever meant another file or another folder.
            output.note(&format!("made the database {}", shown(url)));
        }
        Ok(Administration {
            store,
            operator: OperatorScope::local(),
            limits: config.limits,
            public_url: config.public_url,
        })
    }
}

/// The settings, from flags, environment and file.
pub fn config(global: &Global, listen: Option<String>) -> Result<Config> {
    let file = match &global.config {
        Some(path) => FileConfig::read(path)?,
        None => FileConfig::default(),
    };
    let overrides = Overrides {
        listen,
        database: global.database.clone(),
        public_url: global.public_url.clone(),
        // From the environment alone: a command line can be read by everybody on the machine.
        secret_key: std::env::var("DOORWARD_SECRET_KEY").ok(),
        webhook_allow_networks: global.webhook_allow_networks.clone(),
    };
    Ok(Config::resolve(overrides, file)?)
}

/// Opens a database; that blocks while connections are made and migrations run.
pub async fn open(url: &str, options: Options) -> Result<Store> {
    let owned = url.to_owned();
    let opened =
        tokio::task::spawn_blocking(move || Store::open(&owned, options)).await.context("opening the database")?;
    opened.with_context(|| {
        format!(
            "cannot open the database {}; name another with --database or DOORWARD_DATABASE_URL, \
             or let `doorward doctor` look at it",
            shown(url)
        )
    })
}

/// Whether it is a SQLite file that is not there. What cannot even be looked at is not absent: opening it says why.
pub fn is_absent(url: &str) -> bool {
    let path = url.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
    path.is_some_and(|path| matches!(Path::new(path).try_exists(), Ok(false)))
}

/// A database URL without its password.
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let rest = match rest.rsplit_once('@') {
        Some((login, host)) => format!("{}@{host}", login.split(':').next().unwrap_or_default()),
        None => rest.to_owned(),
    };
    // A password may also stand among the parameters.
    let rest = rest.split('?').next().unwrap_or_default();
    format!("{scheme}://{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_23_a_shown_database_url_holds_no_password() {
        assert_eq!(shown("postgres://dw:s3cret@db:5432/doorward"), "postgres://dw@db:5432/doorward");
        assert_eq!(shown("postgres://dw:s3c@ret@db/doorward"), "postgres://dw@db/doorward");
        assert_eq!(shown("postgres://db/doorward?user=dw&password=s3cret"), "postgres://db/doorward");
        assert_eq!(shown("sqlite:doorward.db"), "sqlite:doorward.db");
    }
}
