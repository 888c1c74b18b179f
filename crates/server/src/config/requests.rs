//! The `[requests]` table: what the request log keeps, and for how long.

use serde::Deserialize;

use super::ConfigError;

/// Of which requests the bodies are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Bodies {
    /// Of none.
    Off,
    /// Of those that were refused: there they explain why.
    #[default]
    Failed,
    /// Of all.
    All,
}

/// What the request log keeps, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requests {
    /// Of which requests bodies are kept; of the refused ones.
    pub bodies: Bodies,
    /// After how many days a request is removed; 14.
    pub retention_days: u32,
    /// How many requests a directory keeps at most; 10,000.
    pub most_per_directory: u32,
}

impl Default for Requests {
    fn default() -> Self {
        Requests { bodies: Bodies::Failed, retention_days: 14, most_per_directory: 10_000 }
    }
}

/// The table of the file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileRequests {
    bodies: Option<Bodies>,
    retention_days: Option<u32>,
    most_per_directory: Option<u32>,
}

impl FileRequests {
    pub(super) fn resolve(self) -> Result<Requests, ConfigError> {
        let base = Requests::default();
        let retention_days = self.retention_days.unwrap_or(base.retention_days);
        if !(1..=3650).contains(&retention_days) {
            return Err(ConfigError::new("requests.retention_days", "must lie between 1 and 3650".to_owned()));
        }
        let most_per_directory = self.most_per_directory.unwrap_or(base.most_per_directory);
        if !(100..=1_000_000).contains(&most_per_directory) {
            let reason = "must lie between 100 and 1,000,000".to_owned();
            return Err(ConfigError::new("requests.most_per_directory", reason));
        }
        Ok(Requests { bodies: self.bodies.unwrap_or(base.bodies), retention_days, most_per_directory })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, FileConfig, Overrides};
    use super::*;

    fn resolved(text: &str) -> Result<Requests, ConfigError> {
        Config::resolve(Overrides::default(), FileConfig::parse(text)?).map(|config| config.requests)
    }

    #[test]
    fn the_request_log_is_bounded_and_can_be_set() {
        assert_eq!(resolved("").unwrap(), Requests::default());
        let set = resolved("[requests]\nbodies = \"off\"\nretention_days = 3\nmost_per_directory = 500").unwrap();
        assert_eq!(set, Requests { bodies: Bodies::Off, retention_days: 3, most_per_directory: 500 });
        for wrong in ["bodies = \"some\"", "retention_days = 0", "most_per_directory = 1", "body = \"off\""] {
            assert!(resolved(&format!("[requests]\n{wrong}")).is_err(), "{wrong}");
        }
    }
}
