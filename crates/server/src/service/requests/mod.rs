//! The request log: how requests get into it, and how people and applications read it.

mod diagnoses;
mod looked_up;
pub mod purge;
mod shown;
mod write;

pub use diagnoses::diagnoses;
pub use shown::{Found, Wanted, get, list};
pub use write::{flush, note_head, write_some};
