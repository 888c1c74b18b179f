//! Variation that depends on what is varied and on the seed, and not on the order in which tasks happen to run.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// The dice of one person or group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64, key: u32) -> Self {
        Self(mix(seed ^ mix(u64::from(key).wrapping_add(1))))
    }

    /// True for about one in `n` people, the same ones each time; `what` tells the questions apart.
    pub(crate) fn one_in(self, n: u64, what: &str) -> bool {
        self.of(n, what) == 0
    }

    /// A number below `n`.
    pub(crate) fn of(self, n: u64, what: &str) -> u64 {
        // FNV-1a over the question; the constants are the algorithm's.
        let hash =
            what.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        mix(self.0 ^ hash) % n.max(1)
    }

    /// Eight letters and digits, as Okta makes passwords up.
    pub(crate) fn password(self) -> String {
        const SIGNS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ0123456789";
        let mut rng = StdRng::seed_from_u64(self.0);
        (0..8).map(|_| char::from(SIGNS[rng.random_range(0..SIGNS.len())])).collect()
    }
}

/// One step of splitmix64, which spreads neighbouring numbers.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_one_in_n() {
        let hits = (0..10_000).filter(|key| Chance::new(42, *key).one_in(8, "x")).count();
        assert!((1_000..1_500).contains(&hits), "{hits}");
        assert_eq!(Chance::new(1, 2).password(), Chance::new(1, 2).password());
    }
}
