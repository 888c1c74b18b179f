//! How far a setup has come, as real traffic shows it (C3): nobody ticks a step off.

use doorward_store::directory::{DirectoryRow, State};
use doorward_store::event::EventRow;
use doorward_store::paging::Order;
use serde_json::Value;

use super::frame::newest;
use super::guide::{Guide, Proof};
use crate::app::App;
use crate::portal::findings::Finding;
use crate::portal::gate::Administrator;
use crate::portal::page::Failure;
use crate::portal::shown::Time;
use crate::service::events::{self, EventFilter, Place};

/// How far back, and how far from the beginning, events are looked through. A setup is at the beginning of a directory.
const LOOKED: i64 = 200;

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Not its turn yet.
    Todo,
    /// Its turn: nothing has come so far.
    Waiting,
    /// Its turn, and something was refused.
    Failed,
    /// Left out: what comes after it was seen.
    Skipped,
    /// It was seen to be done.
    Seen,
}

impl Stand {
    /// The word of the section `stand`.
    pub fn word(self) -> &'static str {
        match self {
            Stand::Todo => "todo",
            Stand::Waiting => "waiting",
            Stand::Failed => "failed",
            Stand::Skipped => "skipped",
            Stand::Seen => "seen",
        }
    }
}

/// How the steps of a guide stand.
pub fn stands(guide: &Guide, row: &DirectoryRow, findings: &[Finding]) -> Vec<Stand> {
    let proofs: Vec<Proof> = guide.steps.iter().map(|step| step.proof).collect();
    let failing = findings.iter().any(|finding| finding.severity == "error");
    stands_of(&proofs, |proof| is_proved(proof, row), failing)
}

fn is_proved(proof: Proof, row: &DirectoryRow) -> bool {
    let people = row.counts.users();
    match proof {
        Proof::Connected => row.first_contact_at.is_some() || row.state == State::Linked || people > 0,
        Proof::Person => people > 0,
        Proof::Group => row.counts.groups > 0,
        Proof::Everyone => people > 1,
    }
}

fn stands_of(proofs: &[Proof], proved: impl Fn(Proof) -> bool, failing: bool) -> Vec<Stand> {
    let last = proofs.iter().rposition(|proof| proved(*proof));
    // Groups are nobody's duty: who sends everybody without one has left them out.
    let skipped = |place: usize| last.is_some_and(|last| place < last);
    let open = proofs.iter().enumerate().find(|(place, proof)| !proved(**proof) && !skipped(*place));
    // Of several steps with one proof the last is the one that brings it.
    let turn = open.and_then(|(_, open)| proofs.iter().rposition(|proof| proof == open));
    let stand = |(place, proof): (usize, &Proof)| match (proved(*proof), Some(place) == turn) {
        (true, _) => Stand::Seen,
        (false, true) if failing => Stand::Failed,
        (false, true) => Stand::Waiting,
        (false, false) if skipped(place) => Stand::Skipped,
        (false, false) => Stand::Todo,
    };
    proofs.iter().enumerate().map(stand).collect()
}

/// Something that the identity provider has, or has not, been seen to do.
#[derive(Debug)]
pub struct Fact {
    /// Its word in the sections `fact` and `fact_how`.
    pub word: &'static str,
    /// Whether it was seen.
    pub seen: bool,
    /// When it was seen last, as far as that is known.
    pub time: Option<Time>,
}

/// What was seen of a directory's identity provider, and what was not (C3.8, C8).
///
/// # Errors
/// When the database fails.
pub async fn facts(app: &App, who: &Administrator, row: &DirectoryRow) -> Result<Vec<Fact>, Failure> {
    let mut rows = newest(app, who, row, &[], LOOKED).await?;
    let filter = EventFilter { directory_id: Some(row.id), ..EventFilter::default() };
    let place = Place { after: None, before: None, limit: LOOKED, order: Order::Ascending };
    let first = events::list(app.store(), &who.scope, place, filter).await;
    rows.extend(first.map_err(|error| who.view.failed(error))?.items);
    let last = |found: &dyn Fn(&EventRow) -> bool| rows.iter().filter(|row| found(row)).map(|row| row.created_at).max();
    let of = |word: &'static str| move |row: &EventRow| row.event_type == word && is_theirs(row);
    let counts = &row.counts;
    let facts = [
        ("connected", is_proved(Proof::Connected, row), row.traffic.accepted_at.or(row.first_contact_at)),
        ("created", counts.users() > 0, last(&of("dsync.user.created"))),
        ("updated", false, last(&|row| of("dsync.user.updated")(row) && !turns_to(row, "inactive"))),
        (
            "deactivated",
            counts.users_inactive > 0,
            last(&|row| turns_to(row, "inactive") || of("dsync.user.deleted")(row)),
        ),
        ("group", counts.groups > 0, last(&of("dsync.group.created"))),
        ("member", false, last(&of("dsync.group.user_added"))),
    ];
    let fact = |(word, seen, at): (&'static str, bool, Option<i64>)| Fact {
        word,
        seen: seen || at.is_some(),
        time: at.map(Time::of),
    };
    Ok(facts.into_iter().map(fact).collect())
}

fn is_theirs(row: &EventRow) -> bool {
    row.origin.actor == "scim_auto_sync"
}

/// Whether a person came into this state by the event.
pub fn turns_to(row: &EventRow, state: &str) -> bool {
    if row.event_type != "dsync.user.updated" || !is_theirs(row) {
        return false;
    }
    let data: Value = serde_json::from_str(&row.data).unwrap_or_default();
    let before = data.get("previous_attributes").and_then(|before| before.get("state"));
    before.is_some() && data.get("state").and_then(Value::as_str) == Some(state)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Proof; 5] = [Proof::Connected, Proof::Connected, Proof::Person, Proof::Group, Proof::Everyone];

    fn words(seen: &[Proof], failing: bool) -> Vec<&'static str> {
        stands_of(&STEPS, |proof| seen.contains(&proof), failing).into_iter().map(Stand::word).collect()
    }

    #[test]
    fn one_step_has_its_turn_and_what_was_seen_is_done() {
        assert_eq!(words(&[], false), ["todo", "waiting", "todo", "todo", "todo"]);
        assert_eq!(words(&[Proof::Connected], true), ["seen", "seen", "failed", "todo", "todo"]);
        assert_eq!(words(&[Proof::Connected, Proof::Person], false), ["seen", "seen", "seen", "waiting", "todo"]);
    }

    #[test]
    fn a_group_that_nobody_pushed_is_left_out() {
        let seen = [Proof::Connected, Proof::Person, Proof::Everyone];
        assert_eq!(words(&seen, true), ["seen", "seen", "seen", "skipped", "seen"]);
    }
}
