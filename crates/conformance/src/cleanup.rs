//! Leaving the server as it was found.

use serde::Serialize;
use serde_json::Value;

use crate::client::{Request, with_query};
use crate::probe::{Probe, path_of, text};

/// A list is walked no further than this, in pages of [`PAGE`].
const PAGES: usize = 30;
const PAGE: usize = 100;

/// What became of everything that the run made.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Cleanup {
    /// Resources that the run has made.
    pub made: usize,
    /// Paths of those that are still there.
    pub left: Vec<String>,
    /// How it was verified that nothing is left, or why it could not be.
    pub verified: String,
}

impl Cleanup {
    /// Nothing of the run is on the server any more.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.left.is_empty()
    }
}

/// Deletes what is known to be there, then looks for what carries the prefix, deletes that too, and looks again.
pub(crate) async fn clean_up(probe: &Probe) -> Cleanup {
    for path in probe.client.left() {
        delete(probe, &path).await;
    }
    let mut looked = Looked::at(probe).await;
    if !looked.found.is_empty() {
        for path in &looked.found {
            delete(probe, path).await;
        }
        looked = Looked::at(probe).await;
    }
    let mut left = probe.client.left();
    left.extend(looked.found.into_iter().filter(|path| !left.contains(path)).collect::<Vec<_>>());
    Cleanup { made: probe.client.made(), left, verified: looked.how }
}

async fn delete(probe: &Probe, path: &str) {
    // Whether it worked is seen in the ledger and by the sweep.
    let _ = probe.client.send_anyway(Request::new("DELETE", path)).await;
}

/// What carries the prefix, and how it was looked for.
struct Looked {
    found: Vec<String>,
    how: String,
}

impl Looked {
    async fn at(probe: &Probe) -> Self {
        let mut looked = Looked { found: Vec::new(), how: String::new() };
        let mut ways = Vec::new();
        for (endpoint, attribute) in [("/Users", "userName"), ("/Groups", "displayName")] {
            if endpoint == "/Groups" && !probe.features.groups {
                continue;
            }
            let way = match by_filter(probe, endpoint, attribute).await {
                Some(found) => {
                    looked.found.extend(found);
                    format!("{endpoint} searched by a filter")
                }
                None => {
                    let (found, whole) = by_walk(probe, endpoint, attribute).await;
                    looked.found.extend(found);
                    let extent = if whole { "read to the end" } else { "read as far as it answered or 3,000 long" };
                    format!("{endpoint} {extent}")
                }
            };
            ways.push(way);
        }
        looked.how = ways.join(", ");
        looked
    }
}

/// `None` when the server does not filter.
async fn by_filter(probe: &Probe, endpoint: &str, attribute: &str) -> Option<Vec<String>> {
    let filter = format!("{attribute} sw \"{}\"", probe.prefix);
    let answer =
        probe.client.send_anyway(Request::new("GET", with_query(endpoint, &[("filter", &filter)]))).await.ok()?;
    let resources = answer.resources().ok()?;
    // A server that shows others has not understood the filter. Nothing without the prefix is ever touched.
    resources.iter().map(|resource| ours(probe, endpoint, attribute, resource)).collect()
}

/// Reads the list page by page; whether its end was reached.
async fn by_walk(probe: &Probe, endpoint: &str, attribute: &str) -> (Vec<String>, bool) {
    let (mut found, mut start) = (Vec::new(), 1);
    for _ in 0..PAGES {
        let (start_text, count) = (start.to_string(), PAGE.to_string());
        let path = with_query(endpoint, &[("startIndex", &start_text), ("count", &count)]);
        let Ok(answer) = probe.client.send_anyway(Request::new("GET", path)).await else { return (found, false) };
        let (Ok(resources), Ok(total)) = (answer.resources(), answer.total()) else { return (found, false) };
        found.extend(resources.iter().filter_map(|resource| ours(probe, endpoint, attribute, resource)));
        start += resources.len();
        if resources.is_empty() || start as u64 > total {
            return (found, true);
        }
    }
    (found, false)
}

/// The path of a resource, when its name begins with the prefix of the run.
fn ours(probe: &Probe, endpoint: &str, attribute: &str, resource: &Value) -> Option<String> {
    let name = text(&resource[attribute]).to_ascii_lowercase();
    (name.starts_with(&probe.prefix) && resource["id"].is_string()).then(|| path_of(endpoint, resource))
}
