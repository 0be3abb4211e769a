//! Which message comes next.

use super::Cell;
use crate::actor::Actor;
use crate::beside;
use crate::context::{Common, Inner};
use crate::engine::Broken;
use crate::inbox::Inbox;
use crate::mailbox::Envelope;
use crate::parcel::Parcel;
use crate::parked::{self, Verdict};
use crate::policy::Policy;
use crate::queue::put;
use crate::shared::{Body, Shared};
use crate::stint::Stint;
use crate::timers::Round;

/// What may come before the mailbox, and behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Nothing: it is the mailbox's turn.
    None,
    /// One that is next; its guard has let it pass.
    Passed,
    /// It is the mailbox's turn, and if it is empty that of what lies beside it.
    Later,
}

impl<A: Actor> Cell<A> {
    /// Puts what comes before the mailbox into `next`: of what was held back, if anything was handled since it was tried, the first that makes
    /// sense now; else a tick that is due; else what comes from beside the mailbox, if it is its turn.
    #[inline(never)]
    pub(super) fn take_before(
        &mut self,
        shared: &Shared,
        inbox: &mut Inbox<'_, A::Message>,
        round: Option<Round>,
        next: &mut Option<Envelope<A::Message>>,
    ) -> Result<Others, Box<Broken>> {
        let state = &self.state;
        let mut guard = |parcel: &Parcel| Self::ask(shared, state, parcel);
        let Inner { common, stirred, .. } = self.context.inner();
        let (found, is_later) = inbox.mailbox.rare().passed(shared, common, stirred, round, &mut guard);
        match found {
            Some(found) => {
                put(next, parked::unbroken(shared, found)?.open());
                Ok(Others::Passed)
            }
            None if is_later => Ok(Others::Later),
            None => Ok(Others::None),
        }
    }

    /// The mailbox is empty: puts what comes from beside it into `next`, if its guard lets it pass.
    #[inline(never)]
    pub(super) fn take_after(
        &mut self,
        shared: &Shared,
        inbox: &Inbox<'_, A::Message>,
        next: &mut Option<Envelope<A::Message>>,
    ) -> Result<Others, Box<Broken>> {
        let state = &self.state;
        let mut guard = |parcel: &Parcel| Self::ask(shared, state, parcel);
        if let Some(found) = beside::next(shared, &mut self.context.inner().common, &mut guard) {
            inbox.bell.wake_up();
            put(next, parked::unbroken(shared, found)?.open());
        }
        Ok(Others::Passed)
    }

    /// Asks the guard, if there is one.
    fn ask(shared: &Shared, state: &A, parcel: &Parcel) -> Verdict {
        match parcel.look() {
            Some(envelope) if Self::policy(envelope).guarded => parked::verdict(shared, state, envelope),
            _ => Ok(true),
        }
    }

    /// Whether there is nothing to do for an actor whose task has never done anything; then the bell rings for the first message.
    pub(super) fn sleeps_on(&mut self, shared: &Shared, body: &Body<A::Message>, stint: &mut Stint) -> bool {
        let inner = self.context.inner();
        let Common { alarms, beside } = &inner.common;
        if !stint.goes_on() || inner.ending.is_some() || alarms.is_some() || beside.is_some() {
            return false;
        }
        shared.bell.fall_asleep();
        let is_quiet = body.mailbox.is_quiet() && !shared.is_called_away();
        if !is_quiet {
            shared.bell.wake_up();
        }
        is_quiet
    }

    /// Whether what may come before the mailbox is to be looked at.
    #[inline]
    pub(super) fn has_others(&mut self, inbox: &Inbox<'_, A::Message>) -> bool {
        let Common { alarms, beside } = &mut self.context.inner().common;
        inbox.mailbox.has_parked() || alarms.is_some() || beside.is_some()
    }

    #[inline]
    pub(super) fn policy(envelope: &Envelope<A::Message>) -> &'static Policy {
        match envelope {
            Envelope::Own { message, .. } => A::policy(message),
            Envelope::Boxed(letter) => letter.policy(),
        }
    }

    /// Parks a message whose guard says that it does not make sense now.
    #[inline(never)]
    pub(super) fn hold_back(
        &mut self,
        shared: &Shared,
        inbox: &mut Inbox<'_, A::Message>,
        policy: &'static Policy,
        next: &mut Option<Envelope<A::Message>>,
    ) -> Result<(), Box<Broken>> {
        let Some(envelope) = &*next else { return Ok(()) };
        let verdict = parked::verdict(shared, &self.state, envelope);
        if matches!(verdict, Ok(true)) && !inbox.mailbox.has_parked() {
            return Ok(());
        }
        let source = envelope.source();
        let Some(envelope) = next.take() else { return Ok(()) };
        let parcel = Parcel::new(envelope);
        // Of those that now make sense the first goes first.
        self.context.inner().stirred |= matches!(verdict, Ok(true));
        inbox.mailbox.rare().park(source, policy, parked::unbroken(shared, (parcel, verdict))?);
        Ok(())
    }

    /// Puts the next message of the mailbox into `next`. Whatever comes before messages and was there before this one was sent is seen here,
    /// and it stays.
    #[inline(always)]
    pub(super) fn take(
        shared: &Shared,
        inbox: &mut Inbox<'_, A::Message>,
        next: &mut Option<Envelope<A::Message>>,
    ) {
        if inbox.receive(next) && shared.is_called_away() {
            Self::put_back(inbox, next);
        }
    }

    #[cold]
    fn put_back(inbox: &mut Inbox<'_, A::Message>, next: &mut Option<Envelope<A::Message>>) {
        let Some(envelope) = next.take() else { return };
        inbox.put_back(envelope);
    }
}
