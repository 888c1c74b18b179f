//! A name for each request, on its answer and in the log, so that a person can bring the two together.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_store::Entropy;
use http::{Extensions, HeaderName, HeaderValue};

/// The header that carries a request's id; always Doorward's own, never one that the client sent, which would let a
/// client write into the log.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of one request: `req_` and 24 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    process: u64,
    number: u64,
}

impl RequestId {
    /// The id of a request; `None` for one that came past no [`observe`](super::observe::observe), as in tests.
    pub fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get::<RequestId>().copied()
    }

    /// The id as a header value.
    pub fn header_value(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.to_string()).ok()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "req_{:012x}{:012x}", self.process & 0xffff_ffff_ffff, self.number & 0xffff_ffff_ffff)
    }
}

/// Gives out ids: a random part for the process, so that nodes and restarts differ, and a count.
#[derive(Clone)]
pub struct RequestIds {
    process: u64,
    next: Arc<AtomicU64>,
}

impl RequestIds {
    /// Draws the process's part.
    pub fn new(entropy: &Entropy) -> Self {
        let mut random = [0; 8];
        entropy.fill(&mut random);
        RequestIds { process: u64::from_be_bytes(random), next: Arc::new(AtomicU64::new(1)) }
    }

    /// The next id.
    pub fn next(&self) -> RequestId {
        RequestId { process: self.process, number: self.next.fetch_add(1, Ordering::Relaxed) }
    }
}
