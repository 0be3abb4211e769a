//! Random calls, drops, timeouts, stops, kills and panics: every caller gets exactly one answer, and what it says is true.
//!
//! The model is small: a message began or it did not (the actor notes it), and each outcome of a call allows one of the two or
//! both. Time is paused, so a caller that hangs shows as an hour gone by. `PROPTEST_CASES` sets how many.

#![expect(unreachable_pub, reason = "an actor as a library would write it")]

use actor_core::prelude::*;
use actor_core::{Overflow, Pool, TellError};
use proptest::prelude::*;
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{sleep, timeout};

type Begun = Arc<Mutex<Vec<u32>>>;

#[actor]
struct Machine {
    begun: Begun,
    kept: Vec<(u32, ReplyTo<u32>)>,
    other: Option<MachineHandle>,
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("refused {0}")]
struct Refused(u32);

#[actor]
impl Machine {
    fn begin(&self, id: u32) {
        self.begun.lock().unwrap().push(id);
    }

    pub fn plain(&mut self, id: u32) -> Result<u32, Refused> {
        self.begin(id);
        if id.is_multiple_of(5) { Err(Refused(id)) } else { Ok(id) }
    }
    pub async fn slow(&mut self, id: u32, yields: u8) -> u32 {
        self.begin(id);
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
        id
    }
    pub async fn rest(&mut self, id: u32, time: u8) -> u32 {
        self.begin(id);
        sleep(Duration::from_millis(time.into())).await;
        id
    }
    pub fn burst(&mut self, id: u32) -> u32 {
        self.begin(id);
        panic!("burst {id}")
    }
    pub async fn burst_late(&mut self, id: u32) -> u32 {
        self.begin(id);
        tokio::task::yield_now().await;
        panic!("burst {id}")
    }
    pub fn keep(&mut self, id: u32, reply: ReplyTo<u32>) {
        self.begin(id);
        self.kept.push((id, reply));
    }
    pub fn let_go(&mut self, id: u32, answer: bool) -> u32 {
        self.begin(id);
        for (id, reply) in self.kept.drain(..) {
            if answer {
                let _ = reply.send(id);
            }
        }
        id
    }
    pub fn elsewhere(&mut self, id: u32, time: u8, reply: ReplyTo<u32>) {
        self.begin(id);
        tokio::spawn(async move {
            sleep(Duration::from_millis(time.into())).await;
            let _ = reply.send(id);
        });
    }
    pub fn relay(&mut self, id: u32, yields: u8, reply: ReplyTo<u32>) {
        self.begin(id);
        if let Some(other) = &self.other {
            reply.forward(other.slow(id, yields));
        }
    }
    pub async fn nest(&mut self, id: u32, time: u8) -> u32 {
        self.begin(id);
        match &self.other {
            Some(other) => other.rest(id, time).await.unwrap_or(id),
            None => id,
        }
    }
    pub fn leave(&mut self, id: u32, ctx: &mut Context<Self>) -> u32 {
        self.begin(id);
        if id.is_multiple_of(2) {
            ctx.stop()
        } else {
            ctx.fail("enough")
        }
        id
    }
    pub fn last(self, id: u32) -> u32 {
        self.begin(id);
        id
    }
}

#[derive(Clone, Copy, Debug)]
enum What {
    Plain,
    Slow(u8),
    Rest(u8),
    Burst,
    BurstLate,
    Keep,
    LetGo(bool),
    Elsewhere(u8),
    Relay(u8),
    Nest(u8),
    Leave,
    Last,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Await,
    Start,
    Detach,
    Timeout(u8),
    DropAfter(u8),
    Tell,
    TellTimeout(u8),
    TryTell,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Call(What, How),
    Yield(u8),
    Sleep(u8),
    Stop,
    StopWithin(u8),
    Kill,
    DropHandle,
}

/// What a caller has learnt.
#[derive(Debug)]
enum Told {
    /// It was answered.
    Reply,
    /// It is certain that the message did not and never will begin.
    NeverRan,
    /// It is certain that it began.
    Began,
    /// Nothing: it did not wait.
    Nothing,
}

async fn call(machine: MachineHandle, id: u32, what: What, how: How) -> Result<Told, String> {
    macro_rules! with {
        ($request:expr) => {
            with(id, $request, how).await
        };
    }
    match what {
        What::Plain => with!(machine.plain(id)),
        What::Slow(yields) => with!(machine.slow(id, yields)),
        What::Rest(time) => with!(machine.rest(id, time)),
        What::Burst => with!(machine.burst(id)),
        What::BurstLate => with!(machine.burst_late(id)),
        What::Keep => with!(machine.keep(id)),
        What::LetGo(answer) => with!(machine.let_go(id, answer)),
        What::Elsewhere(time) => with!(machine.elsewhere(id, time)),
        What::Relay(yields) => with!(machine.relay(id, yields)),
        What::Nest(time) => with!(machine.nest(id, time)),
        What::Leave => with!(machine.leave(id)),
        What::Last => with!(machine.last(id)),
    }
}

async fn with<E: Id + 'static>(
    id: u32,
    request: Request<'_, MachineMessage, u32, E>,
    how: How,
) -> Result<Told, String> {
    let millis = |time: u8| Duration::from_millis(time.into());
    let answer = match how {
        How::Await => request.await,
        How::Start => {
            let pending = request.start();
            tokio::task::yield_now().await;
            pending.await
        }
        How::Detach => {
            request.start().detach();
            return Ok(Told::Nothing);
        }
        How::Timeout(time) => request.timeout(millis(time)).await,
        How::DropAfter(yields) => {
            let mut request = Box::pin(request);
            for _ in 0..yields {
                if let std::task::Poll::Ready(answer) = futures::poll!(&mut request) {
                    return told(id, answer);
                }
                tokio::task::yield_now().await;
            }
            return Ok(Told::Nothing);
        }
        How::Tell => return told_off(id, request.tell().await),
        How::TellTimeout(time) => return told_off(id, request.timeout(millis(time)).tell().await),
        How::TryTell => return told_off(id, request.try_tell()),
    };
    told(id, answer)
}

/// The id in a handler's error.
trait Id {
    fn id(&self) -> u32;
}
impl Id for std::convert::Infallible {
    fn id(&self) -> u32 {
        match *self {}
    }
}
impl Id for Refused {
    fn id(&self) -> u32 {
        self.0
    }
}

fn told<E: Id>(id: u32, answer: Result<u32, CallError<E>>) -> Result<Told, String> {
    match answer {
        Ok(of) if of == id => Ok(Told::Reply),
        Err(CallError::Handler(error)) if error.id() == id => Ok(Told::Reply),
        Ok(of) => Err(format!("{id} got the reply of {of}")),
        Err(CallError::Handler(error)) => Err(format!("{id} got the error of {}", error.id())),
        Err(error) if error.never_ran() => Ok(Told::NeverRan),
        Err(_) => Ok(Told::Began),
    }
}

fn told_off(id: u32, told: Result<(), TellError<MachineMessage>>) -> Result<Told, String> {
    match told {
        Ok(()) => Ok(Told::Nothing),
        Err(error) => {
            let text = error.to_string();
            let back = error.into_message().name();
            if back.is_empty() { Err(format!("{id} lost its message: {text}")) } else { Ok(Told::NeverRan) }
        }
    }
}

/// Who is called.
#[derive(Clone, Debug)]
enum Setup {
    One(Spawn),
    /// So many behind one handle, which are made anew; the least loaded one gets it, or the next in turn.
    Pool(usize, bool),
}

impl Setup {
    fn spawn(&self) -> Spawn {
        match self {
            Setup::One(how) => how.clone(),
            Setup::Pool(..) => Spawn::new(),
        }
    }
}

/// `settle` is longer than any handler takes, `hang` than any caller waits.
async fn run(steps: Vec<Step>, how: Setup, settle: Duration, hang: Duration) -> Result<(), String> {
    let begun = Begun::default();
    // The other one's ids begin in a list of their own: a relayed message begins in both.
    let other = Machine { begun: Begun::default(), kept: vec![], other: None }.spawn_with(how.spawn());
    let machine = {
        let (begun, other) = (Arc::clone(&begun), Some(other.clone()));
        let make = move || Machine { begun: Arc::clone(&begun), kept: vec![], other: other.clone() };
        match how {
            Setup::One(how) => make().spawn_with(how),
            Setup::Pool(size, false) => Pool::new(size, move |_| make()).spawn(),
            Setup::Pool(size, true) => Pool::new(size, move |_| make()).least_loaded().spawn(),
        }
    };
    let stopped = machine.stopped();
    let weak = machine.downgrade();
    let mut machine = Some(machine);
    let mut callers = Vec::new();
    for (step, id) in steps.into_iter().zip(1..) {
        match (step, &machine) {
            (Step::Call(what, how), Some(machine)) => {
                callers.push((id, tokio::spawn(call(machine.clone(), id, what, how))));
            }
            (Step::Yield(yields), _) => {
                for _ in 0..yields {
                    tokio::task::yield_now().await;
                }
            }
            (Step::Sleep(time), _) => sleep(Duration::from_millis(time.into())).await,
            (Step::Stop, Some(machine)) => machine.stop(),
            (Step::StopWithin(time), Some(machine)) => {
                machine.stop_within(Duration::from_millis(time.into()))
            }
            (Step::Kill, Some(machine)) => machine.kill(),
            (Step::DropHandle, Some(_)) => machine = None,
            (_, None) => {}
        }
    }
    // A caller of a kept reply waits as long as nobody lets go of it.
    sleep(settle).await;
    if let Some(machine) = weak.upgrade() {
        machine.stop_within(settle);
    }
    drop(machine);
    let mut tales = Vec::new();
    for (id, caller) in callers {
        match timeout(hang, caller).await {
            Ok(Ok(told)) => tales.push((id, told?)),
            Ok(Err(error)) => return Err(format!("caller {id}: {error}")),
            Err(_) => return Err(format!("caller {id} hangs")),
        }
    }
    timeout(hang, stopped).await.map_err(|_| "it never ends".to_owned())?;
    let begun = begun.lock().unwrap().clone();
    let once: HashSet<u32> = begun.iter().copied().collect();
    if once.len() != begun.len() {
        return Err(format!("a message ran twice: {begun:?}"));
    }
    for (id, told) in tales {
        match (&told, once.contains(&id)) {
            (Told::NeverRan, true) => return Err(format!("{id} was told that it never ran, and it began")),
            (Told::Reply | Told::Began, false) => {
                return Err(format!("{id} was told {told:?}, and it never began: {begun:?}"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn what() -> impl Strategy<Value = What> {
    prop_oneof![
        4 => Just(What::Plain),
        3 => (0..4u8).prop_map(What::Slow),
        3 => (0..6u8).prop_map(What::Rest),
        1 => Just(What::Burst),
        1 => Just(What::BurstLate),
        2 => Just(What::Keep),
        2 => any::<bool>().prop_map(What::LetGo),
        2 => (0..6u8).prop_map(What::Elsewhere),
        2 => (0..4u8).prop_map(What::Relay),
        2 => (0..6u8).prop_map(What::Nest),
        1 => Just(What::Leave),
        1 => Just(What::Last),
    ]
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        5 => Just(How::Await),
        3 => Just(How::Start),
        1 => Just(How::Detach),
        4 => (0..8u8).prop_map(How::Timeout),
        4 => (0..5u8).prop_map(How::DropAfter),
        2 => Just(How::Tell),
        1 => (0..8u8).prop_map(How::TellTimeout),
        1 => Just(How::TryTell),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        24 => (what(), how()).prop_map(|(what, how)| Step::Call(what, how)),
        6 => (1..4u8).prop_map(Step::Yield),
        4 => (1..6u8).prop_map(Step::Sleep),
        1 => Just(Step::Stop),
        1 => (0..6u8).prop_map(Step::StopWithin),
        1 => Just(Step::Kill),
        1 => Just(Step::DropHandle),
    ];
    prop::collection::vec(step, 1..30)
}

fn setup() -> impl Strategy<Value = Setup> {
    let pool = (1..4_usize, any::<bool>()).prop_map(|(size, least_loaded)| Setup::Pool(size, least_loaded));
    prop_oneof![3 => spawn().prop_map(Setup::One), 1 => pool]
}

fn spawn() -> impl Strategy<Value = Spawn> {
    let mailbox = prop_oneof![Just(Some(1)), Just(Some(2)), Just(Some(64)), Just(None)];
    (any::<bool>(), mailbox, any::<bool>()).prop_map(|(direct, mailbox, rejects)| {
        let how = Spawn::new().direct(direct);
        let how = mailbox.map_or(how.clone().unbounded(), |capacity| how.mailbox(capacity));
        if rejects { how.overflow(Overflow::Reject) } else { how }
    })
}

/// Panics are part of the plan: only others are shown.
fn silence_planned_panics() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let planned =
                info.payload().downcast_ref::<String>().is_some_and(|text| text.starts_with("burst "));
            if !planned {
                before(info);
            }
        }));
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_caller_gets_one_answer_and_it_is_true(steps in steps(), how in setup()) {
        silence_planned_panics();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (settle, hour) = (Duration::from_millis(300), Duration::from_secs(3600));
        runtime.block_on(run(steps, how, settle, hour)).map_err(TestCaseError::fail)?;
    }
}

/// A case takes real time here, so there are fewer.
fn fewer_cases() -> ProptestConfig {
    let cases = ProptestConfig::default().cases.div_ceil(8);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(fewer_cases())]

    #[test]
    fn also_on_several_threads_in_real_time(steps in steps(), how in setup()) {
        silence_planned_panics();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_time().build().unwrap();
        let (settle, long) = (Duration::from_millis(20), Duration::from_secs(20));
        runtime.block_on(run(steps, how, settle, long)).map_err(TestCaseError::fail)?;
    }
}
