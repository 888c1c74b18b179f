//! The end of requests that are too many or too old.

use doorward_store::ids::DirectoryId;
use doorward_store::scope::SystemScope;
use doorward_store::{Lane, Store, Tx, lease, request_log};

use crate::config::Requests;
use crate::service::error::{Error, Result};

/// The lease under which one node removes.
pub const LEASE: &str = "request-log.purge";

/// Rows that one transaction removes, so that nobody waits long for it.
const PORTION: i64 = 1000;

/// In microseconds.
const DAY: i64 = 86_400_000_000;

/// Removes what a directory has beyond as many of its newest requests as the settings allow. With a fence only as long as the lease is held.
///
/// # Errors
/// When the database fails.
pub async fn purge_crowded(store: &Store, by: &SystemScope, settings: &Requests, fence: Option<i64>) -> Result<()> {
    let most = i64::from(settings.most_per_directory);
    let reader = by.clone();
    let crowded = store.read(move |tx| Ok::<_, Error>(request_log::crowded(tx, &reader, most, PORTION)?));
    for directory in crowded.await? {
        let remove =
            move |tx: &mut Tx<'_>, by: &SystemScope| Ok(request_log::purge_beyond(tx, by, &directory, most, PORTION)?);
        in_portions(store, by, fence, remove).await?;
    }
    Ok(())
}

/// Removes requests that are older at `now` (Unix microseconds) than the settings allow. With a fence only as long as the lease is held.
///
/// # Errors
/// When the database fails.
pub async fn purge_old(
    store: &Store,
    by: &SystemScope,
    settings: &Requests,
    now: i64,
    fence: Option<i64>,
) -> Result<()> {
    let before = now - i64::from(settings.retention_days) * DAY;
    let mut after: Option<DirectoryId> = None;
    loop {
        let reader = by.clone();
        let page = store.read(move |tx| Ok::<_, Error>(request_log::with_requests(tx, &reader, after, PORTION)?));
        let page = page.await?;
        for directory in &page {
            let directory = *directory;
            let remove = move |tx: &mut Tx<'_>, by: &SystemScope| {
                Ok(request_log::purge_before(tx, by, &directory, before, PORTION)?)
            };
            in_portions(store, by, fence, remove).await?;
        }
        after = page.last().copied();
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Removes portion after portion, for as long as there is one.
async fn in_portions<F>(store: &Store, by: &SystemScope, fence: Option<i64>, remove: F) -> Result<()>
where
    F: Fn(&mut Tx<'_>, &SystemScope) -> Result<u64> + Clone + Send + 'static,
{
    loop {
        let (by, remove) = (by.clone(), remove.clone());
        let removed = store.write(Lane::Any, move |tx| {
            if let Some(fence) = fence
                && !lease::is_held(tx, &by, LEASE, fence)?
            {
                return Ok(0);
            }
            remove(tx, &by)
        });
        if removed.await? < PORTION.unsigned_abs() {
            return Ok(());
        }
    }
}
