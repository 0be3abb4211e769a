//! A name that somebody has, for as long as that is certain.

use super::{DirectoryError, FencingToken, Location};
use actor_core::ActorHandle;
use std::fmt;
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep_until};

/// A name that is one's own, until it is lost, given back by [`release`](Self::release), or dropped: then it is given back in the background.
///
/// It is a lease: the directory gives the name to another one when it hears nothing of this one for its time. This one counts that time from before it was
/// last heard of, so it knows the end first, as long as the clocks of the two machines run equally fast; a machine that was suspended may wake up too late. What must not be
/// done twice is fenced by the [`token`](Self::token).
#[must_use = "dropped, the name is given back"]
pub struct Claim {
    name: String,
    location: Location,
    token: FencingToken,
    standing: watch::Receiver<Standing>,
    given_back: oneshot::Receiver<Result<(), DirectoryError>>,
}

/// How a claim stands.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    /// It is certain until then.
    until: Option<Instant>,
    lost: Option<Lost>,
}

impl Standing {
    fn now(&self) -> Option<Lost> {
        let is_over = self.until.is_some_and(|until| Instant::now() >= until);
        self.lost.or(is_over.then_some(Lost::Expired))
    }
}

/// Why a name is not one's own any more.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    /// The lease was not renewed in time: the directory, or this program, was away.
    #[error("the lease has expired")]
    Expired,
    /// The directory says that it is not this one's any more: somebody took it away.
    #[error("the name was taken away")]
    Revoked,
    /// The directory, or its node, has been closed.
    #[error("the directory has been closed")]
    Closed,
}

impl Claim {
    /// For directories: one that is certain until it is lost, or until the time that [`Keeper::extend`] names.
    pub fn new(name: impl Into<String>, location: Location, token: FencingToken) -> (Self, Keeper) {
        let (standing, seen) = watch::channel(Standing::default());
        let (give_back, given_back) = oneshot::channel();
        let claim = Claim { name: name.into(), location, token, standing: seen, given_back };
        (claim, Keeper { standing, give_back })
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it leads.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Which holder of the name this is: larger than all before.
    #[must_use]
    pub fn token(&self) -> FencingToken {
        self.token
    }

    /// Whether the name is certainly this one's at this moment. Once `false`, it stays so.
    ///
    /// It compares the time itself, so a program that stood still hears the truth at once, before [`lost`](Self::lost) can tell.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.standing.borrow().now().is_none()
    }

    /// Resolves when it is not any more: before another one can have the name.
    ///
    /// # Cancel safety
    /// Yes.
    pub async fn lost(&self) -> Lost {
        let mut standing = self.standing.clone();
        loop {
            let seen = *standing.borrow_and_update();
            if let Some(lost) = seen.now() {
                return lost;
            }
            let over = async {
                match seen.until {
                    Some(until) => sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = standing.changed() => if changed.is_err() {
                    // Nobody keeps it any more.
                    return standing.borrow().now().unwrap_or(Lost::Closed);
                },
                () = over => {}
            }
        }
    }

    /// Gives the name back, and returns when it is free.
    ///
    /// # Errors
    /// If the directory does not answer: then the name is free when the lease has expired.
    ///
    /// # Cancel safety
    /// Dropped, it is given back in the background.
    pub async fn release(self) -> Result<(), DirectoryError> {
        let Claim { standing, given_back, .. } = self;
        // By that its keeper hears of it.
        drop(standing);
        given_back.await.unwrap_or(Err(DirectoryError::Closed))
    }

    /// Ties the two together: the actor is killed when the name is lost, and the name is given back when the actor has ended.
    ///
    /// What was queued is not handled by one who is not the holder any more. What it handles at that moment goes on to its next `await`: the
    /// token is for that.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_remote::{Directory, Node};
    /// # #[actor] struct Bank;
    /// # #[actor] impl Bank { pub fn balance(&self) -> u64 { 42 } }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let node = Node::local().await?;
    /// let directory = node.directory();
    /// let bank = Bank.spawn();
    /// let claim = directory.claim("the bank", &node.location("vault 7")).await?;
    /// let token = claim.token();
    /// claim.guard(&bank);
    ///
    /// bank.stop();
    /// assert_eq!(directory.changed("the bank", Some(token)).await?, None);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn guard(self, actor: &impl ActorHandle) {
        let (stopped, actor) = (actor.stopped(), actor.downgrade());
        tokio::spawn(async move {
            tokio::select! {
                _ = self.lost() => if let Some(actor) = actor.upgrade() {
                    actor.kill();
                },
                _ = stopped => {
                    // If it fails, the lease expires by itself.
                    let _ = self.release().await;
                }
            }
        });
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("name", &self.name)
            .field("token", &self.token)
            .field("is_held", &self.is_held())
            .finish_non_exhaustive()
    }
}

/// The directory's end of a [`Claim`]. Dropped, the claim is lost as [`Lost::Closed`].
#[derive(Debug)]
pub struct Keeper {
    standing: watch::Sender<Standing>,
    give_back: oneshot::Sender<Result<(), DirectoryError>>,
}

impl Keeper {
    /// The name is certain until then. What is over stays over.
    pub fn extend(&self, until: Instant) {
        self.standing.send_modify(|standing| match standing.now() {
            Some(lost) => standing.lost = Some(lost),
            None => standing.until = Some(until),
        });
    }

    /// The name is lost.
    pub fn lose(&self, why: Lost) {
        self.standing.send_modify(|standing| standing.lost = Some(standing.now().unwrap_or(why)));
    }

    /// Whether the claim stands: it was neither lost nor given back.
    #[must_use]
    pub fn is_held(&self) -> bool {
        // The claim's end goes when it is dropped, or given back.
        self.standing.borrow().now().is_none() && !self.standing.is_closed()
    }

    /// Resolves when the claim is to be given back.
    ///
    /// # Cancel safety
    /// Yes.
    pub async fn released(&self) {
        self.standing.closed().await;
    }

    /// It was given back, or could not be.
    pub fn done(self, outcome: Result<(), DirectoryError>) {
        // If it fails, nobody waits for it.
        let _ = self.give_back.send(outcome);
    }
}
