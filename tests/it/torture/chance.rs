//! Chance that repeats: the same seed gives the same numbers.

/// `xorshift64*`, by Vigna.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        // Zero is the one state the generator never leaves.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// From 0 to below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % limit
    }

    /// Below a power of two, each power as often: small numbers and large ones alike.
    pub fn some(&mut self, least: u64, most: u64) -> u64 {
        let power = least + self.below(most - least + 1);
        self.below(1 << power)
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of these.
    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        let index = usize::try_from(self.below(all.len() as u64)).unwrap();
        all[index].clone()
    }
}
