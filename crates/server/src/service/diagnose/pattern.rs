//! D01, D09, D10, D14, D15, D23 and D24: what only several requests show, or their absence.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::{Diagnosis, Severity};
use crate::service::instant;

/// A minute in microseconds.
const MINUTE: i64 = 60_000_000;

/// The share of a directory's people whose deactivation at once is worth an alarm, in hundredths.
const MANY: usize = 20;

/// Fewer deactivations than this are never an alarm.
const SOME: usize = 5;

/// A request of the past.
#[derive(Debug, Clone)]
pub struct Past {
    /// When it came, in Unix microseconds.
    pub at: i64,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// Whether its credential was accepted.
    pub accepted: bool,
    /// Whether it was answered with less than 400.
    pub succeeded: bool,
    /// The user or group that it was about.
    pub subject: Option<String>,
    /// What was noted of it.
    pub facts: Facts,
}

impl Past {
    fn is_user(&self) -> bool {
        self.path.contains("/Users")
    }

    fn is_group(&self) -> bool {
        self.path.contains("/Groups")
    }

    fn changes(&self) -> bool {
        self.succeeded
            && matches!(self.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
            && !self.path.ends_with(".search")
    }

    fn deactivates(&self) -> bool {
        self.succeeded && self.is_user() && (self.method == "DELETE" || self.facts.active == Some(false))
    }
}

/// A directory, as far as its patterns are judged by it. Times are Unix microseconds.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    /// The time now.
    pub now: i64,
    /// The kind of identity provider.
    pub directory_type: String,
    /// The SCIM base URL that it should have.
    pub url: String,
    /// Whether it takes part at all.
    pub enabled: bool,
    /// When its first credential was made.
    pub credential_since: Option<i64>,
    /// Its first request ever.
    pub first_at: Option<i64>,
    /// The last request that was let in.
    pub accepted_at: Option<i64>,
    /// How many users it has.
    pub users: i64,
    /// People who were deactivated ten minutes ago or more and are still members of groups.
    pub stale_members: usize,
}

/// A finding with the time of its first and its last sign, in Unix microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What was found.
    pub diagnosis: Diagnosis,
    /// The first sign of it.
    pub first_at: i64,
    /// The last sign of it.
    pub last_at: i64,
}

/// What the recent past of a directory shows. `past` in the order in which the requests came.
pub fn directory(past: &[Past], directory: &Directory) -> Vec<Pattern> {
    if !directory.enabled {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(silence(directory));
    found.extend(only_looked_up(past, directory));
    found.extend(nobody_came(past, directory));
    found.extend(stale_members(past, directory));
    found.extend(replaced_groups(past));
    found.extend(flapping(past));
    found.extend(mass_deactivation(past, directory));
    found
}

fn minutes(from: i64, to: i64) -> i64 {
    (to - from) / MINUTE
}

/// D01: the credential is there and nothing has come.
fn silence(directory: &Directory) -> Option<Pattern> {
    let since = directory.credential_since?;
    let waited = minutes(since, directory.now);
    if directory.first_at.is_some() || directory.accepted_at.is_some() || waited < 5 {
        return None;
    }
    let severity = if waited < 30 { Severity::Warning } else { Severity::Error };
    let diagnosis = Diagnosis::new("D01", severity).with("minutes", waited).with("url", &directory.url);
    Some(Pattern { diagnosis, first_at: since, last_at: directory.now })
}

fn is_entra(directory: &Directory) -> bool {
    directory.directory_type.starts_with("azure")
}

/// D09: people were looked up and not found, and no creation followed. Entra's test looks up a random name as well, which is D15.
fn only_looked_up(past: &[Past], directory: &Directory) -> Option<Pattern> {
    let created: Vec<i64> = past.iter().filter(|request| is_creation(request)).map(|request| request.at).collect();
    let followed = |at: i64| created.iter().any(|made| (at..=at + 2 * MINUTE).contains(made));
    let lookups: Vec<&Past> = past
        .iter()
        .filter(|request| request.accepted && request.is_user() && request.facts.looked_up.is_some())
        .filter(|request| request.facts.found == Some(0) && request.at + 2 * MINUTE <= directory.now)
        .filter(|request| !followed(request.at))
        .collect();
    let (first, last) = (lookups.first()?, lookups.last()?);
    // Whatever was created since shows that it may create.
    if is_entra(directory) || created.iter().any(|made| *made > last.at) {
        return None;
    }
    let diagnosis = Diagnosis::new("D09", Severity::Warning).with("count", lookups.len());
    Some(Pattern { diagnosis, first_at: first.at, last_at: last.at })
}

/// A person was sent, taken or not.
fn is_creation(request: &Past) -> bool {
    request.accepted && request.method == "POST" && request.path.trim_end_matches('/').ends_with("/Users")
}

/// D10 and D15: the connection works, and nobody has come.
fn nobody_came(past: &[Past], directory: &Directory) -> Option<Pattern> {
    let accepted: Vec<&Past> = past.iter().filter(|request| request.accepted).collect();
    let (first, last) = (accepted.first()?, accepted.last()?);
    if directory.users > 0 || accepted.iter().any(|request| is_creation(request)) {
        return None;
    }
    let probed = accepted.iter().any(|request| request.facts.looked_up.is_some());
    let (key, severity, since, patience) = match (is_entra(directory), probed) {
        (true, true) => ("D15", Severity::Warning, last.at, 60),
        // Who looks people up and does not create them has another problem.
        (false, true) => return None,
        _ => ("D10", Severity::Note, first.at, 15),
    };
    let waited = minutes(since, directory.now);
    let diagnosis = Diagnosis::new(key, severity).with("minutes", waited);
    (waited >= patience).then_some(Pattern { diagnosis, first_at: first.at, last_at: last.at })
}

/// D14: people went and their memberships stayed, in a directory to which groups are pushed.
fn stale_members(past: &[Past], directory: &Directory) -> Option<Pattern> {
    let pushed = past.iter().any(|request| request.is_group() && request.changes());
    let left: Vec<&Past> = past.iter().filter(|request| request.deactivates() && request.method != "DELETE").collect();
    let (first, last) = (left.first()?, left.last()?);
    if !pushed || directory.stale_members == 0 {
        return None;
    }
    let diagnosis = Diagnosis::new("D14.members", Severity::Warning).with("count", directory.stale_members);
    Some(Pattern { diagnosis, first_at: first.at, last_at: last.at })
}

/// D14: one group, replaced as a whole again and again.
fn replaced_groups(past: &[Past]) -> Vec<Pattern> {
    let mut times: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for request in past.iter().filter(|request| request.is_group() && request.method == "PUT" && request.succeeded) {
        if let Some(subject) = &request.subject {
            times.entry(subject).or_default().push(request.at);
        }
    }
    let within_an_hour = |times: &[i64]| times.windows(3).any(|window| window_spans(window) <= 60 * MINUTE);
    let found = times.into_iter().filter(|(_, times)| within_an_hour(times));
    found
        .filter_map(|(id, times)| {
            let diagnosis = Diagnosis::new("D14.replaced", Severity::Warning).with("id", id).with("count", times.len());
            Some(Pattern { diagnosis, first_at: *times.first()?, last_at: *times.last()? })
        })
        .collect()
}

fn window_spans(window: &[i64]) -> i64 {
    window.last().copied().unwrap_or_default() - window.first().copied().unwrap_or_default()
}

/// D23: one person, active and inactive in turn.
fn flapping(past: &[Past]) -> Vec<Pattern> {
    let mut turns: BTreeMap<&str, (Option<bool>, Vec<i64>)> = BTreeMap::new();
    for request in past.iter().filter(|request| request.is_user() && request.changes()) {
        let (Some(subject), Some(active)) = (&request.subject, request.facts.active) else { continue };
        let (before, times) = turns.entry(subject).or_default();
        if before.is_some_and(|before| before != active) {
            times.push(request.at);
        }
        *before = Some(active);
    }
    let turns = turns.into_iter().map(|(subject, (_, times))| (subject, times));
    turns
        .filter(|(_, times)| times.windows(3).any(|window| window_spans(window) <= 60 * MINUTE))
        .filter_map(|(name, times)| {
            let last: Vec<String> = times.iter().rev().take(4).rev().map(|at| instant::text(*at)).collect();
            let diagnosis = Diagnosis::new("D23", Severity::Warning).with("name", name).with("count", times.len());
            let diagnosis = diagnosis.with("times", last.join(", "));
            Some(Pattern { diagnosis, first_at: *times.first()?, last_at: *times.last()? })
        })
        .collect()
}

/// D24: very many people deactivated or deleted within ten minutes.
fn mass_deactivation(past: &[Past], directory: &Directory) -> Option<Pattern> {
    let gone: Vec<(i64, &str)> = past
        .iter()
        .filter(|request| request.deactivates())
        .filter_map(|request| Some((request.at, request.subject.as_deref()?)))
        .collect();
    let deleted = past.iter().filter(|request| request.deactivates() && request.method == "DELETE").count();
    let total = usize::try_from(directory.users).unwrap_or_default() + deleted;
    // The past is in order: a window slides over it.
    let (mut inside, mut first, mut most) = (BTreeMap::<&str, usize>::new(), gone.iter(), (0, 0));
    let mut oldest = first.next();
    for (at, subject) in &gone {
        *inside.entry(subject).or_default() += 1;
        while let Some((_, subject)) = oldest.filter(|(left, _)| at - left > 10 * MINUTE) {
            if let Some(count) = inside.get_mut(subject) {
                *count -= 1;
                if *count == 0 {
                    inside.remove(subject);
                }
            }
            oldest = first.next();
        }
        most = most.max((inside.len(), oldest.map_or(*at, |(oldest, _)| *oldest)));
    }
    let (count, from) = most;
    if count < SOME || count * 100 < total * MANY {
        return None;
    }
    let diagnosis = Diagnosis::new("D24", Severity::Warning).with("count", count).with("total", total);
    let diagnosis = diagnosis.with("at", instant::text(from));
    let last = gone.iter().map(|(at, _)| *at).filter(|at| *at <= from + 10 * MINUTE).max().unwrap_or(from);
    Some(Pattern { diagnosis, first_at: from, last_at: last })
}

#[cfg(test)]
mod tests;
