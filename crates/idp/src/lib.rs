//! Simulated identity providers that speak SCIM over real HTTP as the real ones do.
//!
//! A [`Dialect`] knows how one provider writes its requests: headers, credential form, member order of the bodies, the
//! checks it makes before it writes, and how it judges the answers. A [`Session`] drives single flows (assign a person,
//! push a group, deactivate) against one SCIM base URL and remembers the state it intended. [`run()`] plays a whole life:
//! test of the connection, first assignment, group push, a day of changes, import, and the [`verdict`] that compares the
//! intended state with what the server has at the end.
//!
//! Everything that is chosen at random follows from one seed; neither the clock nor the process's random source is used,
//! so that a run that failed can be played again.
//!
//! ```no_run
//! # async fn example() -> Result<(), doorward_idp::Error> {
//! use doorward_idp::{Dialect, Plan, bar, run};
//!
//! let dialect: Dialect = "okta-wizard".parse()?;
//! let plan = Plan {
//!     users: 1_000,
//!     groups: 20,
//!     ..Plan::new(dialect, "https://scim.example/scim/acme/v2", dialect.credential("dw_…"))
//! };
//! let report = run(plan, &mut bar()).await?;
//! assert!(report.is_clean(), "{report}");
//! # Ok(())
//! # }
//! ```
//!
//! The crate is a client only: it knows nothing of the server's code, and works against any SCIM 2.0 or 1.1 endpoint.

mod answer;
mod client;
mod dialect;
mod directory;
mod error;
mod history;
mod intended;
mod people;
mod progress;
mod report;
mod run;
mod session;
pub mod verdict;

pub use answer::{Problem, Violation};
pub use client::{Answer, Client, Credential, Exchange, Headers, Message, TokenForm};
pub use dialect::{Dialect, Family};
pub use directory::{Directory, Group, GroupKey, Standing};
pub use error::Error;
pub use history::{Change, Customs, day};
pub use intended::{Intended, IntendedGroup, IntendedUser};
pub use people::{Address, IdStyle, Person, PersonKey, Population};
pub use progress::{Phase, Progress, bar};
pub use report::{KindSummary, Report};
pub use run::{Plan, run};
pub use session::{Failure, Imported, Session};
pub use verdict::{Application, Difference};
