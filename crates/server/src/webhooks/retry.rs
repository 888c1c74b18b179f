//! When a failed delivery is tried again (REL-12).

use std::time::Duration;

/// The pauses after the first failures; from then on [`LONGEST`].
const FIRST: [Duration; 6] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(2 * 60),
    Duration::from_secs(10 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(60 * 60),
];

/// The longest pause, and the most that a receiver can ask for with `Retry-After`.
pub const LONGEST: Duration = Duration::from_secs(2 * 60 * 60);

/// Attempts of one delivery. The last follows the first after 98 hours, 78 at the least.
pub const ATTEMPTS: i64 = 55;

/// Without any success for so long, an endpoint is disabled.
pub const PATIENCE: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// How long to wait after `failed` attempts; `None`: it was the last, and the delivery is parked. `chance`, from 0 to `u32::MAX`, spreads
/// pauses by a fifth to both sides. The receiver's own wish counts where it is longer, up to [`LONGEST`].
pub fn schedule(failed: i64, chance: u32, retry_after: Option<Duration>) -> Option<Duration> {
    if failed >= ATTEMPTS {
        return None;
    }
    let index = usize::try_from(failed.max(1) - 1).unwrap_or(usize::MAX);
    let pause = FIRST.get(index).copied().unwrap_or(LONGEST);
    let pause = pause.mul_f64(0.8 + 0.4 * f64::from(chance) / f64::from(u32::MAX));
    Some(pause.max(retry_after.unwrap_or_default().min(LONGEST)))
}

/// Reads `Retry-After` (RFC 9110 section 10.2.3): seconds, or a date. `now` in Unix microseconds.
pub fn retry_after(value: &str, now: i64) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u32>() {
        return Some(Duration::from_secs(u64::from(seconds)));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    let micros = date.timestamp().as_microsecond().saturating_sub(now);
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rel_12_at_least_ten_attempts_across_72_hours_whatever_the_jitter() {
        for (chance, least, most) in [(0, 78.0, 79.0), (u32::MAX / 2, 97.0, 99.0), (u32::MAX, 117.0, 118.0)] {
            let mut total = Duration::ZERO;
            let mut attempts = 1;
            while let Some(pause) = schedule(attempts, chance, None) {
                total += pause;
                attempts += 1;
            }
            assert_eq!(attempts, ATTEMPTS);
            let hours = total.as_secs_f64() / 3600.0;
            assert!((least..most).contains(&hours), "{hours} hours");
        }
    }

    #[test]
    fn rel_12_pauses_are_spread_by_a_fifth() {
        let nominal = [5, 30, 120, 600, 1800, 3600, 7200, 7200];
        for (index, seconds) in nominal.into_iter().enumerate() {
            let failed = index as i64 + 1;
            let at = |chance| schedule(failed, chance, None).unwrap().as_secs_f64() / f64::from(seconds);
            assert!((at(0) - 0.8).abs() < 1e-6 && (at(u32::MAX) - 1.2).abs() < 1e-6, "attempt {failed}");
        }
    }

    #[test]
    fn rel_12_the_receivers_wish_counts_up_to_a_cap() {
        let wish = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(schedule(1, 0, wish(90)), wish(90));
        assert_eq!(schedule(1, 0, wish(1)), wish(4), "never sooner than planned");
        assert_eq!(schedule(1, 0, wish(100_000)), Some(LONGEST));
        let noon = 1_795_348_800_000_000; // Sun, 22 Nov 2026 12:00:00 GMT
        assert_eq!(retry_after(" 120 ", noon), wish(120));
        assert_eq!(retry_after("Sun, 22 Nov 2026 12:01:00 GMT", noon), wish(60));
        assert_eq!(retry_after("Sun, 22 Nov 2026 11:01:00 GMT", noon), wish(0));
        assert_eq!(retry_after("soon", noon), None);
        assert_eq!(retry_after("-5", noon), None);
    }
}
