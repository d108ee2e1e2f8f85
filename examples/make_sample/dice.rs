//! Random numbers that are the same on every machine: a seeded generator and arithmetic without library functions whose last digit
//! differs between platforms.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A seeded source of random numbers.
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// Dice number `stream` of a seed; the streams of one seed are independent of each other.
    pub fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// A number in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number from 0 up to, not including, `end`. `end` is at least 1 and small beside 2^53.
    pub fn below(&mut self, end: usize) -> usize {
        ((self.unit() * end as f64) as usize).min(end - 1)
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A bell-shaped number with mean 0 and standard deviation 1: the sum of eight uniform ones, hence never beyond 4.9.
    pub fn bell(&mut self) -> f64 {
        let mut sum = 0u64;
        for _ in 0..2 {
            let bits = self.0.next_u64();
            sum += (bits & 0xffff) + (bits >> 16 & 0xffff) + (bits >> 32 & 0xffff) + (bits >> 48);
        }
        // Eight numbers k / 65536 with k from 0 to 65535 have mean 8 × 0.5 − 8 × 0.5 / 65536 and variance 8 / 12.
        (sum as f64 / 65_536.0 - 4.0 + 4.0 / 65_536.0) * 1.224_744_871_391_589
    }

    /// How often a rare event happens where `mean` are expected: near a Poisson number, by the bell shape. `mean` is not negative.
    pub fn count(&mut self, mean: f64) -> u32 {
        (mean + mean.sqrt() * self.bell()).round().max(0.0) as u32
    }

    /// A position in `shares`, each drawn in proportion to its share. `shares` is not empty.
    pub fn choose(&mut self, shares: &[f64]) -> usize {
        let mut left = self.unit() * shares.iter().sum::<f64>();
        for (position, share) in shares.iter().enumerate() {
            left -= share;
            if left < 0.0 {
                return position;
            }
        }
        shares.len() - 1
    }
}

/// Close to eˣ for small x, by multiplication alone; the factor of a skewed, always positive quantity.
pub fn growth(x: f64) -> f64 {
    let mut factor = 1.0 + x / 256.0;
    for _ in 0..8 {
        factor *= factor;
    }
    factor
}

/// A wave between −1 and 1 with period 1, made of straight lines.
pub fn wave(x: f64) -> f64 {
    1.0 - 4.0 * (x - x.floor() - 0.5).abs()
}
