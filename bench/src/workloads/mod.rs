//! What is asked of Doorward, one target a row of performance goals.

pub mod bulk;
pub mod groups;
pub mod import;
pub mod lists;
pub mod reads;
pub mod writes;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use tokio::runtime::Runtime;

use crate::http::Endpoint;
use crate::load::{self, Caller, Callers};
use bulk::Bulk;
use groups::{OneMember, ThousandMembers};
use lists::{List, Walk};
use reads::{Filter, GetGroup, GetUser, Page};
use writes::{Create, Created, PatchActive, Put};

/// Callers of a read load, as many as the limits have.
pub const READERS: usize = 16;
/// Callers of a write load: enough to fill group commits.
pub const WRITERS: usize = 64;
/// People outside every group: the load adds and removes them.
const OUTSIDERS: usize = 2_000;

/// One load: its key in the figures, and its callers, who keep their state from round to round.
pub struct Target {
    /// Key in the figures.
    pub key: &'static str,
    /// Where the callers connect.
    pub address: SocketAddr,
    /// The callers.
    pub callers: Callers,
}

/// A directory with people in it.
pub struct Populated {
    /// The directory.
    pub endpoint: Endpoint,
    /// Ids of the people who were there before the rounds; person `n` has the id `ids[n]`.
    pub ids: Arc<Vec<String>>,
    /// Number of the next person to create.
    pub next: Arc<AtomicUsize>,
}

impl Populated {
    /// An empty directory.
    pub fn empty(endpoint: Endpoint) -> Self {
        Self { endpoint, ids: Arc::default(), next: Arc::default() }
    }

    /// Creates people through the API until there are `users`.
    pub fn fill(&mut self, runtime: &Runtime, users: usize) -> Result<crate::figures::Sample> {
        let created = Created::default();
        let create = |_| Create::new(&self.endpoint, &self.next).until(users).remember(&created);
        let sample = load::run(runtime, self.endpoint.address, &mut callers(WRITERS, create), None)?;
        if let Some(error) = &sample.first_error {
            anyhow::bail!("filling the directory: {error}");
        }
        // Callers overshoot the counter when they find that there is nothing left to do.
        self.next.store(users, Ordering::Relaxed);
        let mut ids = self.ids.to_vec();
        ids.resize(users, String::new());
        created.take().into_iter().for_each(|(number, id)| ids[number] = id);
        self.ids = Arc::new(ids);
        Ok(sample)
    }

    /// The reads whose cost must not depend on the number of people, under other keys.
    pub fn flat_reads(&self) -> Vec<Target> {
        vec![
            self.target("get-small", READERS, |seed| GetUser::new(&self.endpoint, &self.ids, seed)),
            self.target("user-name-small", READERS, |seed| Filter::user_name(&self.endpoint, self.ids.len(), seed)),
            self.target("external-id-small", READERS, |seed| Filter::external_id(&self.endpoint, self.ids.len(), seed)),
            self.target("sorted-small", READERS, |_| List::sorted(&self.endpoint, 1)),
            self.target("sort-scan-small", 1, |_| List::sorted_by_scan(&self.endpoint)),
            self.target("filter-scan-small", 1, |_| List::filtered_by_scan(&self.endpoint)),
            self.target("walk-small", READERS, |_| Walk::new(&self.endpoint)),
        ]
    }

    /// Every load but the import.
    pub fn targets(&self, groups: &Groups) -> Vec<Target> {
        let (endpoint, ids) = (&self.endpoint, &self.ids);
        let outsiders = &ids[ids.len() - OUTSIDERS..];
        let one = |group: &str, caller: usize| OneMember::new(endpoint, group, &outsiders[caller]);
        let thousand = |group: &str| ThousandMembers::new(endpoint, group, &outsiders[OUTSIDERS - 1000..]);
        vec![
            self.target("get", READERS, |seed| GetUser::new(endpoint, ids, seed)),
            self.target("get-64", WRITERS, |seed| GetUser::new(endpoint, ids, seed)),
            self.target("get-1", 1, |seed| GetUser::new(endpoint, ids, seed)),
            self.target("user-name", READERS, |seed| Filter::user_name(endpoint, ids.len(), seed)),
            self.target("external-id", READERS, |seed| Filter::external_id(endpoint, ids.len(), seed)),
            self.target("page-first", READERS, |_| Page::new(endpoint, 1)),
            self.target("page-deep", READERS, |_| Page::new(endpoint, ids.len() - 99)),
            self.target("sorted", READERS, |_| List::sorted(endpoint, 1)),
            self.target("sorted-deep", 1, |_| List::sorted(endpoint, ids.len() - 99)),
            self.target("sort-scan", 1, |_| List::sorted_by_scan(endpoint)),
            self.target("filter-scan", 1, |_| List::filtered_by_scan(endpoint)),
            self.target("walk", READERS, |_| Walk::new(endpoint)),
            self.target("bulk", 4, |_| Bulk::new(endpoint, &self.next)),
            self.target("create", WRITERS, |_| Create::new(endpoint, &self.next)),
            self.target("create-1", 1, |_| Create::new(endpoint, &self.next)),
            self.target("put", WRITERS, |caller| Put::new(endpoint, ids, caller)),
            self.target("patch-active", WRITERS, |caller| PatchActive::new(endpoint, ids, caller)),
            self.target("member-10", WRITERS, |caller| one(&groups.ten, caller)),
            self.target("member-1000", WRITERS, |caller| one(&groups.thousand, caller)),
            self.target("member-largest", WRITERS, |caller| one(&groups.largest, caller)),
            self.target("thousand-empty", 1, |_| thousand(&groups.empty)),
            self.target("thousand-largest", 1, |_| thousand(&groups.largest)),
            self.target("group", 1, |_| GetGroup::with_members(endpoint, &groups.readable, groups.readable_size)),
            self.target("group-bare", 1, |_| GetGroup::without_members(endpoint, &groups.readable)),
        ]
    }

    fn target<C: Caller + 'static>(&self, key: &'static str, count: usize, make: impl Fn(usize) -> C) -> Target {
        Target { key, address: self.endpoint.address, callers: callers(count, make) }
    }
}

/// The groups that the loads change and read.
pub struct Groups {
    empty: String,
    ten: String,
    thousand: String,
    largest: String,
    /// Members of the largest group.
    pub largest_size: usize,
    readable: String,
    /// Members of the group that is read whole.
    pub readable_size: usize,
}

impl Groups {
    /// Makes them through the API, a thousand members a PATCH.
    pub fn make(runtime: &Runtime, directory: &Populated) -> Result<Self> {
        let inside = directory.ids.len().checked_sub(OUTSIDERS).context("too few users for the groups")?;
        let (largest_size, readable_size) = (inside.min(100_000), inside.min(10_000));
        let make = |name: &str, size: usize| groups::make(runtime, &directory.endpoint, name, &directory.ids[..size]);
        Ok(Self {
            empty: make("Empty", 0)?,
            ten: make("Ten", inside.min(10))?,
            thousand: make("Thousand", inside.min(1_000))?,
            largest: make("Largest", largest_size)?,
            largest_size,
            readable: make("Readable", readable_size)?,
            readable_size,
        })
    }
}

/// `count` callers, each made with its own number.
pub fn callers<C: Caller + 'static>(count: usize, make: impl Fn(usize) -> C) -> Callers {
    (0..count).map(|number| Box::new(make(number)) as Box<dyn Caller>).collect()
}
