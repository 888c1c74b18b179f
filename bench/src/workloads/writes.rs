//! Writes of people. Every request truly changes something: a write that changes nothing may be answered without a commit.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::http::Endpoint;
use crate::load::{Caller, Expect};
use crate::people;
use crate::workloads::WRITERS;

/// Numbers and ids of the people that were created.
#[derive(Clone, Default)]
pub struct Created(Arc<Mutex<Vec<(usize, String)>>>);

impl Created {
    /// Adds one person.
    pub fn push(&self, number: usize, id: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((number, id));
    }

    /// Takes all that were added so far.
    pub fn take(&self) -> Vec<(usize, String)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// POST of one new person after the other.
pub struct Create {
    endpoint: Endpoint,
    next: Arc<AtomicUsize>,
    end: usize,
    number: usize,
    created: Option<Created>,
}

impl Create {
    /// `next` is shared by all callers.
    pub fn new(endpoint: &Endpoint, next: &Arc<AtomicUsize>) -> Self {
        Self { endpoint: endpoint.clone(), next: Arc::clone(next), end: usize::MAX, number: 0, created: None }
    }

    /// Stops before person `end`.
    pub fn until(self, end: usize) -> Self {
        Self { end, ..self }
    }

    /// Puts the ids into `created`.
    pub fn remember(self, created: &Created) -> Self {
        Self { created: Some(created.clone()), ..self }
    }
}

impl Caller for Create {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        self.number = self.next.fetch_add(1, Ordering::Relaxed);
        if self.number >= self.end {
            return None;
        }
        let body = people::user(self.number, "");
        self.endpoint.request(request, "POST", format_args!("/Users"), body.as_bytes());
        Some(Expect::status(&[201]))
    }

    fn answered(&mut self, body: &[u8]) {
        if let (Some(created), Some(id)) = (&self.created, people::id_of(body)) {
            created.push(self.number, id);
        }
    }
}

/// PUT of a whole person with a new title.
pub struct Put {
    endpoint: Endpoint,
    ids: Arc<Vec<String>>,
    caller: usize,
    turn: usize,
}

impl Put {
    /// Callers take every `WRITERS`th person each, so that no two write the same one.
    pub fn new(endpoint: &Endpoint, ids: &Arc<Vec<String>>, caller: usize) -> Self {
        Self { endpoint: endpoint.clone(), ids: Arc::clone(ids), caller, turn: 0 }
    }
}

impl Caller for Put {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let number = own(self.caller, self.turn, self.ids.len());
        self.turn += 1;
        let body = people::user(number, &self.turn.to_string());
        self.endpoint.request(request, "PUT", format_args!("/Users/{}", self.ids[number]), body.as_bytes());
        Some(Expect::status(&[200]))
    }
}

/// Deactivates a person and reactivates the same one.
pub struct PatchActive {
    endpoint: Endpoint,
    ids: Arc<Vec<String>>,
    caller: usize,
    turn: usize,
}

impl PatchActive {
    /// As [`Put::new`].
    pub fn new(endpoint: &Endpoint, ids: &Arc<Vec<String>>, caller: usize) -> Self {
        Self { endpoint: endpoint.clone(), ids: Arc::clone(ids), caller, turn: 0 }
    }
}

impl Caller for PatchActive {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let id = &self.ids[own(self.caller, self.turn / 2, self.ids.len())];
        let body = people::patch_active(self.turn % 2 == 1);
        self.turn += 1;
        self.endpoint.request(request, "PATCH", format_args!("/Users/{id}"), body.as_bytes());
        Some(Expect::status(&[200, 204]))
    }
}

/// The `turn`th of the people that belong to `caller` alone, round and round.
fn own(caller: usize, turn: usize, users: usize) -> usize {
    let share = users / WRITERS;
    caller + WRITERS * (turn % share)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn callers_share_nobody() {
        let mut seen = HashSet::new();
        for caller in 0..WRITERS {
            for turn in 0..1000 / WRITERS {
                assert!(seen.insert(own(caller, turn, 1000)), "caller {caller}, turn {turn}");
            }
        }
        assert!(seen.iter().all(|&number| number < 1000));
    }
}
