//! Messages that an actor sends itself when their time has come.

use super::{Context, note};
use crate::actor::Actor;
use crate::boxed::Boxed;
use crate::parcel::Parcel;
use crate::timers::{self, TimerKey};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

impl<A: Actor> Context<A> {
    /// Sends this actor `message` after `delay`; a timer of the same key is replaced. At `Duration::MAX` it never comes.
    ///
    /// From here on the old tick of the key is not seen, also if it was due already. Timers do not wait for room in the mailbox: the ticks that
    /// are due come before the messages in it, and those that become due meanwhile after at least one of these: so neither keeps the other out.
    /// They keep no actor alive, and end with it. A tick whose message has a guard (`when`) that says no waits for it, still armed; one that comes
    /// again has no other meanwhile, and is late then.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// use std::time::Duration;
    ///
    /// /// Forgets what nobody asked for in a while.
    /// #[actor]
    /// struct Cache(Option<u32>);
    ///
    /// #[actor]
    /// impl Cache {
    ///     pub fn put(&mut self, ctx: &mut Context<Self>, value: u32) {
    ///         self.0 = Some(value);
    ///         ctx.after("idle", Duration::from_secs(60), CacheMessage::Forget);
    ///     }
    ///     pub fn get(&mut self, ctx: &mut Context<Self>) -> Option<u32> {
    ///         ctx.after("idle", Duration::from_secs(60), CacheMessage::Forget);
    ///         self.0
    ///     }
    ///     #[message]
    ///     fn forget(&mut self) {
    ///         self.0 = None;
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), CallError> {
    /// let cache = Cache(None).spawn();
    /// cache.put(1).await?;
    /// tokio::time::sleep(Duration::from_secs(59)).await;
    /// assert_eq!(cache.get().await?, Some(1));
    /// tokio::time::sleep(Duration::from_secs(61)).await;
    /// assert_eq!(cache.get().await?, None);
    /// # Ok(()) }
    /// ```
    pub fn after(&mut self, key: impl Into<TimerKey>, delay: Duration, message: A::Message) {
        let key = key.into();
        note!(self, Effect::After { key: key.clone(), delay, message: crate::Message::name(&message) });
        self.inner.with_common(|common| timers::after(&mut common.alarms, key, delay, timers::tick(message)));
    }

    /// Sends this actor what `make` makes after each `period`, the first after one; a timer of the same key is replaced. Ticks that
    /// were missed because the actor was busy are skipped. See [`after`](Self::after).
    ///
    /// # Panics
    /// If `period` is zero.
    #[track_caller]
    pub fn every(
        &mut self,
        key: impl Into<TimerKey>,
        period: Duration,
        make: impl FnMut() -> A::Message + Send + 'static,
    ) {
        self.every_with(key, period, MissedTickBehavior::Skip, make);
    }

    /// The same, with a choice of what becomes of missed ticks: `Burst` makes up for them at once, `Delay` begins a new period with the
    /// late tick, `Skip` keeps the beat and leaves them out.
    ///
    /// # Panics
    /// If `period` is zero.
    #[track_caller]
    pub fn every_with(
        &mut self,
        key: impl Into<TimerKey>,
        period: Duration,
        missed: MissedTickBehavior,
        mut make: impl FnMut() -> A::Message + Send + 'static,
    ) {
        assert!(!period.is_zero(), "a timer needs a period of some length");
        self.arm_every(key.into(), period, missed, Box::new(move || timers::tick(make())));
    }

    /// Runs what `make` makes after each `period`: a hook that is called again and again.
    #[track_caller]
    pub(crate) fn every_hook(
        &mut self,
        number: usize,
        period: Duration,
        mut make: impl FnMut() -> Boxed<A> + Send + 'static,
    ) {
        assert!(!period.is_zero(), "a timer needs a period of some length");
        let tick = move || Parcel::new(make().post());
        self.arm_every(TimerKey::hook(number), period, MissedTickBehavior::Skip, Box::new(tick));
    }

    fn arm_every(&mut self, key: TimerKey, period: Duration, missed: MissedTickBehavior, make: timers::Make) {
        note!(self, Effect::Every { key: key.clone(), period });
        self.inner.with_common(|common| timers::every(&mut common.alarms, key, period, missed, make));
    }

    /// Disarms a timer: from here on its tick is not seen, also if it was due already, or held by its guard. Whether there was one.
    pub fn cancel(&mut self, key: impl Into<TimerKey>) -> bool {
        let key = key.into();
        let was_armed = self.inner.with_common(|common| timers::cancel(&mut common.alarms, &key));
        note!(self, Effect::Cancel { key, was_armed });
        was_armed
    }
}
