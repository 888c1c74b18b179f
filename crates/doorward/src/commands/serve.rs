//! `doorward serve`: the service.

use std::io::ErrorKind;

use anyhow::{Context as _, Result, anyhow};
use clap::Args;
use doorward_server::config::{Config, PublicUrl};
use doorward_server::service::organizations;
use doorward_server::telemetry::{self, LogFormat};
use doorward_server::{App, serve};
use doorward_store::organization::OrganizationFilter;
use doorward_store::paging::{Cursor, Order};
use doorward_store::scope::OperatorScope;
use doorward_store::{Options, Store};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::Global;
use crate::database::{config, open, shown};
use crate::output::Output;

/// How the service runs.
#[derive(Args)]
pub struct Arguments {
    /// Where to accept connections [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT", env = "DOORWARD_LISTEN")]
    listen: Option<String>,
    /// What to log, such as info, or warn,doorward=debug
    #[arg(long, value_name = "FILTER", env = "DOORWARD_LOG", default_value = "info")]
    log: String,
    /// The shape of log lines: text or json
    #[arg(long, value_name = "FORMAT", env = "DOORWARD_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
}

pub async fn run(global: &Global, arguments: Arguments, output: Output) -> Result<()> {
    let _log = telemetry::start(&arguments.log, arguments.log_format).map_err(|reason| anyhow!(reason))?;
    let mut config = config(global, arguments.listen)?;
    let listener = listen(&mut config).await?;
    let store = open(config.database.expose(), Options::default()).await?;
    let shutdown = CancellationToken::new();
    tokio::spawn(cancel_when_asked(shutdown.clone()));
    greet(&config, &store, output).await?;
    let served = serve(App::new(store.clone(), config), listener, shutdown).await;
    store.close().await;
    tracing::info!("ended");
    served.context("accepting connections")
}

/// Takes the address. A port of 0 becomes the one that the system chose, also in the public URL made of it.
pub async fn listen(config: &mut Config) -> Result<TcpListener> {
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "another program listens there; choose another address with --listen",
            ErrorKind::PermissionDenied => "ports below 1024 need a privilege; choose a higher one with --listen",
            ErrorKind::AddrNotAvailable => "this machine does not have that address; choose one with --listen",
            _ => "choose another address with --listen",
        };
        anyhow!("cannot listen on {}: {error} ({advice})", config.listen)
    })?;
    let address = listener.local_addr().context("asking for the address listened on")?;
    if config.public_url == PublicUrl::local(config.listen) {
        config.public_url = PublicUrl::local(address);
    }
    config.listen = address;
    Ok(listener)
}

/// Cancelled by ctrl-c, and by SIGTERM as service managers send it.
pub async fn cancel_when_asked(shutdown: CancellationToken) {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupted.await;
            }
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
    tracing::info!("asked to end; requests in flight are finished first");
    shutdown.cancel();
}

/// Says where it runs, and on an empty database what to do next.
async fn greet(config: &Config, store: &Store, output: Output) -> Result<()> {
    let database = shown(config.database.expose());
    tracing::info!(listen = %config.listen, public_url = %config.public_url, database, "Doorward is ready");
    let first = Cursor::first(1, Order::Ascending);
    let some = organizations::list(store, &OperatorScope::local(), first, OrganizationFilter::default()).await?;
    if some.items.is_empty() {
        output.note(&first_steps(&database, config));
    }
    Ok(())
}

/// What somebody does who has just started Doorward for the first time.
fn first_steps(database: &str, config: &Config) -> String {
    let with = if database == doorward_server::config::DEFAULT_DATABASE {
        String::new()
    } else {
        "\n  export DOORWARD_DATABASE_URL=…     # the same database as this server".to_owned()
    };
    format!(
        "\nThe database is empty. In another terminal, in this folder:\n{with}\n  \
         export DOORWARD_PUBLIC_URL={}\n  \
         doorward org create \"Acme\"\n  \
         doorward directory create --org ORG_ID --name \"Acme Okta\"     # endpoint and token for the identity provider\n  \
         doorward api-key create --name \"my application\"              # the key for your application\n  \
         doorward events tail                                         # and watch\n\n\
         Or do it all in the browser, with an account for you:\n\n  \
         doorward operator create                                     # a one-time code, and where to use it\n\n\
         Or see it all at once with a simulated Okta: doorward demo\n",
        config.public_url
    )
}
