//! Leases: which of several nodes does a job that one alone may do.

use crate::error::Result;
use crate::scope::SystemScope;
use crate::tx::Tx;

/// Takes the lease, or prolongs it when `holder` has it, for so many microseconds. Its fence, which is higher for every new holder;
/// `None` while somebody else has it.
///
/// # Errors
/// When the database fails.
pub fn take(tx: &mut Tx<'_>, by: &SystemScope, name: &str, holder: &str, micros: i64) -> Result<Option<i64>> {
    let _ = by;
    let (now, until) = (tx.now(), tx.now() + micros);
    tx.query_one(
        "INSERT INTO lease (name, holder, fence, held_until) VALUES ($1, $2, 1, $3) ON CONFLICT (name) DO UPDATE SET \
         fence = CASE WHEN lease.holder = excluded.holder AND lease.held_until > $4 THEN lease.fence ELSE lease.fence + 1 END, \
         holder = excluded.holder, held_until = excluded.held_until \
         WHERE lease.holder = excluded.holder OR lease.held_until <= $4 RETURNING fence",
        &[&name, &holder, &until, &now],
        |row| row.get(0),
    )
}

/// Whether the lease is still held with this fence. Locks its row, so that nobody takes it before the job's transaction ends.
///
/// # Errors
/// When the database fails.
pub fn is_held(tx: &mut Tx<'_>, by: &SystemScope, name: &str, fence: i64) -> Result<bool> {
    let _ = by;
    let sql = format!("SELECT fence FROM lease WHERE name = $1 AND held_until > $2{}", tx.lock_suffix());
    let now = tx.now();
    Ok(tx.query_one(&sql, &[&name, &now], |row| row.get::<i64>(0))? == Some(fence))
}

/// Gives the lease back before its time is up, so that another node need not wait for that.
///
/// # Errors
/// When the database fails.
pub fn release(tx: &mut Tx<'_>, by: &SystemScope, name: &str, fence: i64) -> Result<()> {
    let _ = by;
    let now = tx.now();
    tx.execute(
        "UPDATE lease SET held_until = $3 WHERE name = $1 AND fence = $2 AND held_until > $3",
        &[&name, &fence, &now],
    )?;
    Ok(())
}
