//! Providers that send each change when it happens: everyone but Entra.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Place, Stage};
use crate::dialect::{Family, Membership, Rename};
use crate::directory::{Directory, GroupKey};
use crate::error::Error;
use crate::history::Change;
use crate::people::{Person, PersonKey};
use crate::progress::Phase;
use crate::session::{Failure, Session};

/// First assignment of all people, then push of all groups.
pub(super) async fn begin(stage: &mut Stage<'_>, directory: &Directory) -> Result<(), Error> {
    let total = directory.people().count();
    let mut done = 0;
    for level in levels(directory) {
        let place = Place { done, ..Place::start(Phase::Users, total) };
        done += level.len();
        stage.each(place, level, |session, person| async move { session.assign(&person).await.map(drop) }).await?;
    }
    let groups: Vec<_> =
        directory.groups().map(|group| (group.clone(), directory.assigned_members(group.key))).collect();
    let total = groups.len();
    stage
        .each(Place::start(Phase::Groups, total), groups, |session, (group, members)| async move {
            session.push_group(&group, &members).await.map(drop)
        })
        .await
}

/// The people by how many managers are above them, the top first: those of one level run at the same time, and a body names a manager
/// whose account is there.
fn levels(directory: &Directory) -> Vec<Vec<Person>> {
    let mut depths: BTreeMap<PersonKey, usize> = BTreeMap::new();
    let mut levels: Vec<Vec<Person>> = Vec::new();
    // Managers come before those who refer to them.
    for (person, _) in directory.people() {
        let depth = person.manager.and_then(|key| depths.get(&key)).map_or(0, |above| above + 1);
        depths.insert(person.key, depth);
        levels.resize_with(levels.len().max(depth + 1), Vec::new);
        levels[depth].push(person.clone());
    }
    levels
}

/// The day's changes in their order; those that touch different people and groups run at the same time.
pub(super) async fn live(stage: &mut Stage<'_>, directory: &mut Directory, changes: &[Change]) -> Result<(), Error> {
    let shares = shares_groups(&stage.session);
    let mut done = 0;
    while done < changes.len() {
        let mut wave = Vec::new();
        let mut touched = Touched::default();
        for change in &changes[done..] {
            if !touched.admit(directory, change, shares) {
                break;
            }
            directory.apply(change);
            wave.push(Step::new(directory, change));
        }
        let count = wave.len();
        let place = Place { phase: Phase::Changes, done, total: changes.len(), counts: true };
        stage.each(place, wave, carry_out).await?;
        done += count;
    }
    Ok(())
}

/// Deltas of one group may overlap on their way to the server; whole lists may not.
fn shares_groups(session: &Session) -> bool {
    !matches!(session.manner().membership, Membership::ReadReplace)
        && matches!(session.manner().rename, Rename::Path(_) | Rename::Name)
        || session.manner().membership == Membership::Delta
}

/// Whom and what the changes of one wave touch.
#[derive(Default)]
struct Touched {
    people: BTreeSet<PersonKey>,
    groups: BTreeSet<GroupKey>,
    shared: BTreeSet<GroupKey>,
}

impl Touched {
    /// Notes what a change touches, unless that would make it depend on a change of this wave.
    fn admit(&mut self, directory: &Directory, change: &Change, shares: bool) -> bool {
        let (mut people, mut shared, mut own) = (Vec::new(), Vec::new(), Vec::new());
        match change {
            Change::Hire { person, groups } => {
                people.push(person.key);
                people.extend(person.manager);
                shared.clone_from(groups);
            }
            Change::Edit(person) | Change::Rename(person) => {
                people.push(person.key);
                people.extend(person.manager);
            }
            Change::Leave(key) | Change::Suspend(key) => people.push(*key),
            Change::Return(key) | Change::Erase(key) => {
                people.push(*key);
                shared = directory.groups_of(*key);
            }
            Change::Move { person, from, to } => {
                people.push(*person);
                shared.extend([*from, *to]);
            }
            Change::Join { group, people: who } | Change::Depart { group, people: who } => {
                people.clone_from(who);
                shared.push(*group);
            }
            Change::Found(group) => {
                people.extend(&group.members);
                own.push(group.key);
            }
            Change::Retitle { group, .. } | Change::Dissolve(group) => own.push(*group),
            Change::PushNow(group) => {
                people = directory.assigned_members(*group);
                own.push(*group);
            }
        }
        if !shares {
            own.append(&mut shared);
        }
        let free = people.iter().all(|key| !self.people.contains(key))
            && own.iter().all(|key| !self.groups.contains(key) && !self.shared.contains(key))
            && shared.iter().all(|key| !self.groups.contains(key));
        if free {
            self.people.extend(people);
            self.groups.extend(own);
            self.shared.extend(shared);
        }
        free
    }
}

/// A change with what the provider knows at that moment.
struct Step {
    change: Change,
    /// The groups of a person who returns, or the members of a group that is overwritten.
    groups: Vec<GroupKey>,
    members: Vec<PersonKey>,
}

impl Step {
    fn new(directory: &Directory, change: &Change) -> Self {
        let groups = match change {
            Change::Return(key) => directory.groups_of(*key),
            _ => Vec::new(),
        };
        let members = match change {
            Change::Found(group) => directory.assigned_members(group.key),
            Change::PushNow(group) => directory.assigned_members(*group),
            _ => Vec::new(),
        };
        Self { change: change.clone(), groups, members }
    }
}

async fn carry_out(session: Arc<Session>, step: Step) -> Result<(), Failure> {
    match step.change {
        Change::Hire { person, groups } => {
            session.assign(&person).await?;
            for group in groups {
                session.change_members(group, &[person.key], &[]).await?;
            }
            Ok(())
        }
        Change::Edit(person) | Change::Rename(person) => session.update(&person).await,
        Change::Leave(key) => session.deactivate(key).await,
        Change::Return(key) => {
            session.reactivate(key).await?;
            // Okta pushes the memberships of those who are assigned again; a member who never left is added twice.
            if session.dialect().family() == Family::Okta {
                for group in step.groups {
                    session.change_members(group, &[key], &[]).await?;
                }
            }
            Ok(())
        }
        // Okta sends nothing for a suspension.
        Change::Suspend(_) => Ok(()),
        Change::Erase(key) => session.delete(key).await,
        Change::Move { person, from, to } => {
            session.change_members(from, &[], &[person]).await?;
            session.change_members(to, &[person], &[]).await
        }
        Change::Join { group, people } => session.change_members(group, &people, &[]).await,
        Change::Depart { group, people } => session.change_members(group, &[], &people).await,
        Change::Found(group) => session.push_group(&group, &step.members).await.map(drop),
        Change::Retitle { group, name } => session.rename_group(group, &name).await,
        Change::Dissolve(group) => session.delete_group(group).await,
        Change::PushNow(group) => session.overwrite_members(group, &step.members).await,
    }
}
