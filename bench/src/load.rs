//! Many callers, each waiting for its answer before it asks again: the closed loop that identity providers are.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::runtime::Runtime;

use crate::figures::Sample;
use crate::http::Connection;

/// What a caller expects of the answer to the request it just wrote.
#[derive(Clone, Copy)]
pub struct Expect {
    /// The right statuses.
    pub status: &'static [u16],
    /// The body has at least this many bytes; tells a hit from an empty list.
    pub at_least: usize,
    /// Whether this request counts: the step that undoes a change does not.
    pub counts: bool,
}

impl Expect {
    /// A request that counts, whatever the size of its answer.
    pub const fn status(status: &'static [u16]) -> Self {
        Self { status, at_least: 0, counts: true }
    }

    /// The same with a smallest size of the body.
    pub const fn at_least(mut self, bytes: usize) -> Self {
        self.at_least = bytes;
        self
    }

    /// The same as a step whose time is not measured.
    pub const fn unless(mut self, uncounted: bool) -> Self {
        self.counts = !uncounted;
        self
    }
}

/// One caller: writes its next request, sees the answer.
pub trait Caller: Send {
    /// Writes the next request into `request`; `None` when its work is done.
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect>;

    /// Sees the body of an answer that was as expected.
    fn answered(&mut self, _body: &[u8]) {}
}

/// A group of callers that work at the same time, each over its own connection.
pub type Callers = Vec<Box<dyn Caller>>;

/// Lets the callers work for `limit`, or until all are done when there is none. The callers keep their state for the
/// next round.
pub fn run(runtime: &Runtime, address: SocketAddr, callers: &mut Callers, limit: Option<Duration>) -> Result<Sample> {
    runtime.block_on(async {
        let mut connections = Vec::new();
        for caller in callers.drain(..) {
            connections.push((Connection::open(address).await?, caller));
        }
        let start = Instant::now();
        let deadline = limit.map(|limit| start + limit);
        let tasks: Vec<_> = connections
            .into_iter()
            .map(|(connection, caller)| tokio::spawn(converse(connection, caller, deadline)))
            .collect();
        let mut tally = Tally::default();
        for task in tasks {
            let (caller, part) = task.await?;
            callers.push(caller);
            tally.add(part);
        }
        Ok(Sample::new(start.elapsed(), tally.latencies, tally.errors, tally.first_error))
    })
}

#[derive(Default)]
struct Tally {
    latencies: Vec<Duration>,
    errors: u64,
    first_error: Option<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.latencies.extend(other.latencies);
        self.errors += other.errors;
        self.first_error = self.first_error.take().or(other.first_error);
    }

    fn fail(&mut self, text: String) {
        self.errors += 1;
        self.first_error.get_or_insert(text);
    }
}

async fn converse(
    mut connection: Connection,
    mut caller: Box<dyn Caller>,
    deadline: Option<Instant>,
) -> (Box<dyn Caller>, Tally) {
    let mut tally = Tally::default();
    let mut request = Vec::new();
    while deadline.is_none_or(|deadline| Instant::now() < deadline) {
        let Some(expect) = caller.ask(&mut request) else { break };
        let sent = Instant::now();
        match connection.exchange(&request).await {
            Ok(answer) if expect.status.contains(&answer.status) && answer.body.len() >= expect.at_least => {
                if expect.counts {
                    tally.latencies.push(sent.elapsed());
                }
                caller.answered(answer.body);
            }
            Ok(answer) => {
                let start = String::from_utf8_lossy(&answer.body[..answer.body.len().min(300)]);
                tally.fail(format!(
                    "expected {:?} and {} bytes, got {} {start}",
                    expect.status, expect.at_least, answer.status
                ));
            }
            Err(error) => {
                tally.fail(format!("{error:#}"));
                break;
            }
        }
    }
    (caller, tally)
}
