//! What the collector knows about itself.

use std::fmt;
use std::time::Duration;

/// Eight buckets for each power of two: a percentile is off by an eighth at most.
const PER_OCTAVE: u32 = 8;
const BUCKETS: usize = 40 * PER_OCTAVE as usize;

/// A histogram of pauses.
#[derive(Clone)]
pub struct Pauses {
    buckets: Box<[u32; BUCKETS]>,
    /// How many pauses there were.
    pub count: u64,
    /// All of them together.
    pub total: Duration,
    /// The longest.
    pub max: Duration,
}

impl Default for Pauses {
    fn default() -> Pauses {
        Pauses {
            buckets: Box::new([0; BUCKETS]),
            count: 0,
            total: Duration::ZERO,
            max: Duration::ZERO,
        }
    }
}

impl Pauses {
    fn bucket(nanoseconds: u64) -> usize {
        let n = nanoseconds.max(PER_OCTAVE as u64);
        let octave = n.ilog2() - PER_OCTAVE.ilog2();
        let within = (n >> octave) - PER_OCTAVE as u64;
        ((octave * PER_OCTAVE) as usize + within as usize).min(BUCKETS - 1)
    }

    fn ceiling(bucket: usize) -> Duration {
        let (octave, within) =
            (bucket as u64 / PER_OCTAVE as u64, bucket as u64 % PER_OCTAVE as u64);
        Duration::from_nanos((PER_OCTAVE as u64 + within + 1) << octave)
    }

    pub(crate) fn record(&mut self, pause: Duration) {
        self.buckets[Self::bucket(pause.as_nanos() as u64)] += 1;
        self.count += 1;
        self.total += pause;
        self.max = self.max.max(pause);
    }

    /// The pause that the fraction `q` of all pauses do not exceed.
    pub fn quantile(&self, q: f64) -> Duration {
        let rank = (self.count as f64 * q).ceil() as u64;
        let mut seen = 0;
        for (bucket, &n) in self.buckets.iter().enumerate() {
            seen += n as u64;
            if seen >= rank && n > 0 {
                return Self::ceiling(bucket).min(self.max);
            }
        }
        self.max
    }

    /// The pauses of both histograms.
    pub fn merged(&self, other: &Pauses) -> Pauses {
        let mut sum = self.clone();
        for (a, b) in sum.buckets.iter_mut().zip(other.buckets.iter()) {
            *a += b;
        }
        sum.count += other.count;
        sum.total += other.total;
        sum.max = sum.max.max(other.max);
        sum
    }
}

impl fmt::Debug for Pauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Pauses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} pauses, {:.2?} together, median {:.2?}, 99th percentile {:.2?}, longest {:.2?}",
            self.count,
            self.total,
            self.quantile(0.5),
            self.quantile(0.99),
            self.max
        )
    }
}

/// Figures since the heap was made. Bytes unless said otherwise.
#[derive(Clone, Default, Debug)]
pub struct Stats {
    /// Pauses in which only the nursery was collected.
    pub minor: Pauses,
    /// Pauses in which the old space was collected too.
    pub major: Pauses,
    /// Slices of major collections, in pauses that count as minor.
    pub slices: u64,
    /// How many of the major collections were in stress mode.
    pub stress: u64,
    /// Allocated by the program.
    pub allocated: usize,
    /// Copied out of the nursery.
    pub promoted: usize,
    /// Moved within the old space.
    pub moved: usize,
    /// Copied at all.
    pub copied: usize,
    /// Live after the last major collection.
    pub live: usize,
    /// In use now: nursery, old objects (the dead among them are not known), large objects, memory outside.
    pub used: usize,
    /// Outside the heap, as accounted.
    pub outside: usize,
    /// In large objects.
    pub large: usize,
    /// The memory of all old blocks that hold something.
    pub blocks: usize,
    /// The most that was in use at the beginning of a collection.
    pub peak: usize,
    /// When `used` passes this, a major collection is due.
    pub trigger: usize,
}

impl Stats {
    /// Pauses of both kinds.
    pub fn pauses(&self) -> Pauses {
        self.minor.merged(&self.major)
    }

    /// How many collections there were.
    pub fn collections(&self) -> u64 {
        self.minor.count + self.major.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_close() {
        let mut pauses = Pauses::default();
        for i in 1..=1000 {
            pauses.record(Duration::from_micros(i));
        }
        let near = |q, micros: f64| {
            let got = pauses.quantile(q).as_secs_f64() * 1e6;
            assert!((got / micros - 1.0).abs() < 0.13, "{got} {micros}");
        };
        near(0.5, 500.0);
        near(0.99, 990.0);
        assert_eq!(pauses.quantile(1.0), Duration::from_millis(1));
        assert_eq!(pauses.merged(&pauses).count, 2000);
    }
}
