//! Which departures from the standards a request made use of: what an administrator wants to know of a connection.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use doorward_scim::quirks::Leniency;

/// The names of tolerances that one request made use of, each once. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Tolerated(Arc<Mutex<BTreeSet<&'static str>>>);

impl Tolerated {
    /// Adds one.
    pub fn add(&self, name: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }

    /// Adds those that a reading has made use of.
    pub fn note(&self, leniency: &Leniency) {
        leniency.used().for_each(|quirk| self.add(quirk.name()));
    }

    /// The names in alphabetical order, with commas between them; empty when there are none.
    pub fn names(&self) -> String {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().copied().collect::<Vec<_>>().join(",")
    }
}
