//! An actor of which only a recording is left.

use super::diff::diff;
use crate::actor::Message;
use crate::error::CallError;
use crate::from_fn::ReplyOf;
use crate::handle::ActorHandle;
use crate::mock_error::MockError;
use crate::sync::Mutex;
use std::collections::VecDeque;
use std::fmt;
use std::future::ready;
use std::sync::Arc;
use std::thread;

/// A handle that answers as `script` says: each message must be the next one there, and gets what stands beside it.
///
/// From the first message on that is another, all get [`CallError::Mock`], and the test fails where the [`Replay`] is dropped, with a
/// diff of what was recorded and what came. [`verify`](Replay::verify) also asks that all of the script was played.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::test::replay;
///
/// #[actor]
/// struct Bank;
///
/// #[actor(derive(Debug, PartialEq))]
/// impl Bank {
///     pub fn note(&mut self, amount: u64) -> u64 { amount }
///     pub fn audit(&self) {}
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let (bank, replay): (BankHandle, _) = replay([
///     (BankMessage::Note { amount: 5 }, Ok(BankReply::Note(105))),
///     (BankMessage::Audit, Err(CallError::NotRunning)),
/// ]);
/// assert_eq!(bank.note(5).await?, 105);
/// assert!(bank.audit().await.is_err());
/// replay.verify();
/// # Ok(()) }
/// ```
///
/// A script can be written by hand, and made of a recording:
///
/// ```
/// # use actor_core::prelude::*;
/// # use actor_core::test::{record_with, replay};
/// # #[actor] struct Bank;
/// # #[actor(derive(Clone, Debug, PartialEq))] impl Bank { pub fn note(&mut self, amount: u64) -> u64 { amount } }
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let (bank, recording) = record_with(&Bank.spawn(), Clone::clone, Clone::clone);
/// bank.note(5).await?;
/// let (bank, replay): (BankHandle, _) = replay(recording.script());
/// assert_eq!(bank.note(5).await?, 5);
/// replay.verify();
/// # Ok(()) }
/// ```
pub fn replay<H>(script: impl IntoIterator<Item = (H::Message, Result<ReplyOf<H>, CallError>)>) -> (H, Replay)
where
    H: ActorHandle,
    H::Message: fmt::Debug + PartialEq,
{
    let mut script: VecDeque<_> = script.into_iter().collect();
    let recorded = script.iter().map(|(message, _)| format!("{message:?}")).collect();
    let played = Arc::new(Mutex::new(Played { recorded, came: Vec::new(), is_off: false }));
    let replay = Replay(Arc::clone(&played));
    let front = H::from_calls(move |message, _| {
        let text = format!("{message:?}");
        let as_recorded = script.front().is_some_and(|(recorded, _)| *recorded == message);
        let mut played = played.lock();
        let next = if as_recorded && !played.is_off { script.pop_front() } else { None };
        let answer = next.map_or_else(
            || Err(CallError::Mock(played.mismatch(message.name(), &text))),
            |(_, answer)| answer,
        );
        played.came.push(text);
        ready(answer)
    });
    (front, replay)
}

struct Played {
    recorded: Vec<String>,
    came: Vec<String>,
    /// A message came that was not recorded.
    is_off: bool,
}

impl Played {
    fn mismatch(&mut self, name: &'static str, text: &str) -> MockError {
        let place = self.came.len() + 1;
        let text = match self.recorded.get(self.came.len()) {
            _ if self.is_off => format!("`{text}` came when the replay had gone wrong before"),
            Some(recorded) => format!("`{text}` came where `{recorded}` was recorded, as message {place}"),
            None => format!("`{text}` came where nothing was recorded any more, as message {place}"),
        };
        self.is_off = true;
        MockError::unexpected(name, text)
    }

    fn fail(&self) -> String {
        let list = diff(&self.recorded, &self.came);
        format!("what came is not what was recorded (- recorded, + came):\n{list}")
    }
}

/// How a replay goes: see [`replay`].
///
/// # Panics
/// Dropped, if a message came that was not recorded.
#[must_use = "dropped at once it sees no mismatch"]
pub struct Replay(Arc<Mutex<Played>>);

impl Replay {
    /// How many of the recorded messages have not come yet.
    #[must_use]
    pub fn left(&self) -> usize {
        let played = self.0.lock();
        played.recorded.len().saturating_sub(played.came.len())
    }

    /// Asserts that what came is what was recorded, all of it.
    ///
    /// # Panics
    /// If it is not, with a diff.
    #[track_caller]
    pub fn verify(self) {
        let played = self.0.lock();
        let failure = (played.is_off || played.came.len() < played.recorded.len()).then(|| played.fail());
        drop(played);
        if let Some(failure) = failure {
            panic!("{failure}");
        }
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        let played = self.0.lock();
        let failure = (played.is_off && !thread::panicking()).then(|| played.fail());
        drop(played);
        if let Some(failure) = failure {
            panic!("{failure}");
        }
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay").field("left", &self.left()).finish_non_exhaustive()
    }
}
