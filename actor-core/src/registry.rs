//! Names of actors.

use crate::handle::ActorHandle;
use crate::raw_handle::RawHandle;
use crate::route::AnyRoute;
use crate::shared::Shared;
use crate::sync::{Mutex, MutexGuard};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::{Arc, LazyLock, Weak};

/// Names for actors of all types, by which they are found: one of its own, or the [`global`](Registry::global) one of the process.
///
/// A name belongs to one actor at a time, whatever the types are, and an actor may have several. The registry keeps no actor alive. A name is
/// free again when its actor has ended, just before [`stopped`](ActorHandle::stopped) resolves: an actor that still handles what is queued,
/// or runs its stop hook, has its name, as in Erlang. An actor that is made anew keeps it.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_core::Registry;
///
/// #[actor]
/// #[derive(Default)]
/// struct Cache(Option<u32>);
///
/// #[actor]
/// impl Cache {
///     pub fn put(&mut self, n: u32) {
///         self.0 = Some(n);
///     }
///     pub fn get(&self) -> Option<u32> {
///         self.0
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let registry = Registry::new();
/// let cache = Cache::default().spawn();
/// registry.register("cache", &cache)?;
///
/// let found: CacheHandle = registry.get("cache").expect("it runs");
/// found.put(7).await?;
/// assert_eq!(cache.get().await?, Some(7));
///
/// cache.stop();
/// cache.stopped().await;
/// assert!(registry.get::<CacheHandle>("cache").is_none());
/// # Ok(()) }
/// ```
pub struct Registry(Mutex<Names>);

#[derive(Default)]
struct Names {
    entries: BTreeMap<Arc<str>, Entry>,
    /// Those of actors that have ended are thrown out when there are so many.
    crowd: usize,
}

struct Entry {
    actor: Weak<Shared>,
    handle: TypeId,
    /// Of a protocol's handle.
    route: Option<AnyRoute>,
}

impl Entry {
    fn of<H: ActorHandle>(handle: &H) -> Self {
        let route = handle.first();
        Entry { actor: Arc::downgrade(handle.raw().shared()), handle: TypeId::of::<H>(), route }
    }

    /// Whether its actor has not ended. What it looked at is `seen`, to be dropped without a lock: it may be the last of an actor, and take
    /// something of the user's along.
    fn is_running(&self, seen: &mut Vec<Arc<Shared>>) -> bool {
        // A task keeps what it shares until the end.
        let Some(actor) = self.actor.upgrade() else { return false };
        let running = actor.is_running();
        seen.push(actor);
        running
    }
}

impl Registry {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The one of the whole process.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Registry;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let lamp = Lamp.spawn();
    /// Registry::global().register("hall", &lamp)?;
    /// // Anywhere else:
    /// if let Some(lamp) = Registry::global().get::<LampHandle>("hall") {
    ///     lamp.on().await?;
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn global() -> &'static Registry {
        static GLOBAL: LazyLock<Registry> = LazyLock::new(Registry::new);
        &GLOBAL
    }

    /// Gives the actor behind `handle` a name. One that has ended gets none, and the name stays free.
    ///
    /// # Errors
    /// [`NameTaken`] if an actor that has not ended has the name, also if it is the same one.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Registry;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let (hall, yard) = (Lamp.spawn(), Lamp.spawn());
    /// let registry = Registry::new();
    /// registry.register("lamp", &hall).unwrap();
    /// let error = registry.register("lamp", &yard).unwrap_err();
    /// assert_eq!(error.to_string(), "the name `lamp` is taken");
    /// # }
    /// ```
    pub fn register<H: ActorHandle>(&self, name: impl Into<Arc<str>>, handle: &H) -> Result<(), NameTaken> {
        let name = name.into();
        // Before the lock, and so dropped after it.
        let mut seen = Vec::new();
        let mut names = self.names();
        if names.entries.get(&name).is_some_and(|entry| entry.is_running(&mut seen)) {
            return Err(NameTaken(name));
        }
        if names.entries.len() >= names.crowd {
            names.entries.retain(|_, entry| entry.is_running(&mut seen));
            names.crowd = (names.entries.len() * 2).max(16);
        }
        names.entries.insert(name, Entry::of(handle));
        Ok(())
    }

    /// A handle of the actor of this name: `None` if nobody has it, if it is an actor with handles of another type, and if the actor
    /// has ended or ends because its last handle has gone.
    ///
    /// One that was asked to stop is found until it has ended.
    #[must_use]
    pub fn get<H: ActorHandle>(&self, name: &str) -> Option<H> {
        let (actor, route) = {
            let names = self.names();
            let entry = names.entries.get(name).filter(|entry| entry.handle == TypeId::of::<H>())?;
            (entry.actor.clone(), entry.route)
        };
        let actor = actor.upgrade()?;
        let raw = actor.try_add_handle().then(|| RawHandle::first(actor))?;
        let handle = H::from_raw(raw).by_first(route);
        // To have a name is not to be watched, of one that is elsewhere.
        Some(handle).filter(|handle| handle.raw().shared().is_running())
    }

    /// Takes a name away from its actor, which goes on without it. Whether there was one.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Registry;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let (lamp, registry) = (Lamp.spawn(), Registry::new());
    /// registry.register("hall", &lamp).unwrap();
    /// assert!(registry.unregister("hall"));
    /// assert!(!registry.unregister("hall"));
    /// # }
    /// ```
    pub fn unregister(&self, name: &str) -> bool {
        let entry = self.names().entries.remove(name);
        entry.is_some_and(|entry| entry.is_running(&mut Vec::new()))
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock()
    }
}

impl Default for Registry {
    fn default() -> Self {
        Registry(Mutex::new(Names::default()))
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut seen = Vec::new();
        let names = self.names();
        let running = names.entries.iter().filter(|(_, entry)| entry.is_running(&mut seen));
        let running: Vec<_> = running.map(|(name, _)| Arc::clone(name)).collect();
        drop(names);
        f.debug_tuple("Registry").field(&running).finish()
    }
}

/// A name belongs to another actor: see [`Registry::register`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken(Arc<str>);

impl NameTaken {
    /// The name.
    ///
    /// ```
    /// # use actor_core::prelude::*;
    /// # use actor_core::Registry;
    /// # #[actor] struct Lamp;
    /// # #[actor] impl Lamp { pub fn on(&mut self) {} }
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let lamp = Lamp.spawn();
    /// Registry::global().register("yard", &lamp).unwrap();
    /// assert_eq!(Registry::global().register("yard", &lamp).unwrap_err().name(), "yard");
    /// # }
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name `{}` is taken", self.0)
    }
}

impl Error for NameTaken {}
