//! Numbers that look random, and are the same in every run.

/// SplitMix64, by its seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut n = self.0;
        n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        n ^ (n >> 31)
    }

    /// From 0 to less than `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// What a worker does to a dictionary: a key, and what it writes there, if it writes.
pub(crate) fn operations(worker: u64) -> impl Iterator<Item = (u64, Option<u64>)> + Send {
    let (workers, operations, keys) = crate::program::DICTIONARY;
    let mut random = Random::new(worker);
    (0..operations).map(move |_| {
        let key = random.below(keys) as u64 * workers + worker;
        let writes = random.below(100) < crate::program::WRITES;
        (key, writes.then(|| random.next()))
    })
}

/// From where, to where, how much.
pub(crate) fn payments() -> impl Iterator<Item = (usize, usize, i64)> + Send {
    let (accounts, payments, _) = crate::program::BANK;
    let mut random = Random::new(123_456);
    (0..payments).map(move |_| {
        let from = random.below(accounts);
        let to = (from + 1 + random.below(accounts - 1)) % accounts;
        (from, to, random.below(1000) as i64)
    })
}
