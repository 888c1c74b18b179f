//! One database's run: limits and loads, round by round, interleaved.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};
use doorward_testkit::{KillableServer, TestDatabase};
use tokio::runtime::Runtime;

use crate::doorward::{self, Doorward};
use crate::figures::Figures;
use crate::goals::{self, Scale};
use crate::limits::http_server::{self, Hello, Parse};
use crate::limits::postgres::PostgresLimit;
use crate::limits::sqlite::SqliteLimit;
use crate::limits::{disk, document};
use crate::load::{self, Callers};
use crate::workloads::{Groups, Populated, READERS, Target, callers, import};
use crate::{note, report};

const SMALL: usize = 1_000;
const RESTARTS: usize = 3;

/// How much is done.
pub struct Settings {
    /// People in the directory.
    pub users: usize,
    /// People in one import.
    pub import: usize,
    /// Rounds.
    pub rounds: usize,
    /// Time of one load in one round.
    pub duration: Duration,
    /// The `doorward` binary; without it only the limits are measured.
    pub doorward: Option<PathBuf>,
}

/// What came out of one database.
pub struct Outcome {
    /// Markdown.
    pub text: String,
    /// Every load with errors; empty in a good run.
    pub errors: Vec<String>,
}

enum DatabaseLimit {
    Sqlite(SqliteLimit),
    Postgres(PostgresLimit),
}

struct Session<'a> {
    settings: &'a Settings,
    runtime: Runtime,
    figures: Figures,
    limit: DatabaseLimit,
    home: &'a Path,
    hello: Callers,
    parse: Callers,
    limit_server: KillableServer,
}

/// Measures everything on `database`.
pub fn run(settings: &Settings, database: TestDatabase) -> Result<Outcome> {
    let home = tempfile::Builder::new().prefix("doorward-bench-").tempdir()?;
    let name = database.name();
    let limit = match name {
        "sqlite" => DatabaseLimit::Sqlite(SqliteLimit::new(home.path())?),
        _ => DatabaseLimit::Postgres(PostgresLimit::new(home.path())?),
    };
    let limit_server = KillableServer::start(std::env::current_exe()?, &["limit-server", "{listen}"])?;
    let endpoint = http_server::endpoint(limit_server.address());
    let mut session = Session {
        settings,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        figures: Figures::default(),
        limit,
        home: home.path(),
        hello: callers(READERS, |_| Hello(endpoint.clone())),
        parse: callers(READERS, |_| Parse(endpoint.clone(), document())),
        limit_server,
    };
    let scale = match &settings.doorward {
        Some(program) => Some(session.measure_doorward(program, database)?),
        None => {
            for _ in 0..settings.rounds {
                session.measure_limits()?;
            }
            None
        }
    };
    Ok(session.outcome(name, scale.as_ref()))
}

impl Session<'_> {
    fn measure_doorward(&mut self, program: &Path, database: TestDatabase) -> Result<Scale> {
        let mut doorward = Doorward::start(program, database)?;
        let name = doorward.database_name();
        let mut directory = Populated::empty(doorward.directory("bench")?);
        self.restarts("start-empty", &mut doorward, &directory)?;
        std::thread::sleep(Duration::from_secs(1));
        self.figures.push("memory-idle", doorward.memory()?);

        note(&format!("{name}: {SMALL} users, reads"));
        directory.fill(&self.runtime, SMALL)?;
        let mut small = directory.flat_reads();
        for _ in 0..self.settings.rounds {
            self.hello("hello-small")?;
            self.loads(&mut small)?;
        }

        note(&format!("{name}: {} users, groups", self.settings.users));
        let filled = directory.fill(&self.runtime, self.settings.users)?;
        self.figures.push("fill", filled);
        self.figures.push("memory-filled", doorward.memory()?);
        let groups = Groups::make(&self.runtime, &directory)?;

        let mut targets = directory.targets(&groups);
        for round in 1..=self.settings.rounds {
            note(&format!("{name}: round {round} of {}", self.settings.rounds));
            self.measure_limits()?;
            self.loads(&mut targets)?;
            let import_directory = doorward.directory(&format!("import-{round}"))?;
            let (people, pushed) = import::run(&self.runtime, &import_directory, self.settings.import)?;
            self.figures.push("import", people);
            self.figures.push("import-groups", pushed);
        }
        self.figures.push("memory-end", doorward.memory()?);
        self.check_total(&directory)?;
        self.restarts("start-filled", &mut doorward, &directory)?;
        Ok(Scale {
            users: self.settings.users,
            largest: groups.largest_size,
            readable: groups.readable_size,
            import: self.settings.import,
        })
    }

    fn measure_limits(&mut self) -> Result<()> {
        let duration = self.settings.duration;
        self.hello("hello")?;
        let sample = load::run(&self.runtime, self.limit_server.address(), &mut self.parse, Some(duration))?;
        self.figures.push("parse", sample);
        self.figures.push("sync", disk::syncs(self.home, duration / 4)?);
        let (read, change, batch) = match &mut self.limit {
            DatabaseLimit::Sqlite(limit) => {
                (limit.reads(duration)?, limit.changes(1, duration)?, limit.changes(64, duration)?)
            }
            DatabaseLimit::Postgres(limit) => {
                (limit.reads(duration)?, limit.changes(duration)?, limit.batched_changes(duration)?)
            }
        };
        self.figures.push("db-read", read);
        self.figures.push("db-change", change);
        self.figures.push("db-batch", batch);
        Ok(())
    }

    fn hello(&mut self, key: &'static str) -> Result<()> {
        let address = self.limit_server.address();
        let sample = load::run(&self.runtime, address, &mut self.hello, Some(self.settings.duration))?;
        self.figures.push(key, sample);
        Ok(())
    }

    fn loads(&mut self, targets: &mut [Target]) -> Result<()> {
        for target in targets {
            let sample = load::run(&self.runtime, target.address, &mut target.callers, Some(self.settings.duration))?;
            self.figures.push(target.key, sample);
        }
        Ok(())
    }

    fn restarts(&mut self, key: &'static str, doorward: &mut Doorward, directory: &Populated) -> Result<()> {
        for _ in 0..RESTARTS {
            let sample = doorward.cold_start(&self.runtime, &directory.endpoint)?;
            self.figures.push(key, sample);
        }
        Ok(())
    }

    /// A rate says nothing when the changes are not there afterwards.
    fn check_total(&self, directory: &Populated) -> Result<()> {
        let expected = directory.next.load(std::sync::atomic::Ordering::Relaxed);
        let total = doorward::total_users(&self.runtime, &directory.endpoint)?;
        if total != expected && self.figures.errors("create") + self.figures.errors("create-1") == 0 {
            bail!("{expected} users were acknowledged, totalResults says {total}");
        }
        Ok(())
    }

    fn outcome(&self, name: &str, scale: Option<&Scale>) -> Outcome {
        let limits: &[(&str, &str)] = match self.limit {
            DatabaseLimit::Sqlite(_) => &[
                ("hello", "axum, bearer check, fixed 1.3 KB JSON, 16 callers"),
                ("parse", "axum, parse 1 KB JSON and serialise it back, 16 callers"),
                ("db-read", "SQLite, primary-key read of 1 KB, a thread a core"),
                ("db-change", "SQLite WAL FULL, user row with 3 indexes and event row, 1 a commit"),
                ("db-batch", "the same, 64 a commit"),
            ],
            DatabaseLimit::Postgres(_) => &[
                ("hello", "axum, bearer check, fixed 1.3 KB JSON, 16 callers"),
                ("parse", "axum, parse 1 KB JSON and serialise it back, 16 callers"),
                ("db-read", "PostgreSQL, primary-key read of 1 KB, pgbench, 16 clients"),
                ("db-change", "PostgreSQL, user row with 3 indexes and event row, one statement, pgbench, 16 clients"),
                ("db-batch", "the same, 16 a transaction"),
            ],
        };
        let title = if name == "sqlite" { "SQLite" } else { "PostgreSQL" };
        let mut text = format!("## {title}\n\n{}", report::limits(&self.figures, limits));
        if let Some(scale) = scale {
            text += &format!("\n{}", report::table(&self.figures, &goals::rows(&self.figures, scale)));
        }
        Outcome { text, errors: self.figures.all_errors() }
    }
}
