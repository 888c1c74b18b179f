//! What was asked and how it was answered, one entry per request.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// What a request is for, in the words of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// A request of the connection test.
    Test,
    /// ServiceProviderConfig, ResourceTypes, Schemas.
    Discovery,
    /// A user is looked up by a filter.
    FindUser,
    /// POST of a user.
    CreateUser,
    /// GET of one user.
    ReadUser,
    /// PUT of a user.
    ReplaceUser,
    /// PATCH of a user.
    PatchUser,
    /// DELETE of a user.
    DeleteUser,
    /// A group is looked up by a filter or in a list.
    FindGroup,
    /// POST of a group.
    CreateGroup,
    /// GET of one group.
    ReadGroup,
    /// PUT of a group.
    ReplaceGroup,
    /// PATCH of a group.
    PatchGroup,
    /// DELETE of a group.
    DeleteGroup,
    /// One page of an import of users.
    ListUsers,
    /// One page of an import of groups.
    ListGroups,
    /// A read of the verdict; no provider sends it.
    Verdict,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Test => "test connection",
            Self::Discovery => "discovery",
            Self::FindUser => "find user",
            Self::CreateUser => "create user",
            Self::ReadUser => "read user",
            Self::ReplaceUser => "replace user",
            Self::PatchUser => "patch user",
            Self::DeleteUser => "delete user",
            Self::FindGroup => "find group",
            Self::CreateGroup => "create group",
            Self::ReadGroup => "read group",
            Self::ReplaceGroup => "replace group",
            Self::PatchGroup => "patch group",
            Self::DeleteGroup => "delete group",
            Self::ListUsers => "import users",
            Self::ListGroups => "import groups",
            Self::Verdict => "verdict",
        })
    }
}

/// One request and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct Exchange {
    /// Position in the record, from 1.
    pub number: usize,
    /// What the request was for.
    pub message: Message,
    /// HTTP method.
    pub method: String,
    /// Path and query below the base URL.
    pub path: String,
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// From sending the request to the last byte of the answer.
    pub latency: Duration,
    /// 1 for the first attempt; more after 429.
    pub attempt: u32,
    /// The body that was sent, only when the client keeps bodies.
    #[serde(skip)]
    pub body: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) keep_bodies: bool,
}

impl Record {
    pub(super) fn push(&mut self, mut exchange: Exchange) -> usize {
        if !self.keep_bodies {
            exchange.body = None;
        }
        exchange.number = self.exchanges.len() + 1;
        self.exchanges.push(exchange);
        self.exchanges.len()
    }
}
