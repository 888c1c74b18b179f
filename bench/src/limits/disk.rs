//! How long this disk takes to make one kilobyte durable: the floor of every single write.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::figures::Sample;

/// Appends and syncs one kilobyte after the other for `duration`.
pub fn syncs(directory: &Path, duration: Duration) -> Result<Sample> {
    let mut file = File::create(directory.join("sync"))?;
    let start = Instant::now();
    let mut latencies = Vec::new();
    while start.elapsed() < duration {
        let before = Instant::now();
        file.write_all(&[7; 1024])?;
        file.sync_data()?;
        latencies.push(before.elapsed());
    }
    Ok(Sample::new(start.elapsed(), latencies, 0, None))
}
