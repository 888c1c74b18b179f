//! Samples of rounds and what is read out of them: medians, lowest rounds, ratios paired round by round.

use std::collections::BTreeMap;
use std::time::Duration;

/// One round of one target.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Operations a second.
    pub rate: f64,
    /// Median latency in milliseconds; 0 when the target has no latencies.
    pub p50: f64,
    /// 99th percentile in milliseconds.
    pub p99: f64,
    /// Answers that were not as expected.
    pub errors: u64,
    /// The first of them in words.
    pub first_error: Option<String>,
}

impl Sample {
    /// Condenses the latencies of `elapsed` time.
    pub fn new(elapsed: Duration, mut latencies: Vec<Duration>, errors: u64, first_error: Option<String>) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| {
            let index = (latencies.len() as f64 * share) as usize;
            latencies.get(index.min(latencies.len().saturating_sub(1))).map_or(0.0, |value| value.as_secs_f64() * 1e3)
        };
        let rate = latencies.len() as f64 / elapsed.as_secs_f64();
        Self { rate, p50: at(0.5), p99: at(0.99), errors, first_error }
    }

    /// A target of which only the rate is known.
    pub fn of_rate(rate: f64) -> Self {
        Self { rate, ..Self::default() }
    }
}

/// All rounds of all targets, by the target's key.
#[derive(Debug, Default)]
pub struct Figures {
    series: BTreeMap<&'static str, Vec<Sample>>,
}

/// Median over the rounds, and the worst of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Middle value.
    pub median: f64,
    /// Lowest value.
    pub lowest: f64,
    /// Highest value.
    pub highest: f64,
}

impl Figures {
    /// Adds one round.
    pub fn push(&mut self, target: &'static str, sample: Sample) {
        self.series.entry(target).or_default().push(sample);
    }

    /// One value a round, computed from the samples of that same round, so that a slow moment of the machine touches both
    /// sides of a ratio. `None` when a target was not measured.
    pub fn paired<const N: usize>(&self, targets: [&str; N], value: impl Fn([&Sample; N]) -> f64) -> Option<Spread> {
        let series: Vec<&Vec<Sample>> = targets.iter().map(|target| self.series.get(target)).collect::<Option<_>>()?;
        let rounds = series.iter().map(|samples| samples.len()).min()?;
        let values = (0..rounds).map(|round| value(std::array::from_fn(|target| &series[target][round])));
        spread(values.collect())
    }

    /// Operations a second.
    pub fn rate(&self, target: &str) -> Option<Spread> {
        self.paired([target], |[sample]| sample.rate)
    }

    /// Median latency in milliseconds.
    pub fn p50(&self, target: &str) -> Option<Spread> {
        self.paired([target], |[sample]| sample.p50)
    }

    /// 99th percentile in milliseconds.
    pub fn p99(&self, target: &str) -> Option<Spread> {
        self.paired([target], |[sample]| sample.p99)
    }

    /// Errors of all rounds of one target.
    pub fn errors(&self, target: &str) -> u64 {
        self.series.get(target).into_iter().flatten().map(|sample| sample.errors).sum()
    }

    /// Errors of everything, each target with its first one in words.
    pub fn all_errors(&self) -> Vec<String> {
        let first = |samples: &[Sample]| samples.iter().find_map(|sample| sample.first_error.clone());
        self.series
            .iter()
            .filter_map(|(target, samples)| {
                Some(format!("{target}: {} errors, first: {}", self.errors(target), first(samples)?))
            })
            .collect()
    }
}

fn spread(mut values: Vec<f64>) -> Option<Spread> {
    values.sort_by(f64::total_cmp);
    let (lowest, highest) = (*values.first()?, *values.last()?);
    let middle = values.len() / 2;
    let median = if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 };
    Some(Spread { median, lowest, highest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_paired_round_by_round() {
        let mut figures = Figures::default();
        for (a, b) in [(10.0, 20.0), (50.0, 100.0), (1.0, 4.0)] {
            figures.push("a", Sample::of_rate(a));
            figures.push("b", Sample::of_rate(b));
        }
        let ratio = figures.paired(["a", "b"], |[a, b]| a.rate / b.rate);
        assert_eq!(ratio, Some(Spread { median: 0.5, lowest: 0.25, highest: 0.5 }));
        assert_eq!(figures.rate("c"), None);
    }

    #[test]
    fn percentiles_come_from_the_sorted_latencies() {
        let latencies = (1..=100).rev().map(Duration::from_millis).collect();
        let sample = Sample::new(Duration::from_secs(10), latencies, 0, None);
        assert_eq!((sample.rate, sample.p50, sample.p99), (10.0, 51.0, 100.0));
    }
}
