//! Names and passwords that two test processes never share.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// Sixteen hexadecimal digits, seeded by the operating system through the standard library's hasher keys.
pub fn hex() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}
