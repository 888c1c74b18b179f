//! The state of a directory at one moment, with the place in the log at which that moment lies.
//!
//! It is read in one transaction and written to a file without a name, from which the caller is served: however slowly that goes, no
//! connection of the database waits for it, and memory holds a page at a time.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use doorward_store::event::{self, EventQuery};
use doorward_store::ids::{DirectoryId, EventId};
use doorward_store::paging::Order;
use doorward_store::scope::{Authority, DirectoryScope};
use doorward_store::{Store, Tx, directory, group, membership, seal, user};
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, watch};

use super::directories::{self, none};
use super::error::{Error, Result};
use super::{instant, view};

/// Rows that are read at once.
const PAGE: i64 = 200;

/// Bytes that the caller is given at once.
const CHUNK: u64 = 64 << 10;

/// How far the file is written.
#[derive(Debug, Clone, Copy, Default)]
struct Progress {
    bytes: u64,
    done: bool,
}

/// A snapshot that is being taken, and can be read already.
#[derive(Debug)]
pub struct Snapshot {
    file: Arc<File>,
    progress: watch::Receiver<Progress>,
    read: u64,
}

impl Snapshot {
    /// Begins to take a snapshot; `place` is given back when it is written. Lines of JSON come out of [`Snapshot::next`].
    ///
    /// # Errors
    /// [`Error::NotFound`] for the directory, or the database or the file fails.
    pub async fn take<A>(
        store: &Store,
        by: &A,
        id: DirectoryId,
        public_url: &str,
        place: OwnedSemaphorePermit,
    ) -> Result<Self>
    where
        A: Authority + Clone + Send + 'static,
    {
        let file = Arc::new(tempfile::tempfile().map_err(|error| failed(&error))?);
        let (sender, mut progress) = watch::channel(Progress::default());
        let (store, by, public_url, target) = (store.clone(), by.clone(), public_url.to_owned(), Arc::clone(&file));
        let walk = tokio::spawn(async move {
            let job = move |tx: &mut Tx<'_>| Spool { file: target, progress: sender }.fill(tx, &by, id, &public_url);
            let outcome = store.snapshot(job).await;
            drop(place);
            outcome
        });
        // The writing end goes with a walk that could not begin, which says why.
        if progress.changed().await.is_err() {
            walk.await.map_err(|error| Error::Internal(error.to_string()))??;
        }
        progress.mark_changed();
        Ok(Snapshot { file, progress, read: 0 })
    }

    /// The next part of the lines; `None` behind the last.
    ///
    /// # Errors
    /// When it could not be written to its end. Then the last line is missing.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        loop {
            let Progress { bytes, done } = *self.progress.borrow_and_update();
            if self.read < bytes {
                let (file, from) = (Arc::clone(&self.file), self.read);
                let size = usize::try_from((bytes - from).min(CHUNK)).unwrap_or_default();
                let part = tokio::task::spawn_blocking(move || {
                    let mut part = vec![0; size];
                    file.read_exact_at(&mut part, from).map(|()| part)
                });
                let part = part.await.map_err(io::Error::other)??;
                self.read += part.len() as u64;
                return Ok(Some(Bytes::from(part)));
            }
            if done {
                return Ok(None);
            }
            if self.progress.changed().await.is_err() && !self.progress.borrow().done {
                return Err(io::Error::other("the snapshot could not be taken to its end"));
            }
        }
    }
}

/// The writing end.
struct Spool {
    file: Arc<File>,
    progress: watch::Sender<Progress>,
}

impl Spool {
    fn fill(mut self, tx: &mut Tx<'_>, by: &impl Authority, id: DirectoryId, public_url: &str) -> Result<()> {
        let row = directory::get(tx, by, &id)?.ok_or_else(none)?;
        let scope = directory::scope(tx, by, &id)?.ok_or_else(none)?;
        let (sequence, cursor) = place(tx, by)?;
        let taken_at = instant::text(tx.now());
        self.write(vec![json!({
            "object": "snapshot", "cursor": cursor, "sequence": sequence, "taken_at": taken_at,
            "directory": directories::object(&row, public_url),
        })])?;
        let users = self.users(tx, &scope)?;
        let groups = self.groups(tx, &scope)?;
        let memberships = self.memberships(tx, &scope)?;
        self.write(vec![json!({
            "object": "snapshot_end", "cursor": cursor, "sequence": sequence,
            "users": users, "groups": groups, "memberships": memberships,
        })])?;
        self.progress.send_modify(|progress| progress.done = true);
        Ok(())
    }

    fn users(&mut self, tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<usize> {
        let (mut after, mut count) = (-1, 0);
        loop {
            let rows = user::after(tx, scope, after, PAGE)?;
            let Some(last) = rows.last() else { return Ok(count) };
            after = last.seq;
            count += rows.len();
            let subjects: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
            let sequences = event::last_positions(tx, scope, &subjects)?;
            let sequence = |id: String| sequences.get(&id).copied();
            let lines = rows.iter().map(|row| view::directory_user(scope, row, sequence(row.id.to_string())));
            self.write(lines.collect::<Result<_>>()?)?;
        }
    }

    fn groups(&mut self, tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<usize> {
        let (mut after, mut count) = (-1, 0);
        loop {
            let rows = group::after(tx, scope, after, PAGE)?;
            let Some(last) = rows.last() else { return Ok(count) };
            after = last.seq;
            count += rows.len();
            let subjects: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
            let sequences = event::last_positions(tx, scope, &subjects)?;
            let sequence = |id: String| sequences.get(&id).copied();
            let lines = rows.iter().map(|row| view::directory_group(scope, row, sequence(row.id.to_string())));
            self.write(lines.collect::<Result<_>>()?)?;
        }
    }

    fn memberships(&mut self, tx: &mut Tx<'_>, scope: &DirectoryScope) -> Result<usize> {
        let (mut after, mut count) = (None, 0);
        loop {
            let pairs = membership::pairs(tx, scope, after, 10 * PAGE)?;
            let Some(last) = pairs.last() else { return Ok(count) };
            after = Some(*last);
            count += pairs.len();
            let line =
                |(group, user): &(_, _)| json!({"object": "directory_membership", "group_id": group, "user_id": user});
            self.write(pairs.iter().map(line).collect())?;
        }
    }

    fn write(&mut self, lines: Vec<Value>) -> Result<()> {
        if self.progress.is_closed() {
            // Nobody reads it any more.
            return Err(Error::Unavailable);
        }
        let mut text = String::new();
        for line in lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
        (&*self.file).write_all(text.as_bytes()).map_err(|error| failed(&error))?;
        self.progress.send_modify(|progress| progress.bytes += text.len() as u64);
        Ok(())
    }
}

/// The end of the log at this moment: its position, and the id to continue from; `None` in an empty log.
fn place(tx: &mut Tx<'_>, by: &impl Authority) -> Result<(i64, Option<EventId>)> {
    let head = event::head(tx, by)?;
    let query = EventQuery { after: Some(head - 1), limit: 1, order: Order::Ascending, ..EventQuery::default() };
    let last = event::list(tx, by, &query)?.pop().map(|row| row.id);
    Ok((head, last.or(seal::purged(tx, by)?.id)))
}

fn failed(error: &io::Error) -> Error {
    Error::Internal(format!("the file of a snapshot: {error}"))
}
