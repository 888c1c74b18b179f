//! Counts bad credentials, so that whoever tries very many of them is told to come back later, and is noticed (SEC-22).
//!
//! Only requests that have failed already are counted and limited. A valid credential is looked up whatever came before it, so that nobody
//! can lock a directory out by failing in its name or from its network.

use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Counters of one kind: 128 KiB of memory, whoever calls. Two keys that fall on one counter share it, which only means that both together
/// reach the limit; the place of a key is secret, so that nobody can choose whom he shares with.
const COUNTERS: usize = 8192;

/// For a network. Generous, because a reverse proxy makes one network of everybody, and so do the large identity providers.
const PER_NETWORK: Rate = Rate { at_once: 1000, every: Duration::from_millis(50) };

/// For the directory that a URL names. A directory whose token has run out stays below it for a while, so that its administrator is told
/// what is wrong.
const PER_LABEL: Rate = Rate { at_once: 100, every: Duration::from_millis(500) };

/// For guesses of one person's password or code from one network. Enough for somebody who tries the passwords that he remembers, and 2,880
/// a day for somebody who guesses.
const PER_PERSON: Rate = Rate { at_once: 10, every: Duration::from_secs(30) };

/// For guesses of one person's password from anywhere.
const PER_ADDRESS: Rate = Rate { at_once: 100, every: Duration::from_secs(30) };

/// How many failures are answered as such: so many at once, and then one in every so much time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) at_once: u32,
    pub(crate) every: Duration,
}

/// There were too many bad credentials already; this one is not to be answered like the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// The failures of the last minute or so, by network and by directory.
#[derive(Debug)]
pub struct BadCredentials {
    since: Instant,
    networks: Counters,
    labels: Counters,
}

impl Default for BadCredentials {
    fn default() -> Self {
        BadCredentials { since: Instant::now(), networks: Counters::new(PER_NETWORK), labels: Counters::new(PER_LABEL) }
    }
}

impl BadCredentials {
    /// Counts a request with a bad credential: where it came from, and the directory's label in its URL. The log is told when a limit begins
    /// to hold, and not again before all has been quiet.
    ///
    /// # Errors
    /// [`TooMany`] beyond a limit.
    pub fn count(&self, peer: Option<IpAddr>, label: Option<&str>) -> Result<(), TooMany> {
        self.count_at(self.since.elapsed(), peer.map(Network::of), label)
    }

    fn count_at(&self, now: Duration, network: Option<Network>, label: Option<&str>) -> Result<(), TooMany> {
        // The label first: a directory that is beyond its own limit does not use up its network's, which others share.
        let of_label = label.map_or(Outcome::Within, |label| self.labels.count(label, now));
        let of_network = match (of_label, network) {
            (Outcome::Within, Some(network)) => self.networks.count(network, now),
            _ => Outcome::Within,
        };
        // The label is the caller's text and stays out of the log.
        let network = network.map(tracing::field::display);
        if of_label == Outcome::Begins {
            tracing::warn!(network, "very many bad credentials for one directory; more of them get 429 for a while");
        }
        if of_network == Outcome::Begins {
            tracing::warn!(network, "very many bad credentials from one network; more of them get 429 for a while");
        }
        if of_label == Outcome::Within && of_network == Outcome::Within { Ok(()) } else { Err(TooMany) }
    }
}

/// The sign-ins of the last while. Unlike those of machines they are limited before the password is looked at: a password can be guessed, and
/// to check one costs much. Who is limited in the name of somebody else is so in his own network alone.
#[derive(Debug)]
pub struct SignIns {
    since: Instant,
    persons: Counters,
    addresses: Counters,
}

impl Default for SignIns {
    fn default() -> Self {
        let (persons, addresses) = (Counters::new(PER_PERSON), Counters::new(PER_ADDRESS));
        SignIns { since: Instant::now(), persons, addresses }
    }
}

impl SignIns {
    /// Counts an attempt to sign in, before it is looked at: where it came from, and in whose name (without regard to case).
    ///
    /// # Errors
    /// [`TooMany`] beyond a limit.
    pub fn count(&self, peer: Option<IpAddr>, name: &str) -> Result<(), TooMany> {
        let (now, name) = (self.since.elapsed(), name.to_lowercase());
        let of_person = self.persons.count((peer.map(Network::of), name.as_str()), now);
        let outcome = if of_person == Outcome::Within { self.addresses.count(name.as_str(), now) } else { of_person };
        match outcome {
            Outcome::Within => Ok(()),
            Outcome::Begins => {
                tracing::warn!("very many attempts to sign in with one address; more of them are refused for a while");
                Err(TooMany)
            }
            Outcome::Beyond => Err(TooMany),
        }
    }

    /// Forgets the attempts of somebody who has just proved who he is.
    pub fn forget(&self, peer: Option<IpAddr>, name: &str) {
        let name = name.to_lowercase();
        self.persons.forget((peer.map(Network::of), name.as_str()));
    }
}

/// How a failure stands to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Below it.
    Within,
    /// The first one beyond it.
    Begins,
    /// A further one.
    Beyond,
}

/// Counters that run off with time, in a table that never grows.
#[derive(Debug)]
pub(crate) struct Counters {
    rate: Rate,
    places: RandomState,
    table: Mutex<Box<[Counter]>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    /// When all failures counted have run off.
    until: Duration,
    /// Whether the limit was reached since the counter was last empty.
    reached: bool,
}

impl Counters {
    /// Counters that count up to this rate.
    pub(crate) fn new(rate: Rate) -> Self {
        let table = vec![Counter::default(); COUNTERS].into_boxed_slice();
        Counters { rate, places: RandomState::new(), table: Mutex::new(table) }
    }

    fn forget(&self, key: impl Hash) {
        let place = self.places.hash_one(key) % COUNTERS as u64;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = usize::try_from(place).ok().and_then(|place| table.get_mut(place)) {
            *counter = Counter::default();
        }
    }

    /// `now` is the time since the table was made.
    pub(crate) fn count(&self, key: impl Hash, now: Duration) -> Outcome {
        let place = self.places.hash_one(key) % COUNTERS as u64;
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(counter) = usize::try_from(place).ok().and_then(|place| table.get_mut(place)) else {
            return Outcome::Within;
        };
        if counter.until <= now {
            *counter = Counter { until: now, reached: false };
        }
        let until = counter.until + self.rate.every;
        if until <= now + self.rate.every * self.rate.at_once {
            counter.until = until;
            return Outcome::Within;
        }
        if std::mem::replace(&mut counter.reached, true) { Outcome::Beyond } else { Outcome::Begins }
    }
}

/// The part of the Internet that one caller has at his disposal: 256 addresses of IPv4, a site of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Network {
    V4([u8; 3]),
    V6([u16; 3]),
}

impl Network {
    fn of(peer: IpAddr) -> Self {
        match peer.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Network::V4([a, b, c])
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Network::V6([a, b, c])
            }
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Network::V4([a, b, c]) => write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0)),
            Network::V6([a, b, c]) => write!(f, "{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(100);

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn sec_22_addresses_of_one_network_are_counted_together() {
        assert_eq!(network("192.0.2.1"), network("192.0.2.255"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.9"), "as a socket for both versions shows it");
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::"));
        assert_ne!(network("2001:db8:1::"), network("2001:db8:2::"));
        assert_eq!(network("192.0.2.77").to_string(), "192.0.2.0/24");
        assert_eq!(network("2001:db8:1:2::3").to_string(), "2001:db8:1::/48");
    }

    #[test]
    fn sec_22_a_limit_begins_once_and_ends_with_time() {
        let counters = Counters::new(PER_LABEL);
        for _ in 0..PER_LABEL.at_once {
            assert_eq!(counters.count("acme", START), Outcome::Within);
        }
        assert_eq!(counters.count("acme", START), Outcome::Begins);
        assert_eq!(counters.count("acme", START), Outcome::Beyond);
        assert_eq!(counters.count("acme", START + PER_LABEL.every), Outcome::Within, "one has run off");
        assert_eq!(counters.count("acme", START + PER_LABEL.every), Outcome::Beyond, "no second alarm meanwhile");
        let later = START + PER_LABEL.every * (PER_LABEL.at_once + 1);
        for _ in 0..PER_LABEL.at_once {
            assert_eq!(counters.count("acme", later), Outcome::Within, "all have run off");
        }
        assert_eq!(counters.count("acme", later), Outcome::Begins);
    }

    #[test]
    fn sec_22_one_directory_s_failures_do_not_use_up_the_network_s_limit() {
        let failures = BadCredentials::default();
        let peer = Some(network("192.0.2.1"));
        for _ in 0..10 * PER_NETWORK.at_once {
            let _ = failures.count_at(START, peer, Some("acme"));
        }
        assert_eq!(failures.count_at(START, peer, Some("acme")), Err(TooMany));
        for _ in 0..PER_NETWORK.at_once - PER_LABEL.at_once {
            assert_eq!(failures.count_at(START, peer, None), Ok(()));
        }
        assert_eq!(failures.count_at(START, peer, None), Err(TooMany));
        assert_eq!(failures.count_at(START, Some(network("198.51.100.1")), None), Ok(()), "another network");
        assert_eq!(failures.count_at(START, None, None), Ok(()), "a request of this process itself");
    }

    #[test]
    fn sec_22_guesses_of_a_password_end_soon_and_others_can_still_sign_in() {
        let sign_ins = SignIns::default();
        let (bad, good): (Option<IpAddr>, Option<IpAddr>) =
            (Some([192, 0, 2, 1].into()), Some([198, 51, 100, 1].into()));
        for _ in 0..PER_PERSON.at_once {
            assert_eq!(sign_ins.count(bad, "ada@corp.example"), Ok(()));
        }
        assert_eq!(sign_ins.count(bad, "ADA@corp.example"), Err(TooMany));
        assert_eq!(sign_ins.count(bad, "bob@corp.example"), Ok(()));
        assert_eq!(sign_ins.count(good, "ada@corp.example"), Ok(()), "from her own network");
        sign_ins.forget(bad, "ada@corp.example");
        assert_eq!(sign_ins.count(bad, "ada@corp.example"), Ok(()));
    }

    #[test]
    fn sec_22_made_up_labels_and_many_networks_take_no_more_memory() {
        assert!(size_of::<Counter>() * COUNTERS * 2 <= 512 * 1024);
        let failures = BadCredentials::default();
        for n in 0..100_000_u32 {
            let [_, a, b, c] = n.to_be_bytes();
            let _ = failures.count_at(START, Some(Network::V4([a, b, c])), Some(&n.to_string()));
        }
        assert_eq!(failures.labels.table.lock().unwrap().len(), COUNTERS);
        let limited = failures.networks.table.lock().unwrap().iter().filter(|counter| counter.reached).count();
        assert_eq!(limited, 0, "a thousand addresses with a hundred attempts each");
    }
}
