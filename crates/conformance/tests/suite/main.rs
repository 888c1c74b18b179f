//! The engine against a real Doorward, and against servers that lie in one point each.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, where the lints' exceptions for test functions do not reach"
)]

mod doorward;
mod liar;
mod lies;
mod lies_v1;
mod tables;
