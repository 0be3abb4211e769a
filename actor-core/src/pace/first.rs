//! What is known of first calls: of many actors that live for one call each, not every one is worth two looks at the clock.

use super::SAMPLE;
use crate::policy::Policy;
use std::cell::Cell;
use std::ptr;

/// Of a message.
#[derive(Clone, Copy)]
pub(super) struct First {
    /// Short, the last time that one was measured.
    policy: &'static Policy,
    /// So many more need not be.
    left: u16,
}

/// So many messages are known. One that falls upon another's place is measured.
const FIRSTS: usize = 8;

thread_local! {
    static FIRST: [Cell<Option<First>>; FIRSTS] = const { [const { Cell::new(None) }; FIRSTS] };
}

impl First {
    #[inline]
    fn with<T>(policy: &'static Policy, look: impl FnOnce(&Cell<Option<First>>) -> T) -> T {
        let place = ptr::from_ref(policy).addr() / align_of::<Policy>() % FIRSTS;
        FIRST.with(|firsts| look(&firsts[place]))
    }

    /// Whether the first call of an actor need not be measured.
    pub(super) fn is_known(policy: &'static Policy) -> bool {
        Self::with(policy, |place| match place.get() {
            Some(First { policy: known, left }) if left > 0 && ptr::eq(known, policy) => {
                place.set(Some(First { policy, left: left - 1 }));
                true
            }
            _ => false,
        })
    }

    pub(super) fn note(policy: &'static Policy, long: bool) {
        Self::with(policy, |place| place.set((!long).then_some(First { policy, left: SAMPLE - 1 })));
    }
}
