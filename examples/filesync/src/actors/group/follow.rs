//! Staying in touch with one other member.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actor_core::RemoteError;
use actor_core::prelude::*;
use actor_remote::Key;
use tokio::sync::Notify;
use tokio::time::sleep;

use super::{GreeterHandle, GroupHandle, Presence};
use crate::actors::source::SourceHandle;
use crate::actors::watch::WatchHandle;

/// How long a greeting may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// So long news are waited for in one request; that there is a connection is seen to without.
const NEWS: Duration = Duration::from_secs(60);
/// Between attempts to reach somebody who is away: the first, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Greets another member as soon as it can be reached, and says when its folder has changed.
pub(super) struct Follower {
    pub(super) key: Key,
    pub(super) group: GroupHandle,
    pub(super) greeter: GreeterHandle,
    pub(super) source: SourceHandle,
    pub(super) watch: WatchHandle,
    /// There is somebody new to speak of, or the other one has been heard of.
    pub(super) wake: Arc<Notify>,
}

impl Follower {
    /// For ever; a group that has ended drops it.
    pub(super) async fn run(self) {
        let mut pause = PAUSES.0;
        loop {
            let Err(error) = self.touch(&mut pause).await;
            let _ = self.group.presence(self.key, Presence::Away(plain(&error))).await;
            tokio::select! {
                () = sleep(pause) => pause = (pause * 2).min(PAUSES.1),
                () = self.wake.notified() => pause = PAUSES.0,
            }
        }
    }

    /// As long as the other one can be reached.
    async fn touch(&self, pause: &mut Duration) -> Result<Infallible, CallError> {
        let mut mark = None;
        loop {
            let mut known = self.group.cards().await?;
            let me = known.remove(0);
            let theirs = self.greeter.greet(me, known).timeout(PATIENCE).await?;
            self.group.learn(theirs).await?;
            loop {
                let news = self.source.when_changed(mark).timeout(NEWS);
                tokio::select! {
                    answer = news => match answer {
                        Ok(now) => {
                            // The first answer comes at once: not before that is all well.
                            if mark.is_none() {
                                self.group.presence(self.key, Presence::Here).await?;
                                *pause = PAUSES.0;
                            }
                            mark = Some(now);
                            self.watch.hurry().await?;
                        }
                        Err(CallError::TimedOut { .. }) => {}
                        Err(error) => return Err(error),
                    },
                    () = self.wake.notified() => break,
                }
            }
        }
    }
}

/// Why somebody cannot be reached, in the user's words.
fn plain(error: &CallError) -> String {
    match error {
        CallError::TimedOut { .. } => "it does not answer".to_owned(),
        CallError::NotRunning | CallError::Interrupted(_) => "it has ended".to_owned(),
        CallError::Remote(RemoteError::ConnectionLost { .. }) => "the connection was lost".to_owned(),
        CallError::Remote(RemoteError::VersionMismatch(_)) => {
            "it runs another version of filesync".to_owned()
        }
        CallError::Remote(RemoteError::Refused) => "it does not know this peer yet".to_owned(),
        other => other.to_string(),
    }
}
