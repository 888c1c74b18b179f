//! The provider's own directory: who works here, in which groups, and who has left. What of it should be at the server is
//! another question, see [`crate::Intended`].

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use serde::Serialize;

use crate::history::Change;
use crate::people::{IdStyle, Person, PersonKey, Population, TEAMS};

/// The name by which a simulation knows a group; not sent anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct GroupKey(pub u32);

/// Where a person stands in the provider's directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Assigned to the application.
    Active,
    /// Deactivated or unassigned; may come back.
    Left,
    /// Deleted for good.
    Erased,
}

/// A group of the provider's directory that is pushed to the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The simulation's own name for the group.
    pub key: GroupKey,
    /// The provider's id of the group; only some providers send it.
    pub idp_id: String,
    /// The name, unique without regard to case.
    pub name: String,
    /// The members, those who have left included.
    pub members: BTreeSet<PersonKey>,
}

/// The provider's directory.
#[derive(Debug, Clone)]
pub struct Directory {
    people: BTreeMap<PersonKey, (Person, Standing)>,
    groups: BTreeMap<GroupKey, Group>,
    pub(crate) population: Population,
    next_group: u32,
}

impl Directory {
    /// A directory of so many people and groups; the first group holds everyone, the others are departments and teams of
    /// very different sizes.
    #[must_use]
    pub fn generate(seed: u64, ids: IdStyle, people: usize, groups: usize) -> Self {
        let mut rng = StdRng::seed_from_u64(seed ^ 0x6469_7265_6374_6f72);
        let mut directory = Self {
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            population: Population::new(seed, ids),
            next_group: 0,
        };
        for _ in 0..people {
            let mut person = directory.population.hire();
            // About one in eight is a manager of those who came later.
            let seniors = person.key.0.div_ceil(8);
            if seniors > 0 && rng.random_bool(0.85) {
                person.manager = Some(PersonKey(rng.random_range(0..seniors)));
            }
            directory.people.insert(person.key, (person, Standing::Active));
        }
        for _ in 0..groups {
            let group = directory.found(&mut rng);
            directory.groups.insert(group.key, group);
        }
        directory
    }

    /// A new group with members; the caller adds it.
    pub(crate) fn found(&mut self, rng: &mut StdRng) -> Group {
        let number = self.next_group;
        self.next_group += 1;
        let (mut name, members) = self.charter(number, rng);
        while self.groups.values().any(|group| group.name.to_lowercase() == name.to_lowercase()) {
            name.push_str(" bis");
        }
        Group { key: GroupKey(number), idp_id: self.population.group_id(), name, members }
    }

    fn charter(&self, number: u32, rng: &mut StdRng) -> (String, BTreeSet<PersonKey>) {
        let active = || self.people.values().filter(|(_, s)| *s == Standing::Active).map(|(p, _)| p);
        if number == 0 {
            return ("Everyone".to_owned(), active().map(|p| p.key).collect());
        }
        let departments: BTreeSet<_> = active().filter_map(|p| p.department.as_deref()).collect();
        let index = number as usize - 1;
        if let Some(department) = departments.iter().nth(index) {
            let members = active().filter(|p| p.department.as_deref() == Some(department)).map(|p| p.key);
            return (format!("Dept {department}"), members.collect());
        }
        let round = index / TEAMS.len();
        let team = TEAMS[index % TEAMS.len()];
        let name = if round == 0 { team.to_owned() } else { format!("{team} {round}") };
        // Team sizes are skewed: many small ones, some large, a few empty.
        let share = rng.random::<f64>().powi(3) * 0.4;
        let keys: Vec<_> = active().map(|p| p.key).collect();
        let size = (keys.len() as f64 * share) as usize;
        (name, keys.sample(rng, size).copied().collect())
    }

    /// A person, wherever they stand.
    #[must_use]
    pub fn person(&self, key: PersonKey) -> Option<&Person> {
        self.people.get(&key).map(|(person, _)| person)
    }

    /// Where a person stands.
    #[must_use]
    pub fn standing(&self, key: PersonKey) -> Option<Standing> {
        self.people.get(&key).map(|(_, standing)| *standing)
    }

    /// Everybody who ever was in the directory, in the order of their hiring.
    pub fn people(&self) -> impl Iterator<Item = (&Person, Standing)> {
        self.people.values().map(|(person, standing)| (person, *standing))
    }

    /// The keys of those who stand so.
    #[must_use]
    pub fn standing_keys(&self, standing: Standing) -> Vec<PersonKey> {
        self.people.iter().filter(|(_, (_, s))| *s == standing).map(|(key, _)| *key).collect()
    }

    /// A group.
    #[must_use]
    pub fn group(&self, key: GroupKey) -> Option<&Group> {
        self.groups.get(&key)
    }

    /// All groups, in the order of their founding.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The members of a group whom Okta would push: those who are assigned to the application as well.
    #[must_use]
    pub fn assigned_members(&self, key: GroupKey) -> Vec<PersonKey> {
        let members = self.groups.get(&key).map(|group| &group.members);
        members.into_iter().flatten().copied().filter(|p| self.standing(*p) == Some(Standing::Active)).collect()
    }

    /// The groups a person is in.
    #[must_use]
    pub fn groups_of(&self, person: PersonKey) -> Vec<GroupKey> {
        self.groups.values().filter(|group| group.members.contains(&person)).map(|group| group.key).collect()
    }

    /// Carries out one change.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Hire { person, groups } => {
                self.people.insert(person.key, ((**person).clone(), Standing::Active));
                for group in groups {
                    self.with_group(*group, |g| _ = g.members.insert(person.key));
                }
            }
            Change::Edit(person) | Change::Rename(person) => {
                if let Some((known, _)) = self.people.get_mut(&person.key) {
                    *known = (**person).clone();
                }
            }
            Change::Leave(key) => self.stand(*key, Standing::Left),
            Change::Return(key) => self.stand(*key, Standing::Active),
            Change::Erase(key) => {
                self.stand(*key, Standing::Erased);
                for group in self.groups.values_mut() {
                    group.members.remove(key);
                }
            }
            Change::Move { person, from, to } => {
                self.with_group(*from, |g| _ = g.members.remove(person));
                self.with_group(*to, |g| _ = g.members.insert(*person));
            }
            Change::Join { group, people } => self.with_group(*group, |g| g.members.extend(people)),
            Change::Depart { group, people } => {
                self.with_group(*group, |g| g.members.retain(|member| !people.contains(member)));
            }
            Change::Found(group) => {
                self.next_group = self.next_group.max(group.key.0 + 1);
                self.groups.insert(group.key, group.clone());
            }
            Change::Retitle { group, name } => self.with_group(*group, |g| g.name.clone_from(name)),
            Change::Dissolve(group) => _ = self.groups.remove(group),
            Change::Suspend(_) | Change::PushNow(_) => {}
        }
    }

    fn stand(&mut self, key: PersonKey, standing: Standing) {
        if let Some((_, current)) = self.people.get_mut(&key) {
            *current = standing;
        }
    }

    fn with_group(&mut self, key: GroupKey, edit: impl FnOnce(&mut Group)) {
        if let Some(group) = self.groups.get_mut(&key) {
            edit(group);
        }
    }
}
