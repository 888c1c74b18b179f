//! The first assignment of an Okta app: a match query and a POST for everybody, then the pushed groups.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use tokio::runtime::Runtime;

use super::writes::Created;
use super::{READERS, WRITERS, callers};
use crate::figures::Sample;
use crate::http::Endpoint;
use crate::load::{self, Caller, Expect};
use crate::people;

/// Members of one pushed group.
const GROUP_SIZE: usize = 100;

/// Samples of one import: people a second, groups a second.
pub fn run(runtime: &Runtime, endpoint: &Endpoint, users: usize) -> Result<(Sample, Sample)> {
    let (next, created) = (Arc::default(), Created::default());
    let make = |_| Person {
        endpoint: endpoint.clone(),
        next: Arc::clone(&next),
        end: users,
        absent: None,
        posted: 0,
        created: created.clone(),
    };
    let people = load::run(runtime, endpoint.address, &mut callers(WRITERS, make), None)?;

    let ids: Arc<Vec<String>> = Arc::new(created.take().into_iter().map(|(_, id)| id).collect());
    let next = Arc::default();
    let make = |_| Group { endpoint: endpoint.clone(), next: Arc::clone(&next), ids: Arc::clone(&ids), current: None };
    let groups = load::run(runtime, endpoint.address, &mut callers(READERS, make), None)?;
    Ok((people, groups))
}

struct Person {
    endpoint: Endpoint,
    next: Arc<AtomicUsize>,
    end: usize,
    /// Somebody who was looked for and is to be created now.
    absent: Option<usize>,
    posted: usize,
    created: Created,
}

impl Caller for Person {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        if let Some(number) = self.absent.take() {
            self.posted = number;
            let body = people::user(number, "");
            self.endpoint.request(request, "POST", format_args!("/Users"), body.as_bytes());
            return Some(Expect::status(&[201]));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.end {
            return None;
        }
        self.absent = Some(number);
        let name = people::user_name(number);
        let query = format_args!("/Users?filter=userName%20eq%20%22{name}%22&startIndex=1&count=100");
        self.endpoint.request(request, "GET", query, b"");
        Some(Expect::status(&[200]).unless(true))
    }

    fn answered(&mut self, body: &[u8]) {
        if let (None, Some(id)) = (self.absent, people::id_of(body)) {
            self.created.push(self.posted, id);
        }
    }
}

struct Group {
    endpoint: Endpoint,
    next: Arc<AtomicUsize>,
    ids: Arc<Vec<String>>,
    /// Number and id of a group that was created and gets its members now.
    current: Option<(usize, Option<String>)>,
}

impl Caller for Group {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        if let Some((number, Some(id))) = self.current.take() {
            let members = self.ids.chunks(GROUP_SIZE).nth(number)?;
            let body = people::patch_add(members);
            self.endpoint.request(request, "PATCH", format_args!("/Groups/{id}"), body.as_bytes());
            return Some(Expect::status(&[200, 204]));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.ids.len() / GROUP_SIZE {
            return None;
        }
        self.current = Some((number, None));
        let body = people::group(&format!("Team {number}"));
        self.endpoint.request(request, "POST", format_args!("/Groups"), body.as_bytes());
        Some(Expect::status(&[201]).unless(true))
    }

    fn answered(&mut self, body: &[u8]) {
        if let Some((_, id @ None)) = &mut self.current {
            *id = people::id_of(body);
        }
    }
}
