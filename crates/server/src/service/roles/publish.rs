//! All rules of a directory and its settings, replaced at once: what somebody has worked out and looked at in a preview counts whole, in
//! one transaction, or not at all.

use std::collections::HashSet;

use doorward_store::directory::RoleSettings;
use doorward_store::ids::{DirectoryId, RoleMappingId};
use doorward_store::role_mapping::{self, MappingRow, Rule};
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Lane, Store, Tx, directory};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::super::error::{Error, Result};
use super::super::{directories, view};
use super::recompute::{self, AT_ONCE};
use super::{mappings, settings};

/// A rule of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftRule {
    /// The stored rule that it was; `None` for a new one.
    pub id: Option<RoleMappingId>,
    /// What it is to say.
    pub rule: Rule,
}

/// Rules in order, and how they are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The rules.
    pub rules: Vec<DraftRule>,
    /// The settings.
    pub settings: RoleSettings,
}

impl Draft {
    fn of(rows: &[MappingRow], settings: RoleSettings) -> Self {
        let rule = |row: &MappingRow| DraftRule { id: Some(row.id), rule: row.rule.clone() };
        Draft { rules: rows.iter().map(rule).collect(), settings }
    }

    /// In short: two drafts have the same print when they would do the same.
    pub fn print(&self) -> String {
        let digest: [u8; 32] = Sha256::digest(json!(self).to_string().as_bytes()).into();
        digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What counts now, as a draft in which nothing is changed yet.
///
/// # Errors
/// [`Error::NotFound`] for the directory.
pub async fn current<A>(store: &Store, by: &A, id: DirectoryId) -> Result<Draft>
where
    A: Authority + Clone + Send + 'static,
{
    let by = by.clone();
    store
        .snapshot(move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(directories::none)?;
            let scope = directory::scope_of(&by, &row);
            Ok(Draft::of(&role_mapping::list(tx, &scope)?, row.settings.roles))
        })
        .await
}

/// Makes the draft count, and gives people what is due by it. `seen` is the [print](Draft::print) of what counted when the draft was begun.
/// Nothing happens when it counts already.
///
/// # Errors
/// [`Error::NotFound`] for the directory, [`Error::Precondition`] when something else counts by now, [`Error::Invalid`] for a rule that
/// cannot be.
pub async fn publish<A>(store: &Store, by: &A, id: DirectoryId, seen: String, draft: Draft) -> Result<()>
where
    A: Authority + Clone + Send + 'static,
{
    if draft.rules.len() > mappings::MOST {
        let message = format!("must have at most {} entries", mappings::MOST);
        return Err(Error::Invalid { field: "mappings".to_owned(), message });
    }
    let by = by.clone();
    store
        .write(Lane::Directory(id), move |tx| {
            let row = directory::get(tx, &by, &id)?.ok_or_else(directories::none)?;
            let scope = directory::scope_of(&by, &row);
            let rows = role_mapping::list(tx, &scope)?;
            let now = Draft::of(&rows, row.settings.roles);
            if now.print() != seen {
                return Err(Error::Precondition);
            }
            if now == draft {
                return Ok(());
            }
            settings::put(tx, &by, &row, draft.settings)?;
            replace(tx, &scope, &rows, &draft.rules)?;
            recompute::rules_changed(tx, &scope, &mut AT_ONCE.clone())
        })
        .await
}

fn replace(tx: &mut Tx<'_>, scope: &DirectoryScope, old: &[MappingRow], new: &[DraftRule]) -> Result<()> {
    let kept: HashSet<RoleMappingId> = new.iter().filter_map(|rule| rule.id).collect();
    for row in old.iter().filter(|row| !kept.contains(&row.id)) {
        role_mapping::delete(tx, scope, &row.id)?;
        mappings::announce(tx, scope, "role_mapping.deleted", row, mappings::object(row))?;
    }
    let (mut order, mut made, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for (index, draft) in new.iter().enumerate() {
        let place = i64::try_from(index).unwrap_or(i64::MAX) + 1;
        // An id that is named twice is the first one's.
        let known = old.iter().find(|row| Some(row.id) == draft.id && !order.contains(&row.id));
        let row = match known {
            Some(current) if current.rule == draft.rule => MappingRow { place, ..current.clone() },
            Some(current) => {
                mappings::check(tx, scope, &draft.rule)?;
                MappingRow { place, ..role_mapping::update(tx, scope, current, &draft.rule)? }
            }
            None => {
                mappings::check(tx, scope, &draft.rule)?;
                role_mapping::create(tx, scope, place, &draft.rule)?
            }
        };
        order.push(row.id);
        match known {
            Some(current) if *current != row => moved.push((current, row)),
            Some(_) => (),
            None => made.push(row),
        }
    }
    role_mapping::order(tx, scope, &order)?;
    for row in &made {
        mappings::announce(tx, scope, "role_mapping.created", row, mappings::object(row))?;
    }
    for (current, row) in &moved {
        let mut data = mappings::object(row);
        let previous = view::previous_attributes(&mappings::object(current), &data);
        data.insert("previous_attributes".to_owned(), Value::Object(previous));
        mappings::announce(tx, scope, "role_mapping.updated", row, data)?;
    }
    Ok(())
}
