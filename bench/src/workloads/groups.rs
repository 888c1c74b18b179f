//! Changes of memberships.

use anyhow::{Context, Result};
use tokio::runtime::Runtime;

use crate::http::{Connection, Endpoint};
use crate::load::{Caller, Expect};
use crate::people;

/// Most members one PATCH may add.
const BATCH: usize = 1_000;

/// Makes a group with these members and returns its id.
pub fn make(runtime: &Runtime, endpoint: &Endpoint, name: &str, members: &[String]) -> Result<String> {
    runtime.block_on(async {
        let mut connection = Connection::open(endpoint.address).await?;
        let mut request = Vec::new();
        endpoint.request(&mut request, "POST", format_args!("/Groups"), people::group(name).as_bytes());
        let answer = connection.exchange(&request).await?;
        let id = people::id_of(answer.body);
        let id = id.with_context(|| format!("creating a group: {}", String::from_utf8_lossy(answer.body)))?;
        for batch in members.chunks(BATCH) {
            let body = people::patch_add(batch);
            endpoint.request(&mut request, "PATCH", format_args!("/Groups/{id}"), body.as_bytes());
            let answer = connection.exchange(&request).await?;
            if !matches!(answer.status, 200 | 204) {
                anyhow::bail!("adding members: {} {}", answer.status, String::from_utf8_lossy(answer.body));
            }
        }
        Ok(id)
    })
}

/// Adds one person to a group, removes the same one, and so on.
pub struct OneMember {
    endpoint: Endpoint,
    path: String,
    bodies: [String; 2],
    turn: usize,
}

impl OneMember {
    /// `member` belongs to this caller alone.
    pub fn new(endpoint: &Endpoint, group: &str, member: &String) -> Self {
        let member = std::slice::from_ref(member);
        let bodies = [people::patch_add(member), people::patch_remove(member)];
        Self { endpoint: endpoint.clone(), path: format!("/Groups/{group}"), bodies, turn: 0 }
    }
}

impl Caller for OneMember {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let body = &self.bodies[self.turn % 2];
        self.turn += 1;
        self.endpoint.request(request, "PATCH", format_args!("{}", self.path), body.as_bytes());
        Some(Expect::status(&[200, 204]))
    }
}

/// Adds a thousand people in one PATCH; their removal is not measured.
pub struct ThousandMembers(OneMember);

impl ThousandMembers {
    /// `members` are not in the group.
    pub fn new(endpoint: &Endpoint, group: &str, members: &[String]) -> Self {
        let bodies = [people::patch_add(members), people::patch_remove(members)];
        Self(OneMember { endpoint: endpoint.clone(), path: format!("/Groups/{group}"), bodies, turn: 0 })
    }
}

impl Caller for ThousandMembers {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let removes = self.0.turn % 2 == 1;
        Some(self.0.ask(request)?.unless(removes))
    }
}
