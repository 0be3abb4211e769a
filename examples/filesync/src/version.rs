//! Who changed what after having seen what: peer ids and version vectors.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The identity of a folder, drawn at random when its state is first written.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct PeerId([u8; 16]);

impl PeerId {
    pub(crate) fn random() -> std::io::Result<Self> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(std::io::Error::other)?;
        Ok(Self(id))
    }

    /// An id that stands for a content and not for a folder; see [`crate::conflict`].
    pub(crate) const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}{:02x}{:02x}", self.0[0], self.0[1], self.0[2])
    }
}

/// For each peer, the last of its changes that is contained in a version.
///
/// `a < b`: whoever made `b` had seen `a`, so `b` replaces it. No order (`None`): made apart, neither had seen the other.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct VersionVector(
    /// In the order of the peers. Every path has one of these, so it takes no more room than it must.
    Vec<(PeerId, u64)>,
);

impl VersionVector {
    /// Marks a change by `peer`, its `count`th.
    pub(crate) fn bump(&mut self, peer: PeerId, count: u64) {
        match self.find(peer) {
            Ok(at) => self.0[at].1 = count,
            Err(at) => {
                self.0.reserve_exact(1);
                self.0.insert(at, (peer, count));
            }
        }
    }

    /// The last change of `peer` in it; 0 if there is none.
    pub(crate) fn of(&self, peer: PeerId) -> u64 {
        self.find(peer).map_or(0, |at| self.0[at].1)
    }

    fn find(&self, peer: PeerId) -> Result<usize, usize> {
        self.0.binary_search_by_key(&peer, |(peer, _)| *peer)
    }

    /// Everything that either has seen.
    pub(crate) fn join(&mut self, other: &Self) {
        for (peer, count) in &other.0 {
            if self.of(*peer) < *count {
                self.bump(*peer, *count);
            }
        }
    }
}

impl PartialOrd for VersionVector {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let covers = |a: &Self, b: &Self| b.0.iter().all(|(peer, count)| a.of(*peer) >= *count);
        match (covers(self, other), covers(other, self)) {
            (true, true) => Some(Ordering::Equal),
            (true, false) => Some(Ordering::Greater),
            (false, true) => Some(Ordering::Less),
            (false, false) => None,
        }
    }
}

impl fmt::Debug for VersionVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().copied()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vector() -> impl Strategy<Value = VersionVector> {
        proptest::collection::btree_map((0u8..3).prop_map(|id| PeerId([id; 16])), 1u64..4, 0..4)
            .prop_map(|counts| VersionVector(counts.into_iter().collect()))
    }

    #[test]
    fn a_change_after_seeing_replaces_and_one_apart_does_not() {
        let (a, b) = (PeerId([1; 16]), PeerId([2; 16]));
        let mut first = VersionVector::default();
        first.bump(a, 1);
        let (mut mine, mut yours) = (first.clone(), first.clone());
        mine.bump(a, 2);
        yours.bump(b, 1);
        assert!(first < mine && first < yours);
        assert_eq!(mine.partial_cmp(&yours), None);
    }

    #[test]
    fn random_ids_differ() {
        assert_ne!(PeerId::random().unwrap(), PeerId::random().unwrap());
    }

    proptest! {
        #[test]
        fn join_is_the_least_upper_bound(a in vector(), b in vector(), c in vector()) {
            let join = |a: &VersionVector, b: &VersionVector| { let mut j = a.clone(); j.join(b); j };
            let ab = join(&a, &b);
            prop_assert!(a <= ab && b <= ab);
            prop_assert_eq!(&ab, &join(&b, &a));
            prop_assert_eq!(join(&ab, &c), join(&a, &join(&b, &c)));
            prop_assert_eq!(join(&a, &a), a.clone());
            prop_assert_eq!(a.partial_cmp(&b), b.partial_cmp(&a).map(Ordering::reverse));
        }
    }
}
