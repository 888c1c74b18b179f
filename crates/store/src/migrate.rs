//! Brings the tables up to date: numbered files, one text for both databases, each in a transaction of its own.
//!
//! The text is written in SQLite's spelling. For PostgreSQL `TEXT` becomes `TEXT COLLATE "C"`, so that keys are ordered by their bytes
//! on both, and `INTEGER` becomes `BIGINT`. Lines that begin with `--sqlite ` or `--postgres ` are run on that one only. A database whose migrations this program does
//! not know, or whose text has changed since, is left alone.

use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::link::{Failed, Link};

/// A numbered change of the tables.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub(crate) number: i64,
    pub(crate) text: &'static str,
}

/// All of them, in order.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, text: include_str!("../migrations/0001_directories.sql") },
    Migration { number: 2, text: include_str!("../migrations/0002_webhooks.sql") },
    Migration { number: 3, text: include_str!("../migrations/0003_roles.sql") },
    Migration { number: 4, text: include_str!("../migrations/0004_audit.sql") },
    Migration { number: 5, text: include_str!("../migrations/0005_api.sql") },
    Migration { number: 6, text: include_str!("../migrations/0006_requests.sql") },
    Migration { number: 7, text: include_str!("../migrations/0007_portal.sql") },
    Migration { number: 8, text: include_str!("../migrations/0008_known_users.sql") },
    Migration { number: 9, text: include_str!("../migrations/0009_operators.sql") },
];

/// One lock for all nodes that start at the same time; the number is arbitrary and fixed.
const LOCK: i64 = 0x646f_6f72_7761_7264;

/// Runs what is missing. The number of the last migration.
pub(crate) fn run(link: &mut Link, clock: &Clock, migrations: &[Migration]) -> Result<i64> {
    if let Link::Postgres(connection) = link {
        // Another node may take its time with a migration.
        let sql = format!("SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK})");
        connection.simple(&sql).map_err(|failed| failed.error)?;
    }
    let outcome = run_locked(link, clock, migrations);
    if let Link::Postgres(connection) = link {
        let sql = format!("SELECT pg_advisory_unlock({LOCK}); SET lock_timeout = '10s'");
        connection.simple(&sql).map_err(|failed| failed.error)?;
    }
    outcome
}

fn run_locked(link: &mut Link, clock: &Clock, migrations: &[Migration]) -> Result<i64> {
    let begin = begin(link);
    for step in std::iter::once(None).chain(migrations.iter().map(Some)) {
        link.control(begin).map_err(|failed| failed.error)?;
        let outcome = match step {
            None => make_table(link),
            Some(migration) => apply(link, clock, migration, migrations),
        };
        match outcome {
            Ok(()) => link.control("COMMIT").map_err(|failed| failed.error)?,
            Err(error) => {
                // The connection is given up with the error.
                let _ = link.control("ROLLBACK");
                return Err(error);
            }
        }
    }
    Ok(migrations.last().map_or(0, |migration| migration.number))
}

fn begin(link: &Link) -> &'static str {
    match link {
        Link::Sqlite(_) => "BEGIN IMMEDIATE",
        Link::Postgres(_) => "BEGIN",
    }
}

fn make_table(link: &mut Link) -> Result<()> {
    script(
        link,
        "CREATE TABLE IF NOT EXISTS schema_migration \
         (number INTEGER PRIMARY KEY, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL)",
    )
}

fn apply(link: &mut Link, clock: &Clock, migration: &Migration, known: &[Migration]) -> Result<()> {
    let applied = applied(link)?;
    for (number, checksum) in &applied {
        match known.iter().find(|migration| migration.number == *number) {
            None => return Err(Error::Migration(format!("it has step {number}, which this version does not know"))),
            Some(known) if checksum_of(known) != *checksum => {
                return Err(Error::Migration(format!("its step {number} is not the one of this version")));
            }
            Some(_) => (),
        }
    }
    if applied.iter().any(|(number, _)| *number == migration.number) {
        return Ok(());
    }
    script(link, migration.text)?;
    let checksum = checksum_of(migration);
    link.execute(
        "INSERT INTO schema_migration (number, checksum, applied_at) VALUES ($1, $2, $3)",
        &[&migration.number, &checksum, &clock.now()],
    )
    .map_err(|failed| failed.error)?;
    Ok(())
}

/// The numbers and checksums of the migrations that a database has had.
pub(crate) fn applied(link: &mut Link) -> Result<Vec<(i64, String)>> {
    link.query("SELECT number, checksum FROM schema_migration ORDER BY number", &[], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
    .map_err(|failed| failed.error)
}

fn checksum_of(migration: &Migration) -> String {
    let digest: [u8; 32] = Sha256::digest(migration.text.as_bytes()).into();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn script(link: &mut Link, text: &str) -> Result<()> {
    let outcome = match link {
        Link::Sqlite(connection) => {
            connection.execute_batch(&in_sqlite(text)).map_err(|error| crate::sqlite::failure(&error))
        }
        Link::Postgres(connection) => connection.simple(&in_postgres(text)).map(drop).map_err(told),
    };
    outcome.map_err(|error| match error {
        Error::Database(reason) => Error::Migration(reason),
        other => other,
    })
}

fn told(failed: Failed) -> Error {
    failed.error
}

fn in_sqlite(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(|line| line.strip_prefix("--sqlite ").unwrap_or(line)).collect();
    lines.join("\n")
}

fn in_postgres(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1024);
    for line in text.lines() {
        let line = match line.strip_prefix("--postgres ") {
            Some(only_here) => only_here,
            None => line.split("--").next().unwrap_or_default(),
        };
        let mut word = String::new();
        for c in line.chars().chain(['\n']) {
            if c.is_ascii_alphanumeric() || c == '_' {
                word.push(c);
                continue;
            }
            out.push_str(match word.as_str() {
                "TEXT" => "TEXT COLLATE \"C\"",
                "INTEGER" => "BIGINT",
                other => other,
            });
            word.clear();
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_translated_word_by_word() {
        let text = "CREATE TABLE t (TEXT_a TEXT NOT NULL, b INTEGER); -- TEXT\n--postgres ALTER TABLE t SET (fillfactor = 50);\n\
                    --sqlite ANALYZE;";
        assert_eq!(
            in_postgres(text),
            "CREATE TABLE t (TEXT_a TEXT COLLATE \"C\" NOT NULL, b BIGINT); \nALTER TABLE t SET (fillfactor = 50);\n\n"
        );
        assert!(in_sqlite(text).ends_with("\nANALYZE;"));
    }

    #[test]
    fn numbers_go_up() {
        assert!(MIGRATIONS.is_sorted_by(|one, next| one.number < next.number));
    }
}
