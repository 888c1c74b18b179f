//! Nothing that the testkit starts outlives the process that asked for it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use postgres::{Client, NoTls};

fn start_cluster() -> Result<(Child, String)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_test-postgres"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut url = String::new();
    BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut url)?;
    Ok((child, url.trim().to_owned()))
}

fn data_directory(url: &str) -> Result<PathBuf> {
    let row = Client::connect(url, NoTls)?.query_one("SHOW data_directory", &[])?;
    Ok(row.get::<_, String>(0).into())
}

#[test]
fn a_cluster_ends_with_standard_input() {
    let (mut child, url) = start_cluster().unwrap();
    let directory = data_directory(&url).unwrap();
    drop(child.stdin.take());
    assert!(child.wait().expect("test-postgres ends").success());
    assert!(!directory.exists(), "the holder returns only when the cluster is gone");
}

#[test]
fn a_cluster_ends_when_its_process_is_killed() {
    let (mut child, url) = start_cluster().unwrap();
    let directory = data_directory(&url).unwrap();
    child.kill().expect("SIGKILL");
    child.wait().expect("test-postgres ends");
    let deadline = Instant::now() + Duration::from_secs(30);
    while directory.exists() {
        assert!(Instant::now() < deadline, "the files are still there");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(Client::connect(&url, NoTls).is_err(), "the server still answers");
}
