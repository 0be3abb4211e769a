//! Members: who is there, without anybody who would know for all.

mod door;
mod engine;
mod group;
mod id;
mod pool;
mod times;
mod view;

use crate::directory::FencingToken;
use crate::key::Key;
use crate::node::{Node, ServeError, lock};
use crate::ticket::Ticket;
use actor_core::prelude::*;
use actor_core::remote::Portable;
use door::{Announced, DOOR, Door};
use engine::{Engine, EngineHandle};
use futures_util::future::join_all;
pub use group::MemberGroup;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use view::View;
pub use view::{Events, Member, MemberEvent};

/// Nodes that know of each other: who is there, what they serve, and who is not heard of any more (feature `members`).
///
/// Each node asks one of the others every half a second whether it lives, and lets others ask if it does not answer; what they find goes round with those
/// questions (SWIM). So a death is seen after about two seconds, however many there are, and no node is special. All of it goes by
/// messages of an actor that each node serves.
///
/// - Nobody decides for all: two may see different members for a while, and when the network is cut each half goes on. So **names are not unique**: all who
///   announce one are found. For names that one has at a time there is [`Directory`](crate::Directory).
/// - Only those take part who are [allowed](Node::allow), on both sides. Members should allow each other; one who does not let another in does not see it, which is nobody else's
///   loss.
/// - Members believe each other who is there, and where. What a member serves they ask it itself.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::{Members, Node, Remote};
/// use serde::{Deserialize, Serialize};
///
/// #[actor]
/// struct Worker;
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Worker {
///     pub fn double(&self, n: u64) -> u64 {
///         2 * n
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (first, second) = (Node::local().await?, Node::local().await?);
/// # first.allow(second.key());
/// # second.allow(first.key());
/// // One has to be known to begin with.
/// let founder = Members::join(&first, [])?;
/// let members = Members::join(&second, [first.ticket()])?;
///
/// founder.serve("worker", &Worker.spawn())?;
/// members.until(|all| all.iter().any(|member| member.serves("worker"))).await;
///
/// for member in members.serving("worker") {
///     let worker = WorkerHandle::reach(&second, &member.location("worker"));
///     assert_eq!(worker.double(21).await?, 42);
/// }
/// # Ok(()) }
/// ```
///
/// Clones are the same membership. When the last one goes, the node is not a member any more, which others see as if it had died; [`leave`](Self::leave)
/// tells them.
#[derive(Clone)]
pub struct Members(Arc<Membership>);

struct Membership {
    node: Node,
    engine: EngineHandle,
    /// Its own: there may be another membership by now.
    door: FencingToken,
    announced: Arc<Mutex<Announced>>,
    view: watch::Receiver<Arc<View>>,
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.end();
    }
}

/// How a node takes part: see [`Members::builder`].
#[derive(Clone, Debug)]
#[must_use = "`join` makes a member of it"]
pub struct MembersBuilder {
    pace: Duration,
}

impl MembersBuilder {
    /// How often each asks one of the others whether it lives; half a second by default, no less than 50 ms and no more than a minute. Whoever has not answered by then, nor to others, is suspected, and counts as
    /// gone after two times that. It should be the same for all.
    pub fn pace(self, pace: Duration) -> Self {
        MembersBuilder { pace: pace.clamp(Duration::from_millis(50), Duration::from_secs(60)) }
    }

    /// As [`Members::join`].
    ///
    /// # Errors
    /// If the node is a member already.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn join(self, node: &Node, seeds: impl IntoIterator<Item = Ticket>) -> Result<Members, ServeError> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let life = u64::try_from(now.as_micros()).unwrap_or(u64::MAX);
        let announced = Announced { life, version: 0, names: BTreeSet::new() };
        let announced = Arc::new(Mutex::new(announced));
        let (seen, view) = watch::channel(Arc::new(View::default()));
        let seeds = seeds.into_iter().collect();
        let engine = Engine::new(node, self.pace, seeds, Arc::clone(&announced), seen).spawn();
        let door = Door { engine: engine.downgrade(), announced: Arc::clone(&announced) };
        node.serve(DOOR, &door.spawn())?;
        let door = node.inner().service(DOOR).map(|named| named.token).unwrap_or_default();
        Ok(Members(Arc::new(Membership { node: node.clone(), engine, door, announced, view })))
    }
}

impl Members {
    /// Takes part, with those who are at `seeds` and all whom they know. One is enough, and none is for the first; more are for the case that one is away.
    ///
    /// It returns at once. Seeds that are not there are asked again and again, so that it does not matter who starts first, and that two halves of a network
    /// find together again.
    ///
    /// # Errors
    /// If the node is a member already.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn join(node: &Node, seeds: impl IntoIterator<Item = Ticket>) -> Result<Self, ServeError> {
        Self::builder().join(node, seeds)
    }

    /// Options.
    pub fn builder() -> MembersBuilder {
        MembersBuilder { pace: Duration::from_millis(500) }
    }

    /// The node that takes part by this.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.0.node
    }

    /// Who is there, as this node sees it, and this node itself: in the order of their keys.
    #[must_use]
    pub fn now(&self) -> Vec<Member> {
        self.0.view.borrow().members.values().cloned().collect()
    }

    /// Those of them who announce this name, this node too if it does.
    #[must_use]
    pub fn serving(&self, name: &str) -> Vec<Member> {
        self.0.view.borrow().serving(name).cloned().collect()
    }

    /// What happens from here on, beginning with all who are there as [`Joined`](MemberEvent::Joined).
    #[must_use]
    pub fn events(&self) -> Events {
        Events::new(self.0.view.clone())
    }

    /// Waits until those who are there are as `are_enough` wants them: for ever, if the membership ends before that.
    ///
    /// # Cancel safety
    /// Yes.
    pub async fn until(&self, mut are_enough: impl FnMut(&[Member]) -> bool) {
        let mut view = self.0.view.clone();
        loop {
            let now: Vec<_> = view.borrow_and_update().members.values().cloned().collect();
            if are_enough(&now) {
                return;
            }
            if view.changed().await.is_err() {
                // It has ended, and sees nothing any more.
                return std::future::pending().await;
            }
        }
    }

    /// [Serves](Node::serve) an actor by this name and announces it to the others, until it has ended or is [withdrawn](Self::withdraw).
    ///
    /// # Errors
    /// As [`Node::serve`].
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    pub fn serve<H: ActorHandle<Message: Portable>>(&self, name: &str, handle: &H) -> Result<(), ServeError> {
        self.0.node.serve(name, handle)?;
        self.0.announce(name, true);
        let (stopped, name) = (handle.stopped(), name.to_owned());
        let membership = Arc::downgrade(&self.0);
        tokio::spawn(async move {
            stopped.await;
            let Some(membership) = membership.upgrade() else { return };
            // It may have a successor.
            if !membership.node.inner().service(&name).is_some_and(|named| named.is_current()) {
                membership.announce(&name, false);
            }
        });
        Ok(())
    }

    /// One handle for all who announce `name`: each message goes to one of them, in turn.
    ///
    /// Who they are is looked at for each message, so whoever joins gets his share, and whoever is out of sight gets nothing more. If a member
    /// has proven that a message never ran and never will there, the next one is tried, and so on, until one takes it or all have refused: it could not be reached, lets this node not in, serves no
    /// such actor or another version of the message, its mailbox is full, or its actor has ended. Otherwise the error is the answer: **a message that may have run is not sent again**, as of a member that dies while it
    /// works. The deadline is one for all attempts, and so is the message: one that can be sent nowhere is not tried elsewhere.
    ///
    /// A tell is tried with others as well, unless handles are in it: those are made for one peer.
    ///
    /// If nobody announces the name, the error is [`NoSuchActor`](actor_core::RemoteError::NoSuchActor). The handle is a proxy's: `stop` ends that and no worker, and it keeps the membership. Messages keep no
    /// order among each other.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use actor_remote::{Members, Node};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[actor]
    /// struct Worker;
    ///
    /// #[actor(derive(Serialize, Deserialize))]
    /// impl Worker {
    ///     pub fn double(&self, n: u64) -> u64 {
    ///         2 * n
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let node = Node::local().await?;
    /// let members = Members::join(&node, [])?;
    /// let workers: WorkerHandle = members.pool("worker");
    /// assert!(workers.double(1).await.unwrap_err().never_ran()); // there is none
    ///
    /// members.serve("worker", &Worker.spawn())?;
    /// members.until(|all| all.iter().any(|member| member.serves("worker"))).await;
    /// assert_eq!(workers.double(21).await?, 42);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    #[must_use]
    pub fn pool<H: ActorHandle<Message: Portable>>(&self, name: &str) -> H {
        pool::pool(self, name)
    }

    /// All who announce `name`, to be told things together.
    #[must_use]
    pub fn group<H: ActorHandle<Message: Portable>>(&self, name: &str) -> MemberGroup<H> {
        MemberGroup::new(self, name)
    }

    /// The keys of those who announce it.
    fn keys(&self, name: &str) -> Vec<Key> {
        self.0.view.borrow().serving(name).map(Member::key).collect()
    }

    /// Serves and announces what is called so no more.
    pub fn withdraw(&self, name: &str) {
        self.0.node.withdraw(name);
        self.0.announce(name, false);
    }

    /// Ends the membership, and tells the others, who see it as [`Left`](MemberEvent::Left). It returns when those that are there have heard it, or after a second.
    ///
    /// What is served goes on being served, and who else has this membership sees those who were there at last: pools and groups go on with them.
    ///
    /// # Cancel safety
    /// Dropped, not all may have heard it.
    pub async fn leave(self) {
        // An error: it has ended already.
        if let Ok((doors, own)) = self.0.engine.leave().await {
            let telling = doors.iter().map(|door| door.leaving(own.clone()).tell());
            let _ = tokio::time::timeout(Duration::from_secs(1), join_all(telling)).await;
        }
        self.0.end();
    }
}

impl Membership {
    fn end(&self) {
        if self.node.inner().service(DOOR).is_some_and(|named| named.token == self.door) {
            self.node.withdraw(DOOR);
        }
        self.engine.stop();
    }

    fn announce(&self, name: &str, is_there: bool) {
        let mut announced = lock(&self.announced);
        let is_news = match is_there {
            true => announced.names.insert(name.to_owned()),
            false => announced.names.remove(name),
        };
        announced.version += u64::from(is_news);
        drop(announced);
        if is_news {
            // An error: it has ended.
            let _ = self.engine.announce().try_tell();
        }
    }
}

impl fmt::Debug for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Members").field(&self.now()).finish()
    }
}
