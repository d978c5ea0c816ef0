//! What was measured, for people as a table and for machines as JSON.
//!
//! A ratio is always ours by the peer's. Whether less or more of it is better follows from the
//! unit: less for times, more for rates. It judges nothing.

use serde::Serialize;
use std::fmt::Write as _;

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Measure {
    /// What was measured.
    pub(crate) name: String,
    /// Ours, in `unit`.
    pub(crate) value: f64,
    /// `ms`, `MiB`, `MiB/s`, `MB/s`, `1/s` or `%`.
    pub(crate) unit: &'static str,
    /// The peer that was measured in the same run.
    pub(crate) against: &'static str,
    /// Ours by the peer's.
    pub(crate) ratio: f64,
}

impl Measure {
    /// A figure and its peer's, in the same unit.
    pub(crate) fn new(
        name: &str,
        value: f64,
        unit: &'static str,
        (against, peer): (&'static str, f64),
    ) -> Self {
        let ratio = if peer > 0.0 { value / peer } else { 0.0 };
        Self { name: name.to_owned(), value: rounded(value), unit, against, ratio: rounded(ratio) }
    }

    fn row(&self) -> [String; 5] {
        let peer = if self.ratio > 0.0 { self.value / self.ratio } else { 0.0 };
        [
            self.name.clone(),
            format!("{} {}", short(self.value), self.unit),
            format!("{} {}", short(peer), self.unit),
            format!("{:.2}", self.ratio),
            self.against.to_owned(),
        ]
    }
}

/// What became of one benchmark.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Its figures.
    Measured(Vec<Measure>),
    /// It cannot run here, and why.
    Skipped(String),
}

/// The figures as a table with aligned columns.
pub(crate) fn table(measures: &[Measure]) -> String {
    let head = ["name", "ours", "peer", "ratio", "against"].map(str::to_owned);
    let rows: Vec<[String; 5]> =
        std::iter::once(head).chain(measures.iter().map(Measure::row)).collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut table = String::new();
    for [name, ours, peer, ratio, against] in &rows {
        let [a, b, c, d, _] = widths;
        // Writing into a string does not fail.
        let _ = writeln!(table, "{name:a$}  {ours:>b$}  {peer:>c$}  {ratio:>d$}  {against}");
    }
    table
}

/// Three digits behind the point are more than any of these repeats by.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// About three digits in all.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

#[cfg(test)]
mod tests {
    //! The two forms of a report.
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;

    #[test]
    fn a_ratio_is_ours_by_the_peers() {
        let measure = Measure::new("start", 300.0, "ms", ("an empty app", 250.0));
        let json = serde_json::to_value([&measure]).unwrap();
        let wanted = serde_json::json!([{
            "name": "start", "value": 300.0, "unit": "ms", "against": "an empty app", "ratio": 1.2
        }]);
        assert_eq!(json, wanted);
    }

    #[test]
    fn columns_stand_below_each_other() {
        let one = Measure::new("start", 300.0, "ms", ("an empty app", 250.0));
        let two = Measure::new("fetch-4kib-16", 4321.0, "1/s", ("plain", 8642.0));
        let table = table(&[one, two]);
        let wanted = "\
name               ours      peer  ratio  against
start            300 ms    250 ms   1.20  an empty app
fetch-4kib-16  4321 1/s  8642 1/s   0.50  plain
";
        assert_eq!(table, wanted);
    }
}
