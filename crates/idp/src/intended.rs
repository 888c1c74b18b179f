//! What should be at the server: kept by a [`crate::Session`] as it sends, read by the [`crate::verdict`].

use std::collections::{BTreeMap, BTreeSet};

use crate::directory::{Group, GroupKey};
use crate::people::{Person, PersonKey};

/// An account as it should be.
#[derive(Debug, Clone)]
pub struct IntendedUser {
    /// The person, with the values last sent.
    pub person: Person,
    /// The server's id, once it is known.
    pub id: Option<String>,
    /// The account should be active.
    pub active: bool,
    /// The account was deleted and must be gone.
    pub erased: bool,
    /// The manager's reference was written, or the provider does not write it apart (see [`crate::Session::refer`]).
    pub referred: Option<PersonKey>,
}

/// A group as it should be.
#[derive(Debug, Clone)]
pub struct IntendedGroup {
    /// The simulation's own name for the group.
    pub key: GroupKey,
    /// The provider's id.
    pub idp_id: String,
    /// The name last sent.
    pub name: String,
    /// The server's id, once it is known.
    pub id: Option<String>,
    /// Who should be a member.
    pub members: BTreeSet<PersonKey>,
    /// Ids of members who were there before the group was taken over and were neither removed nor overwritten since. Most
    /// providers do not look at them, so that they may stay or go.
    pub inherited: BTreeSet<String>,
    /// The group was deleted and must be gone.
    pub erased: bool,
}

/// Everything that should be at the server.
#[derive(Debug, Clone, Default)]
pub struct Intended {
    /// Accounts by person.
    pub users: BTreeMap<PersonKey, IntendedUser>,
    /// Groups.
    pub groups: BTreeMap<GroupKey, IntendedGroup>,
    /// Ids of users and groups that were there before and are nobody's business here.
    pub foreign: BTreeSet<String>,
    /// The members of the groups that were there before, by the groups' ids.
    pub(crate) foreign_members: BTreeMap<String, BTreeSet<String>>,
}

impl Intended {
    /// Notes that a person should have an active account; the id of an account that was not deleted stays.
    pub(crate) fn employ(&mut self, person: &Person, referred: Option<PersonKey>) {
        let id = self.users.get(&person.key).filter(|user| !user.erased).and_then(|user| user.id.clone());
        let user = IntendedUser { person: person.clone(), id, active: true, erased: false, referred };
        self.users.insert(person.key, user);
    }

    /// Notes that a group should exist.
    pub(crate) fn found(&mut self, group: &Group) {
        let id = self.groups.get(&group.key).filter(|known| !known.erased).and_then(|known| known.id.clone());
        self.groups.insert(
            group.key,
            IntendedGroup {
                key: group.key,
                idp_id: group.idp_id.clone(),
                name: group.name.clone(),
                id,
                members: BTreeSet::new(),
                inherited: BTreeSet::new(),
                erased: false,
            },
        );
    }

    /// The server's id of a person's account.
    #[must_use]
    pub fn user_id(&self, key: PersonKey) -> Option<&str> {
        self.users.get(&key).filter(|user| !user.erased)?.id.as_deref()
    }

    /// The server's id of a group.
    #[must_use]
    pub fn group_id(&self, key: GroupKey) -> Option<&str> {
        self.groups.get(&key).filter(|group| !group.erased)?.id.as_deref()
    }

    /// Notes the server's id of a group.
    pub(crate) fn learn_group(&mut self, key: GroupKey, id: &str) {
        self.foreign.remove(id);
        // A provider that does not delete groups finds its own again when a name comes back.
        self.groups.retain(|other, group| *other == key || group.erased || group.id.as_deref() != Some(id));
        let inherited = self.foreign_members.remove(id).unwrap_or_default();
        if let Some(group) = self.groups.get_mut(&key) {
            group.id = Some(id.to_owned());
            group.inherited = inherited;
        }
    }

    /// Notes who leaves and who joins a group; returns whether it had members before.
    pub(crate) fn change_members(&mut self, key: GroupKey, add: &[PersonKey], remove: &[PersonKey]) -> bool {
        let gone: Vec<String> = remove.iter().filter_map(|key| self.user_id(*key).map(str::to_owned)).collect();
        let Some(group) = self.groups.get_mut(&key) else { return false };
        let peopled = !group.members.is_empty();
        group.members.retain(|member| !remove.contains(member));
        group.members.extend(add);
        group.inherited.retain(|id| !gone.contains(id));
        peopled
    }

    /// Notes that a group has these members and no others.
    pub(crate) fn overwrite_members(&mut self, key: GroupKey, members: &[PersonKey]) {
        if let Some(group) = self.groups.get_mut(&key) {
            group.members = members.iter().copied().collect();
            group.inherited.clear();
        }
    }

    /// Notes a deletion, which ends every membership of the person.
    pub(crate) fn erase(&mut self, key: PersonKey) {
        if let Some(user) = self.users.get_mut(&key) {
            user.erased = true;
            user.active = false;
        }
        for group in self.groups.values_mut() {
            group.members.remove(&key);
        }
    }
}
