//! What travels with a message through a queue: when it was sent, and by whom. Without the feature `test` it is nothing.

#[cfg(feature = "test")]
use crate::frame;
#[cfg(feature = "test")]
use crate::id::ActorId;
#[cfg(feature = "test")]
#[cfg(feature = "test")]
use crate::test::schedule::hooks::{self, Sent};

/// Of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stamp {
    /// When, as a schedule sees it.
    #[cfg(feature = "test")]
    pub(crate) sent: Sent,
    /// The actor whose handler sent it, if one did.
    #[cfg(feature = "test")]
    pub(crate) from: Option<ActorId>,
}

impl Stamp {
    /// Of one that is sent now.
    #[inline]
    pub(crate) fn now() -> Self {
        Stamp {
            #[cfg(feature = "test")]
            sent: Sent::now(),
            #[cfg(feature = "test")]
            from: frame::actor(),
        }
    }

    /// Of one that nobody sends: a timer's, a stream's item, or a hook.
    #[inline]
    pub(crate) fn nobody() -> Self {
        Stamp {
            #[cfg(feature = "test")]
            sent: Sent::default(),
            #[cfg(feature = "test")]
            from: frame::actor(),
        }
    }

    /// The actor has come to it.
    #[inline]
    pub(crate) fn received(self) {
        #[cfg(feature = "test")]
        if hooks::is_on() {
            hooks::received(self.sent);
        }
    }
}
