//! The groups of users.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::{GroupRef, UserRow, distinct, known};
use crate::error::Result;
use crate::ids::{GroupId, UserId};
use crate::scope::DirectoryScope;
use crate::tx::Tx;
use crate::{group, many};

/// The groups of these users; of users without groups the map has nothing or an empty list.
///
/// # Errors
/// When the database fails.
pub fn groups_of(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[UserId]) -> Result<HashMap<UserId, Vec<GroupRef>>> {
    if let [id] = ids
        && let Some(known) = known(tx, scope, id)
        && let Some(groups) = known.map_or(Some(Vec::new()), |user| user.groups)
    {
        return Ok(HashMap::from([(*id, groups)]));
    }
    if ids.len() <= FEW {
        return groups_of_few(tx, scope, ids);
    }
    // First who is in what, from the index alone; then the names, once for each group: colleagues share most of theirs.
    let mut memberships = Vec::new();
    for (wanted, params) in many::wanted(&[&scope.directory_id], &distinct(ids)) {
        let sql = format!(
            "{wanted} SELECT m.user_id, m.group_id FROM wanted w \
             LEFT JOIN membership m ON m.directory_id = $1 AND m.user_id = w.key WHERE COALESCE(m.group_id, '') <> ''"
        );
        memberships.extend(tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?);
    }
    named(tx, scope, memberships)
}

/// The groups of the users of a page, as [`groups_of`] has them. Users made one after the other have ids that are neighbours, so that
/// their memberships are one stretch of the index, whoever is not of the page being few.
///
/// # Errors
/// When the database fails.
pub fn groups_of_page(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    page: &[UserRow],
) -> Result<HashMap<UserId, Vec<GroupRef>>> {
    let ids: Vec<UserId> = page.iter().map(|row| row.id).collect();
    let seqs = || page.iter().map(|row| row.seq);
    let (Some(first), Some(last)) = (seqs().min(), seqs().max()) else { return Ok(HashMap::new()) };
    let made_together = last - first < 2 * page.len() as i64;
    if !made_together || page.len() <= FEW {
        return groups_of(tx, scope, &ids);
    }
    let most = MOST_OF_USER * page.len() as i64;
    let memberships: Vec<(UserId, GroupId)> = tx.query(
        "SELECT m.user_id, m.group_id FROM membership m WHERE m.directory_id = $1 AND m.user_id >= $2 AND m.user_id <= $3 \
         ORDER BY m.user_id, m.group_id LIMIT $4",
        &[&scope.directory_id, &ids.iter().min(), &ids.iter().max(), &most],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    // Nodes whose clocks disagree make neighbours of users that are far apart.
    if memberships.len() as i64 == most {
        return groups_of(tx, scope, &ids);
    }
    let of_page: HashSet<UserId> = ids.into_iter().collect();
    named(tx, scope, memberships.into_iter().filter(|(user, _)| of_page.contains(user)).collect())
}

/// Groups that the people of a page are taken to be in, on average.
const MOST_OF_USER: i64 = 64;

fn named(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    mut memberships: Vec<(UserId, GroupId)>,
) -> Result<HashMap<UserId, Vec<GroupRef>>> {
    memberships.sort_unstable();
    let shared: BTreeSet<GroupId> = memberships.iter().map(|(_, group)| *group).collect();
    let names = group::names(tx, scope, &Vec::from_iter(shared))?;
    let mut groups: HashMap<UserId, Vec<GroupRef>> = HashMap::new();
    for (user, group) in memberships {
        let Some(display) = names.get(&group).cloned() else { continue };
        groups.entry(user).or_default().push(GroupRef { id: group, display });
    }
    Ok(groups)
}

/// Of so few users the groups are read in one statement.
const FEW: usize = 4;

fn groups_of_few(tx: &mut Tx<'_>, scope: &DirectoryScope, ids: &[UserId]) -> Result<HashMap<UserId, Vec<GroupRef>>> {
    let mut groups: HashMap<UserId, Vec<GroupRef>> = HashMap::new();
    for (wanted, params) in many::wanted(&[&scope.directory_id], &distinct(ids)) {
        let sql = format!(
            "{wanted} SELECT m.user_id, g.id, g.display_name FROM wanted w \
             LEFT JOIN membership m ON m.directory_id = $1 AND m.user_id = w.key \
             LEFT JOIN scim_group g ON g.directory_id = $1 AND g.id = m.group_id WHERE COALESCE(g.id, '') <> ''"
        );
        let rows = tx.query(&sql, &params, |row| {
            Ok((row.get::<UserId>(0)?, GroupRef { id: row.get(1)?, display: row.get(2)? }))
        })?;
        for (user, group) in rows {
            groups.entry(user).or_default().push(group);
        }
    }
    groups.values_mut().for_each(|groups| groups.sort_by_key(|group| group.id));
    Ok(groups)
}
