//! One PostgreSQL cluster for the tests of this process, or of a whole `scripts/test` run.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use postgres::{Client, NoTls};

use crate::{fail, guard, random};

/// Environment variable with the administrator's URL of a cluster that is shared by several test processes.
/// `scripts/test` sets it, so that `initdb` runs once and not once for each test binary. The databases of the tests stay in
/// that cluster until it is thrown away.
pub const SHARED_CLUSTER_VARIABLE: &str = "DOORWARD_TEST_POSTGRES";

const MISSING: &str = "PostgreSQL's initdb was found neither in PATH nor in /usr/lib/postgresql/*/bin. \
    The tests run against a real server: install the Debian package `postgresql` (apt-get install postgresql) or run \
    scripts/test, which installs it";

/// Small, but with the durability that production has: a test that passes without fsync proves nothing about crashes.
const SETTINGS: &[&str] = &[
    "listen_addresses=127.0.0.1",
    "max_connections=200",
    "shared_buffers=64MB",
    "fsync=on",
    "synchronous_commit=on",
    "max_wal_size=1GB",
    // Statistics of many hundred databases outgrow the /dev/shm of a container, and what is left there is left there for good.
    "dynamic_shared_memory_type=mmap",
];

/// How long a cluster may take to be there again after one of its processes was killed.
const RECOVERY: Duration = Duration::from_secs(120);

/// What stands in the server's log when one of its processes did not end by itself.
const CRASH: [&str; 3] = ["PANIC:", "was terminated by signal", "No space left on device"];

/// $1 is the directory, the rest the server's command line. SIGQUIT is PostgreSQL's immediate shutdown.
const GUARD: &str =
    r#"home=$1; shift; "$@" </dev/null & server=$!; read -r _; kill -QUIT "$server"; wait "$server"; rm -rf "$home""#;

/// A running PostgreSQL whose administrator we are. It stops when this value is dropped or this process ends.
#[derive(Debug)]
pub struct Cluster {
    admin_url: String,
    /// `None` for a cluster that belongs to somebody else; so is the log.
    guard: Option<(Child, Option<ChildStdin>)>,
    log: Option<PathBuf>,
}

impl Cluster {
    /// URL of the administrator's own database, for example `postgres://postgres:…@127.0.0.1:40123/postgres`.
    #[must_use]
    pub fn admin_url(&self) -> &str {
        &self.admin_url
    }

    /// URL of the database `name` in this cluster.
    #[must_use]
    pub fn url(&self, name: &str) -> String {
        let base = self.admin_url.rsplit_once('/').map_or(self.admin_url.as_str(), |(base, _)| base);
        format!("{base}/{name}")
    }

    /// Runs statements as the administrator, outside any transaction (`CREATE DATABASE` wants that).
    ///
    /// # Errors
    /// What the server said.
    pub fn administer(&self, statement: &str) -> Result<()> {
        let deadline = Instant::now() + RECOVERY;
        loop {
            match self.try_to_administer(statement) {
                Err(error) if is_starting(&error) && Instant::now() < deadline => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                done => return done.with_context(|| format!("PostgreSQL refused: {statement}")),
            }
        }
    }

    fn try_to_administer(&self, statement: &str) -> Result<()> {
        // The blocking client starts a runtime of its own and refuses to do so inside the runtime of an async test.
        std::thread::scope(|scope| {
            let done = scope.spawn(|| -> Result<()> {
                let mut client = Client::connect(&self.admin_url, NoTls)?;
                client.simple_query(statement)?;
                Ok(())
            });
            done.join().unwrap_or_else(|_| bail!("the administrator's thread panicked"))
        })
    }

    /// What the server's log says about processes that were killed or gave up; empty for a cluster that belongs to somebody else.
    #[must_use]
    pub fn crashes(&self) -> Vec<String> {
        let log = self.log.as_deref().map(|log| fs::read_to_string(log).unwrap_or_default()).unwrap_or_default();
        log.lines().filter(|line| CRASH.iter().any(|words| line.contains(words))).map(str::to_owned).collect()
    }

    /// Makes and starts a fresh cluster in a temporary directory, as another user when this process is root.
    ///
    /// # Errors
    /// When PostgreSQL is not installed (the text names the package) or does not start.
    pub fn start() -> Result<Self> {
        let programs = postgres_programs()?;
        let home = tempfile::Builder::new().prefix("doorward-postgres-").tempdir()?.keep();
        let owner = owner()?;
        if let Some((user, group)) = owner {
            chown(&home, Some(user), Some(group)).context("giving the cluster's directory to its user")?;
        }
        match Self::initialise(&programs, &home, owner)
            .and_then(|password| Self::run(&programs, &home, owner, &password))
        {
            Ok(cluster) => Ok(cluster),
            Err(error) => {
                let _ = fs::remove_dir_all(&home);
                Err(error)
            }
        }
    }

    /// Returns the administrator's password. A password even on loopback: with `trust` every user of the machine could
    /// have this server run programs as its own user.
    fn initialise(programs: &Path, home: &Path, owner: Option<(u32, u32)>) -> Result<String> {
        let password = random::hex() + &random::hex();
        let password_file = home.join("password");
        fs::write(&password_file, &password)?;
        if let Some((user, group)) = owner {
            chown(&password_file, Some(user), Some(group))?;
        }
        let mut initdb = Command::new(programs.join("initdb"));
        initdb.args(["--username=postgres", "--auth=password", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        initdb.arg("--pwfile").arg(&password_file).arg("--pgdata").arg(home.join("data"));
        let output = as_owner(&mut initdb, home, owner).stdin(Stdio::null()).output().context("starting initdb")?;
        if !output.status.success() {
            bail!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        fs::remove_file(password_file)?;
        Ok(password)
    }

    fn run(programs: &Path, home: &Path, owner: Option<(u32, u32)>, password: &str) -> Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let server = programs.join("postgres").display().to_string();
        let (data, directory, port_text) = (home.join("data").display().to_string(), home.display().to_string(), port);
        let port_text = port_text.to_string();
        let mut arguments = vec![directory.as_str(), &server, "-D", &data, "-p", &port_text, "-k", &directory];
        SETTINGS.iter().for_each(|setting| arguments.extend(["-c", setting]));
        let log = home.join("log");
        let mut command = guard::command(GUARD, &arguments);
        command.stderr(fs::File::create(&log)?);
        let mut shell = as_owner(&mut command, home, owner).spawn().context("starting PostgreSQL")?;
        let pipe = shell.stdin.take();
        let admin_url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let cluster = Self { admin_url, guard: Some((shell, pipe)), log: Some(log.clone()) };
        let deadline = Instant::now() + Duration::from_secs(60);
        while let Err(error) = cluster.administer("SELECT 1") {
            if Instant::now() > deadline {
                let said = fs::read_to_string(&log).unwrap_or_default();
                return Err(error.context(format!("PostgreSQL did not come up within 60 s; its log: {said}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(cluster)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some((shell, pipe)) = &mut self.guard {
            drop(pipe.take());
            let _ = shell.wait();
        }
    }
}

/// Whether the server is there and not ready yet (SQLSTATE 57P03): it starts, or recovers after a crash.
fn is_starting(error: &anyhow::Error) -> bool {
    let code = error.downcast_ref::<postgres::Error>().and_then(postgres::Error::code);
    code == Some(&postgres::error::SqlState::CANNOT_CONNECT_NOW)
}

/// The cluster of this process, started on first use; or the one named by [`SHARED_CLUSTER_VARIABLE`].
///
/// # Panics
/// When PostgreSQL is not installed or does not start; the text says which package to install.
pub fn postgres_cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| match std::env::var(SHARED_CLUSTER_VARIABLE) {
        Ok(admin_url) if !admin_url.is_empty() => Cluster { admin_url, guard: None, log: None },
        _ => Cluster::start().unwrap_or_else(|error| fail(&error)),
    })
}

/// The directory that holds `initdb`, `postgres` and `pgbench`, the newest version when there are several.
///
/// # Errors
/// When there is none; the text names the package to install.
pub fn postgres_programs() -> Result<PathBuf> {
    let in_path =
        std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut by_version: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    by_version.sort();
    in_path
        .chain(by_version.into_iter().rev().map(|(_, directory)| directory))
        .find(|directory| directory.join("initdb").is_file() && directory.join("postgres").is_file())
        // A directory in PATH may hold links to a few of the programs only.
        .and_then(|directory| Some(directory.join("initdb").canonicalize().ok()?.parent()?.to_owned()))
        .context(MISSING)
}

/// The user and group the server runs as: `None` when that is ourselves. PostgreSQL refuses to run as root.
fn owner() -> Result<Option<(u32, u32)>> {
    let number = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if number(&["-u"]) != Some(0) {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|user| Some((number(&["-u", user])?, number(&["-g", user])?)))
        .map(Some)
        .context("PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`")
}

fn as_owner<'a>(command: &'a mut Command, home: &Path, owner: Option<(u32, u32)>) -> &'a mut Command {
    // The caller's directory may be closed to the other user.
    command.current_dir(home);
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
