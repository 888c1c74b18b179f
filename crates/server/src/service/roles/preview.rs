//! What a change of rules would do to real people, before it is saved.

use std::collections::BTreeMap;

use doorward_store::directory::{self, RoleSettings};
use doorward_store::ids::{DirectoryId, Id as _, RoleMappingId, UserId};
use doorward_store::role_mapping::{self, MappingRow, Outcome, Policy, Rule};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::user::{self, UserRow};
use doorward_store::{Store, Tx, stats};
use serde_json::{Value, json};

use super::super::directories;
use super::super::error::{Error, Result};
use super::{PORTION, changed_environments, evaluate, mappings, outcome, person, shown};

/// People who may be named.
pub const MOST_NAMED: usize = 20;

/// People who are looked at for the totals: bounded work, whatever the size of the directory.
const MOST_LOOKED_AT: i64 = 2_000;

/// Of so many people the roles before and after are shown: of those who were named, else of the first who would change.
const SAMPLE: usize = MOST_NAMED;

/// What these rules, in place of all that the directory has, would do; `read_as`: with these settings in place of the directory's.
///
/// # Errors
/// [`Error::NotFound`] for the directory, [`Error::Invalid`] for rules that cannot be.
pub async fn preview<A>(
    store: &Store,
    by: &A,
    id: DirectoryId,
    rules: Vec<Rule>,
    read_as: Option<RoleSettings>,
    named: Vec<UserId>,
) -> Result<Value>
where
    A: Authority + Clone + Send + 'static,
{
    let most = |field: &str, most| Error::Invalid {
        field: field.to_owned(),
        message: format!("must have at most {most} entries"),
    };
    if named.len() > MOST_NAMED {
        return Err(most("users", MOST_NAMED));
    }
    if rules.len() > mappings::MOST {
        return Err(most("mappings", mappings::MOST));
    }
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let scope = directory::scope(tx, &by, &id)?.ok_or_else(directories::none)?;
            for rule in &rules {
                mappings::check(tx, &scope, rule)?;
            }
            let stored = role_mapping::load(tx, &scope)?;
            let settings = read_as.unwrap_or(stored.settings);
            let proposed = Policy { mappings: draft(id, &rules), settings, ..stored };
            look(tx, &scope, &proposed, &named)
        })
        .await
}

/// The rules as if they were stored.
fn draft(directory_id: DirectoryId, rules: &[Rule]) -> Vec<MappingRow> {
    let row = |(index, rule): (usize, &Rule)| MappingRow {
        id: RoleMappingId::from_bits(index as u128),
        directory_id,
        place: i64::try_from(index).unwrap_or(i64::MAX),
        rule: rule.clone(),
        created_at: 0,
        updated_at: 0,
    };
    rules.iter().enumerate().map(row).collect()
}

/// Whose roles before and after are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nobody,
    WhoChanges,
    Everybody,
}

/// What becomes of one role.
#[derive(Default)]
struct Share {
    gain: i64,
    lose: i64,
    /// How many would have it.
    people: i64,
}

#[derive(Default)]
struct Totals {
    looked_at: i64,
    changed: i64,
    /// By environment and role.
    roles: BTreeMap<(String, String), Share>,
    shown: Vec<Value>,
}

fn look(tx: &mut Tx<'_>, scope: &DirectoryScope, proposed: &Policy, named: &[UserId]) -> Result<Value> {
    let mut totals = Totals::default();
    let show = if named.is_empty() { Shown::WhoChanges } else { Shown::Nobody };
    let mut after = -1;
    while totals.looked_at < MOST_LOOKED_AT {
        let rows = user::after(tx, scope, after, PORTION)?;
        let Some(last) = rows.last() else { break };
        after = last.seq;
        compare(tx, scope, proposed, &rows, &mut totals, show)?;
    }
    let total = stats::counts(tx, scope)?.users();
    if !named.is_empty() {
        let mut rows = user::get_many(tx, scope, named)?;
        if let Some(missing) = named.iter().find(|id| !rows.iter().any(|row| row.id == **id)) {
            return Err(Error::Invalid {
                field: "users".to_owned(),
                message: format!("has {missing}, who is not in this directory"),
            });
        }
        rows.sort_by_key(|row| named.iter().position(|id| *id == row.id));
        let mut of_named = Totals::default();
        compare(tx, scope, proposed, &rows, &mut of_named, Shown::Everybody)?;
        totals.shown = of_named.shown;
    }
    let role = |((environment, slug), share): (&(String, String), &Share)| {
        json!({
            "environment": (!environment.is_empty()).then_some(environment),
            "slug": slug,
            "gain": share.gain,
            "lose": share.lose,
            "people": share.people,
        })
    };
    let differs = |(_, share): &(&(String, String), &Share)| share.gain + share.lose > 0;
    Ok(json!({
        "object": "role_mapping_preview",
        "directory_id": scope.directory_id(),
        "looked_at": totals.looked_at,
        "total": total,
        // Of a large directory the first people are looked at, and the totals are theirs.
        "complete": totals.looked_at >= total,
        "changed": totals.changed,
        "roles": totals.roles.iter().filter(differs).map(role).collect::<Vec<_>>(),
        "users": totals.shown,
    }))
}

fn compare(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    proposed: &Policy,
    rows: &[UserRow],
    totals: &mut Totals,
    show: Shown,
) -> Result<()> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let mut groups = user::groups_of(tx, scope, &ids)?;
    for row in rows {
        let before = outcome(row)?;
        let groups = groups.remove(&row.id).unwrap_or_default();
        let after = evaluate(proposed, person(row)?.as_object(), &groups, &before, tx.now());
        let changed = count(totals, &before, &after);
        let shown = show == Shown::Everybody || (show == Shown::WhoChanges && changed);
        if shown && totals.shown.len() < SAMPLE {
            totals.shown.push(json!({
                "id": row.id,
                "username": row.user_name,
                "name": row.display_name,
                "changed": changed,
                "before": roles(row.roles.as_deref())?,
                "after": roles(after.to_stored()?.as_deref())?,
            }));
        }
    }
    Ok(())
}

fn count(totals: &mut Totals, before: &Outcome, after: &Outcome) -> bool {
    totals.looked_at += 1;
    let environments = changed_environments(before, after);
    let key = |environment: &str, slug: &str| (environment.to_owned(), slug.to_owned());
    for (environment, given) in &after.roles {
        given.iter().for_each(|given| totals.roles.entry(key(environment, &given.slug)).or_default().people += 1);
    }
    for environment in &environments {
        let slugs = |outcome: &Outcome| -> Vec<String> {
            outcome.roles.get(*environment).into_iter().flatten().map(|given| given.slug.clone()).collect()
        };
        let (had, has) = (slugs(before), slugs(after));
        for slug in has.iter().filter(|slug| !had.contains(slug)) {
            totals.roles.entry(key(environment, slug)).or_default().gain += 1;
        }
        for slug in had.iter().filter(|slug| !has.contains(slug)) {
            totals.roles.entry(key(environment, slug)).or_default().lose += 1;
        }
    }
    totals.changed += i64::from(!environments.is_empty());
    !environments.is_empty()
}

fn roles(stored: Option<&str>) -> Result<Value> {
    Ok(Value::Object(shown(stored)?.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()))
}
