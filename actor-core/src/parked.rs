//! Messages that a guard keeps back: they wait until they make sense, overtaken by all others.
//!
//! After each message that was handled they are tried again, in the order in which they came. What that costs is bounded by the number of kinds
//! where a guard looks at the actor alone: one verdict holds for all messages of a kind. Only where it looks at arguments is each of
//! them asked.

use crate::actor::{Actor, Message};
use crate::ending::{self, idle_frame};
use crate::exit::Panicked;
use crate::inbox::KEPT;
use crate::mailbox::Envelope;
use crate::policy::Policy;
use crate::scope::{self, Frame};
use crate::shared::Shared;
use crate::slot::AnyCaller;
use std::any::TypeId;
use std::collections::VecDeque;

/// What a guard says of a message; an error is its panic.
pub(crate) type Verdict = Result<bool, Panicked>;

/// A message whose guard lets it pass, or panicked.
pub(crate) type Passed<M> = (Envelope<M>, Verdict);

/// Asks the guard.
pub(crate) fn verdict<A: Actor>(shared: &Shared, actor: &A, envelope: &Envelope<A::Message>) -> Verdict {
    match envelope {
        Envelope::Own { message, .. } => ask(shared, A::policy(message), || actor.guard(message)),
        Envelope::Boxed(letter) => ask(shared, letter.policy(), || letter.guard(actor)),
    }
}

/// The same of a message that is in no envelope.
pub(crate) fn ask(shared: &Shared, policy: &Policy, guard: impl FnOnce() -> bool) -> Verdict {
    let frame = Frame { message: policy.message(), ..idle_frame(shared) };
    scope::enter(frame, None, |_| guard()).result
}

/// The caller of a message whose guard panicked, which counts as its handler.
pub(crate) fn broken<M: Message>(shared: &Shared, envelope: Envelope<M>) -> Option<AnyCaller> {
    match envelope {
        Envelope::Own { message, call } => {
            // As if it had begun.
            let name = message.name();
            ending::throw_away(shared, message);
            call.begin(name, &shared.traces).flatten().map(|slot| slot as AnyCaller)
        }
        Envelope::Boxed(mut letter) => {
            let caller = letter.begin(&shared.traces).and_then(|(caller, _)| caller);
            ending::throw_away(shared, letter);
            caller
        }
    }
}

pub(crate) struct Parked<M: Message> {
    /// Few, each with messages.
    kinds: Vec<Kind<M>>,
    next: u64,
    len: usize,
    /// Those whose callers have left are forgotten when there are so many.
    crowd: usize,
}

struct Kind<M: Message> {
    /// The type of its messages: a protocol's may have the name of one of the actor's own, and has another guard.
    source: TypeId,
    policy: &'static Policy,
    /// With their number in the order of arrival.
    waiting: VecDeque<(u64, Envelope<M>)>,
}

impl<M: Message> Parked<M> {
    pub(crate) fn new() -> Self {
        Parked { kinds: Vec::new(), next: 0, len: 0, crowd: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn add(&mut self, policy: &'static Policy, envelope: Envelope<M>) {
        if self.len >= self.crowd {
            self.forget_left();
            self.crowd = (self.len * 2).max(16);
        }
        let source = envelope.source();
        let known = |kind: &Kind<M>| kind.source == source && kind.policy.is(policy);
        let at = self.kinds.iter().position(known).unwrap_or_else(|| {
            self.kinds.push(Kind { source, policy, waiting: VecDeque::new() });
            self.kinds.len() - 1
        });
        self.kinds[at].waiting.push_back((self.next, envelope));
        self.next += 1;
        self.len += 1;
    }

    fn forget_left(&mut self) {
        for kind in &mut self.kinds {
            kind.waiting.retain(|(_, envelope)| !envelope.is_left());
        }
        self.len = self.kinds.iter().map(|kind| kind.waiting.len()).sum();
    }

    /// Takes out the first, of the kinds that are `wanted`, whose guard says yes, or panics. One whose caller has left may be taken
    /// out without its guard being asked.
    pub(crate) fn take(
        &mut self,
        wanted: impl Fn(&Policy) -> bool,
        mut guard: impl FnMut(&Envelope<M>) -> Verdict,
    ) -> Option<(Envelope<M>, Verdict)> {
        let mut first: Option<(u64, usize, usize, Verdict)> = None;
        for (number, kind) in self.kinds.iter().enumerate().filter(|(_, kind)| wanted(kind.policy)) {
            for (at, (arrival, envelope)) in kind.waiting.iter().enumerate() {
                if first.as_ref().is_some_and(|(earlier, ..)| earlier < arrival) {
                    break;
                }
                let verdict = if envelope.is_left() { Ok(true) } else { guard(envelope) };
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
        let (_, envelope) = waiting.remove(at)?;
        if waiting.is_empty() && waiting.capacity() > KEPT {
            *waiting = VecDeque::new();
        }
        self.len -= 1;
        if self.len == 0 {
            self.crowd = 0;
        }
        Some((envelope, verdict))
    }

    /// All of them, in the order in which they came.
    pub(crate) fn take_all(&mut self) -> Vec<Envelope<M>> {
        let mut all: Vec<(u64, Envelope<M>)> = self.kinds.drain(..).flat_map(|kind| kind.waiting).collect();
        self.len = 0;
        all.sort_by_key(|(arrival, _)| *arrival);
        all.into_iter().map(|(_, envelope)| envelope).collect()
    }
}
