//! Members that are told things together.

use super::Members;
use crate::key::Key;
use crate::node::lock;
use crate::remote::Remote;
use actor_core::remote::Portable;
use actor_core::{ActorHandle, CallError, Message};
use futures_util::future::join_all;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// All members who announce a name, to be told things together: from [`Members::group`].
///
/// Who they are is looked at for each message. What is sent to a member arrives there in the order sent, for as long as it is a member. Clones are the same group.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::{MemberGroup, Members, Node};
/// use serde::{Deserialize, Serialize};
///
/// #[actor]
/// #[derive(Default)]
/// struct Cache(u32);
///
/// #[actor(derive(Serialize, Deserialize), derive_message(Clone))]
/// impl Cache {
///     pub fn forget(&mut self, key: String) {
///         self.0 += u32::from(!key.is_empty());
///     }
///     pub fn forgotten(&self) -> u32 {
///         self.0
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let node = Node::local().await?;
/// let members = Members::join(&node, [])?;
/// members.serve("cache", &Cache::default().spawn())?;
/// members.until(|all| all.iter().any(|member| member.serves("cache"))).await;
///
/// let caches: MemberGroup<CacheHandle> = members.group("cache");
/// for (member, outcome) in caches.tell(CacheMessage::Forget { key: "a".into() }).await {
///     if let Err(error) = outcome {
///         println!("{member} may not have heard it: {error}");
///     }
/// }
/// for (_, forgotten) in caches.ask(CacheMessage::Forgotten).await {
///     assert!(matches!(forgotten?, CacheReply::Forgotten(1)));
/// }
/// # Ok(()) }
/// ```
pub struct MemberGroup<H>(Arc<Known<H>>);

struct Known<H> {
    members: Members,
    name: String,
    handles: Mutex<HashMap<Key, H>>,
}

impl<H: ActorHandle<Message: Portable>> MemberGroup<H> {
    pub(super) fn new(members: &Members, name: &str) -> Self {
        let (members, name) = (members.clone(), name.to_owned());
        MemberGroup(Arc::new(Known { members, name, handles: Mutex::default() }))
    }

    /// A handle of each, in the order of their keys.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    #[track_caller]
    #[must_use]
    pub fn handles(&self) -> Vec<(Key, H)> {
        let Known { members, name, handles } = &*self.0;
        let keys = members.keys(name);
        let mut handles = lock(handles);
        let gone: Vec<_> = handles.extract_if(|key, _| !keys.contains(key)).collect();
        let node = members.node();
        let handle = |key: Key| (key, handles.entry(key).or_insert_with(|| H::at(node, key, name)).clone());
        let all = keys.into_iter().map(handle).collect();
        drop(handles);
        drop(gone);
        all
    }

    /// Sends `message` to each, and says to how many it is on its way. It waits for nobody, and says nothing of whether it arrived.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn publish(&self, message: H::Message) -> usize
    where
        H::Message: Clone,
    {
        let handles = self.handles();
        handles.iter().filter(|(_, handle)| handle.ask(message.clone()).try_tell().is_ok()).count()
    }

    /// Sends `message` to each, all at a time, and returns when it lies in the mailbox of each, or with what went wrong there. Nothing is sent twice.
    ///
    /// # Cancel safety
    /// Dropped, it may have been told to any of them.
    pub async fn tell(&self, message: H::Message) -> Vec<(Key, Result<(), CallError>)>
    where
        H::Message: Clone,
    {
        let handles = self.handles();
        let telling = handles.iter().map(|(key, handle)| {
            let telling = handle.ask(message.clone()).tell();
            async move { (*key, telling.await.map_err(|error| error.with(()).into())) }
        });
        join_all(telling).await
    }

    /// Calls each, all at a time, and gives what each answers, when all have: a limit of time is the message's own, or that of the handler in which this is called.
    ///
    /// # Cancel safety
    /// Dropped, nobody waits for the answers any more; it may have run.
    pub async fn ask(&self, message: H::Message) -> Vec<(Key, Answer<H>)>
    where
        H::Message: Clone,
    {
        let handles = self.handles();
        let asking = handles.iter().map(|(key, handle)| {
            let asking = handle.ask(message.clone());
            async move { (*key, asking.await) }
        });
        join_all(asking).await
    }
}

/// What one of a group answers.
type Answer<H> = Result<<<H as ActorHandle>::Message as Message>::Reply, CallError>;

impl<H> Clone for MemberGroup<H> {
    fn clone(&self) -> Self {
        MemberGroup(Arc::clone(&self.0))
    }
}

impl<H> fmt::Debug for MemberGroup<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemberGroup").field("name", &self.0.name).finish_non_exhaustive()
    }
}
