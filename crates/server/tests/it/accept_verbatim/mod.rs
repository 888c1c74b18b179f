//! The requests that identity providers send, each answered as it must be: one test per row of the table
//! "Requests a server must accept verbatim" (idp-wire, section 7). `av_007` is row 7.

mod entra;
mod entra_groups;
mod okta;
mod okta_groups;
mod okta_v1;
mod others;
