//! One connection to either database.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::value::{Param, Row};
use crate::{postgres, sqlite};

/// What a failed statement means for the transaction it ran in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The job must be undone.
    Statement,
    /// The whole transaction was undone and may succeed when it is run again.
    Retry,
    /// The connection is gone.
    Lost,
}

/// A failed statement.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) error: Error,
    pub(crate) fault: Fault,
}

impl Failed {
    pub(crate) fn of_statement(error: Error) -> Self {
        Self { error, fault: Fault::Statement }
    }
}

/// Where a database is.
#[derive(Clone)]
pub(crate) enum Target {
    Sqlite(PathBuf),
    Postgres(Box<postgres::Target>),
}

impl Target {
    /// Reads `sqlite:PATH` or `postgres://…`.
    pub(crate) fn parse(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(':') {
                return Err(Error::Url("sqlite: must be followed by the path of a file".into()));
            }
            return Ok(Self::Sqlite(path.into()));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(Box::new(postgres::Target::parse(url)?)));
        }
        Err(Error::Url("it must begin with sqlite: or postgres://".into()))
    }

    /// Opens a connection that may write.
    pub(crate) fn connect_writer(&self) -> Result<Link> {
        match self {
            Self::Sqlite(path) => sqlite::open_writer(path).map(Link::Sqlite),
            Self::Postgres(target) => target.connect().map(|connection| Link::Postgres(Box::new(connection))),
        }
    }

    /// Opens a connection that only reads.
    pub(crate) fn connect_reader(&self) -> Result<Link> {
        match self {
            Self::Sqlite(path) => sqlite::open_reader(path).map(Link::Sqlite),
            Self::Postgres(_) => self.connect_writer(),
        }
    }
}

/// A connection.
pub(crate) enum Link {
    Sqlite(rusqlite::Connection),
    Postgres(Box<postgres::Connection>),
}

impl Link {
    /// Runs a statement and returns how many rows it changed.
    pub(crate) fn execute(&mut self, sql: &str, params: &[&dyn Param]) -> Result<u64, Failed> {
        match self {
            Self::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Self::Postgres(connection) => connection.execute(sql, params),
        }
    }

    /// Runs a statement and reads its rows.
    pub(crate) fn query<T>(
        &mut self,
        sql: &str,
        params: &[&dyn Param],
        read: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>, Failed> {
        match self {
            Self::Sqlite(connection) => sqlite::query(connection, sql, params, read),
            Self::Postgres(connection) => connection.query(sql, params, read),
        }
    }

    /// Runs a statement, which must change `rows` rows if that is given, on PostgreSQL without waiting for it.
    pub(crate) fn execute_soon(&mut self, sql: &str, params: &[&dyn Param], rows: Option<u64>) -> Result<(), Failed> {
        let connection = match self {
            Self::Postgres(connection) => return connection.execute_later(sql, params, rows),
            Self::Sqlite(connection) => connection,
        };
        let changed = sqlite::execute(connection, sql, params)?;
        match rows.filter(|rows| *rows != changed) {
            Some(rows) => {
                let error = Error::Database(format!("a statement changed {changed} rows instead of {rows}"));
                Err(Failed::of_statement(error))
            }
            None => Ok(()),
        }
    }

    /// Whether there are statements that were sent and not waited for.
    pub(crate) fn has_later(&self) -> bool {
        matches!(self, Self::Postgres(connection) if connection.has_later())
    }

    /// Waits for the statements that were sent.
    pub(crate) fn settle(&mut self) -> Result<(), Failed> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => connection.settle(),
        }
    }

    /// Forgets the statements that were sent: their transaction is undone.
    pub(crate) fn abandon(&mut self) {
        if let Self::Postgres(connection) = self {
            connection.abandon();
        }
    }

    /// Whether the numbers of rows that such statements changed must still be compared with what was expected.
    pub(crate) fn expects_rows(&self) -> bool {
        matches!(self, Self::Postgres(connection) if connection.expects_rows())
    }

    /// Commits, after having read the number that `last` asks for.
    pub(crate) fn commit(&mut self, last: Option<&str>) -> Result<Option<i64>, Failed> {
        match self {
            Self::Sqlite(connection) => {
                let read = |sql| sqlite::query(connection, sql, &[], |row| row.get(0));
                let last = last.map(read).transpose()?;
                sqlite::execute(connection, "COMMIT", &[])?;
                Ok(last.and_then(|numbers| numbers.into_iter().next()))
            }
            Self::Postgres(connection) => {
                let row = connection.commit(last)?;
                row.map(|row| Row::Postgres(&row).get(0)).transpose().map_err(Failed::of_statement)
            }
        }
    }

    /// Runs statements that begin, mark and end transactions.
    pub(crate) fn control(&mut self, sql: &str) -> Result<(), Failed> {
        match self {
            Self::Sqlite(connection) => sqlite::execute(connection, sql, &[]).map(drop),
            Self::Postgres(connection) => connection.simple(sql).map(drop),
        }
    }
}
