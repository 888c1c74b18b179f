//! Names that an identity provider sent and no schema of its directory declares, for its administrator to look at.

use doorward_scim::received::Received;
use doorward_scim::schema::Extended;

use crate::error::Result;
use crate::key;
use crate::scope::DirectoryScope;
use crate::tx::Tx;

/// Names kept for one directory; whoever sends more is told of in the log of the service.
pub const MOST: usize = 100;

/// A name that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRow {
    /// Of which resources.
    pub resource_type: Extended,
    /// The name.
    pub name: Received,
    /// When it came first (Unix microseconds).
    pub first_received_at: i64,
}

/// All names, those that were received first in front.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<Vec<ReceivedRow>> {
    tx.query(
        "SELECT resource_type, urn, name, first_received_at FROM received_attribute WHERE directory_id = $1 \
         ORDER BY first_received_at, resource_type, urn, name",
        &[&scope.directory_id],
        |row| {
            let (resource_type, urn): (String, String) = (row.get(0)?, row.get(1)?);
            let of_groups = resource_type == Extended::Group.name();
            Ok(ReceivedRow {
                resource_type: if of_groups { Extended::Group } else { Extended::User },
                name: Received { urn: (!urn.is_empty()).then_some(urn), attribute: row.get(2)? },
                first_received_at: row.get(3)?,
            })
        },
    )
}

/// Keeps those names that are not there in any letter case, up to [`MOST`] in all. All names as they are then.
///
/// # Errors
/// When the database fails.
pub fn add(
    tx: &mut Tx<'_>,
    scope: &DirectoryScope,
    resource_type: Extended,
    names: &[Received],
) -> Result<Vec<ReceivedRow>> {
    let mut rows = list(tx, scope)?;
    let now = tx.now();
    for name in names {
        let known = rows.iter().any(|row| row.resource_type == resource_type && row.name.is(name));
        if known || rows.len() >= MOST {
            continue;
        }
        tx.execute(
            "INSERT INTO received_attribute (directory_id, resource_type, urn, name, first_received_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (directory_id, resource_type, urn, name) DO NOTHING",
            &[
                &scope.directory_id,
                &resource_type.name(),
                &key::without_nul(name.urn.as_deref().unwrap_or_default()),
                &key::without_nul(&name.attribute),
                &now,
            ],
        )?;
        rows.push(ReceivedRow { resource_type, name: name.clone(), first_received_at: now });
    }
    Ok(rows)
}
