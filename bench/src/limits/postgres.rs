//! The PostgreSQL limits, measured by PostgreSQL's own `pgbench`, a leaner client than any we could write.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use doorward_testkit::{TestDatabase, postgres_programs};

use super::document;
use crate::figures::Sample;

const ROWS: u32 = 20_000;
const CALLERS: &str = "16";
const SCHEMA: &str = "
    CREATE TABLE limit_user (
        directory text NOT NULL, id text NOT NULL, user_name text NOT NULL, external_id text NOT NULL,
        doc text NOT NULL, PRIMARY KEY (directory, id));
    CREATE UNIQUE INDEX limit_user_name ON limit_user (directory, user_name);
    CREATE INDEX limit_user_external ON limit_user (directory, external_id);
    CREATE SEQUENCE limit_position;
    CREATE TABLE limit_event (position bigint PRIMARY KEY, type text NOT NULL, data text NOT NULL);";
const READ: &str = "\\set n random(1, 20000)\nSELECT doc FROM limit_user WHERE directory = 'd' AND id = 'u' || :n;\n";
/// User and event in one statement, so in one round trip and one transaction.
const CHANGE: &str = "\\set n random(1000000, 9000000000000000)
WITH u AS (INSERT INTO limit_user VALUES ('d', 'u' || :n, 'person' || :n, '00u' || :n, :doc))
INSERT INTO limit_event VALUES (nextval('limit_position'), 'dsync.user.created', :doc);
";

/// A database of its own in the cluster that Doorward uses.
pub struct PostgresLimit {
    database: TestDatabase,
    programs: PathBuf,
    scripts: PathBuf,
    document: String,
}

impl PostgresLimit {
    /// Makes and fills the database; `directory` takes the scripts.
    pub fn new(directory: &Path) -> Result<Self> {
        let database = TestDatabase::postgres();
        let programs = postgres_programs()?;
        fs::write(directory.join("read.sql"), READ)?;
        fs::write(directory.join("change.sql"), CHANGE)?;
        fs::write(directory.join("batch.sql"), format!("BEGIN;\n{}COMMIT;\n", CHANGE.repeat(16)))?;
        let limit = Self { database, programs, scripts: directory.to_owned(), document: document() };
        let fill = format!(
            "INSERT INTO limit_user SELECT 'd', 'u' || n, 'person' || n, '00u' || n, '{}' FROM generate_series(1, {ROWS}) n",
            limit.document.replace('\'', "''")
        );
        for statements in [SCHEMA, &fill, "VACUUM ANALYZE limit_user"] {
            limit.psql(statements)?;
        }
        Ok(limit)
    }

    /// Primary-key reads of one document a second.
    pub fn reads(&self, duration: Duration) -> Result<Sample> {
        self.pgbench("read.sql", 1.0, duration)
    }

    /// Changes a second, each a statement and a transaction of its own.
    pub fn changes(&self, duration: Duration) -> Result<Sample> {
        self.pgbench("change.sql", 1.0, duration)
    }

    /// Changes a second, sixteen a transaction.
    pub fn batched_changes(&self, duration: Duration) -> Result<Sample> {
        self.pgbench("batch.sql", 16.0, duration)
    }

    fn psql(&self, statements: &str) -> Result<()> {
        let output = Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statements])
            .arg(self.database.url())
            .output()
            .context("starting psql")?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    fn pgbench(&self, script: &str, factor: f64, duration: Duration) -> Result<Sample> {
        // pgbench counts in whole seconds.
        let seconds = duration.as_secs().max(1).to_string();
        let output = Command::new(self.programs.join("pgbench"))
            .args(["--no-vacuum", "--protocol=prepared", "--client", CALLERS, "--jobs=2", "--time", &seconds])
            .arg(format!("--define=doc={}", self.document))
            .arg("--file")
            .arg(self.scripts.join(script))
            .arg(self.database.url())
            .output()
            .context("starting pgbench")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse::<f64>().ok());
        match rate {
            Some(rate) if output.status.success() => Ok(Sample::of_rate(rate * factor)),
            _ => bail!("pgbench {script}: {text}{}", String::from_utf8_lossy(&output.stderr)),
        }
    }
}
