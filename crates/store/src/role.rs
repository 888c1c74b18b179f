//! The catalogue of roles: what an application knows, by organization, and a default set for organizations that have none of their own.

use crate::error::Result;
use crate::ids::{DirectoryId, OrganizationId, RoleId};
use crate::key;
use crate::scope::{Authority, DirectoryScope};
use crate::tx::Tx;
use crate::value::Row;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Its id.
    pub id: RoleId,
    /// Whose it is; `None` for the default set.
    pub organization_id: Option<OrganizationId>,
    /// How programs name it; unique in its set.
    pub slug: String,
    /// How people name it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its place in the catalogue: higher ones first.
    pub priority: i64,
    /// Whether people have it whom no rule gives another one.
    pub is_default: bool,
    /// Unix microseconds.
    pub created_at: i64,
    /// Unix microseconds.
    pub updated_at: i64,
}

/// What a role is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleValues {
    /// How programs name it. Checked by the caller, and never changed.
    pub slug: String,
    /// How people name it.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its place in the catalogue: higher ones first.
    pub priority: i64,
    /// Whether people have it whom no rule gives another one; the caller sees to it that one alone has it.
    pub is_default: bool,
}

const SELECT: &str =
    "SELECT id, organization_id, slug, name, description, priority, is_default, created_at, updated_at FROM role";

fn read(row: &Row<'_>) -> Result<RoleRow> {
    let organization: String = row.get(1)?;
    Ok(RoleRow {
        id: row.get(0)?,
        organization_id: match organization.is_empty() {
            true => None,
            false => Some(row.get(1)?),
        },
        slug: row.get(2)?,
        name: row.get(3)?,
        description: row.get(4)?,
        priority: row.get(5)?,
        is_default: row.get(6)?,
        created_at: row.get(7)?,
        updated_at: row.get(8)?,
    })
}

/// The key of a set: the organization's code, or nothing for the default set.
fn key_of(organization: Option<&OrganizationId>) -> String {
    use crate::ids::Id as _;
    organization.map(|id| id.code().to_owned()).unwrap_or_default()
}

/// The roles of one set, highest priority first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, by: &impl Authority, organization: Option<&OrganizationId>) -> Result<Vec<RoleRow>> {
    let _ = by;
    set(tx, organization)
}

fn set(tx: &mut Tx<'_>, organization: Option<&OrganizationId>) -> Result<Vec<RoleRow>> {
    tx.query(
        &format!("{SELECT} WHERE organization_id = $1 ORDER BY priority DESC, slug"),
        &[&key_of(organization)],
        read,
    )
}

/// The roles that count in a directory: those of its organization, else the default set.
///
/// # Errors
/// When the database fails.
pub fn effective(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Vec<RoleRow>> {
    let own = set(tx, Some(&scope.organization_id))?;
    if own.is_empty() { set(tx, None) } else { Ok(own) }
}

/// The role with this id.
///
/// # Errors
/// When the database fails.
pub fn get(tx: &mut Tx<'_>, by: &impl Authority, id: &RoleId) -> Result<Option<RoleRow>> {
    let _ = by;
    tx.query_one(&format!("{SELECT} WHERE id = $1"), &[id], read)
}

/// Writes a new role.
///
/// # Errors
/// [`Conflict::Other`](crate::Conflict::Other) when its set has one with this slug; look first.
pub fn create(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization: Option<&OrganizationId>,
    values: &RoleValues,
) -> Result<RoleRow> {
    let _ = by;
    let now = tx.now();
    let row = RoleRow {
        id: tx.mint(),
        organization_id: organization.copied(),
        slug: values.slug.clone(),
        name: key::without_nul(&values.name),
        description: values.description.as_deref().map(key::without_nul),
        priority: values.priority,
        is_default: values.is_default,
        created_at: now,
        updated_at: now,
    };
    tx.execute(
        "INSERT INTO role (organization_id, id, slug, name, description, priority, is_default, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        &[
            &key_of(organization),
            &row.id,
            &row.slug,
            &row.name,
            &row.description,
            &row.priority,
            &row.is_default,
            &row.created_at,
        ],
    )?;
    Ok(row)
}

/// Writes new values over `current`, whose slug stays; the row as it is then.
///
/// # Errors
/// When the database fails.
pub fn update(tx: &mut Tx<'_>, by: &impl Authority, current: &RoleRow, values: &RoleValues) -> Result<RoleRow> {
    let _ = by;
    let row = RoleRow {
        name: key::without_nul(&values.name),
        description: values.description.as_deref().map(key::without_nul),
        priority: values.priority,
        is_default: values.is_default,
        updated_at: crate::change::instant(tx.now(), current.updated_at),
        ..current.clone()
    };
    tx.execute(
        "UPDATE role SET name = $2, description = $3, priority = $4, is_default = $5, updated_at = $6 WHERE id = $1",
        &[&row.id, &row.name, &row.description, &row.priority, &row.is_default, &row.updated_at],
    )?;
    Ok(row)
}

/// Removes a role.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, by: &impl Authority, id: &RoleId) -> Result<()> {
    let _ = by;
    tx.execute("DELETE FROM role WHERE id = $1", &[id])?;
    Ok(())
}

/// The directories with rules for which this set counts, in the order of their ids.
///
/// # Errors
/// When the database fails.
pub fn directories_with_rules(
    tx: &mut Tx<'_>,
    by: &impl Authority,
    organization: Option<&OrganizationId>,
) -> Result<Vec<DirectoryId>> {
    let _ = by;
    let sql = match organization {
        Some(_) => {
            "SELECT d.id FROM directory d JOIN directory_stats s ON s.directory_id = d.id \
             WHERE d.organization_id = $1 AND s.rules_stamp <> 0 ORDER BY d.id"
        }
        None => {
            "SELECT d.id FROM directory d JOIN directory_stats s ON s.directory_id = d.id \
             WHERE s.rules_stamp <> 0 AND NOT EXISTS \
             (SELECT 1 FROM role r WHERE r.organization_id = d.organization_id AND r.organization_id <> $1) ORDER BY d.id"
        }
    };
    tx.query(sql, &[&key_of(organization)], |row| row.get(0))
}
