//! PostgreSQL: connections, prepared statements, errors.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage, SimpleQueryRow, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::error::{Conflict, Error, Result};
use crate::link::{Failed, Fault};
use crate::value::{Param, Row};

/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;

/// Statements that are not waited for are handed to the server in such portions.
const SENT_TOGETHER: usize = 16;

/// A node that stops in the middle of a batch must not hold the others up for ever (REL-31, REL-34). And every statement has an index
/// to follow, in whose order its rows come: the planner is left no other way, because what it takes for the best plan while a
/// table is small it keeps when the table has grown.
///
/// What an acknowledged write means does not depend on how the server or the account happens to be set: a commit is on disk, and each
/// statement sees what was committed before it. Lengths of text are characters, so the encoding must be UTF8.
const SESSION: &str = "DO $$ BEGIN IF current_setting('server_encoding') <> 'UTF8' THEN \
     RAISE EXCEPTION 'the database must have the encoding UTF8'; END IF; END $$; \
     SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'; \
     SET default_transaction_isolation = 'read committed'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
     SET enable_material = off; SET random_page_cost = 1.1; SET jit = off";

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
        Ok(Connection { runtime, client: Arc::new(client), statements: HashMap::new(), later: Vec::new() })
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

/// A connection with its prepared statements.
pub(crate) struct Connection {
    runtime: Runtime,
    client: Arc<Client>,
    statements: HashMap<String, Statement>,
    later: Vec<Later>,
}

/// A statement that was sent and whose answer has not been read.
struct Later {
    outcome: Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>,
    /// How many rows it must change, if that is known.
    rows: Option<u64>,
}

impl Connection {
    /// Whether the server has not hung up, as far as one can tell without asking it.
    pub(crate) fn is_open(&mut self) -> bool {
        // The one who would notice runs only while something is waited for.
        self.runtime.block_on(tokio::task::yield_now());
        !self.client.is_closed()
    }

    /// Asks the server for a sign of life.
    pub(crate) fn is_alive(&mut self) -> bool {
        let ask = async { tokio::time::timeout(Duration::from_secs(2), self.client.simple_query("")).await };
        matches!(self.runtime.block_on(ask), Ok(Ok(_)))
    }

    /// Runs statements without parameters, whose rows come first, and then queries, all in one round trip.
    pub(crate) fn begin(
        &mut self,
        sql: &str,
        queries: &[(String, Vec<&dyn Param>)],
    ) -> Result<(Vec<SimpleQueryRow>, Vec<Vec<tokio_postgres::Row>>), Failed> {
        let prepared: Result<Vec<Statement>, Failed> = queries.iter().map(|(sql, _)| self.prepare(sql)).collect();
        let prepared = prepared?;
        let params: Vec<_> = queries.iter().map(|(_, params)| upcast(params)).collect();
        let client = &self.client;
        let begun = client.simple_query(sql);
        let answers = try_join_all(prepared.iter().zip(&params).map(|(query, params)| client.query(query, params)));
        // Both are sent when they are first polled, in this order.
        let (messages, answers) = self.runtime.block_on(try_join(begun, answers)).map_err(|error| failed(&error))?;
        Ok((rows_of(messages), answers))
    }

    /// Runs a statement and returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, params: &[&dyn Param]) -> Result<u64, Failed> {
        let statement = self.prepare(sql)?;
        self.runtime.block_on(self.client.execute(&statement, &upcast(params))).map_err(|error| failed(&error))
    }

    /// Sends a statement that must change `rows` rows if that is given, and does not wait for it: statements are run in the order in which they were
    /// sent, and [`settle`](Self::settle) tells how it went. A round trip costs more than most statements do.
    pub(crate) fn execute_later(&mut self, sql: &str, params: &[&dyn Param], rows: Option<u64>) -> Result<(), Failed> {
        let statement = self.prepare(sql)?;
        let encoded = encode(&statement, params)?;
        let client = Arc::clone(&self.client);
        let mut outcome: Pin<Box<dyn Future<Output = _> + Send>> =
            Box::pin(async move { client.execute_raw(&statement, &encoded).await });
        // The first poll sends it; it cannot be ready before the connection has run.
        let sent = outcome.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(Err(error)) = sent {
            return Err(failed(&error));
        }
        self.later.push(Later { outcome, rows });
        // Now and then the server gets what there is, so that it works meanwhile.
        if self.later.len().is_multiple_of(SENT_TOGETHER) {
            self.runtime.block_on(tokio::task::yield_now());
        }
        Ok(())
    }

    /// Whether there are statements that were sent and not waited for.
    pub(crate) fn has_later(&self) -> bool {
        !self.later.is_empty()
    }

    /// Waits for the statements that were sent. The first failure counts.
    pub(crate) fn settle(&mut self) -> Result<(), Failed> {
        let later = std::mem::take(&mut self.later);
        let Self { runtime, .. } = self;
        runtime.block_on(async {
            for Later { outcome, rows } in later {
                let changed = outcome.await.map_err(|error| failed(&error))?;
                if let Some(rows) = rows.filter(|rows| *rows != changed) {
                    let error = Error::Database(format!("a statement changed {changed} rows instead of {rows}"));
                    return Err(Failed::of_statement(error));
                }
            }
            Ok(())
        })
    }

    /// Forgets the statements that were sent: their transaction is undone.
    pub(crate) fn abandon(&mut self) {
        self.later.clear();
    }

    /// Runs a statement and reads its rows.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Param],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>, Failed> {
        let statement = self.prepare(sql)?;
        let rows = self.runtime.block_on(self.client.query(&statement, &upcast(params)));
        let rows = rows.map_err(|error| failed(&error))?;
        rows.iter().map(|row| read(&Row::Postgres(row)).map_err(Failed::of_statement)).collect()
    }

    /// Runs several statements without parameters in one round trip; the rows of all of them, as text.
    pub(crate) fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>, Failed> {
        let messages = self.runtime.block_on(self.client.simple_query(sql)).map_err(|error| failed(&error))?;
        Ok(rows_of(messages))
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, Failed> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= PREPARED {
            self.statements.clear();
        }
        let statement = self.runtime.block_on(self.client.prepare(sql)).map_err(|error| failed(&error))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

fn rows_of(messages: Vec<SimpleQueryMessage>) -> Vec<SimpleQueryRow> {
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.collect()
}

/// Moves what is sent and received until the connection ends. Notices ("relation exists already") are nobody's business.
async fn converse<S, T>(mut connection: tokio_postgres::Connection<S, T>)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(_)) = poll_fn(|cx| connection.poll_message(cx)).await {}
}

/// A value in the form in which it is sent.
#[derive(Debug)]
struct Encoded(Option<BytesMut>);

impl ToSql for Encoded {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(bytes) = &self.0 else { return Ok(IsNull::Yes) };
        out.extend_from_slice(bytes);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn encode(statement: &Statement, params: &[&dyn Param]) -> Result<Vec<Encoded>, Failed> {
    let encoded = params.iter().zip(statement.params()).map(|(param, kind)| {
        let mut bytes = BytesMut::new();
        match param.to_sql_checked(kind, &mut bytes) {
            Ok(IsNull::Yes) => Ok(Encoded(None)),
            Ok(IsNull::No) => Ok(Encoded(Some(bytes))),
            Err(_) => Err(Failed::of_statement(Error::Database(format!("a value cannot be sent as {kind}")))),
        }
    });
    encoded.collect()
}

fn upcast<'a>(params: &[&'a dyn Param]) -> Vec<&'a (dyn tokio_postgres::types::ToSql + Sync)> {
    params.iter().map(|param| *param as &(dyn tokio_postgres::types::ToSql + Sync)).collect()
}

fn failed(error: &tokio_postgres::Error) -> Failed {
    let Some(code) = error.code() else {
        let fault = if error.is_closed()
            || std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        {
            Fault::Lost
        } else {
            Fault::Statement
        };
        let error = match fault {
            Fault::Lost => Error::Unavailable(reason(error)),
            _ => Error::Database(reason(error)),
        };
        return Failed { error, fault };
    };
    let (error, fault) = match code {
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => (Error::Busy, Fault::Retry),
        &SqlState::LOCK_NOT_AVAILABLE => (Error::Busy, Fault::Statement),
        &SqlState::FOREIGN_KEY_VIOLATION => (Error::Conflict(Conflict::Reference), Fault::Statement),
        &SqlState::UNIQUE_VIOLATION => (Error::Conflict(taken(error)), Fault::Statement),
        code if ["08", "57P"].iter().any(|class| code.code().starts_with(class)) => {
            (Error::Unavailable(reason(error)), Fault::Lost)
        }
        code if code.code().starts_with("53") => (Error::Unavailable(reason(error)), Fault::Statement),
        _ => (Error::Database(reason(error)), Fault::Statement),
    };
    Failed { error, fault }
}

fn taken(error: &tokio_postgres::Error) -> Conflict {
    match error.as_db_error().and_then(|error| error.constraint()) {
        Some("scim_user_name") => Conflict::UserName,
        Some("directory_label") => Conflict::Label,
        Some("organization_external_id") => Conflict::ExternalId,
        Some("organization_domain_verified") => Conflict::Domain,
        _ => Conflict::Other,
    }
}

/// The error in words. Of the server's report only the state and the names of what was violated, because its text may quote values.
fn reason(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(report) => format!(
            "SQLSTATE {}{}{}",
            report.code().code(),
            report.constraint().map(|name| format!(", constraint {name}")).unwrap_or_default(),
            if report.code().code().starts_with("22") { String::new() } else { format!(", {}", report.message()) },
        ),
        None => {
            let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
            format!("{error}{source}")
        }
    }
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
