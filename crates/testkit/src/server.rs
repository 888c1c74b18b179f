//! A program under test that can be killed without warning and started again.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use crate::guard::KillGuard;

const START_LIMIT: Duration = Duration::from_secs(60);

/// A server program listening on loopback. Dropping it kills it; so does the end of the test process, however that ends.
#[derive(Debug)]
pub struct KillableServer {
    program: PathBuf,
    arguments: Vec<String>,
    address: SocketAddr,
    directory: TempDir,
    running: Option<(Child, KillGuard)>,
}

impl KillableServer {
    /// Starts `program` (usually `env!("CARGO_BIN_EXE_doorward")`) and returns once it accepts connections. In `arguments`
    /// the text `{listen}` stands for the loopback address with a free port, for example `["serve", "--listen", "{listen}"]`.
    /// The working directory is a fresh temporary one.
    ///
    /// # Errors
    /// When the program cannot be started, ends early or does not listen within 60 s; the text holds what it printed.
    pub fn start(program: impl AsRef<Path>, arguments: &[&str]) -> Result<Self> {
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let arguments = arguments.iter().map(|text| text.replace("{listen}", &address.to_string())).collect();
        let directory = tempfile::Builder::new().prefix("doorward-server-").tempdir()?;
        let program = program.as_ref().to_owned();
        let mut server = Self { program, arguments, address, directory, running: None };
        server.run()?;
        Ok(server)
    }

    /// Where it listens, the same after every restart.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.running.as_ref().map(|(child, _)| child.id())
    }

    /// Everything it has printed since its latest start.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    /// SIGKILL: the process gets no chance to tidy up. Nothing happens when it does not run.
    pub fn kill(&mut self) {
        if let Some((mut child, guard)) = self.running.take() {
            let _ = child.kill();
            guard.release();
            let _ = child.wait();
        }
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// When it is still there after `limit` (it is killed then), or was not running.
    pub fn terminate(&mut self, limit: Duration) -> Result<ExitStatus> {
        let (child, _) = self.running.as_mut().context("the server is not running")?;
        Command::new("kill").args(["-TERM", &child.id().to_string()]).status().context("kill -TERM")?;
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait()? {
                if let Some((_, guard)) = self.running.take() {
                    guard.release();
                }
                return Ok(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        self.kill();
        bail!("the server was still running {limit:?} after SIGTERM; its log: {}", self.log())
    }

    /// Starts it again on the same address, after [`Self::kill`] or [`Self::terminate`] (a running one is killed first).
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn restart(&mut self) -> Result<()> {
        self.kill();
        self.run()
    }

    fn log_file(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    fn run(&mut self) -> Result<()> {
        let log = fs::File::create(self.log_file())?;
        let child = Command::new(&self.program)
            .args(&self.arguments)
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))?;
        let guard = KillGuard::new(child.id())?;
        let (child, _) = self.running.insert((child, guard));
        let deadline = Instant::now() + START_LIMIT;
        while !listens(self.address) {
            let ended = child.try_wait()?;
            if ended.is_some() || Instant::now() > deadline {
                let why =
                    ended.map_or_else(|| "did not listen within 60 s".to_owned(), |status| format!("ended: {status}"));
                self.kill();
                bail!("the server {why}; its log: {}", self.log());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

/// While nobody listens, the kernel may pick the target itself as the source port and connect the socket to itself.
fn listens(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_ok_and(|stream| stream.local_addr().is_ok_and(|local| local != address))
}

impl Drop for KillableServer {
    fn drop(&mut self) {
        self.kill();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_ends_early_is_reported_with_its_words() {
        let error = KillableServer::start("/bin/sh", &["-c", "echo no such flag; exit 3"]).unwrap_err();
        assert!(error.to_string().contains("no such flag"), "{error}");
    }
}
