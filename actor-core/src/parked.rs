//! Messages that a guard keeps back: they wait until they make sense, overtaken by all others.
//!
//! After each message that was handled they are tried again, in the order in which they came. What that costs is bounded by the number of kinds
//! where a guard looks at the actor alone: one verdict holds for all messages of a kind. Only where it looks at arguments is each of
//! them asked.

use crate::actor::{Actor, Message};
use crate::ending::{self, idle_frame};
use crate::engine::Broken;
use crate::exit::Panicked;
use crate::frame::Frame;
use crate::inbox::KEPT;
use crate::letter::Letter;
use crate::mailbox::Envelope;
use crate::parcel::{Guard, Parcel, Passed};
use crate::policy::Policy;
use crate::scope;
use crate::shared::Shared;
use crate::slot::{self, AnyCaller};
use std::any::TypeId;
use std::collections::VecDeque;

/// What a guard says of a message; an error is its panic.
pub(crate) type Verdict = Result<bool, Panicked>;

/// Asks the guard.
#[inline(never)]
pub(crate) fn verdict<A: Actor>(shared: &Shared, actor: &A, envelope: &Envelope<A::Message>) -> Verdict {
    match envelope {
        Envelope::Own { message, .. } => ask(shared, A::policy(message), &|| actor.guard(message)),
        Envelope::Boxed(letter) => ask(shared, letter.policy(), &|| letter.guard(actor)),
    }
}

/// The same of one that is wrapped.
pub(crate) fn ask_of<A: Actor>(shared: &Shared, actor: &A, parcel: &Parcel) -> Verdict {
    parcel.look().map_or(Ok(true), |envelope| verdict(shared, actor, envelope))
}

/// The same of a message that is in no envelope.
pub(crate) fn ask(shared: &Shared, policy: &'static Policy, guard: &dyn Fn() -> bool) -> Verdict {
    let frame = Frame { policy: Some(policy), ..idle_frame(shared) };
    let mut passes = false;
    scope::enter_seldom(frame, None, &mut || passes = guard()).result.map(|()| passes)
}

/// The caller of a message whose guard panicked, which counts as its handler.
pub(crate) fn broken<M: Message>(shared: &Shared, envelope: Envelope<M>) -> Option<AnyCaller> {
    match envelope {
        Envelope::Own { message, call } => {
            // As if it had begun.
            let name = message.name();
            ending::throw_away(shared, message);
            slot::untyped(call.begin(name, &shared.traces).flatten())
        }
        Envelope::Boxed(letter) => broken_letter(shared, letter),
    }
}

/// One that has passed, or been held back by, its guard, unless that panicked.
pub(crate) fn unbroken(shared: &Shared, (parcel, verdict): Passed) -> Result<Parcel, Box<Broken>> {
    match verdict {
        Ok(_) => Ok(parcel),
        Err(panicked) => Err(Box::new(Broken { caller: parcel.broken(shared), panicked })),
    }
}

fn broken_letter(shared: &Shared, mut letter: Box<dyn Letter>) -> Option<AnyCaller> {
    let caller = letter.begin(&shared.traces).and_then(|(caller, _)| caller);
    ending::throw_away(shared, letter);
    caller
}

pub(crate) struct Parked {
    /// Few, each with messages.
    kinds: Vec<Kind>,
    next: u64,
    len: usize,
    /// Those whose callers have left are forgotten when there are so many.
    crowd: usize,
}

struct Kind {
    /// The type of its messages: a protocol's may have the name of one of the actor's own, and has another guard.
    source: TypeId,
    policy: &'static Policy,
    /// With their number in the order of arrival.
    waiting: VecDeque<(u64, Parcel)>,
}

impl Parked {
    pub(crate) fn new() -> Self {
        Parked { kinds: Vec::new(), next: 0, len: 0, crowd: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Adds one of the messages of type `source`.
    pub(crate) fn add(&mut self, source: TypeId, policy: &'static Policy, parcel: Parcel) {
        if self.len >= self.crowd {
            self.forget_left();
            self.crowd = (self.len * 2).max(16);
        }
        let known = |kind: &Kind| kind.source == source && kind.policy.is(policy);
        let at = self.kinds.iter().position(known).unwrap_or_else(|| {
            self.kinds.push(Kind { source, policy, waiting: VecDeque::new() });
            self.kinds.len() - 1
        });
        self.kinds[at].waiting.push_back((self.next, parcel));
        self.next += 1;
        self.len += 1;
    }

    fn forget_left(&mut self) {
        for kind in &mut self.kinds {
            kind.waiting.retain(|(_, parcel)| !parcel.is_left());
        }
        self.len = self.kinds.iter().map(|kind| kind.waiting.len()).sum();
    }

    /// Takes out the first, of the kinds that are `wanted`, whose guard says yes, or panics. One whose caller has left may be taken
    /// out without its guard being asked.
    pub(crate) fn take(&mut self, wanted: fn(&Policy) -> bool, guard: Guard<'_>) -> Option<Passed> {
        let mut first: Option<(u64, usize, usize, Verdict)> = None;
        for (number, kind) in self.kinds.iter().enumerate().filter(|(_, kind)| wanted(kind.policy)) {
            for (at, (arrival, parcel)) in kind.waiting.iter().enumerate() {
                if first.as_ref().is_some_and(|(earlier, ..)| earlier < arrival) {
                    break;
                }
                let verdict = if parcel.is_left() { Ok(true) } else { guard(parcel) };
                if !matches!(verdict, Ok(false)) {
                    first = Some((*arrival, number, at, verdict));
                    break;
                }
                if !kind.policy.guard_looks_at_arguments {
                    break;
                }
            }
        }
        let (_, number, at, verdict) = first?;
        let waiting = &mut self.kinds.get_mut(number)?.waiting;
        let (_, parcel) = waiting.remove(at)?;
        if waiting.is_empty() && waiting.capacity() > KEPT {
            *waiting = VecDeque::new();
        }
        self.len -= 1;
        if self.len == 0 {
            self.crowd = 0;
        }
        Some((parcel, verdict))
    }

    /// All of them, in the order in which they came.
    pub(crate) fn take_all(&mut self) -> Vec<Parcel> {
        let mut all: Vec<(u64, Parcel)> = self.kinds.drain(..).flat_map(|kind| kind.waiting).collect();
        self.len = 0;
        all.sort_by_key(|(arrival, _)| *arrival);
        all.into_iter().map(|(_, parcel)| parcel).collect()
    }
}
