//! The tables `[events]` and `[audit]` of the file.

use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;

/// How the event log is kept, and what is told of.
#[derive(Debug, Clone, Copy)]
pub struct Events {
    /// How long events are kept; `None`: for ever, which is the default.
    pub retention: Option<Duration>,
    /// How long nothing must come from an identity provider until the first sync counts as done; 120 s.
    pub settled_after: Duration,
}

impl Default for Events {
    fn default() -> Self {
        Events { retention: None, settled_after: Duration::from_secs(120) }
    }
}

/// The `[events]` table of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEvents {
    retention_days: Option<u32>,
    settled_after_seconds: Option<u64>,
}

impl FileEvents {
    pub(super) fn resolve(self) -> Result<Events, ConfigError> {
        let retention = match self.retention_days {
            Some(days) if !(1..=36_500).contains(&days) => {
                let reason = "must lie between 1 and 36,500; leave it out to keep all events";
                return Err(ConfigError::new("events.retention_days", reason.to_owned()));
            }
            days => days.map(|days| Duration::from_secs(u64::from(days) * 86_400)),
        };
        let settled_after = match self.settled_after_seconds {
            Some(seconds) if !(1..=86_400).contains(&seconds) => {
                let reason = "must lie between 1 and 86,400 seconds";
                return Err(ConfigError::new("events.settled_after_seconds", reason.to_owned()));
            }
            seconds => seconds.map_or(Events::default().settled_after, Duration::from_secs),
        };
        Ok(Events { retention, settled_after })
    }
}

/// The `[audit]` table of the file: what the audit log shows.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Audit {
    /// Whether it shows the values of personal attributes, and not their names alone; false.
    pub values: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, FileConfig, Overrides};

    fn resolved(text: &str) -> Result<Config, ConfigError> {
        Config::resolve(Overrides::default(), FileConfig::parse(text)?)
    }

    #[test]
    fn events_are_kept_for_ever_and_values_hidden_unless_told_otherwise() {
        let config = resolved("").unwrap();
        assert_eq!((config.events.retention, config.audit.values), (None, false));
        assert_eq!(config.events.settled_after, Duration::from_secs(120));
        let text =
            "[events]\nretention_days = 30\nsettled_after_seconds = 60\n[audit]\nvalues = true\n[limits]\nstreams = 5";
        let config = resolved(text).unwrap();
        assert_eq!(config.events.retention, Some(Duration::from_secs(30 * 86_400)));
        assert_eq!((config.events.settled_after.as_secs(), config.audit.values, config.limits.streams), (60, true, 5));
        for wrong in ["[events]\nretention_days = 0", "[events]\nsettled_after_seconds = 0", "[audit]\nvalue = true"] {
            assert!(resolved(wrong).is_err(), "{wrong}");
        }
    }
}
