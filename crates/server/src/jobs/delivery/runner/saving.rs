//! Saving how far an endpoint has come, beside sending.

use doorward_store::webhook::progress::{self, Progress, Saved};
use doorward_store::{Lane as WriteLane, Tx};
use tokio::task::JoinError;

use super::{Course, Running, SAVE_WITHIN};
use crate::service::error::{Error, Result};
use crate::service::webhooks;

impl Running {
    pub(super) fn save_if_due(&mut self) {
        let is_due = self.unsaved_since.is_some_and(|since| since.elapsed() >= SAVE_WITHIN) || self.disable.is_some();
        if is_due && self.saving.is_none() {
            self.save();
        }
    }

    /// Begins to save. Sending goes on meanwhile.
    fn save(&mut self) {
        self.unsaved_since = None;
        let unsaved = self.lanes.unsaved();
        let (lanes, finished) = self.lanes.take_unsaved();
        let progress = Progress {
            scanned: self.row.scanned,
            failing_since: self.row.failing_since,
            lanes,
            finished,
            deliveries: std::mem::take(&mut self.records).into_values().collect(),
        };
        self.scanned_saved = self.row.scanned;
        let (by, id, fence, disable) = (self.at.by.clone(), self.row.id, self.at.fence, self.disable);
        let store = self.at.app.store().clone();
        let saving = tokio::spawn(async move {
            let job = move |tx: &mut Tx<'_>| {
                let saved = progress::save(tx, &by, &id, fence, &progress)?;
                if let (Saved::Kept, Some(reason)) = (saved, disable) {
                    webhooks::disable(tx, &by, &id, reason)?;
                }
                Ok::<_, Error>(saved)
            };
            store.write(WriteLane::Any, job).await
        });
        self.saving = Some((saving, unsaved));
    }

    pub(super) fn saved(&mut self, saved: std::result::Result<Result<Saved>, JoinError>) -> Result<Course> {
        let unsaved = self.saving.take().map(|(_, unsaved)| unsaved).unwrap_or_default();
        let saved = saved.map_err(|error| Error::Internal(format!("saving broke off: {error}")))??;
        if saved == Saved::Lost {
            // Another node goes on from what was saved before; what is on its way here arrives twice, with the same id.
            self.sends.abort_all();
            return Ok(Course::End);
        }
        if self.disable.is_some() {
            tracing::warn!(endpoint = %self.row.id, "a webhook endpoint was disabled");
            return Ok(Course::End);
        }
        self.lanes.saved(self.now(), &unsaved);
        Ok(Course::Continue)
    }

    /// Waits for what is on its way, and saves what came of it.
    pub(super) async fn finish(mut self) -> Result<()> {
        while let Some(sent) = self.sends.join_next().await {
            match sent {
                Err(error) if error.is_cancelled() => return Ok(()),
                sent => self.sent(sent).map(drop)?,
            }
        }
        self.settle().await?;
        if self.unsaved_since.is_some() || self.scanned_saved != self.row.scanned {
            self.save();
        }
        self.settle().await
    }

    /// Waits for what is being saved.
    async fn settle(&mut self) -> Result<()> {
        if let Some((saving, _)) = self.saving.take() {
            saving.await.map_err(|error| Error::Internal(format!("saving broke off: {error}")))??;
        }
        Ok(())
    }
}
