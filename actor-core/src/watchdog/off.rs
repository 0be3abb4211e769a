//! No watchdog: types without content, functions without code.

use super::Stuck;
use crate::shared::Shared;
use crate::waits::Run;
use std::task;
use std::time::Duration;

pub(super) fn set_default(_: Duration) {}

pub(super) fn set_hook(_: impl Fn(&Stuck) + Send + Sync + 'static) {}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience;

impl Patience {
    pub(crate) const fn new(_: Option<Duration>) -> Self {
        Patience
    }

    pub(crate) fn own(self) -> Option<Duration> {
        let Patience = self;
        None
    }
}

#[derive(Debug)]
pub(crate) struct Watchdog;

impl Watchdog {
    pub(crate) const fn new() -> Self {
        Watchdog
    }

    #[inline]
    pub(crate) fn pends(
        &mut self,
        shared: &Shared,
        _: &'static str,
        _: &Run,
        _: usize,
        _: &mut task::Context<'_>,
    ) {
        let Patience = shared.patience;
    }
}
