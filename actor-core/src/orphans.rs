//! Calls whose `ReplyTo` went down with its actor, until it is known what that ended of.

use crate::exit::ExitReason;
use crate::slot::AnyCaller;

/// Most often there are none.
#[derive(Default)]
pub(crate) struct Orphans(Option<Box<Several>>);

struct Several(Vec<AnyCaller>);

impl Several {
    #[cold]
    fn console(self, reason: &ExitReason) {
        for orphan in self.0 {
            orphan.orphan(reason);
        }
    }
}

impl Orphans {
    pub(crate) const fn none() -> Self {
        Orphans(None)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn of(caller: AnyCaller) -> Self {
        Orphans(Some(Box::new(Several(vec![caller]))))
    }

    /// And those, who came after them.
    #[inline]
    pub(crate) fn extend(&mut self, others: Orphans) {
        if !others.is_empty() {
            self.add(others);
        }
    }

    #[cold]
    fn add(&mut self, others: Orphans) {
        match (&mut self.0, others.0) {
            (Some(known), Some(others)) => known.0.extend(others.0),
            (none, others) => *none = others,
        }
    }

    /// Tells them what their actor ended of.
    #[inline]
    pub(crate) fn console(self, reason: &ExitReason) {
        if let Some(several) = self.0 {
            several.console(reason);
        }
    }
}
