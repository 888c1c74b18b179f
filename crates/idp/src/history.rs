//! A seeded day in the life of a directory: people come, go and come back, marry, move between groups; groups are founded,
//! renamed, overwritten and dissolved.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use crate::directory::{Directory, Group, GroupKey, Standing};
use crate::people::{Person, PersonKey};

/// One change in the provider's directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Somebody new, in these groups from the start.
    Hire {
        /// The new person.
        person: Box<Person>,
        /// The groups they join.
        groups: Vec<GroupKey>,
    },
    /// Profile values changed; the person as they are now.
    Edit(Box<Person>),
    /// The user name changed, and with it name and address.
    Rename(Box<Person>),
    /// Deactivated, unassigned or out of scope.
    Leave(PersonKey),
    /// Back after leaving; the same account must come back.
    Return(PersonKey),
    /// Suspended, for which Okta sends nothing at all.
    Suspend(PersonKey),
    /// Deleted for good, after having left.
    Erase(PersonKey),
    /// From one group to another.
    Move {
        /// Who moves.
        person: PersonKey,
        /// The group that is left.
        from: GroupKey,
        /// The group that is joined.
        to: GroupKey,
    },
    /// Several people join a group at once.
    Join {
        /// The group.
        group: GroupKey,
        /// Who joins.
        people: Vec<PersonKey>,
    },
    /// Several people leave a group at once.
    Depart {
        /// The group.
        group: GroupKey,
        /// Who leaves it.
        people: Vec<PersonKey>,
    },
    /// A new group.
    Found(Group),
    /// A group gets another name.
    Retitle {
        /// The group.
        group: GroupKey,
        /// The new name.
        name: String,
    },
    /// A group is deleted, also at the server.
    Dissolve(GroupKey),
    /// The administrator presses Okta's "Push now".
    PushNow(GroupKey),
}

/// What a provider's day may contain beyond what all have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Customs {
    /// People are deleted at the server some time after they left.
    pub erases: bool,
}

/// So many changes, each possible after the ones before it. The same arguments give the same day.
#[must_use]
pub fn day(directory: &Directory, seed: u64, changes: usize, customs: Customs) -> Vec<Change> {
    let mut day = Day {
        directory: directory.clone(),
        rng: StdRng::seed_from_u64(seed ^ 0x0061_5f64_6179_2121),
        customs,
        renamed: 0,
    };
    let mut list = Vec::with_capacity(changes);
    // A small directory may not allow the kind that was drawn; another is drawn then.
    let mut draws = changes.saturating_mul(50).max(50);
    while list.len() < changes && draws > 0 {
        draws -= 1;
        if let Some(change) = day.draw() {
            day.directory.apply(&change);
            list.push(change);
        }
    }
    list
}

struct Day {
    directory: Directory,
    rng: StdRng,
    customs: Customs,
    renamed: u32,
}

impl Day {
    fn draw(&mut self) -> Option<Change> {
        match self.rng.random_range(0..100) {
            0..15 => Some(self.hire()),
            15..40 => self.edit(),
            40..46 => self.rename(),
            46..56 => Some(Change::Leave(self.anybody(Standing::Active)?)),
            56..62 => Some(Change::Return(self.anybody(Standing::Left)?)),
            62..64 => Some(Change::Suspend(self.anybody(Standing::Active)?)),
            64..68 => self.erase(),
            68..78 => self.relocate(),
            78..84 => self.join(),
            84..89 => self.depart(),
            89..92 => Some(Change::Found(self.directory.found(&mut self.rng))),
            92..95 => self.retitle(),
            95..97 => self.dissolve(),
            _ => Some(Change::PushNow(self.any_group()?)),
        }
    }

    fn hire(&mut self) -> Change {
        let mut person = self.directory.population.hire();
        // A deleted account frees its user name: sometimes the same name comes back as somebody new to the provider.
        if self.rng.random_bool(0.2)
            && let Some(former) = self.anybody(Standing::Erased).and_then(|key| self.directory.person(key))
            && !self.name_in_use(&former.user_name)
        {
            person = Person { key: person.key, idp_id: person.idp_id, manager: None, ..former.clone() };
        }
        person.manager = self.anybody(Standing::Active).filter(|_| self.rng.random_bool(0.7));
        let groups: Vec<_> = self.directory.groups().map(|group| group.key).collect();
        let count = self.rng.random_range(0..=groups.len().min(3));
        let groups = groups.sample(&mut self.rng, count).copied().collect();
        Change::Hire { person: Box::new(person), groups }
    }

    fn edit(&mut self) -> Option<Change> {
        let key = self.anybody(Standing::Active)?;
        let person = self.directory.person(key)?.clone();
        let mut edited = self.directory.population.edit(&person);
        if self.rng.random_bool(0.15) {
            edited.manager = self.anybody(Standing::Active).filter(|manager| *manager != key);
        }
        (edited != person).then(|| Change::Edit(Box::new(edited)))
    }

    fn rename(&mut self) -> Option<Change> {
        let key = self.anybody(Standing::Active)?;
        let person = self.directory.person(key)?.clone();
        Some(Change::Rename(Box::new(self.directory.population.marry(&person))))
    }

    fn erase(&mut self) -> Option<Change> {
        let key = self.anybody(Standing::Left).filter(|_| self.customs.erases)?;
        // Somebody to whom others refer stays; what providers send about such references is not documented.
        let referred = self.directory.people().any(|(person, _)| person.manager == Some(key));
        (!referred).then_some(Change::Erase(key))
    }

    fn relocate(&mut self) -> Option<Change> {
        let (from, to) = (self.any_group()?, self.any_group()?);
        let members = self.directory.assigned_members(from);
        let person = *members.choose(&mut self.rng)?;
        (from != to).then_some(Change::Move { person, from, to })
    }

    fn join(&mut self) -> Option<Change> {
        let group = self.any_group()?;
        let members = &self.directory.group(group)?.members;
        let outside: Vec<_> =
            self.directory.standing_keys(Standing::Active).into_iter().filter(|p| !members.contains(p)).collect();
        let people = self.some(&outside);
        (!people.is_empty()).then_some(Change::Join { group, people })
    }

    fn depart(&mut self) -> Option<Change> {
        let group = self.any_group()?;
        let members = self.directory.assigned_members(group);
        let people = self.some(&members);
        (!people.is_empty()).then_some(Change::Depart { group, people })
    }

    fn retitle(&mut self) -> Option<Change> {
        let group = self.any_group()?;
        self.renamed += 1;
        let name = self.directory.group(group)?.name.clone();
        let name = if self.rng.random_bool(0.3) { name.to_uppercase() } else { name };
        Some(Change::Retitle { group, name: format!("{name} ({})", self.renamed) })
    }

    fn dissolve(&mut self) -> Option<Change> {
        let groups = self.directory.groups().count();
        let group = self.any_group()?;
        (groups > 2).then_some(Change::Dissolve(group))
    }

    /// Up to 30 of them.
    fn some(&mut self, people: &[PersonKey]) -> Vec<PersonKey> {
        let count = self.rng.random_range(0..=people.len().min(30));
        people.sample(&mut self.rng, count).copied().collect()
    }

    fn anybody(&mut self, standing: Standing) -> Option<PersonKey> {
        self.directory.standing_keys(standing).choose(&mut self.rng).copied()
    }

    fn any_group(&mut self) -> Option<GroupKey> {
        let keys: Vec<_> = self.directory.groups().map(|group| group.key).collect();
        keys.choose(&mut self.rng).copied()
    }

    fn name_in_use(&self, user_name: &str) -> bool {
        self.directory.people().any(|(p, s)| s != Standing::Erased && p.user_name.eq_ignore_ascii_case(user_name))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::people::IdStyle;

    #[test]
    fn a_day_is_reproducible_and_every_change_is_possible_when_it_comes() {
        let directory = Directory::generate(5, IdStyle::Guid, 60, 8);
        let customs = Customs { erases: true };
        let first = day(&directory, 9, 400, customs);
        assert_eq!(first, day(&directory, 9, 400, customs));
        assert_eq!(first.len(), 400);
        let mut directory = directory;
        for change in &first {
            match change {
                Change::Leave(key) => assert_eq!(directory.standing(*key), Some(Standing::Active)),
                Change::Return(key) | Change::Erase(key) => assert_eq!(directory.standing(*key), Some(Standing::Left)),
                Change::Move { person, from, .. } => assert!(directory.group(*from).unwrap().members.contains(person)),
                Change::Retitle { group, .. } | Change::Dissolve(group) => assert!(directory.group(*group).is_some()),
                _ => {}
            }
            directory.apply(change);
        }
        let kinds: HashSet<_> = first.iter().map(std::mem::discriminant).collect();
        assert_eq!(kinds.len(), 14, "a long day has every kind of change");
    }

    #[test]
    fn group_names_stay_unique() {
        let mut directory = Directory::generate(5, IdStyle::Guid, 60, 30);
        for change in day(&directory, 2, 300, Customs { erases: false }) {
            directory.apply(&change);
            let names: HashSet<_> = directory.groups().map(|g| g.name.to_lowercase()).collect();
            assert_eq!(names.len(), directory.groups().count());
        }
    }
}
