//! Where a PostgreSQL server is, and how a connection to it begins.

use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Connection, converse, reason};
use crate::error::{Error, Result};

/// A node that stops in the middle of a batch must not hold the others up for ever (REL-31, REL-34). And every statement has an index
/// to follow, in whose order its rows come: the planner is left no other way, because what it takes for the best plan while a
/// table is small it keeps when the table has grown. Plans are made for no directory in particular: for one that is
/// empty yet any index that begins with the directory looks as good as the right one.
///
/// What an acknowledged write means does not depend on how the server or the account happens to be set: a commit is on disk, and each
/// statement sees what was committed before it. Lengths of text are characters, so the encoding must be UTF8.
const SESSION: &str = "DO $$ BEGIN IF current_setting('server_encoding') <> 'UTF8' THEN \
     RAISE EXCEPTION 'the database must have the encoding UTF8'; END IF; END $$; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'; \
     SET default_transaction_isolation = 'read committed'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET enable_material = off; SET random_page_cost = 1.1; SET plan_cache_mode = force_generic_plan; SET jit = off";

/// Where systems keep the certificates that they trust, when `SSL_CERT_FILE` and `sslrootcert` name none.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// A parsed database URL.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

impl Target {
    /// Reads the URL. With `sslmode=require`, `verify-ca` or `verify-full` the connection is encrypted and the server's certificate
    /// is always checked; the first two only say so more loosely in libpq.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let (url, root_file) = take_parameter(url, "sslrootcert");
        let (url, mode) = take_parameter(&url, "sslmode");
        let mut config: Config =
            url.parse().map_err(|_| Error::Url("not a postgres:// URL that can be read".into()))?;
        let tls = match mode.as_deref() {
            None | Some("disable" | "allow" | "prefer") => {
                config.ssl_mode(SslMode::Disable);
                None
            }
            Some("require" | "verify-ca" | "verify-full") => {
                config.ssl_mode(SslMode::Require);
                Some(encrypted(root_file.as_deref())?)
            }
            Some(_) => return Err(Error::Url("sslmode must be disable, require, verify-ca or verify-full".into())),
        };
        config.application_name("doorward");
        config.connect_timeout(Duration::from_secs(5));
        config.keepalives_idle(Duration::from_secs(30));
        config.tcp_user_timeout(Duration::from_secs(30));
        Ok(Self { config, tls })
    }

    /// Opens a connection. It runs on a runtime of its own, which moves only while this thread waits for an answer.
    pub(crate) fn connect(&self) -> Result<Connection> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Unavailable(error.to_string()))?;
        let client = runtime.block_on(async {
            match &self.tls {
                Some(tls) => self.config.connect(tls.clone()).await.map(|(client, connection)| {
                    tokio::spawn(converse(connection));
                    client
                }),
                None => self.config.connect(NoTls).await.map(|(client, connection)| {
                    tokio::spawn(converse(connection));
                    client
                }),
            }
        });
        let client = client.map_err(|error| Error::Unavailable(reason(&error)))?;
        let session = runtime.block_on(client.batch_execute(SESSION));
        session.map_err(|error| Error::Unavailable(reason(&error)))?;
        Ok(Connection::new(runtime, client))
    }
}

/// Takes `name=value` out of the URL's query: parameters that the driver does not know, or knows too few values of.
fn take_parameter(url: &str, name: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut value = None;
    let rest: Vec<&str> = query
        .split('&')
        .filter(|pair| match pair.split_once('=') {
            Some((key, given)) if key == name => {
                value = Some(given.to_owned());
                false
            }
            _ => true,
        })
        .collect();
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    (url, value)
}

fn encrypted(root_file: Option<&str>) -> Result<MakeRustlsConnect> {
    let named = root_file.map(str::to_owned).or_else(|| std::env::var("SSL_CERT_FILE").ok());
    let files = named.map_or_else(|| SYSTEM_ROOTS.map(str::to_owned).to_vec(), |file| vec![file]);
    let mut roots = rustls::RootCertStore::empty();
    for file in &files {
        let Ok(certificates) = CertificateDer::pem_file_iter(file) else { continue };
        roots.add_parsable_certificates(certificates.flatten());
        if !roots.is_empty() {
            break;
        }
    }
    if roots.is_empty() {
        return Err(Error::Url("no trusted certificates found; name a file with sslrootcert=PATH".into()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Url(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_out_of_the_url() {
        let (url, value) = take_parameter("postgres://h/db?a=1&sslmode=verify-full&b=2", "sslmode");
        assert_eq!((url.as_str(), value.as_deref()), ("postgres://h/db?a=1&b=2", Some("verify-full")));
        let (url, value) = take_parameter("postgres://h/db?sslmode=require", "sslmode");
        assert_eq!((url.as_str(), value.as_deref()), ("postgres://h/db", Some("require")));
        assert_eq!(take_parameter("postgres://h/db", "sslmode").1, None);
    }

    #[test]
    fn sec_23_a_bad_url_is_not_quoted() {
        let error = Target::parse("postgres://user:hunter2@h:notaport/db").err().map(|error| error.to_string());
        assert!(error.is_some_and(|text| !text.contains("hunter2")));
        assert!(Target::parse("postgres://h/db?sslmode=sometimes").is_err());
    }
}
