//! Holds one throw-away PostgreSQL cluster for a whole test run: prints the administrator's URL, waits for the end of
//! standard input, stops the cluster. `scripts/test` uses it, so that how a cluster is made is written down once.
//! A crash of the server in between is told at the end: it explains failures of tests that have no part in it.

use std::io::{Read, Write, stderr, stdin, stdout};

fn main() -> anyhow::Result<()> {
    let cluster = doorward_testkit::Cluster::start()?;
    let mut output = stdout();
    writeln!(output, "{}", cluster.admin_url())?;
    output.flush()?;
    stdin().read_to_end(&mut Vec::new())?;
    for line in cluster.crashes() {
        writeln!(stderr(), "PostgreSQL: {line}")?;
    }
    Ok(())
}
