//! The tables: what was measured, what it stands beside, whether the goal is reached.

use std::fmt::Write;

use crate::figures::{Figures, Spread};

/// How a value is printed.
#[derive(Clone, Copy)]
pub enum Unit {
    /// A share of a limit.
    Percent,
    /// A multiple of another figure.
    Times,
    /// Milliseconds.
    Milliseconds,
    /// Mebibytes.
    Mebibytes,
    /// Operations a second.
    PerSecond,
}

/// The goal of performance.md.
#[derive(Clone, Copy)]
pub enum Goal {
    /// The more the better.
    AtLeast(f64),
    /// The less the better.
    AtMost(f64),
    /// Shown for orientation only.
    None,
}

/// One line of the table.
pub struct Row {
    /// What was done, by how many callers.
    pub workload: String,
    /// Key of the figures that rate and latencies come from.
    pub key: &'static str,
    /// What the value is, in words.
    pub beside: &'static str,
    /// What the goal speaks of.
    pub value: Option<Spread>,
    /// Unit of value and goal.
    pub unit: Unit,
    /// The goal.
    pub goal: Goal,
}

impl Unit {
    fn print(self, value: f64) -> String {
        match self {
            Self::Percent => format!("{:.0} %", value * 100.0),
            Self::Times => format!("{value:.2} x"),
            Self::Milliseconds => format!("{value:.2} ms"),
            Self::Mebibytes => format!("{value:.1} MiB"),
            Self::PerSecond => format!("{}/s", grouped(value)),
        }
    }
}

impl Goal {
    fn print(self, unit: Unit) -> String {
        match self {
            Self::AtLeast(goal) => format!("≥ {}", unit.print(goal)),
            Self::AtMost(goal) => format!("≤ {}", unit.print(goal)),
            Self::None => "-".to_owned(),
        }
    }

    /// Whether the median reaches the goal, and whether it reaches half of it.
    fn reached(self, median: f64) -> Option<(bool, bool)> {
        match self {
            Self::AtLeast(goal) => Some((median >= goal, median >= goal / 2.0)),
            Self::AtMost(goal) => Some((median <= goal, median <= goal * 2.0)),
            Self::None => None,
        }
    }

    fn worst(self, spread: Spread) -> f64 {
        if let Self::AtMost(_) = self { spread.highest } else { spread.lowest }
    }
}

/// The rows as a Markdown table.
pub fn table(figures: &Figures, rows: &[Row]) -> String {
    let mut text = String::from(
        "| workload | median | lowest round | p50 ms | p99 ms | compared | value | worst round | goal | goal reached | half goal reached | errors |\n\
         |---|---:|---:|---:|---:|---|---:|---:|---:|---|---|---:|\n",
    );
    for row in rows {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{}", line(figures, row));
    }
    text
}

fn line(figures: &Figures, row: &Row) -> String {
    let rate = figures.rate(row.key).filter(|_| !matches!(row.unit, Unit::Mebibytes));
    let rate = rate.filter(|rate| rate.median > 0.0);
    let latency = |spread: Option<Spread>| match spread {
        Some(spread) if spread.median > 0.0 => format!("{:.2}", spread.median),
        _ => "-".to_owned(),
    };
    let yes = |reached: bool| if reached { "yes" } else { "**no**" };
    let (value, worst, reached, half) = match row.value {
        None => ("-".to_owned(), "-".to_owned(), "not measured", "not measured"),
        Some(value) => {
            let (reached, half) =
                row.goal.reached(value.median).map_or(("-", "-"), |(full, half)| (yes(full), yes(half)));
            (row.unit.print(value.median), row.unit.print(row.goal.worst(value)), reached, half)
        }
    };
    format!(
        "| {} | {} | {} | {} | {} | {} | {value} | {worst} | {} | {reached} | {half} | {} |",
        row.workload,
        rate.map_or("-".to_owned(), |rate| grouped(rate.median)),
        rate.map_or("-".to_owned(), |rate| grouped(rate.lowest)),
        latency(figures.p50(row.key)),
        latency(figures.p99(row.key)),
        row.beside,
        row.goal.print(row.unit),
        figures.errors(row.key),
    )
}

/// The limits as a Markdown table.
pub fn limits(figures: &Figures, rows: &[(&'static str, &str)]) -> String {
    let mut text = String::from("| limit | median | lowest round |\n|---|---:|---:|\n");
    for (key, name) in rows {
        let (median, lowest) = figures.rate(key).map_or((0.0, 0.0), |rate| (rate.median, rate.lowest));
        let _ = writeln!(text, "| {name} | {}/s | {}/s |", grouped(median), grouped(lowest));
    }
    if let Some(sync) = figures.p50("sync") {
        let _ = writeln!(text, "| one fdatasync of 1 KiB | {:.2} ms | {:.2} ms (slowest) |", sync.median, sync.highest);
    }
    text
}

/// 1234567.8 as `1,234,568`; small values keep a decimal.
pub fn grouped(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([grouped(7.25), grouped(999.0), grouped(1_234_567.8)], ["7.2", "999", "1,234,568"]);
    }

    #[test]
    fn half_a_goal_is_half_the_rate_or_twice_the_time() {
        assert_eq!(Goal::AtLeast(0.6).reached(0.3), Some((false, true)));
        assert_eq!(Goal::AtMost(1.5).reached(3.1), Some((false, false)));
        assert_eq!(Goal::AtMost(20.0).reached(19.0), Some((true, true)));
    }
}
