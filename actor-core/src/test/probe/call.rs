//! A message that came to a probe.

use crate::actor::Message;
use crate::error::CallError;
use crate::reply::ReplyTo;
use std::fmt::{self, Debug};
use tokio::time::Instant;

/// A message that a [`Probe`](super::Probe) received, with its call. Dropped, it answers [`Dropped`](CallError::Dropped).
///
/// ```
/// # use actor_core::prelude::*;
/// # use actor_core::test;
/// # use std::time::Duration;
/// # #[actor] struct Oven;
/// # #[actor(derive(Debug, PartialEq))] impl Oven {
/// #     pub fn heat(&mut self, to: u32) -> Result<u32, String> { Ok(to) }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
/// let (oven, mut probe) = test::probe::<OvenHandle>();
///
/// let heat = oven.heat(200).start();
/// let call = probe.expect().await;
/// assert_eq!(call.message(), &OvenMessage::Heat { to: 200 });
/// call.reply(OvenReply::Heat(Err("no power".into())));
/// assert!(matches!(heat.await, Err(CallError::Handler(error)) if error == "no power"));
///
/// let heat = oven.heat(200).timeout(Duration::from_secs(1)).start();
/// let call = probe.expect().await;
/// assert!(matches!(heat.await, Err(CallError::TimedOut { started: true })));
/// assert!(call.caller_gone());
/// # }
/// ```
#[must_use = "dropping it answers the caller with an error"]
pub struct Call<M: Message> {
    message: M,
    reply: ReplyTo<M::Reply>,
    is_tell: bool,
    deadline: Option<Instant>,
}

impl<M: Message> Call<M> {
    pub(super) fn new(
        message: M,
        reply: ReplyTo<M::Reply>,
        is_tell: bool,
        deadline: Option<Instant>,
    ) -> Self {
        Call { message, reply, is_tell, deadline }
    }

    /// The message.
    pub fn message(&self) -> &M {
        &self.message
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        self.message.name()
    }

    /// Whether nobody waits for an answer.
    pub fn is_tell(&self) -> bool {
        self.is_tell
    }

    /// Until when the caller waits.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether the caller has given up; `false` for a tell.
    pub fn caller_gone(&self) -> bool {
        self.reply.caller_gone()
    }

    /// Answers the call; whether the caller still waited for it.
    pub fn reply(self, reply: M::Reply) -> bool {
        self.reply.send(reply).is_ok() && !self.is_tell
    }

    /// Fails the call, as the library itself would.
    pub fn fail(self, error: CallError) {
        self.reply.fail(error);
    }

    /// The message, and the reply, to be sent later or forwarded.
    pub fn into_parts(self) -> (M, ReplyTo<M::Reply>) {
        (self.message, self.reply)
    }

    pub(super) fn text(&self, text: fn(&M) -> String) -> String {
        let kind = if self.is_tell { " (a tell)" } else { "" };
        format!("`{}`{kind}", text(&self.message))
    }
}

impl<M: Message> Debug for Call<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("message", &self.name())
            .field("is_tell", &self.is_tell)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
