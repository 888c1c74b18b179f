//! `doorward demo`: everything at once, with a simulated Okta, in a database of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use doorward_idp::{Application, Dialect, Plan, Report};
use doorward_scim::version::Version;
use doorward_server::config::Config;
use doorward_server::service::directories::{self, NewDirectory};
use doorward_server::service::events::{self, EventFilter, EventObject, Place};
use doorward_server::service::tokens::{self, Lifetime, NewToken};
use doorward_server::service::{api_keys, directory_type, organizations};
use doorward_server::telemetry::{self, LogFormat};
use doorward_server::{App, serve};
use doorward_store::directory::{AuthMode, DirectoryRow, Settings};
use doorward_store::paging::Order;
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Secret, Store};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::serve::{cancel_when_asked, listen};
use super::{events as events_command, simulate};
use crate::cli::Global;
use crate::database::open;
use crate::output::{Output, pairs, table};

/// How many events are shown of the many there will be.
const SHOWN_EVENTS: i64 = 8;

/// How large the demonstration is.
#[derive(Args)]
pub struct Arguments {
    /// People that Okta provisions
    #[arg(long, default_value_t = 1000)]
    users: usize,
    /// Groups that Okta pushes
    #[arg(long, default_value_t = 20)]
    groups: usize,
    /// Changes in the day that follows
    #[arg(long, default_value_t = 200)]
    changes: usize,
    /// Where all variation comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to listen [default: 127.0.0.1:8080, or a free port where that is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// End when the simulation has ended, instead of staying up
    #[arg(long)]
    exit: bool,
}

/// What has been made for the demonstration.
struct Stage {
    url: String,
    directory: DirectoryRow,
    endpoint: String,
    token: Secret,
    key: Secret,
}

pub async fn run(global: &Global, arguments: Arguments, output: Output) -> Result<ExitCode> {
    let _log = telemetry::start("warn", LogFormat::Text).map_err(anyhow::Error::msg)?;
    let place = Whereabouts::of(global)?;
    let (config, listener) = address(arguments.listen.clone(), &place.url).await?;
    let store = open(&place.url, Options::default()).await?;
    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_when_asked(shutdown.clone()));
    let app = App::new(store.clone(), config.clone());
    let service = tokio::spawn(serve(app, listener, shutdown.clone()));
    let played = tokio::select! {
        played = play(&store, &config, &arguments, output) => Some(played),
        () = shutdown.cancelled() => None,
    };
    let clean = match played {
        Some(Ok((stage, report))) => {
            show(&store, &stage, &report, &place, output).await?;
            if !arguments.exit {
                output.note("\nDoorward stays up for you to look around; end it with ctrl-c.");
                shutdown.cancelled().await;
            }
            report.is_clean()
        }
        Some(Err(error)) => return Err(error),
        None => true,
    };
    shutdown.cancel();
    service.await.context("the service stopped")?.context("accepting connections")?;
    store.close().await;
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The database of the demonstration: one of its own, unless the command line names another. The environment is not
/// asked, because it may name the real one.
struct Whereabouts {
    url: String,
    folder: Option<PathBuf>,
}

impl Whereabouts {
    fn of(global: &Global) -> Result<Self> {
        if let (Some(url), true) = (&global.database, global.database_is_flag) {
            return Ok(Whereabouts { url: url.clone(), folder: None });
        }
        let folder = std::env::temp_dir().join(format!("doorward-demo-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let url = format!("sqlite:{}", folder.join("doorward.db").display());
        Ok(Whereabouts { url, folder: Some(folder) })
    }
}

impl Drop for Whereabouts {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            // What cannot be removed lies in the folder for temporary things, where the system removes it.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

async fn address(listen_on: Option<String>, database: &str) -> Result<(Config, TcpListener)> {
    let chosen = listen_on.is_some();
    let wanted = listen_on.unwrap_or_else(|| doorward_server::config::DEFAULT_LISTEN.to_owned());
    let wanted = wanted.parse().with_context(|| format!("`{wanted}` is not ADDRESS:PORT"))?;
    let mut config = Config::local(wanted, database);
    match listen(&mut config).await {
        Ok(listener) => Ok((config, listener)),
        Err(error) if chosen => Err(error),
        Err(_) => {
            let mut config = Config::local(([127, 0, 0, 1], 0).into(), database);
            let listener = listen(&mut config).await?;
            Ok((config, listener))
        }
    }
}

async fn play(store: &Store, config: &Config, arguments: &Arguments, output: Output) -> Result<(Stage, Report)> {
    let stage = set(store, config).await?;
    output.note(&format!(
        "Doorward listens on {}. A simulated Okta provisions {} people and {} groups, then a day of {} changes.\n",
        stage.url, arguments.users, arguments.groups, arguments.changes
    ));
    let dialect = Dialect::OktaCatalog;
    let mut plan = Plan::new(dialect, stage.endpoint.as_str(), dialect.credential(stage.token.expose()));
    plan.users = arguments.users;
    plan.groups = arguments.groups;
    plan.changes = arguments.changes;
    plan.seed = arguments.seed;
    plan.application = Some(Application {
        url: stage.url.clone(),
        api_key: stage.key.expose().to_owned(),
        directory: stage.directory.id.to_string(),
    });
    let report = simulate::play(plan).await?;
    Ok((stage, report))
}

/// Makes an organization, its directory and the two credentials, as an operator would.
async fn set(store: &Store, config: &Config) -> Result<Stage> {
    let operator = OperatorScope::local();
    let organization = organizations::create(store, &operator, "Acme", None).await?;
    let new = NewDirectory {
        organization_id: organization.id,
        name: "Acme Okta".to_owned(),
        directory_type: directory_type::parse("okta scim v2.0")?,
        label: None,
        auth: AuthMode::Bearer,
        settings: Settings::default(),
    };
    let directory = directories::create(store, &operator, new).await?;
    let token = NewToken { name: "demo".to_owned(), lifetime: Lifetime::Days(1), supplied: None, read_only: false };
    let token = tokens::create(store, &operator, directory.id, token).await?;
    let (_, key) = api_keys::create(store, &operator, "demo", Lifetime::Days(1)).await?;
    let url = config.public_url.as_str().to_owned();
    Ok(Stage {
        endpoint: directories::endpoint(&url, &directory.label, Version::V2),
        url,
        directory,
        token: token.secret.context("the new token was not shown")?,
        key,
    })
}

async fn show(store: &Store, stage: &Stage, report: &Report, place: &Whereabouts, output: Output) -> Result<()> {
    if output.is_json() {
        return output.json(&json!({
            "url": stage.url,
            "database": place.url,
            "organization_id": stage.directory.organization_id,
            "directory_id": stage.directory.id,
            "endpoint": stage.endpoint,
            "token": stage.token.expose(),
            "api_key": stage.key.expose(),
            "report": simulate::with_verdict(report)?,
        }));
    }
    output.line(&report.to_string())?;
    let first = Place { after: None, before: None, limit: SHOWN_EVENTS, order: Order::Ascending };
    let filter = EventFilter { directory_id: Some(stage.directory.id), ..EventFilter::default() };
    let operator = OperatorScope::local();
    let slice = events::list(store, &operator, first, filter).await?;
    let shown = slice.items.into_iter().map(EventObject::new).collect::<Result<Vec<_>, _>>()?;
    let all = events::head(store, &operator).await?;
    output.line(&format!("The first of {all} events:\n"))?;
    output.line(&table(&["SEQUENCE", "TIME", "EVENT", "ABOUT"], shown.iter().map(events_command::cells)))?;
    output.line(&format!("\n{}\n", simulate::verdict(report)))?;
    output.line(&look_around(stage, place))
}

/// What to type next.
fn look_around(stage: &Stage, place: &Whereabouts) -> String {
    let (url, id) = (&stage.url, stage.directory.id);
    let credentials =
        pairs(&[("endpoint", &stage.endpoint), ("token", stage.token.expose()), ("API key", stage.key.expose())]);
    let (token, key) = (stage.token.expose(), stage.key.expose());
    format!(
        "{credentials}\n\n\
         As your application:\n  \
         curl -H 'Authorization: Bearer {key}' '{url}/directory_users?directory={id}&limit=2'\n  \
         curl -H 'Authorization: Bearer {key}' '{url}/events?limit=5&order=desc'\n\
         As the identity provider:\n  \
         curl -H 'Authorization: Bearer {token}' '{}/Users?count=2'\n\
         On the command line:\n  \
         doorward events tail --database {}",
        stage.endpoint, place.url
    )
}
