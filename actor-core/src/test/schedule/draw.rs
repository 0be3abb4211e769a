//! The random choices of one run, all drawn from its seed.

/// A seeded generator (splitmix64).
#[derive(Debug)]
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Draw(seed)
    }

    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of `0..end`; 0 of none.
    pub(super) fn below(&mut self, end: usize) -> usize {
        if end < 2 {
            return 0;
        }
        usize::try_from(self.number() % end as u64).unwrap_or(0)
    }

    /// True so many times of 256.
    pub(super) fn chance(&mut self, of_256: u8) -> bool {
        self.number() >> 56 < u64::from(of_256)
    }
}

/// How a run chooses. Runs differ in it, since no one way finds everything: what a thousand even choices never line up, a few lopsided
/// ones do.
#[derive(Debug)]
pub(super) struct Manner {
    /// How often of 256 a caller that can runs the handler itself,
    pub(super) direct: u8,
    /// one that is about to send lets others go first,
    pub(super) pause: u8,
    /// time goes on though somebody could run,
    pub(super) leap: u8,
    /// and a message comes before one of another sender.
    pub(super) overtake: u8,
    pub(super) order: Order,
}

/// Who runs next.
#[derive(Debug)]
pub(super) enum Order {
    /// Any, each as likely as the others.
    Even,
    /// The one of the highest rank, ranks being drawn; at few steps the one whose turn it is gets the lowest. Of a bug that needs few
    /// things in a certain order this finds more than even choices do (Burckhardt and others, "A randomized scheduler with
    /// probabilistic guarantees of finding bugs").
    Ranks(Vec<u32>),
}

impl Manner {
    pub(super) fn new(draw: &mut Draw, patient: bool) -> Self {
        let often = [32, 128, 224];
        let order = if draw.chance(128) {
            Order::Even
        } else {
            // How long a run is cannot be known before: from a few steps to some thousand.
            let length = 1 << (4 + draw.below(8));
            let changes = draw.below(4);
            Order::Ranks((0..changes).map(|_| u32::try_from(draw.below(length)).unwrap_or(0)).collect())
        };
        Manner {
            direct: often[draw.below(3)],
            pause: often[draw.below(3)],
            leap: if patient { 0 } else { [0, 8, 32, 96][draw.below(4)] },
            overtake: [0, 64, 192][draw.below(3)],
            order,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_seeds_alone_and_spread() {
        let numbers = |seed| {
            let mut draw = Draw::new(seed);
            [(); 8].map(|()| draw.number())
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        let mut draw = Draw::new(0);
        let mut seen = [0; 4];
        (0..400).for_each(|_| seen[draw.below(4)] += 1);
        assert!(seen.iter().all(|times| (50..150).contains(times)), "{seen:?}");
        assert_eq!((draw.below(0), draw.below(1)), (0, 0));
        assert!((0..1000).all(|_| !draw.chance(0)));
    }
}
