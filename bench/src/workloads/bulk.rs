//! Many people in one request.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::http::Endpoint;
use crate::load::{Caller, Expect};
use crate::people;

/// People a request creates.
pub const OPERATIONS: usize = 100;

/// POST of a hundred new people at once.
pub struct Bulk {
    endpoint: Endpoint,
    next: Arc<AtomicUsize>,
}

impl Bulk {
    /// `next` is shared by all who create people.
    pub fn new(endpoint: &Endpoint, next: &Arc<AtomicUsize>) -> Self {
        Self { endpoint: endpoint.clone(), next: Arc::clone(next) }
    }
}

impl Caller for Bulk {
    fn ask(&mut self, request: &mut Vec<u8>) -> Option<Expect> {
        let first = self.next.fetch_add(OPERATIONS, Ordering::Relaxed);
        let body = message(first);
        self.endpoint.request(request, "POST", format_args!("/Bulk"), body.as_bytes());
        // A result is at least its location, its status and its bulkId; an error would have a response, which takes other bytes.
        Some(Expect::status(&[200]).at_least(OPERATIONS * 60))
    }
}

fn message(first: usize) -> String {
    let mut body =
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"failOnErrors":1,"Operations":["#
            .to_owned();
    for number in first..first + OPERATIONS {
        let comma = if number == first { "" } else { "," };
        let data = people::user(number, "");
        // Writing into a String cannot fail.
        let _ = write!(body, r#"{comma}{{"method":"POST","path":"/Users","bulkId":"{number}","data":{data}}}"#);
    }
    body.push_str("]}");
    body
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_message_is_json() {
        let message: serde_json::Value = serde_json::from_str(&super::message(7)).unwrap();
        assert_eq!(message["Operations"].as_array().unwrap().len(), super::OPERATIONS);
    }
}
