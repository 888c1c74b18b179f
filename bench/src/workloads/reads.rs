//! Reads of people, pages and groups.

use std::sync::Arc;

use crate::http::Endpoint;
use crate::limits::next_random;
use crate::load::{Caller, Expect};
use crate::people;

/// Less than one rendered user, more than any empty list or error.
const ONE_USER: usize = 900;

/// GET of a person picked at random.
pub struct GetUser {
    endpoint: Endpoint,
    ids: Arc<Vec<String>>,
    random: u64,
}

impl GetUser {
    /// `seed` differs between callers.
    pub fn new(endpoint: &Endpoint, ids: &Arc<Vec<String>>, seed: usize) -> Self {
        Self { endpoint: endpoint.clone(), ids: Arc::clone(ids), random: start(seed) }
    }
}

impl Caller for GetUser {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let id = &self.ids[pick(&mut self.random, self.ids.len())];
        self.endpoint.request(request, "GET", format_args!("/Users/{id}"), b"");
        Some(Expect::status(&[200]).at_least(ONE_USER))
    }
}

/// The match query that identity providers send before every create, for somebody who is there.
pub struct Filter {
    endpoint: Endpoint,
    attribute: &'static str,
    value: fn(usize) -> String,
    users: usize,
    random: u64,
}

impl Filter {
    /// `userName eq`
    pub fn user_name(endpoint: &Endpoint, users: usize, seed: usize) -> Self {
        Self { endpoint: endpoint.clone(), attribute: "userName", value: people::user_name, users, random: start(seed) }
    }

    /// `externalId eq`
    pub fn external_id(endpoint: &Endpoint, users: usize, seed: usize) -> Self {
        Self { attribute: "externalId", value: people::external_id, ..Self::user_name(endpoint, users, seed) }
    }
}

impl Caller for Filter {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let value = (self.value)(pick(&mut self.random, self.users));
        let query = format_args!("/Users?filter={}%20eq%20%22{value}%22&startIndex=1&count=100", self.attribute);
        self.endpoint.request(request, "GET", query, b"");
        Some(Expect::status(&[200]).at_least(ONE_USER))
    }
}

/// One page of a hundred people.
pub struct Page {
    endpoint: Endpoint,
    start_index: usize,
}

impl Page {
    /// The page that begins at `start_index`, counted from 1.
    pub fn new(endpoint: &Endpoint, start_index: usize) -> Self {
        Self { endpoint: endpoint.clone(), start_index }
    }
}

impl Caller for Page {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let query = format_args!("/Users?startIndex={}&count=100", self.start_index);
        self.endpoint.request(request, "GET", query, b"");
        Some(Expect::status(&[200]).at_least(100 * ONE_USER))
    }
}

/// One group, read again and again.
pub struct GetGroup {
    endpoint: Endpoint,
    path: String,
    at_least: usize,
}

impl GetGroup {
    /// The whole group of `size` members.
    pub fn with_members(endpoint: &Endpoint, id: &str, size: usize) -> Self {
        // A member is at least its id with a key in front.
        Self { endpoint: endpoint.clone(), path: format!("/Groups/{id}"), at_least: size * 40 }
    }

    /// The group as Okta asks for it when it only wants to know whether it is there.
    pub fn without_members(endpoint: &Endpoint, id: &str) -> Self {
        Self { endpoint: endpoint.clone(), path: format!("/Groups/{id}?excludedAttributes=members"), at_least: 100 }
    }
}

impl Caller for GetGroup {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        self.endpoint.request(request, "GET", format_args!("{}", self.path), b"");
        Some(Expect::status(&[200]).at_least(self.at_least))
    }
}

fn start(seed: usize) -> u64 {
    (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn pick(random: &mut u64, length: usize) -> usize {
    (next_random(random) % length as u64) as usize
}
