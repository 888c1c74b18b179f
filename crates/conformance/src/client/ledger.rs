//! What the run has made on the server: read off the answers, so that nothing is forgotten that a check did not expect.

use serde_json::Value;

/// Paths of resources, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    made: Vec<String>,
    gone: Vec<String>,
}

impl Ledger {
    /// Learns from one exchange. `path` is below the base URL.
    pub(super) fn note(&mut self, method: &str, path: &str, base: &str, status: u16, answer: Option<&Value>) {
        let path = path.split('?').next().unwrap_or_default();
        match method {
            "POST" if (200..300).contains(&status) => self.note_post(path, base, answer),
            "DELETE" if (200..300).contains(&status) || status == 404 => self.gone.push(path.to_owned()),
            _ => {}
        }
    }

    fn note_post(&mut self, path: &str, base: &str, answer: Option<&Value>) {
        let Some(answer) = answer else { return };
        if path == "/Bulk" {
            let results = answer.get("Operations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let locations =
                results.iter().filter(|result| result.get("method").and_then(Value::as_str) == Some("POST"));
            for location in locations.filter_map(|result| result.get("location").and_then(Value::as_str)) {
                self.push(location.strip_prefix(base).unwrap_or(location));
            }
        } else if path.matches('/').count() == 1
            && let Some(id) = answer.get("id").and_then(Value::as_str)
        {
            self.push(&format!("{path}/{id}"));
        }
    }

    fn push(&mut self, path: &str) {
        if path.starts_with('/') && !self.made.iter().any(|other| other == path) {
            self.made.push(path.to_owned());
        }
    }

    /// How many resources the run has made.
    pub(super) fn count(&self) -> usize {
        self.made.len()
    }

    /// What is still there as far as is known, the latest first, groups before the users in them.
    pub(super) fn left(&self) -> Vec<String> {
        let there = self.made.iter().rev().filter(|path| !self.gone.contains(path));
        let (groups, others): (Vec<&String>, Vec<&String>) = there.partition(|path| path.starts_with("/Groups/"));
        groups.into_iter().chain(others).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_go_before_users_and_nothing_twice() {
        let mut ledger = Ledger::default();
        for (path, id) in [("/Users", "u1"), ("/Groups", "g1"), ("/Users?attributes=id", "u2")] {
            ledger.note("POST", path, "http://s", 201, Some(&json!({"id": id})));
        }
        let bulk = json!({"Operations": [{"method": "POST", "location": "http://s/Users/u3"}, {"method": "PUT"}]});
        ledger.note("POST", "/Bulk", "http://s", 200, Some(&bulk));
        ledger.note("POST", "/Users", "http://s", 409, Some(&json!({"id": "no"})));
        ledger.note("POST", "/Users/.search", "http://s", 200, Some(&json!({"id": "no"})));
        ledger.note("DELETE", "/Users/u2", "http://s", 204, None);
        assert_eq!(ledger.left(), ["/Groups/g1", "/Users/u3", "/Users/u1"]);
        assert_eq!(ledger.count(), 4);
    }
}
