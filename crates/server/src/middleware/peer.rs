//! Where a request comes from.

use std::net::IpAddr;

use http::Extensions;

/// The address at the other end of the connection, put on every request by [`crate::serve()`]. Behind a reverse proxy it is the proxy's: the
/// headers in which proxies name somebody else can be written by anyone, and are never read.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

impl Peer {
    /// The address of a request; `None` for one that came over no connection, as in tests.
    pub fn of(extensions: &Extensions) -> Option<IpAddr> {
        extensions.get::<Peer>().map(|peer| peer.0)
    }
}
