//! Rows that a batch on PostgreSQL reads before its jobs run, all of them in the round trip that begins the transaction.
//!
//! A job says what it will look at ([`Hints`]). What is known here is true until the batch ends: the rows of its directories are locked,
//! whoever writes keeps what is known right, and a statement that changes rows in any other way makes everything unknown again.
//! What is not known is asked of the database, so that hints change how long a job takes and nothing else.

use std::collections::{HashMap, HashSet};

use crate::batch::{Base, SELECT_BASE};
use crate::error::Result;
use crate::group::{self, GroupRow};
use crate::ids::{DirectoryId, GroupId, UserId};
use crate::link::Failed;
use crate::many;
use crate::membership::{self, Member, MemberId};
use crate::postgres::Connection;
use crate::user::{self, GroupRef, UserRow};
use crate::value::{Param, Row};

/// The most rows of one kind that are read ahead for a directory; what one statement looks up.
const MOST: usize = many::MOST;

/// The most lists of members that are read ahead for a directory.
const MOST_LISTS: usize = 16;

/// Lists of so many members are not kept.
static TOO_LONG: i64 = 128;

/// What a job will look at in its directory.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Users that it reads, changes or makes members.
    pub users: Vec<UserId>,
    /// The `userName`s of users that it makes.
    pub user_names: Vec<String>,
    /// Groups that it reads or changes.
    pub groups: Vec<GroupId>,
    /// Users that it puts into groups or takes out of them.
    pub memberships: Vec<(GroupId, UserId)>,
    /// Groups whose members it reads, when they are few.
    pub members_of: Vec<GroupId>,
}

impl Hints {
    /// Adds those of another job.
    pub(crate) fn extend(&mut self, other: &Hints) {
        self.users.extend_from_slice(&other.users);
        self.user_names.extend_from_slice(&other.user_names);
        self.groups.extend_from_slice(&other.groups);
        self.memberships.extend_from_slice(&other.memberships);
        self.members_of.extend_from_slice(&other.members_of);
    }
}

/// A user as the batch has left it.
#[derive(Debug, Clone)]
pub(crate) struct KnownUser {
    pub(crate) row: UserRow,
    /// `None` when they have changed since.
    pub(crate) groups: Option<Vec<GroupRef>>,
    /// The addresses after the first, see [`user::spelled_emails`].
    pub(crate) more_emails: String,
}

/// What is known of the rows of a batch.
#[derive(Debug, Default)]
pub(crate) struct Ahead {
    /// `None`: there is no such user.
    users: HashMap<(DirectoryId, UserId), Option<KnownUser>>,
    /// Folded `userName`s that nobody has.
    free_names: HashSet<(DirectoryId, String)>,
    groups: HashMap<(DirectoryId, GroupId), Option<GroupRow>>,
    memberships: HashMap<(DirectoryId, GroupId, UserId), bool>,
    /// All members of groups that have few.
    members: HashMap<(DirectoryId, GroupId), Vec<Member>>,
}

impl Ahead {
    pub(crate) fn user(&self, directory: &DirectoryId, id: &UserId) -> Option<Option<&KnownUser>> {
        self.users.get(&(*directory, *id)).map(Option::as_ref)
    }

    /// Those of these users that there are, when all of them are known.
    pub(crate) fn users(&self, directory: &DirectoryId, ids: &[UserId]) -> Option<Vec<&KnownUser>> {
        let known: Option<Vec<_>> = ids.iter().map(|id| self.user(directory, id)).collect();
        known.map(|users| users.into_iter().flatten().collect())
    }

    /// The user has changed, but for its groups.
    pub(crate) fn user_changed(&mut self, directory: &DirectoryId, row: &UserRow, more_emails: String) {
        if let Some(Some(known)) = self.users.get_mut(&(*directory, row.id)) {
            if known.row.display_name != row.display_name {
                self.members.clear();
            }
            known.row = row.clone();
            known.more_emails = more_emails;
        }
    }

    /// The roles of the user have changed, and nothing else.
    pub(crate) fn roles_changed(&mut self, directory: &DirectoryId, row: &UserRow) {
        if let Some(Some(known)) = self.users.get_mut(&(*directory, row.id)) {
            known.row = row.clone();
        }
    }

    /// Whether nobody has this `userName`; the caller takes it.
    pub(crate) fn take_name(&mut self, directory: &DirectoryId, user_name_key: &str) -> bool {
        self.free_names.remove(&(*directory, user_name_key.to_owned()))
    }

    pub(crate) fn group(&self, directory: &DirectoryId, id: &GroupId) -> Option<Option<&GroupRow>> {
        self.groups.get(&(*directory, *id)).map(Option::as_ref)
    }

    pub(crate) fn group_changed(&mut self, directory: &DirectoryId, row: &GroupRow) {
        if let Some(known) = self.groups.get_mut(&(*directory, row.id)) {
            *known = Some(row.clone());
        }
    }

    /// Those of these users that are members of the group, when that is known of all of them.
    pub(crate) fn members(&self, directory: &DirectoryId, group: &GroupId, ids: &[UserId]) -> Option<HashSet<UserId>> {
        let mut members = HashSet::new();
        for id in ids {
            if *self.memberships.get(&(*directory, *group, *id))? {
                members.insert(*id);
            }
        }
        Some(members)
    }

    /// All members of the group, when they are known.
    pub(crate) fn members_of(&self, directory: &DirectoryId, group: &GroupId) -> Option<&Vec<Member>> {
        self.members.get(&(*directory, *group))
    }

    /// These users have become members of the group, or have ceased to be.
    pub(crate) fn members_changed(&mut self, directory: &DirectoryId, group: &GroupId, ids: &[UserId], member: bool) {
        self.list_changed(directory, group, ids, member);
        for id in ids {
            self.memberships.insert((*directory, *group, *id), member);
            if let Some(Some(known)) = self.users.get_mut(&(*directory, *id)) {
                known.groups = None;
            }
        }
    }

    fn list_changed(&mut self, directory: &DirectoryId, group: &GroupId, ids: &[UserId], member: bool) {
        let Some(mut list) = self.members.remove(&(*directory, *group)) else { return };
        list.retain(|known| !ids.iter().any(|id| known.id == MemberId::User(*id)));
        if member {
            let Some(users) = self.users(directory, ids) else { return };
            list.extend(
                users
                    .iter()
                    .map(|user| Member { id: MemberId::User(user.row.id), display: user.row.display_name.clone() }),
            );
            list.sort_by_key(|known| known.id);
        }
        self.members.insert((*directory, *group), list);
    }

    /// Something has changed that nobody told of.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }
}

/// Begins the transaction, locks the directories and reads what the jobs will look at. What is locked comes first, in the order of
/// the directories.
pub(crate) fn begin(
    connection: &mut Connection,
    hints: &[(DirectoryId, Hints)],
) -> Result<(Vec<Option<Base>>, Ahead), Failed> {
    let asked: Vec<Asked> = hints.iter().map(|(directory, hints)| Asked::new(*directory, hints)).collect();
    let lock = format!("{SELECT_BASE} FOR UPDATE");
    let mut statements: Vec<(String, Vec<&dyn Param>)> =
        hints.iter().map(|(directory, _)| (lock.clone(), vec![directory as &dyn Param])).collect();
    for asked in &asked {
        asked.statements(&mut statements);
    }
    let answers = connection.begin(&statements)?;
    let (bases, answers) = answers.split_at(hints.len());
    let bases: Result<Vec<Option<Base>>> =
        bases.iter().map(|rows| rows.first().map(|row| Base::read(&Row::Postgres(row))).transpose()).collect();
    let mut ahead = Ahead::default();
    let mut answers = answers.iter();
    for asked in &asked {
        asked.learn(&mut ahead, &mut answers).map_err(Failed::of_statement)?;
    }
    Ok((bases.map_err(Failed::of_statement)?, ahead))
}

/// What is asked about one directory: each key once.
struct Asked {
    directory: DirectoryId,
    users: Vec<UserId>,
    names: Vec<String>,
    groups: Vec<GroupId>,
    memberships: Vec<(GroupId, UserId)>,
    members_of: Vec<GroupId>,
}

impl Asked {
    fn new(directory: DirectoryId, hints: &Hints) -> Self {
        let names: Vec<String> = hints.user_names.iter().map(|name| crate::key::user_name(name)).collect();
        Self {
            directory,
            users: distinct(&hints.users),
            names: distinct(&names),
            groups: distinct(&hints.groups),
            memberships: distinct(&hints.memberships),
            members_of: distinct(&hints.members_of).into_iter().take(MOST_LISTS).collect(),
        }
    }

    fn statements<'a>(&'a self, statements: &mut Vec<(String, Vec<&'a dyn Param>)>) {
        let fixed: [&dyn Param; 1] = [&self.directory];
        let looked_up = |(wanted, params): (String, Vec<&'a dyn Param>), select: &str| (wanted + " " + select, params);
        statements.extend(many::wanted(&fixed, &self.users).map(|wanted| looked_up(wanted, user::SELECT_AHEAD)));
        statements.extend(many::wanted(&fixed, &self.names).map(|wanted| looked_up(wanted, TAKEN_NAMES)));
        statements.extend(many::wanted(&fixed, &self.groups).map(|wanted| looked_up(wanted, group::SELECT_AHEAD)));
        statements.extend(many::wanted_pairs(&fixed, &self.memberships).map(|wanted| looked_up(wanted, MEMBERSHIPS)));
        for group in &self.members_of {
            let params: Vec<&dyn Param> = vec![&self.directory, group, &TOO_LONG];
            statements.push((membership::FIRST_MEMBERS.to_owned(), params));
        }
    }

    /// Reads the answers in the order of the statements. What was asked for and not found is not there.
    fn learn<'a>(
        &self,
        ahead: &mut Ahead,
        answers: &mut impl Iterator<Item = &'a Vec<tokio_postgres::Row>>,
    ) -> Result<()> {
        let directory = self.directory;
        let mut next = |asked: bool| if asked { answers.next() } else { None }.into_iter().flatten().map(Row::Postgres);
        ahead.users.extend(self.users.iter().map(|id| ((directory, *id), None)));
        for row in next(!self.users.is_empty()) {
            let known = KnownUser::read(&row)?;
            ahead.users.insert((directory, known.row.id), Some(known));
        }
        ahead.free_names.extend(self.names.iter().map(|name| (directory, name.clone())));
        for row in next(!self.names.is_empty()) {
            ahead.free_names.remove(&(directory, row.get(0)?));
        }
        ahead.groups.extend(self.groups.iter().map(|id| ((directory, *id), None)));
        for row in next(!self.groups.is_empty()) {
            let group = GroupRow::read(&row)?;
            ahead.groups.insert((directory, group.id), Some(group));
        }
        ahead.memberships.extend(self.memberships.iter().map(|(group, user)| ((directory, *group, *user), false)));
        for row in next(!self.memberships.is_empty()) {
            ahead.memberships.insert((directory, row.get(0)?, row.get(1)?), true);
        }
        for group in &self.members_of {
            let members = next(true).map(|row| Member::read(&row)).collect::<Result<Vec<_>>>()?;
            if (members.len() as i64) < TOO_LONG {
                ahead.members.insert((directory, *group), members);
            }
        }
        Ok(())
    }
}

const TAKEN_NAMES: &str = "SELECT w.key FROM wanted w \
     LEFT JOIN scim_user u ON u.directory_id = $1 AND u.user_name_key = w.key WHERE COALESCE(u.id, '') <> ''";

const MEMBERSHIPS: &str = "SELECT m.group_id, m.user_id FROM wanted w \
     LEFT JOIN membership m ON m.directory_id = $1 AND m.group_id = w.key AND m.user_id = w.second \
     WHERE COALESCE(m.user_id, '') <> ''";

fn distinct<T: Clone + Ord>(items: &[T]) -> Vec<T> {
    let mut items = items.to_vec();
    items.sort_unstable();
    items.dedup();
    items.truncate(MOST);
    items
}
