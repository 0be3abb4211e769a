//! What a test sees of an actor: its last messages, and whether it is idle.
//!
//! The runtime says here what it does. With the feature `test` that is written down; without, all of this is nothing, and costs nothing.

#[cfg(feature = "test")]
pub(crate) use crate::test::{
    census::watched,
    traces::{Traces, Underway},
};
#[cfg(not(feature = "test"))]
pub(crate) use absent::{Traces, Underway, watched};

#[cfg(not(feature = "test"))]
mod absent {
    use crate::actor::Message;
    use crate::exit::ExitReason;
    use crate::policy::Policy;
    use crate::shared::Shared;
    use crate::stamp::Stamp;
    use std::future::Future;
    use std::sync::Arc;
    use tokio::runtime;

    pub(crate) struct Traces;

    pub(crate) struct Underway;

    impl Underway {
        #[inline]
        pub(crate) fn new(_: &Arc<Shared>, _: &'static Policy) -> Self {
            Underway
        }
        #[inline]
        pub(crate) fn ends<M: Message>(self, _: Option<&M::Reply>, _: bool) {}
    }

    pub(crate) struct Busy;

    impl Traces {
        #[inline]
        pub(crate) fn new(_: &runtime::Handle) -> Self {
            Traces
        }
        #[inline]
        pub(crate) fn introduce(_: &Arc<Shared>) {}
        #[inline]
        pub(crate) fn begins(&self, _: &'static str, _: Stamp) {}
        #[inline]
        pub(crate) fn skips(&self, _: &'static str, _: Stamp) {}
        #[inline]
        pub(crate) fn ends<M: Message>(&self, _: &'static str, _: Option<&M::Reply>, _: bool) {}
        #[inline]
        pub(crate) fn hook_ends(&self, _: &'static str, _: bool) {}
        #[inline]
        pub(crate) fn rests(&self) {}
        #[inline]
        pub(crate) fn falls(&self, _: &ExitReason) {}
        #[inline]
        pub(crate) fn rises(&self) {}
        #[inline]
        pub(crate) fn works(&self) -> Busy {
            Busy
        }
    }

    #[inline]
    pub(crate) fn watched<F: Future<Output = ()> + Send + 'static>(_: &Shared, future: F) -> F {
        future
    }
}
