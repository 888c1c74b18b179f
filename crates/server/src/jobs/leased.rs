//! The right to do what one node alone may do.

use std::time::Duration;

use doorward_store::scope::SystemScope;
use doorward_store::{Lane, Tx, lease};
use tokio::time::Instant;

use crate::App;
use crate::service::error::Result;

/// For how long most leases are taken. A node that dies holds the work up for so long.
pub(super) const TERM: Duration = Duration::from_secs(30);

/// A lease that this node has or tries to get.
pub(super) struct Leased {
    name: &'static str,
    term: Duration,
    holder: String,
    held: Option<(i64, Instant)>,
}

impl Leased {
    /// Of the job `name`, taken for `term` and prolonged after a third of that: taking it is a write, and jobs look often.
    pub(super) fn new(app: &App, name: &'static str, term: Duration) -> Self {
        let mut random = [0; 8];
        app.entropy().fill(&mut random);
        Leased { name, term, holder: format!("{:016x}", u64::from_le_bytes(random)), held: None }
    }

    /// The fence with which the node may work now; `None` while another one has the lease.
    pub(super) async fn fence(&mut self, app: &App, by: &SystemScope) -> Result<Option<i64>> {
        if let Some((fence, taken)) = self.held
            && taken.elapsed() < self.term / 3
        {
            return Ok(Some(fence));
        }
        let (by, name, holder) = (by.clone(), self.name, self.holder.clone());
        let micros = i64::try_from(self.term.as_micros()).unwrap_or(i64::MAX);
        let take = move |tx: &mut Tx<'_>| lease::take(tx, &by, name, &holder, micros);
        self.held = app.store().write(Lane::Any, take).await?.map(|fence| (fence, Instant::now()));
        Ok(self.held.map(|(fence, _)| fence))
    }

    /// Gives the lease back, so that another node need not wait for its end.
    pub(super) async fn release(&mut self, app: &App, by: &SystemScope) {
        let Some((fence, _)) = self.held.take() else { return };
        let (by, name) = (by.clone(), self.name);
        let give_back = move |tx: &mut Tx<'_>| lease::release(tx, &by, name, fence);
        if let Err(error) = app.store().write(Lane::Any, give_back).await {
            tracing::debug!(%error, lease = name, "a lease could not be given back");
        }
    }
}
