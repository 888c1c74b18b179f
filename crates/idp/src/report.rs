//! What a run found, for people (`Display`) and for programs (serde).

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::answer::Problem;
use crate::client::{Exchange, Message};
use crate::dialect::Dialect;
use crate::intended::Intended;
use crate::verdict::Difference;

/// Requests of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct KindSummary {
    /// What the requests were for.
    pub kind: Message,
    /// How many were sent, repetitions included.
    pub requests: usize,
    /// How many were answered with 4xx or 5xx or not at all. A refusal that is part of a flow counts here, too.
    pub refused: usize,
    /// Half of the answers came within this time; milliseconds in JSON.
    #[serde(serialize_with = "milliseconds")]
    pub median: Duration,
    /// 99 of 100 answers came within this time; milliseconds in JSON.
    #[serde(serialize_with = "milliseconds")]
    pub p99: Duration,
    /// The slowest answer; milliseconds in JSON.
    #[serde(serialize_with = "milliseconds")]
    pub max: Duration,
}

/// What a run found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The provider that was played.
    pub dialect: Dialect,
    /// The SCIM base URL.
    pub url: String,
    /// The seed from which the run can be repeated.
    pub seed: u64,
    /// People assigned at first.
    pub users: usize,
    /// Groups pushed at first.
    pub groups: usize,
    /// Changes of the day.
    pub changes: usize,
    /// Requests of the provider, without those of the verdict.
    pub requests: usize,
    /// Requests that were repetitions after 429.
    pub retries: usize,
    /// Requests by what they were for.
    pub kinds: Vec<KindSummary>,
    /// Everything the provider would complain of.
    pub errors: Vec<Problem>,
    /// Where the server's state is not the intended one.
    pub differences: Vec<Difference>,
    /// From the test of the connection to the end of the import; milliseconds in JSON.
    #[serde(serialize_with = "milliseconds")]
    pub duration: Duration,
    /// The state that should be at the server.
    #[serde(skip)]
    pub intended: Intended,
}

impl Report {
    /// The server did everything as the provider needs it.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.errors.is_empty() && self.differences.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.duration.as_secs_f64();
        writeln!(f, "{} at {} (seed {})", self.dialect.title(), self.url, self.seed)?;
        writeln!(f, "{} people, {} groups, {} changes", self.users, self.groups, self.changes)?;
        let rate = self.requests as f64 / seconds.max(0.001);
        writeln!(f, "{} requests in {seconds:.1} s ({rate:.0} a second), {} repeated", self.requests, self.retries)?;
        writeln!(
            f,
            "\n{:<16} {:>8} {:>8} {:>9} {:>9} {:>9}",
            "request", "sent", "refused", "median", "p99", "slowest"
        )?;
        let ms = |d: Duration| format!("{:.1} ms", d.as_secs_f64() * 1000.0);
        for kind in &self.kinds {
            let (median, p99, max) = (ms(kind.median), ms(kind.p99), ms(kind.max));
            writeln!(f, "{:<16} {:>8} {:>8} {median:>9} {p99:>9} {max:>9}", kind.kind, kind.requests, kind.refused)?;
        }
        section(f, "complaints of the provider", &self.errors)?;
        section(f, "differences between intended and actual state", &self.differences)
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, items: &[impl fmt::Display]) -> fmt::Result {
    const SHOWN: usize = 20;
    writeln!(f, "\n{} {title}{}", items.len(), if items.is_empty() { "" } else { ":" })?;
    for item in items.iter().take(SHOWN) {
        writeln!(f, "  {item}")?;
    }
    match items.len().checked_sub(SHOWN).filter(|rest| *rest > 0) {
        Some(rest) => writeln!(f, "  and {rest} more"),
        None => Ok(()),
    }
}

/// Exchanges grouped by what they were for.
pub(crate) fn kinds(exchanges: &[Exchange]) -> Vec<KindSummary> {
    let mut grouped: BTreeMap<Message, Vec<&Exchange>> = BTreeMap::new();
    for exchange in exchanges {
        grouped.entry(exchange.message).or_default().push(exchange);
    }
    grouped
        .into_iter()
        .map(|(kind, exchanges)| {
            let mut latencies: Vec<_> = exchanges.iter().map(|e| e.latency).collect();
            latencies.sort_unstable();
            let at = |share: f64| {
                let rank = (latencies.len() as f64 * share).ceil() as usize;
                latencies.get(rank.saturating_sub(1)).copied().unwrap_or_default()
            };
            let refused = exchanges.iter().filter(|e| e.status == 0 || e.status >= 400).count();
            KindSummary { kind, requests: exchanges.len(), refused, median: at(0.5), p99: at(0.99), max: at(1.0) }
        })
        .collect()
}

fn milliseconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((duration.as_secs_f64() * 1_000_000.0).round() / 1000.0)
}
