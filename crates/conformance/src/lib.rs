//! A black-box test of any SCIM server: what it answers is compared with what the standards demand.
//!
//! [`run()`] takes a [`Plan`] and gives a [`Report`] that can be read by people ([`Report`]'s `Display`), by programs
//! (`serde`) and in a browser ([`html()`]). Every check is a small function in the table of its chapter, with the
//! requirement that it proves, its [`Level`] and a title. The crate is a client only: it knows nothing of the server's
//! code, and works against any SCIM 2.0 or 1.1 endpoint.
//!
//! The server is left as it was found. Whatever is made there carries the prefix of the run in its name, is remembered
//! from the answer that announced it, and is deleted at the end, also when a check fails or the run is interrupted; a
//! sweep then looks for what may have been missed.
//!
//! ```no_run
//! # async fn example() -> Result<(), doorward_conformance::Error> {
//! use doorward_conformance::{Credential, Plan, Version, bar, run};
//!
//! let credential = Credential::Bearer("dw_…".to_owned());
//! let plan = Plan::new("https://scim.example/scim/acme/v2", credential, Version::V2, 0x5eed);
//! let report = run(plan, &mut bar()).await?;
//! assert!(report.conforms(), "{report}");
//! # Ok(())
//! # }
//! ```

mod answer;
mod check;
mod cleanup;
mod client;
mod error;
mod expect;
mod fixtures;
mod probe;
mod progress;
mod reference;
mod report;
mod run;
mod v1;
mod v2;
mod verdict;

pub use check::{Level, Version};
pub use cleanup::Cleanup;
pub use client::{Credential, Exchange};
pub use error::Error;
pub use progress::{Progress, bar};
pub use report::{Counts, Entry, Outcome, Report, html};
pub use run::{Plan, run, titles};
