//! Which addresses a webhook may be sent to (SEC-42): public ones over https, and those that the operator names.
//!
//! Everything here is pure. [`client`](super::client) asks with the addresses that a connection is really made to, so that a name that
//! changes its mind between a check and the connection gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use reqwest::Url;

/// The longest URL, in bytes.
const LONGEST: usize = 2048;

/// Names under which clouds offer the credentials of their machines, whatever they resolve to.
const METADATA_NAMES: [&str; 6] = [
    "metadata",
    "metadata.google.internal",
    "metadata.goog",
    "metadata.azure.internal",
    "instance-data",
    "instance-data.ec2.internal",
];

/// Addresses of the same.
const METADATA: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(192, 0, 0, 192)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// IPv4 that is not public (IANA's registry of special purposes): private, loopback, link-local, carriers' NAT, documentation,
/// benchmarking, relays, multicast, reserved and broadcast.
const SPECIAL_V4: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 52, 193, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(192, 175, 48, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast, reserved and broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// The only part of IPv6 that is given out to the world. Loopback, mapped and compatible IPv4, NAT64, discard, SRv6, unique local,
/// link-local, site-local and multicast addresses all lie outside.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What is not public within it: Teredo, benchmarking and the other protocol assignments, documentation, 6to4.
const SPECIAL_V6: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Why an address is not called. A sentence for a person; it tells nothing that a name resolved to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Not a URL, or not one of http or https.
    #[error("must be an absolute https URL such as https://app.example.com/webhooks")]
    NotUrl,
    /// Too long.
    #[error("must have at most {LONGEST} bytes")]
    TooLong,
    /// `user:password@`.
    #[error("must carry no user name or password")]
    UserInfo,
    /// Plain http to somewhere that is not named by the operator.
    #[error(
        "must begin with https://; plain http is only for networks that the operator allows (webhooks.allow_networks)"
    )]
    NotHttps,
    /// An address that is not public.
    #[error("leads to an address that is not public; the operator can allow its network (webhooks.allow_networks)")]
    Forbidden,
}

/// A network: an address and the number of its leading bits that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    fn holds(&self, ip: IpAddr) -> bool {
        match (self.address, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => within_v4(ip, (network, self.bits)),
            (IpAddr::V6(network), IpAddr::V6(ip)) => within_v6(ip, (network, self.bits)),
            _ => false,
        }
    }

    fn is_one_address(&self) -> bool {
        self.bits == if self.address.is_ipv4() { 32 } else { 128 }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not a network such as 10.1.0.0/16 or fd12::/48");
        let (address, bits) = text.trim().split_once('/').map_or((text.trim(), None), |(ip, bits)| (ip, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse().map_err(|_| wrong()))?;
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

/// The networks that the operator allows beside the public ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(Vec<Network>);

impl Networks {
    /// These networks.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether the operator has named the address. What is link-local, or offers the credentials of a cloud's machine, must be named
    /// alone: a network that happens to hold it does not count.
    pub fn name(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        let exactly = METADATA.contains(&ip) || is_link_local(ip);
        self.0.iter().any(|network| network.holds(ip) && (!exactly || network.is_one_address()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn within_v4(ip: Ipv4Addr, (network, bits): (Ipv4Addr, u32)) -> bool {
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    ip.to_bits() & mask == network.to_bits() & mask
}

fn within_v6(ip: Ipv6Addr, (network, bits): (Ipv6Addr, u32)) -> bool {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    ip.to_bits() & mask == network.to_bits() & mask
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

/// Whether everybody may be sent there.
pub fn is_public(ip: IpAddr) -> bool {
    if METADATA.contains(&ip) {
        return false;
    }
    match ip {
        IpAddr::V4(ip) => !SPECIAL_V4.iter().any(|network| within_v4(ip, *network)),
        IpAddr::V6(ip) => within_v6(ip, GLOBAL_V6) && !SPECIAL_V6.iter().any(|network| within_v6(ip, *network)),
    }
}

/// Whether a connection may be made: over https to public addresses and to those that the operator names, over http to these alone.
pub fn may_connect(ip: IpAddr, secure: bool, allowed: &Networks) -> bool {
    allowed.name(ip) || (secure && is_public(ip))
}

/// Checks what can be known of a URL without asking for names.
///
/// # Errors
/// The first [`Refusal`] that applies.
pub fn check(text: &str, allowed: &Networks) -> Result<Url, Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::TooLong);
    }
    let url = Url::parse(text).map_err(|_| Refusal::NotUrl)?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => false,
        _ => return Err(Refusal::NotUrl),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::UserInfo);
    }
    if !secure && allowed.is_empty() {
        return Err(Refusal::NotHttps);
    }
    let host = url.host_str().unwrap_or_default();
    // The parser has brought decimal, octal, hexadecimal and short spellings into the usual one.
    let literal = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse::<IpAddr>();
    match literal {
        Ok(ip) if may_connect(ip, secure, allowed) => Ok(url),
        Ok(ip) if !secure && is_public(ip) => Err(Refusal::NotHttps),
        Ok(_) => Err(Refusal::Forbidden),
        Err(_) if is_forbidden_name(host, allowed) => Err(Refusal::Forbidden),
        Err(_) => Ok(url),
    }
}

fn is_forbidden_name(host: &str, allowed: &Networks) -> bool {
    let name = host.trim_end_matches('.').to_ascii_lowercase();
    let is_local = name == "localhost" || name.ends_with(".localhost");
    let loopback = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    name.is_empty()
        || METADATA_NAMES.contains(&name.as_str())
        || (is_local && !loopback.into_iter().any(|ip| allowed.name(ip)))
}

#[cfg(test)]
mod tests;
