//! PostgreSQL: connections, prepared statements, errors.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::{try_join, try_join_all};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow, Statement};

use crate::error::{Conflict, Error, Result};
use crate::link::{Failed, Fault};
use crate::value::{Param, Row};

mod target;

pub(crate) use target::Target;

/// Statements that a connection keeps prepared.
const PREPARED: usize = 256;

/// Statements that are not waited for are handed to the server in such portions.
const SENT_TOGETHER: usize = 16;

/// Parameters of statements that are not waited for may take up so many bytes: a change of a very large group has them by the gigabyte.
const MOST_UNREAD: usize = 1 << 20;

/// A connection with its prepared statements.
pub(crate) struct Connection {
    runtime: Runtime,
    client: Arc<Client>,
    statements: HashMap<String, Statement>,
    later: Vec<Later>,
    /// What the parameters of `later` take up.
    unread_bytes: usize,
    /// The first of the statements that were not waited for to fail.
    failure: Option<Failed>,
}

/// How many rows a statement has changed, once that is known.
type Outcome = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send>>;

/// A statement that was sent and whose answer has not been read.
struct Later {
    outcome: Outcome,
    /// How many rows it must change; `None`: any number.
    rows: Option<u64>,
}

/// Reads all answers. The first failure counts.
async fn judge(later: Vec<Later>) -> Result<(), Failed> {
    let mut judged = Ok(());
    for Later { outcome, rows } in later {
        let outcome = match outcome.await {
            Err(error) => Err(failed(&error)),
            Ok(changed) => match rows.filter(|rows| *rows != changed) {
                Some(rows) => {
                    let error = Error::Database(format!("a statement changed {changed} rows instead of {rows}"));
                    Err(Failed::of_statement(error))
                }
                None => Ok(()),
            },
        };
        judged = judged.and(outcome);
    }
    judged
}

impl Connection {
    fn new(runtime: Runtime, client: Client) -> Self {
        let (statements, later) = (HashMap::new(), Vec::new());
        Self { runtime, client: Arc::new(client), statements, later, unread_bytes: 0, failure: None }
    }

    /// Whether the server has not hung up, as far as was seen while an answer was waited for.
    pub(crate) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Asks the server for a sign of life.
    pub(crate) fn is_alive(&mut self) -> bool {
        let client = Arc::clone(&self.client);
        let ask = async move { tokio::time::timeout(Duration::from_secs(2), client.simple_query("")).await };
        matches!(self.wait(ask), Ok(Ok(_)))
    }

    /// Begins a transaction and runs queries in it, all in one round trip; the rows of each.
    pub(crate) fn begin(
        &mut self,
        queries: &[(String, Vec<&dyn Param>)],
    ) -> Result<Vec<Vec<tokio_postgres::Row>>, Failed> {
        let prepared: Result<Vec<Statement>, Failed> = queries.iter().map(|(sql, _)| self.prepare(sql)).collect();
        let prepared = prepared?;
        let params: Vec<_> = queries.iter().map(|(_, params)| upcast(params)).collect();
        let client = Arc::clone(&self.client);
        let begun = client.batch_execute("BEGIN");
        let answers = try_join_all(prepared.iter().zip(&params).map(|(query, params)| client.query(query, params)));
        // Both are sent when they are first polled, in this order.
        let ((), answers) = self.wait(try_join(begun, answers)).map_err(|error| failed(&error))?;
        Ok(answers)
    }

    /// Runs a query without parameters and ends the transaction, in one round trip with all that was sent before. PostgreSQL undoes a
    /// transaction in which a statement has failed, whatever ends it.
    pub(crate) fn commit(&mut self, last: Option<&str>) -> Result<Option<tokio_postgres::Row>, Failed> {
        let last = last.map(|sql| self.prepare(sql)).transpose()?;
        let client = Arc::clone(&self.client);
        let read = async {
            match &last {
                Some(last) => client.query_opt(last, &[]).await,
                None => Ok(None),
            }
        };
        let ended = self.wait(try_join(read, client.batch_execute("COMMIT")));
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => ended.map(|(row, ())| row).map_err(|error| failed(&error)),
        }
    }

    /// Runs a statement and returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, params: &[&dyn Param]) -> Result<u64, Failed> {
        #[cfg(test)]
        self.explain(sql, params)?;
        let statement = self.prepare(sql)?;
        let client = Arc::clone(&self.client);
        self.wait(client.execute(&statement, &upcast(params))).map_err(|error| failed(&error))
    }

    /// Sends a statement that must change `rows` rows if that is given, and does not wait for it: statements are run in the order in
    /// which they were sent, and [`settle`](Self::settle) tells how it went. A round trip costs more than most statements do.
    pub(crate) fn execute_later(&mut self, sql: &str, params: &[&dyn Param], rows: Option<u64>) -> Result<(), Failed> {
        let statement = self.prepare(sql)?;
        let encoded = encode(&statement, params)?;
        self.unread_bytes += encoded.iter().map(Encoded::len).sum::<usize>();
        let client = Arc::clone(&self.client);
        self.send(rows, async move { client.execute_raw(&statement, &encoded).await })?;
        if self.unread_bytes > MOST_UNREAD {
            self.wait(std::future::ready(()));
        } else if self.later.len().is_multiple_of(SENT_TOGETHER) {
            // Now and then the server gets what there is, so that it works meanwhile.
            self.push();
        }
        Ok(())
    }

    /// Sends statements without parameters and does not wait for them.
    pub(crate) fn simple_later(&mut self, sql: impl Into<String>) -> Result<(), Failed> {
        let (client, sql) = (Arc::clone(&self.client), sql.into());
        self.send(None, async move { client.batch_execute(&sql).await.map(|()| 0) })
    }

    fn send(
        &mut self,
        rows: Option<u64>,
        statement: impl Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'static,
    ) -> Result<(), Failed> {
        let mut outcome: Outcome = Box::pin(statement);
        // The first poll sends it; it cannot have succeeded before the connection has run.
        let sent = outcome.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let Poll::Ready(Err(error)) = sent {
            return Err(failed(&error));
        }
        self.later.push(Later { outcome, rows });
        Ok(())
    }

    /// Hands the server what was sent, without waiting for anything.
    pub(crate) fn push(&mut self) {
        self.runtime.block_on(tokio::task::yield_now());
    }

    /// Whether there are statements that were sent and not waited for, or one of them has failed.
    pub(crate) fn has_later(&self) -> bool {
        !self.later.is_empty() || self.failure.is_some()
    }

    /// Whether one of them must have changed a certain number of rows, or has failed.
    pub(crate) fn expects_rows(&self) -> bool {
        self.failure.is_some() || self.later.iter().any(|later| later.rows.is_some())
    }

    /// Waits for the statements that were sent. The first failure counts.
    pub(crate) fn settle(&mut self) -> Result<(), Failed> {
        self.wait(std::future::ready(()));
        self.failure.take().map_or(Ok(()), Err)
    }

    /// Forgets the statements that were sent: their transaction is undone.
    pub(crate) fn abandon(&mut self) {
        self.later.clear();
        self.unread_bytes = 0;
        self.failure = None;
    }

    /// Waits for an answer. Those of the statements that were sent before come first and are read: the driver stops at an answer that
    /// nobody takes.
    fn wait<T>(&mut self, request: impl Future<Output = T>) -> T {
        let later = std::mem::take(&mut self.later);
        self.unread_bytes = 0;
        let (judged, answer) = self.runtime.block_on(async {
            let mut request = pin!(request);
            // The first poll sends it.
            let sent = poll_fn(|cx| Poll::Ready(request.as_mut().poll(cx))).await;
            let judged = judge(later).await;
            let answer = match sent {
                Poll::Ready(answer) => answer,
                Poll::Pending => request.await,
            };
            (judged, answer)
        });
        if self.failure.is_none() {
            self.failure = judged.err();
        }
        answer
    }

    /// Runs a statement and reads its rows.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Param],
        mut read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>, Failed> {
        #[cfg(test)]
        self.explain(sql, params)?;
        let statement = self.prepare(sql)?;
        let client = Arc::clone(&self.client);
        let rows = self.wait(client.query(&statement, &upcast(params))).map_err(|error| failed(&error))?;
        rows.iter().map(|row| read(&Row::Postgres(row)).map_err(Failed::of_statement)).collect()
    }

    /// Runs several statements without parameters in one round trip; the rows of all of them, as text.
    pub(crate) fn simple(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>, Failed> {
        let client = Arc::clone(&self.client);
        let messages = self.wait(client.simple_query(sql)).map_err(|error| failed(&error))?;
        Ok(rows_of(messages))
    }

    /// Runs a statement for its plan, and undoes it.
    #[cfg(test)]
    fn explain(&mut self, sql: &str, params: &[&dyn Param]) -> Result<(), Failed> {
        if !EXPLAINS.get() {
            return Ok(());
        }
        self.simple("SAVEPOINT plan")?;
        let explained = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {sql}");
        let client = Arc::clone(&self.client);
        let rows = self.wait(client.query(&explained, &upcast(params))).map_err(|error| failed(&error))?;
        crate::plans::note_lines(sql, rows.iter().map(|row| row.get(0)).collect());
        self.simple("ROLLBACK TO SAVEPOINT plan; RELEASE SAVEPOINT plan").map(drop)
    }

    fn prepare(&mut self, sql: &str) -> Result<Statement, Failed> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        if self.statements.len() >= PREPARED {
            self.statements.clear();
        }
        let client = Arc::clone(&self.client);
        let statement = self.wait(client.prepare(sql)).map_err(|error| failed(&error))?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }
}

#[cfg(test)]
thread_local! {
    static EXPLAINS: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Has this thread's statements explained, for [`crate::plans`].
#[cfg(test)]
pub(crate) fn explain_from_now_on() {
    EXPLAINS.set(true);
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

impl Encoded {
    fn len(&self) -> usize {
        self.0.as_ref().map_or(0, BytesMut::len)
    }
}

fn encode(statement: &Statement, params: &[&dyn Param]) -> Result<Vec<Encoded>, Failed> {
    if statement.params().len() != params.len() {
        return Err(Failed::of_statement(Error::Database("a statement has another number of parameters".into())));
    }
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
