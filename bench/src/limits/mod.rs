//! What this machine can do at best at this very moment: the figures that every Doorward figure stands beside.

pub mod disk;
pub mod http_server;
pub mod postgres;
pub mod sqlite;

/// A SCIM user of about one kilobyte, the document of every limit.
pub fn document() -> String {
    crate::people::user(42, "")
}

/// The next of a sequence of numbers that looks random, from any `state` but 0; a load needs no better randomness.
pub fn next_random(state: &mut u64) -> u64 {
    // xorshift64
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}
