//! Entra: nothing is sent when it happens. Each cycle compares the directory with what was sent before and writes users,
//! then references to managers, then groups, then memberships; what failed in one cycle is tried again in the next.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Place, Stage};
use crate::directory::{Directory, Group, Standing};
use crate::error::Error;
use crate::history::Change;
use crate::intended::{Intended, IntendedUser};
use crate::people::{Person, PersonKey};
use crate::progress::Phase;
use crate::session::{Failure, Session};

/// A day has at least this many cycles after the initial one, where Entra has one about every 40 minutes.
const CYCLES: usize = 6;

/// No cycle sends more changes at once than this: a long history is to be lived through, not summed up.
const CHANGES: usize = 100;

pub(super) async fn play(stage: &mut Stage<'_>, directory: &mut Directory, changes: &[Change]) -> Result<(), Error> {
    Cycle { directory, day: None }.run(stage).await?;
    let size = changes.len().div_ceil(CYCLES).clamp(1, CHANGES);
    let mut done = 0;
    for part in changes.chunks(size) {
        for change in part {
            directory.apply(change);
        }
        Cycle { directory, day: Some((done, changes.len())) }.run(stage).await?;
        done += part.len();
    }
    if done > 0 {
        stage.tell(Phase::Changes, done, done);
    }
    Ok(())
}

/// One cycle over a directory; `day`: how many of the day's changes were sent before, and how many there are.
struct Cycle<'a> {
    directory: &'a Directory,
    day: Option<(usize, usize)>,
}

/// What is to be sent for one person.
enum Task {
    Assign(Box<Person>),
    Update(Box<Person>),
    Deactivate(PersonKey),
    Reactivate(PersonKey),
    Erase(PersonKey),
}

impl Cycle<'_> {
    async fn run(&self, stage: &mut Stage<'_>) -> Result<(), Error> {
        prove_credential(&stage.session).await;
        let intended = stage.session.intended();
        // Deletions come first: they free user names for those who are new.
        let erased = self.directory.people().filter_map(|(person, standing)| {
            let there = intended.users.get(&person.key).is_some_and(|user| !user.erased);
            (standing == Standing::Erased && there).then_some(vec![Task::Erase(person.key)])
        });
        let due =
            self.directory.people().map(|(person, standing)| tasks(person, standing, intended.users.get(&person.key)));
        for tasks in [erased.collect::<Vec<_>>(), due.filter(|tasks| !tasks.is_empty()).collect()] {
            stage.each(self.place(Phase::Users, tasks.len()), tasks, send).await?;
        }
        let managed = self.directory.standing_keys(Standing::Active);
        let place = self.place(Phase::References, managed.len());
        stage.each(place, managed, |session, key| async move { session.refer(key).await }).await?;
        self.groups(stage).await?;
        self.memberships(stage).await
    }

    fn place(&self, phase: Phase, total: usize) -> Place {
        match self.day {
            None => Place::start(phase, total),
            Some((done, total)) => Place { phase: Phase::Changes, done, total, counts: false },
        }
    }

    async fn groups(&self, stage: &mut Stage<'_>) -> Result<(), Error> {
        let intended = stage.session.intended();
        for group in intended.groups.values().filter(|g| !g.erased && self.directory.group(g.key).is_none()) {
            // A failure is among the session's problems.
            let _ = stage.session.delete_group(group.key).await;
        }
        let due: Vec<(Group, bool)> = self
            .directory
            .groups()
            .filter_map(|group| match intended.group_id(group.key) {
                None => Some((group.clone(), false)),
                Some(_) => (intended.groups[&group.key].name != group.name).then(|| (group.clone(), true)),
            })
            .collect();
        let place = self.place(Phase::Groups, due.len());
        let act = |session: Arc<Session>, (group, known): (Group, bool)| async move {
            if known {
                session.rename_group(group.key, &group.name).await
            } else {
                session.push_group(&group, &[]).await.map(drop)
            }
        };
        stage.each(place, due, act).await
    }

    async fn memberships(&self, stage: &mut Stage<'_>) -> Result<(), Error> {
        let due = self.membership_changes(&stage.session.intended());
        let place = self.place(Phase::Memberships, due.len());
        let act = |session: Arc<Session>, (key, add, remove): (_, Vec<_>, Vec<_>)| async move {
            session.change_members(key, &add, &remove).await
        };
        stage.each(place, due, act).await
    }

    fn membership_changes(
        &self,
        intended: &Intended,
    ) -> Vec<(crate::directory::GroupKey, Vec<PersonKey>, Vec<PersonKey>)> {
        let with_account = |key: &PersonKey| intended.user_id(*key).is_some();
        self.directory
            .groups()
            .filter_map(|group| {
                let sent = &intended.groups.get(&group.key)?.members;
                let wanted: BTreeSet<_> = group.members.iter().copied().filter(with_account).collect();
                let add: Vec<_> = wanted.difference(sent).copied().collect();
                let remove: Vec<_> = sent.difference(&wanted).copied().collect();
                (!add.is_empty() || !remove.is_empty()).then_some((group.key, add, remove))
            })
            .collect()
    }
}

/// What differs between a person and what was sent for them; deletions aside.
fn tasks(person: &Person, standing: Standing, sent: Option<&IntendedUser>) -> Vec<Task> {
    let Some(user) = sent.filter(|user| user.id.is_some()) else {
        let assigned = standing == Standing::Active;
        return if assigned { vec![Task::Assign(Box::new(person.clone()))] } else { Vec::new() };
    };
    let mut tasks = Vec::new();
    match (user.active, standing) {
        (_, Standing::Erased) => return tasks,
        (true, Standing::Left) => tasks.push(Task::Deactivate(person.key)),
        (false, Standing::Active) => tasks.push(Task::Reactivate(person.key)),
        _ => {}
    }
    if user.person != *person {
        tasks.push(Task::Update(Box::new(person.clone())));
    }
    tasks
}

async fn send(session: Arc<Session>, tasks: Vec<Task>) -> Result<(), Failure> {
    for task in tasks {
        match task {
            Task::Assign(person) => session.assign(&person).await.map(drop)?,
            Task::Update(person) => session.update(&person).await?,
            Task::Deactivate(key) => session.deactivate(key).await?,
            Task::Reactivate(key) => session.reactivate(key).await?,
            Task::Erase(key) => session.delete(key).await?,
        }
    }
    Ok(())
}

/// During runs Entra reads a user and a group to prove its credential.
async fn prove_credential(session: &Session) {
    let intended = session.intended();
    // A failure is among the session's problems.
    if let Some(key) = intended.users.iter().find(|(_, user)| !user.erased).map(|(key, _)| *key) {
        let _ = session.read_user(key).await;
    }
    if let Some(key) = intended.groups.iter().find(|(_, group)| !group.erased).map(|(key, _)| *key) {
        let _ = session.read_group_alone(key).await;
    }
}
