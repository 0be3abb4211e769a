//! How much is allocated.
//!
//! The counters are thread-local: with shared ones every allocation would cost two locked instructions more, to the
//! cost of whoever allocates more. So all is counted on the single-threaded runtime; two threads allocate no less.

use std::num::NonZeroU64;

use allocation_counter::{AllocationInfo, measure};

use crate::contestant::{Contestant, Threads};
use crate::scenario::Scenario;

/// Allocations of one operation: what more of them allocate more, so that set-up and warm-up cancel out.
pub(crate) fn allocations<C: Contestant>(scenario: Scenario, operations: u64) -> f64 {
    let [few, many] = both::<C>(scenario, operations).map(|info| info.count_total);
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let each = many.saturating_sub(few) as f64 / operations as f64;
    // The warm-up is a twentieth, and grows too.
    each / 1.05
}

/// Bytes of one actor at the peak, without the handle that the benchmark keeps.
pub(crate) fn idle_bytes<C: Contestant>(actors: NonZeroU64) -> u64 {
    let [few, many] = both::<C>(Scenario::Idle, actors.get()).map(|info| info.bytes_max);
    (many.saturating_sub(few) / actors).saturating_sub(size_of::<C::Counter>() as u64)
}

fn both<C: Contestant>(scenario: Scenario, operations: u64) -> [AllocationInfo; 2] {
    [operations, 2 * operations].map(|operations| {
        measure(|| {
            scenario.time::<C>(Threads::One, operations);
        })
    })
}
