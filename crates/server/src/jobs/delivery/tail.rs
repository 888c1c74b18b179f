//! The end of the event log, read once for all endpoints of a node.

use std::collections::VecDeque;
use std::sync::Arc;

use doorward_store::Store;
use doorward_store::event::EventRow;
use doorward_store::scope::SystemScope;
use doorward_store::webhook::lane;
use tokio::sync::Mutex;

use crate::service::error::{Error, Result};

/// Events that one read brings.
const PORTION: i64 = 64;

/// How much of the log is kept, in bytes of data.
const KEPT: usize = 2 * 1024 * 1024;

/// The newest events that somebody has asked for.
pub struct Tail {
    store: Store,
    by: SystemScope,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    events: VecDeque<Arc<EventRow>>,
    bytes: usize,
}

impl Tail {
    /// Nothing is read yet.
    pub fn new(store: Store, by: SystemScope) -> Self {
        Self { store, by, kept: Mutex::default() }
    }

    /// Some events after a position, in their order; none at the end of the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn after(&self, position: i64) -> Result<Vec<Arc<EventRow>>> {
        let mut kept = self.kept.lock().await;
        let (first, last) = match (kept.events.front(), kept.events.back()) {
            (Some(first), Some(last)) => (first.position, last.position),
            _ => (position + 1, position),
        };
        if position + 1 < first {
            // Who is far behind does not hold up the others.
            drop(kept);
            return self.read(position).await;
        }
        if position < last {
            // Positions have no gaps.
            let from = usize::try_from(position + 1 - first).unwrap_or(0);
            return Ok(kept.events.range(from..).take(PORTION as usize).cloned().collect());
        }
        let events = self.read(position).await?;
        if position > last {
            *kept = Kept::default();
        }
        events.iter().for_each(|event| kept.add(event));
        Ok(events)
    }

    async fn read(&self, position: i64) -> Result<Vec<Arc<EventRow>>> {
        let by = self.by.clone();
        let rows = self.store.read(move |tx| Ok::<_, Error>(lane::log(tx, &by, position, PORTION)?)).await?;
        Ok(rows.into_iter().map(Arc::new).collect())
    }
}

impl Kept {
    fn add(&mut self, event: &Arc<EventRow>) {
        // Events that were removed from the log would be a gap.
        if self.events.back().is_some_and(|last| last.position + 1 != event.position) {
            *self = Self::default();
        }
        self.bytes += event.data.len();
        self.events.push_back(Arc::clone(event));
        while self.bytes > KEPT && self.events.len() > 1 {
            self.bytes -= self.events.pop_front().map_or(0, |event| event.data.len());
        }
    }
}
