//! Lists in other orders, without an index, and by cursors.

use crate::http::Endpoint;
use crate::load::{Caller, Expect};

/// A person shown by two attributes takes at least so many bytes.
const SHORT_USER: usize = 100;

/// The same list, asked for again and again.
pub struct List {
    endpoint: Endpoint,
    path: String,
    expect: Expect,
}

impl List {
    /// A page of a hundred people ordered by `userName`, from an index.
    pub fn sorted(endpoint: &Endpoint, start_index: usize) -> Self {
        let path = format!("/Users?sortBy=userName&sortOrder=descending&startIndex={start_index}&count=100");
        Self { endpoint: endpoint.clone(), path, expect: Expect::status(&[200]).at_least(100 * SHORT_USER) }
    }

    /// The first hundred people ordered by an attribute that no index has: all are looked at. 400 is the answer of a directory too
    /// large for that.
    pub fn sorted_by_scan(endpoint: &Endpoint) -> Self {
        let path = "/Users?sortBy=profileUrl&count=100&attributes=userName".to_owned();
        Self { endpoint: endpoint.clone(), path, expect: Expect::status(&[200, 400]).at_least(SHORT_USER) }
    }

    /// People by a part of an attribute that no index has, with the same proviso.
    pub fn filtered_by_scan(endpoint: &Endpoint) -> Self {
        let path = "/Users?filter=profileUrl%20ew%20%22/777%22&attributes=userName".to_owned();
        Self { endpoint: endpoint.clone(), path, expect: Expect::status(&[200, 400]).at_least(SHORT_USER) }
    }
}

impl Caller for List {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        self.endpoint.request(request, "GET", format_args!("{}", self.path), b"");
        Some(self.expect)
    }
}

/// A walk by cursors, a hundred people a page, which begins again at its end.
pub struct Walk {
    endpoint: Endpoint,
    cursor: String,
}

impl Walk {
    /// From the beginning.
    pub fn new(endpoint: &Endpoint) -> Self {
        Self { endpoint: endpoint.clone(), cursor: String::new() }
    }
}

impl Caller for Walk {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        self.endpoint.request(request, "GET", format_args!("/Users?count=100&cursor={}", self.cursor), b"");
        Some(Expect::status(&[200]).at_least(SHORT_USER))
    }

    fn answered(&mut self, body: &[u8]) {
        // It stands in front of the resources.
        let key = br#""nextCursor":""#;
        let start = body.windows(key.len()).take(1_000).position(|bytes| bytes == key).map(|at| at + key.len());
        let cursor = start.and_then(|start| {
            let length = body[start..].iter().position(|&byte| byte == b'"')?;
            String::from_utf8(body[start..start + length].to_vec()).ok()
        });
        self.cursor = cursor.unwrap_or_default();
    }
}
