//! One line on the machine, without names: figures without it say nothing.

use std::fs;
use std::process::Command;

/// Cores, memory, kernel, database versions.
pub fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB")?.parse().ok());
    let gibibytes = kibibytes.unwrap_or(0_u64) / (1024 * 1024);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel = kernel.split(['-', '+']).next().unwrap_or_default().trim();
    let sqlite = rusqlite::version();
    format!("{cores} cores, {gibibytes} GiB, Linux {kernel}, {}, SQLite {sqlite}", postgres())
}

fn postgres() -> String {
    let version = || {
        let program = doorward_testkit::postgres_programs().ok()?.join("postgres");
        let output = Command::new(program).arg("--version").output().ok()?;
        Some(String::from_utf8_lossy(&output.stdout).split_whitespace().nth(2)?.to_owned())
    };
    format!("PostgreSQL {}", version().unwrap_or_else(|| "absent".to_owned()))
}
