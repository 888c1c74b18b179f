//! SQLite: connections, binding by number, errors.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, ffi};

use crate::error::{Conflict, Error, Result};
use crate::link::{Failed, Fault};
use crate::value::{Param, Row};

/// How long a statement waits for another process that holds the database.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the file for writing, and makes it when there is none: readable by its owner alone, because it holds people's data.
pub(crate) fn open_writer(path: &Path) -> Result<Connection> {
    create_private(path)?;
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| failure(&error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| failure(&error))?;
    write_ahead(&connection)?;
    // FULL: what was acknowledged survives a power cut (REL-3).
    connection
        .execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -8192; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 4000;",
        )
        .map_err(|error| failure(&error))?;
    prepared_once(&connection)?;
    Ok(connection)
}

/// Switches the file to its write-ahead log. A new file that several processes open at once answers "locked" to all but one of them
/// without asking the busy handler, because waiting for each other while they hold read locks would be a deadlock.
fn write_ahead(connection: &Connection) -> Result<()> {
    let patience = Instant::now() + BUSY_TIMEOUT;
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL").map_err(|error| failure(&error)) {
            Err(Error::Busy) if Instant::now() < patience => std::thread::sleep(Duration::from_millis(5)),
            outcome => return outcome,
        }
    }
}

/// Keeps prepared statements, and keeps the planner from looking at the values that are bound: it would prepare every statement with a
/// join again each time it is run, which costs ten times the lookup itself.
pub(crate) fn prepared_once(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(256);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop).map_err(|error| failure(&error))
}

/// Opens the file for reading.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| failure(&error))?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(|error| failure(&error))?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA cache_size = -4096;").map_err(|error| failure(&error))?;
    prepared_once(&connection)?;
    Ok(connection)
}

fn create_private(path: &Path) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| Error::Unavailable(format!("{}: {error}", path.display())))?;
    Ok(())
}

/// Runs a statement and returns how many rows it changed.
pub(crate) fn execute(connection: &Connection, sql: &str, params: &[&dyn Param]) -> Result<u64, Failed> {
    #[cfg(test)]
    crate::plans::note(connection, sql);
    let mut statement = connection.prepare_cached(sql).map_err(|error| failed(&error))?;
    bind(&mut statement, params)?;
    statement.raw_execute().map(|rows| rows as u64).map_err(|error| failed(&error))
}

/// Runs a statement and reads its rows.
pub(crate) fn query<T>(
    connection: &Connection,
    sql: &str,
    params: &[&dyn Param],
    mut read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>, Failed> {
    #[cfg(test)]
    crate::plans::note(connection, sql);
    let mut statement = connection.prepare_cached(sql).map_err(|error| failed(&error))?;
    bind(&mut statement, params)?;
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(|error| failed(&error))? {
        found.push(read(&Row::Sqlite(row)).map_err(|error| Failed { error, fault: Fault::Statement })?);
    }
    Ok(found)
}

/// To SQLite `$2` is a name, and names are numbered by first appearance: `… $2 … $1 …` bound by position would be swapped.
/// So each parameter is bound by the number in its name.
fn bind(statement: &mut rusqlite::Statement<'_>, params: &[&dyn Param]) -> Result<(), Failed> {
    for index in 1..=statement.parameter_count() {
        let number = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$'))
            .and_then(|digits| digits.parse::<usize>().ok());
        let param = number.and_then(|number| params.get(number.wrapping_sub(1))).ok_or_else(|| Failed {
            error: Error::Database(format!("parameter {index} has no value")),
            fault: Fault::Statement,
        })?;
        let param: &dyn rusqlite::ToSql = *param;
        statement.raw_bind_parameter(index, param).map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn failed(error: &rusqlite::Error) -> Failed {
    Failed { error: failure(error), fault: Fault::Statement }
}

/// The driver's error in our words. Its text names tables and columns, never values.
pub(crate) fn failure(error: &rusqlite::Error) -> Error {
    let rusqlite::Error::SqliteFailure(code, message) = error else {
        return Error::Database(error.to_string());
    };
    let message = message.as_deref().unwrap_or_default();
    match (code.extended_code, code.code) {
        (ffi::SQLITE_CONSTRAINT_FOREIGNKEY, _) => Error::Conflict(Conflict::Reference),
        (ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID, _) => {
            Error::Conflict(taken(message))
        }
        (_, rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => Error::Busy,
        (
            _,
            rusqlite::ErrorCode::DiskFull
            | rusqlite::ErrorCode::SystemIoFailure
            | rusqlite::ErrorCode::CannotOpen
            | rusqlite::ErrorCode::ReadOnly
            | rusqlite::ErrorCode::OutOfMemory,
        ) => Error::Unavailable(error.to_string()),
        (_, rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            Error::Corrupt(error.to_string())
        }
        _ => Error::Database(error.to_string()),
    }
}

fn taken(message: &str) -> Conflict {
    if message.contains("scim_user.user_name_key") {
        Conflict::UserName
    } else if message.contains("directory.label") {
        Conflict::Label
    } else if message.contains("organization.external_id") {
        Conflict::ExternalId
    } else if message.contains("organization_domain.domain") {
        Conflict::Domain
    } else {
        Conflict::Other
    }
}
