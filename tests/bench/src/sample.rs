//! Repeated measurements and what is told of them.

use std::time::Duration;

/// Durations of the same thing done again and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more.
    pub(crate) fn push(&mut self, took: Duration) {
        self.0.push(took);
    }

    /// The duration below which this share of the samples lies, in milliseconds; 0 for none.
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let last = sorted.len().saturating_sub(1);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a short list"
        )]
        let place = (share.clamp(0.0, 1.0) * last as f64).round() as usize;
        sorted.get(place).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    }

    /// The median, in milliseconds; 0 for none.
    pub(crate) fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// How many of a thing are done in a second when `amount` of it take the median.
    pub(crate) fn rate(&self, amount: f64) -> f64 {
        let seconds = self.median() / 1000.0;
        if seconds > 0.0 { amount / seconds } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    //! Quantiles of few samples.

    use super::*;

    #[test]
    fn the_middle_one_of_few() {
        let mut samples = Samples::default();
        assert_eq!(samples.median().to_bits(), 0.0_f64.to_bits());
        for ms in [30, 10, 20, 50, 40] {
            samples.push(Duration::from_millis(ms));
        }
        let close = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(close(samples.median(), 30.0));
        assert!(close(samples.quantile(0.0), 10.0));
        assert!(close(samples.quantile(0.95), 50.0));
        assert!(close(samples.rate(3.0), 100.0));
    }
}
