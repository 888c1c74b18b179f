//! Instants as the application's API and its events write them: ISO 8601, UTC, milliseconds, `Z`.

use jiff::Timestamp;

/// Unix microseconds as `2026-11-22T01:19:00.123Z`. What lies outside the years that ISO 8601 can write becomes the
/// first instant of 1970; the clock gives no such time.
pub fn text(micros: i64) -> String {
    let instant = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// Unix microseconds of an ISO 8601 instant with an offset or `Z`; `None` for anything else.
pub fn parse(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_in_milliseconds_and_read_with_any_offset() {
        assert_eq!(text(1_795_310_340_123_456), "2026-11-22T01:19:00.123Z");
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(parse("2026-11-22T02:19:00.123+01:00"), Some(1_795_310_340_123_000));
        assert_eq!(parse("2026-11-22"), None);
        assert_eq!(parse("yesterday"), None);
    }
}
