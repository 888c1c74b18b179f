//! The course of a run: is there a server, what does it offer, the checks one after another, and cleaning up.

use std::time::Instant;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::check::{Chapter, Check, Level, Version};
use crate::cleanup::clean_up;
use crate::client::{Client, Credential};
use crate::error::Error;
use crate::probe::{Features, Probe};
use crate::progress::Progress;
use crate::report::{Entry, Report};
use crate::verdict::Stop;
use crate::{v1, v2};

/// What is to be tested, and how it is reached.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The SCIM base URL, below which `/Users` lies.
    pub url: String,
    /// What the server is shown.
    pub credential: Credential,
    /// The version of the protocol.
    pub version: Version,
    /// Random: makes the prefix of this run's names, so that two runs do not meet.
    pub nonce: u64,
    /// Names of the chapters to look at, such as `create`; all when empty.
    pub only: Vec<String>,
    /// When cancelled, nothing more is checked, and what was made is deleted.
    pub interrupt: CancellationToken,
}

impl Plan {
    /// A plan that nobody interrupts.
    pub fn new(url: impl Into<String>, credential: Credential, version: Version, nonce: u64) -> Self {
        Plan { url: url.into(), credential, version, nonce, only: Vec::new(), interrupt: CancellationToken::new() }
    }

    /// With what the name of everything begins that this run makes.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("scimtest-{:012x}", self.nonce & 0xffff_ffff_ffff)
    }
}

/// Tests the server.
///
/// # Errors
/// When the server could not be tested at all; see [`Error`]. Whatever it answers wrongly is in the [`Report`].
pub async fn run(plan: Plan, watch: &mut (impl FnMut(Progress) + Send)) -> Result<Report, Error> {
    let begun = Instant::now();
    let chapters = chosen(&plan)?;
    let client = Client::new(&plan.url, plan.version, &plan.credential, plan.interrupt.clone())?;
    let mut probe = Probe::new(client, plan.version, plan.prefix());
    if let Some(features) = look(&probe).await? {
        probe.features = features;
        // An interruption is seen by the first check.
        let _ = probe.make_shared().await;
    }
    let entries = check_all(&probe, &chapters, watch).await;
    let interrupted = plan.interrupt.is_cancelled();
    let cleanup = clean_up(&probe).await;
    Ok(Report {
        url: plan.url,
        version: plan.version,
        prefix: probe.prefix.clone(),
        interrupted,
        requests: probe.client.requests(),
        milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        checks: entries,
        cleanup,
    })
}

/// Every check of a version: its name and its requirement.
#[must_use]
pub fn titles(version: Version) -> Vec<(String, &'static str)> {
    let all = chapters(version).iter().flat_map(|chapter| chapter.checks.iter().map(move |check| (chapter, check)));
    all.map(|(chapter, check)| (name(chapter, check), check.requirement)).collect()
}

fn chapters(version: Version) -> &'static [&'static Chapter] {
    match version {
        Version::V1 => v1::CHAPTERS,
        Version::V2 => v2::CHAPTERS,
    }
}

pub(crate) fn name(chapter: &Chapter, check: &Check) -> String {
    format!("{}/{}", chapter.name, check.name)
}

/// Is there a server that lets us in, and what does it offer? `None` when the run was interrupted meanwhile.
async fn look(probe: &Probe) -> Result<Option<Features>, Error> {
    let config_path = match probe.version {
        Version::V1 => "/ServiceProviderConfigs",
        Version::V2 => "/ServiceProviderConfig",
    };
    let mut features = Features::default();
    let mut last = (String::new(), 0);
    let mut found = false;
    for path in [config_path, "/Users?count=1", "/Groups?count=1"] {
        let answer = match probe.get(path).await {
            Ok(answer) => answer,
            Err(Stop::Silent(why)) => return Err(Error::Unreachable(why)),
            Err(_) => return Ok(None),
        };
        let good = answer.status == 200 && answer.object().is_ok();
        match path {
            // A server may well have no groups, or not for this credential.
            "/Groups?count=1" => features.groups = good,
            _ if matches!(answer.status, 401 | 403) => {
                return Err(Error::Refused { path: path.to_owned(), status: answer.status });
            }
            _ => {
                found |= good;
                last = (path.to_owned(), answer.status);
                if good && path == config_path {
                    features.config = answer.json.unwrap_or(Value::Null);
                }
            }
        }
    }
    if found { Ok(Some(features)) } else { Err(Error::NotScim { path: last.0, status: last.1 }) }
}

/// The chapters that the plan wants to see.
fn chosen(plan: &Plan) -> Result<Vec<&'static Chapter>, Error> {
    let all = chapters(plan.version);
    let known = |name: &String| all.iter().any(|chapter| chapter.name == name);
    if let Some(name) = plan.only.iter().find(|name| !known(name)) {
        let known: Vec<&str> = all.iter().map(|chapter| chapter.name).collect();
        return Err(Error::Chapter { name: name.clone(), known: known.join(", ") });
    }
    let wanted = |chapter: &&&Chapter| plan.only.is_empty() || plan.only.iter().any(|name| name == chapter.name);
    Ok(all.iter().filter(wanted).copied().collect())
}

async fn check_all(
    probe: &Probe,
    chapters: &[&'static Chapter],
    watch: &mut (impl FnMut(Progress) + Send),
) -> Vec<Entry> {
    let total = chapters.iter().map(|chapter| chapter.checks.len()).sum();
    let (mut entries, mut failed) = (Vec::new(), 0);
    for chapter in chapters {
        for check in chapter.checks {
            watch(Progress { chapter: chapter.title, done: entries.len(), total, failed });
            probe.client.take_exchanges();
            let verdict = check_one(probe, chapter, check).await;
            let entry = Entry::new(chapter, check, verdict, probe.client.take_exchanges());
            failed += usize::from(entry.is_failure());
            entries.push(entry);
        }
    }
    watch(Progress { chapter: "done", done: total, total, failed });
    entries
}

async fn check_one(probe: &Probe, chapter: &Chapter, check: &Check) -> Result<(), Stop> {
    if probe.client.is_interrupted() {
        return Err(Stop::Interrupted);
    }
    if probe.client.is_deserted() {
        return Err(Stop::Skipped("the server has stopped answering".to_owned()));
    }
    if let Some(feature) = chapter.needs {
        probe.needs(feature)?;
    }
    match (check.run)(probe).await {
        // An option that is not taken says nothing against a server.
        Err(Stop::Failed { expected, got }) if check.level == Level::Option => {
            Err(Stop::Skipped(format!("not offered: {expected}; {got}")))
        }
        verdict => verdict,
    }
}
