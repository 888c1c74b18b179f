//! Children that never outlive the process that started them.
//!
//! A guard is a small shell that waits on a pipe whose other end this process holds. However the process ends (return,
//! panic, `kill -9`), the kernel closes the pipe, the shell wakes and cleans up. No signal handlers, no `atexit`.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result};

/// A shell that runs `script` with the positional arguments `arguments`; the script `read`s standard input and does its
/// clean-up when that ends.
pub fn command(script: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("guard").args(arguments);
    // Its own process group: Ctrl-C on the terminal must not end the guard before it has cleaned up.
    command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Kills one process with SIGKILL when this process ends without having called [`KillGuard::release`].
#[derive(Debug)]
pub struct KillGuard {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl KillGuard {
    /// Watches over `pid`, a child of this process that has not been waited for.
    pub fn new(pid: u32) -> Result<Self> {
        let mut shell = command(r#"read -r _ || kill -9 "$1""#, &[&pid.to_string()]).spawn().context("starting sh")?;
        let pipe = shell.stdin.take();
        Ok(Self { shell, pipe })
    }

    /// Ends the watch without a kill. To be called before the child is waited for, so that its number cannot be reused.
    pub fn release(mut self) {
        if let Some(mut pipe) = self.pipe.take() {
            let _ = pipe.write_all(b"released\n");
        }
        let _ = self.shell.wait();
    }
}
