//! Pools: who gets a message, and that a call through one is a call.

use crate::kit::{Gate, Log, Way, limited, ms, one_thread, poll_once, settle, until};
use actor_core::prelude::*;
use actor_core::{Overflow, Pool};
use futures::Stream;
use futures::future::join_all;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::thread;

/// Tells which one it is.
#[actor(mailbox = 2)]
pub(crate) struct Worker {
    place: usize,
    pub(crate) log: Log,
    kept: Vec<ReplyTo<usize>>,
}

impl Worker {
    pub(crate) fn new(place: usize, log: &Log) -> Self {
        Worker { place, log: log.clone(), kept: Vec::new() }
    }
}

#[actor]
impl Worker {
    pub fn who(&mut self) -> usize {
        self.place
    }
    pub async fn who_later(&mut self) -> usize {
        tokio::task::yield_now().await;
        self.place
    }
    pub async fn hold(&mut self, gate: Gate) -> usize {
        gate.pass().await;
        self.place
    }
    pub fn note(&mut self, what: &str) {
        self.log.push(format!("{} {what}", self.place));
    }
    pub fn refuse(&mut self) -> Result<usize, String> {
        Err(format!("{} will not", self.place))
    }
    #[message(timeout = ms(50))]
    pub async fn patient(&mut self, gate: Gate) -> usize {
        gate.pass().await;
        self.place
    }
    pub fn keep(&mut self, reply: ReplyTo<usize>) {
        self.kept.push(reply);
    }
    pub fn answer(&mut self) {
        for reply in self.kept.drain(..) {
            let _ = reply.send(self.place);
        }
    }
    pub fn pass_on(&mut self, to: WorkerHandle, reply: ReplyTo<usize>) {
        reply.forward(to.who());
    }
    pub fn places(&self) -> impl Stream<Item = usize> {
        futures::stream::iter([self.place, self.place])
    }
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(&mut usize) -> R + Send + 'static) -> R {
        f(&mut self.place)
    }
    pub fn me(&self, ctx: &mut Context<Self>) -> WorkerHandle {
        ctx.handle()
    }
    /// Asks its own pool.
    pub async fn ask_back(&mut self, pool: WorkerHandle) -> Result<usize, CallError> {
        pool.who().await
    }
    /// Tells its own pool more than a mailbox holds.
    pub async fn tell_back(&mut self, pool: WorkerHandle) -> Result<(), TellError<WorkerMessage>> {
        for what in ["one", "two", "three"] {
            pool.note(what).tell().await?;
        }
        Ok(())
    }
    pub fn burst(&mut self) {
        panic!("torn");
    }
    pub fn leave(&mut self, ctx: &mut Context<Self>) -> usize {
        ctx.stop();
        self.place
    }
    pub fn close(self) -> usize {
        self.place
    }
    #[on_stop]
    fn off(&mut self) {
        self.log.push(format!("{} off", self.place));
    }
}

/// A pool as it is made by default, and what its workers note.
pub(crate) fn pool(size: usize) -> (WorkerHandle, Log) {
    let log = Log::default();
    (Pool::new(size, making(&log)).spawn(), log)
}

pub(crate) fn making(log: &Log) -> impl FnMut(usize) -> Worker + Send + 'static {
    let log = log.clone();
    move |place| {
        log.push(format!("{place} made"));
        Worker::new(place, &log)
    }
}

/// All workers have been made; nothing has been noted.
pub(crate) async fn made(log: &Log, size: usize) {
    until(|| log.all().len() == size).await;
    settle().await;
    log.take();
}

/// Calls directly where the way says so: a pool's workers are all set up alike.
pub(crate) async fn call<M: Message, T: 'static, E: 'static>(
    way: Way,
    request: Request<'_, M, T, E>,
) -> Result<T, CallError<E>> {
    if way.direct { request.await } else { request.start().await }
}

async fn each_is_made_of_its_place(_: Way) {
    let (_pool, log) = pool(3);
    until(|| log.all().len() == 3).await;
    let mut all = log.all();
    all.sort();
    assert_eq!(all, ["0 made", "1 made", "2 made"]);
}

async fn they_take_turns(way: Way) {
    let (pool, log) = pool(3);
    made(&log, 3).await;
    for turn in 0..7 {
        assert_eq!(call(way, pool.who()).await.unwrap(), turn % 3);
    }
    assert_eq!(call(way, pool.who_later()).await.unwrap(), 1);
    let other = pool.clone();
    assert_eq!(call(way, other.who()).await.unwrap(), 2, "all handles share the turn");
}

async fn a_message_has_its_turn_however_it_is_sent(way: Way) {
    let (pool, log) = pool(3);
    made(&log, 3).await;
    assert_eq!(call(way, pool.who()).await.unwrap(), 0);
    pool.note("told").tell().await.unwrap();
    pool.note("told at once").try_tell().unwrap();
    pool.note("detached").start().detach();
    assert_eq!(call(way, pool.with(|place| *place)).await.unwrap(), 1, "a generic method");
    assert_eq!(call(way, pool.refuse()).await.unwrap_err().to_string(), "2 will not");
    let blocking = pool.clone();
    assert_eq!(tokio::task::spawn_blocking(move || blocking.who().blocking()).await.unwrap().unwrap(), 0);
    let mut places = call(way, pool.places()).await.unwrap();
    while let Some(place) = places.next().await {
        assert_eq!(place.unwrap(), 1, "a stream");
    }
    let reply = call(way, pool.ask(WorkerMessage::Who)).await.unwrap();
    assert!(matches!(reply, WorkerReply::Who(2)));
    let (other, _) = self::pool(1);
    assert_eq!(call(way, pool.pass_on(other)).await.unwrap(), 0, "a call that is passed on");
    assert_eq!(log.take()[..3], ["1 told", "2 told at once", "0 detached"]);
}

async fn workers_work_at_the_same_time(way: Way) {
    let (pool, gate) = (pool(4).0, Gate::default());
    let mut holds: Vec<_> = (0..4).map(|_| Box::pin(call(way, pool.hold(gate.clone())))).collect();
    for hold in &mut holds {
        assert!(poll_once(hold).await.is_none());
    }
    gate.arrived(4).await;
    gate.open(4);
    let mut places: Vec<_> = join_all(holds).await.into_iter().map(Result::unwrap).collect();
    places.sort_unstable();
    assert_eq!(places, [0, 1, 2, 3]);
}

async fn the_least_loaded_gets_it(way: Way) {
    let (log, gate) = (Log::default(), Gate::default());
    let pool = Pool::new(3, making(&log)).least_loaded().spawn();
    made(&log, 3).await;
    for turn in 0..4 {
        assert_eq!(call(way, pool.who()).await.unwrap(), turn % 3, "of those that are idle the next in turn");
    }
    let hold = pool.hold(gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    let places = [call(way, pool.who()).await.unwrap(), call(way, pool.who()).await.unwrap()];
    assert_eq!(places, [2, 0], "the one that is busy is passed over");
    let others = [pool.hold(gate.clone()).start(), pool.hold(gate.clone()).start()];
    gate.arrived(3).await;
    settle().await;
    // Each runs one; what is queued counts as well.
    let queued: Vec<_> = (0..3).map(|_| pool.who().start()).collect();
    let more: Vec<_> = (0..3).map(|_| pool.who().start()).collect();
    gate.open(3);
    for places in [queued, more] {
        let mut places: Vec<_> = join_all(places).await.into_iter().map(Result::unwrap).collect();
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2]);
    }
    let mut held = [hold.await.unwrap(), 0, 0];
    for (place, other) in held[1..].iter_mut().zip(others) {
        *place = other.await.unwrap();
    }
    held.sort_unstable();
    assert_eq!(held, [0, 1, 2]);
}

#[actor(mailbox = unbounded)]
struct Desk(usize);

#[actor]
impl Desk {
    pub fn me(&self, ctx: &mut Context<Self>) -> (usize, DeskHandle) {
        (self.0, ctx.handle())
    }
    pub async fn hold(&mut self, gate: Gate) {
        gate.pass().await;
    }
    pub async fn wait(&mut self, ctx: &mut Context<Self>, gate: Gate) {
        ctx.serving(self, async move { gate.pass().await }).await;
    }
    #[message(concurrent)]
    pub async fn read(&self, gate: Gate) {
        gate.pass().await;
    }
    pub fn nothing(&mut self) {}
    #[message(urgent)]
    pub fn hurry(&mut self) {}
    #[message(when = self.0 > 9)]
    pub fn never(&mut self) {}
    /// Asks a pool who is free, from the middle of its work.
    pub fn look(&mut self, pool: DeskHandle) -> PendingReply<usize> {
        pool.place().start()
    }
    pub fn place(&mut self) -> usize {
        self.0
    }
}

/// Wherever it is: queued, laid aside by a handler that serves, taken out by one that has served, parked.
async fn what_waits_is_known(way: Way) {
    for how in ["queued", "served", "urgent", "parked", "readers"] {
        let desks = Pool::new(2, Desk).least_loaded().spawn();
        settle().await;
        let (zero, one) = (call(way, desks.me()).await.unwrap(), call(way, desks.me()).await.unwrap());
        assert_eq!((zero.0, one.0), (0, 1));
        let (zero, one) = (zero.1, one.1);
        let place = call(way, zero.look(desks.clone())).await.unwrap();
        assert_eq!(place.await.unwrap(), 1, "who asks is at work itself, and it is his turn");
        let (few, first) = (Gate::default(), Gate::default());
        (0..5).for_each(|_| one.hold(few.clone()).start().detach());
        few.arrived(1).await;
        let serves = ["served", "urgent"].contains(&how);
        if serves {
            zero.wait(first.clone()).start().detach();
            first.arrived(1).await;
        }
        (0..10).for_each(|_| zero.nothing().try_tell().unwrap());
        let look = zero.look(desks.clone()).start();
        for _ in 0..20 {
            match how {
                "urgent" => zero.hurry().try_tell().unwrap(),
                "parked" => zero.never().try_tell().unwrap(),
                "readers" => zero.read(first.clone()).try_tell().unwrap(),
                _ => zero.nothing().try_tell().unwrap(),
            }
        }
        let now = if how != "queued" {
            settle().await;
            Some(desks.place().start())
        } else {
            None
        };
        first.open(20);
        // Asked in the midst of its row.
        let place = look.await.unwrap();
        few.open(5);
        if how != "urgent" {
            assert_eq!(place.await.unwrap(), 1, "{how}");
        }
        if let Some(place) = now {
            assert_eq!(place.await.unwrap(), 1, "{how}: 20 wait there");
        }
    }
}

/// Which worker a key belongs to: of the key and the size alone.
fn place_of(key: u32, size: u64) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    usize::try_from(hasher.finish() % size).unwrap()
}

#[actor(mailbox = unbounded)]
struct Ledger {
    place: usize,
    entries: Vec<u32>,
}

#[actor]
impl Ledger {
    /// The worker that has it.
    pub fn enter(&mut self, key: u32) -> usize {
        self.entries.push(key);
        self.place
    }
    pub fn burst(&mut self, _key: u32) {
        panic!("torn");
    }
    pub fn entries(&mut self, _key: u32) -> Vec<u32> {
        self.entries.clone()
    }
    pub fn place(&self) -> usize {
        self.place
    }
    pub fn with<R: Send + 'static>(&mut self, f: impl FnOnce(usize) -> R + Send + 'static) -> R {
        f(self.place)
    }
}

fn ledgers(size: usize) -> LedgerHandle {
    Pool::new(size, |place| Ledger { place, entries: Vec::new() })
        .hash(|message| match message {
            LedgerMessage::Enter { key }
            | LedgerMessage::Burst { _key: key }
            | LedgerMessage::Entries { _key: key } => *key,
            LedgerMessage::Place => panic!("no key"),
        })
        .spawn()
}

async fn a_key_has_its_worker(way: Way) {
    for size in [1, 2, 7] {
        let (one, two) = (ledgers(size), ledgers(size));
        let mut seen = std::collections::HashSet::new();
        for key in (0..50).chain(0..50) {
            let place = call(way, one.enter(key)).await.unwrap();
            assert_eq!(place, place_of(key, size as u64), "of {key} among {size}");
            assert_eq!(call(way, two.enter(key)).await.unwrap(), place, "in every pool of this size");
            seen.insert(place);
        }
        assert_eq!(seen.len(), size, "all have something to do");
    }
}

async fn a_restart_does_not_move_a_key(way: Way) {
    let pool = ledgers(5);
    let place = call(way, pool.enter(3)).await.unwrap();
    assert!(call(way, pool.burst(3)).await.is_err());
    assert_eq!(call(way, pool.enter(3)).await.unwrap(), place);
    assert_eq!(call(way, pool.entries(3)).await.unwrap(), [3], "it was made anew");
}

async fn messages_of_a_key_keep_their_order(way: Way) {
    let pool = ledgers(4);
    let entries: Vec<_> = (0..100).map(|n| pool.enter(n / 10).start()).collect();
    join_all(entries).await;
    for key in 0..10 {
        let of_worker = call(way, pool.entries(key)).await.unwrap();
        assert!(of_worker.is_sorted(), "{of_worker:?}");
        assert_eq!(of_worker.iter().filter(|seen| **seen == key).count(), 10);
    }
}

async fn without_a_key_it_is_the_next_in_turn(way: Way) {
    let pool = ledgers(3);
    settle().await;
    for turn in 0..4 {
        assert_eq!(call(way, pool.with(|place| place)).await.unwrap(), turn % 3, "a generic method");
    }
    for turn in 4..8 {
        assert_eq!(call(way, pool.place()).await.unwrap(), turn % 3, "a key that panics");
    }
}

async fn each_has_a_mailbox_of_its_own(way: Way) {
    let ((pool, log), gate) = (pool(2), Gate::default());
    made(&log, 2).await;
    let holds = [pool.hold(gate.clone()).start(), pool.hold(gate.clone()).start()];
    gate.arrived(2).await;
    let queued: Vec<_> = (0..4).map(|_| pool.who().start()).collect();
    settle().await;
    let back = pool.note("back").try_tell().unwrap_err();
    assert!(matches!(&back, TellError::Full(WorkerMessage::Note { what }) if what == "back"));
    let mut tell = pool.note("tell").tell();
    assert!(poll_once(&mut tell).await.is_none(), "it waits for room");
    let mut request = pool.who();
    assert!(poll_once(&mut request).await.is_none());
    let started = pool.who().start();
    pool.note("detached").start().detach();
    let boxed = pool.with(|place| *place).start();
    drop(pool.note("left").start());
    let mut left = pool.note("left too").tell();
    assert!(poll_once(&mut left).await.is_none());
    drop(left);
    gate.open(2);
    tell.await.unwrap();
    request.await.unwrap();
    assert!(started.await.is_ok() && boxed.await.is_ok());
    assert!(join_all(holds).await.into_iter().chain(join_all(queued).await).all(|answer| answer.is_ok()));
    settle().await;
    let mut notes: Vec<_> = log.take().into_iter().map(|note| note[2..].to_owned()).collect();
    notes.sort();
    assert_eq!(notes, ["detached", "tell"]);
    assert!(call(way, pool.who()).await.is_ok());
}

async fn deadlines_hold(way: Way) {
    let ((pool, log), gate) = (pool(1), Gate::default());
    made(&log, 1).await;
    let late = call(way, pool.hold(gate.clone()).timeout(ms(10))).await;
    assert!(matches!(late, Err(CallError::TimedOut { started: true })));
    let queued = pool.note("never").timeout(ms(10)).start().await;
    assert!(matches!(queued, Err(CallError::TimedOut { started: false })));
    pool.who().start().detach();
    let told = pool.note("never").timeout(ms(10)).tell().await;
    assert!(matches!(told, Ok(()) | Err(TellError::TimedOut(_))));
    let second = pool.note("no room").timeout(ms(10)).tell().await;
    assert!(matches!(second, Err(TellError::TimedOut(WorkerMessage::Note { .. }))), "{second:?}");
    gate.open(1);
    settle().await;
    assert!(matches!(call(way, pool.patient(gate)).await, Err(CallError::TimedOut { started: true })));
    assert_eq!(log.count("0 no room"), 0);
}

async fn its_workers_are_set_up_as_it_says(way: Way) {
    let (log, gate) = (Log::default(), Gate::default());
    let how = way.spawn().name("desk").mailbox(1).overflow(Overflow::Reject);
    let pool = Pool::new(2, making(&log)).with(how).spawn();
    made(&log, 2).await;
    assert_eq!((pool.name(), pool.me().await.unwrap().name()), (Some("desk"), Some("desk")));
    let holds = [pool.hold(gate.clone()).start(), pool.hold(gate.clone()).start()];
    gate.arrived(2).await;
    let queued = [pool.who().start(), pool.who().start()];
    assert!(matches!(pool.who().await, Err(CallError::Full)));
    gate.open(2);
    for answer in join_all(holds.into_iter().chain(queued)).await {
        answer.unwrap();
    }
}

fn it_lives_where_it_says(way: Way) {
    let runtime = one_thread();
    let how = way.spawn().on(runtime.handle());
    let pool = Pool::new(2, making(&Log::default())).with(how).spawn();
    assert_eq!(runtime.block_on(async { pool.who().await.unwrap() + pool.who().await.unwrap() }), 1);
    drop(runtime);
    assert!(!pool.is_running());
}

async fn a_caller_that_leaves_cancels(way: Way) {
    let ((pool, log), gate) = (pool(1), Gate::default());
    made(&log, 1).await;
    let hold = pool.hold(gate.clone()).start();
    gate.arrived(1).await;
    let mut note = Box::pin(call(way, pool.note("never")));
    assert!(poll_once(&mut note).await.is_none());
    drop(note);
    gate.open(1);
    hold.await.unwrap();
    call(way, pool.who()).await.unwrap();
    assert!(log.take().is_empty());
}

async fn a_handle_of_a_worker_is_its_own(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    let (zero, one) = (call(way, pool.me()).await.unwrap(), call(way, pool.me()).await.unwrap());
    assert!(zero != one && zero != pool && zero.id() != pool.id());
    for _ in 0..3 {
        assert_eq!(call(way, zero.who()).await.unwrap(), 0);
        assert_eq!(call(way, one.who()).await.unwrap(), 1);
    }
}

async fn replies_are_kept_by_the_worker(way: Way) {
    let (pool, log) = pool(2);
    made(&log, 2).await;
    let kept = pool.keep().start();
    settle().await;
    call(way, pool.who()).await.unwrap();
    call(way, pool.answer()).await.unwrap();
    assert_eq!(kept.await.unwrap(), 0);
}

#[actor]
trait Speaker {
    fn say(&mut self) -> usize;
}

impl Speaker for Worker {
    fn say(&mut self) -> usize {
        self.place
    }
}

async fn it_speaks_a_protocol(way: Way) {
    let (pool, log) = pool(3);
    made(&log, 3).await;
    let speaker = SpeakerHandle::from(pool.clone());
    for turn in 0..4 {
        assert_eq!(call(way, speaker.say()).await.unwrap(), turn % 3);
    }
    let again: WorkerHandle = speaker.downcast().unwrap();
    assert_eq!(again, pool);
    assert_eq!(call(way, again.who()).await.unwrap(), 1);
    assert!(speaker.downcast::<DeskHandle>().is_none());
    pool.stop();
    assert!(matches!(call(way, speaker.say()).await, Err(CallError::NotRunning)));
}

async fn a_worker_that_waits_for_itself_is_told(way: Way) {
    let (alone, log) = pool(1);
    made(&log, 1).await;
    let answer = call(way, alone.ask_back(alone.clone())).await;
    assert!(matches!(answer, Err(CallError::Handler(CallError::Deadlock(_)))), "{answer:?}");
    let answer = call(way, alone.tell_back(alone.clone())).await;
    let Err(CallError::Handler(TellError::Deadlock(WorkerMessage::Note { what }, _))) = answer else {
        panic!("{answer:?}");
    };
    assert_eq!(what, "three");
    let (two, log) = pool(2);
    made(&log, 2).await;
    assert_eq!(call(way, two.ask_back(two.clone())).await.unwrap(), 1, "it is the other's turn");
    call(way, two.tell_back(two.clone())).await.unwrap();
}

fn from_plain_threads(_: Way) {
    let runtime = crate::kit::two_threads();
    let pool = runtime.block_on(async { pool(3).0 });
    let places: Vec<usize> = thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(|| pool.who().blocking().unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for place in 0..3 {
        assert_eq!(places.iter().filter(|seen| **seen == place).count(), 2, "{places:?}");
    }
}

#[test]
fn none_is_no_pool() {
    let panic =
        limited(|| std::panic::catch_unwind(|| Pool::new(0, |place| Ledger { place, entries: Vec::new() })));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"a pool needs a worker"));
}

#[test]
fn outside_a_runtime_it_is_the_callers_panic() {
    let pool = Pool::new(2, |place| Ledger { place, entries: Vec::new() }).round_robin();
    assert!(format!("{pool:?}").contains('2'));
    let panic =
        limited(|| std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pool.spawn())).unwrap_err());
    let text = panic.downcast_ref::<&str>().unwrap();
    assert!(text.contains("outside a tokio runtime"), "{text}");
}

four_ways!(
    workers_work_at_the_same_time,
    a_key_has_its_worker,
    a_restart_does_not_move_a_key,
    messages_of_a_key_keep_their_order,
);
both_ways!(
    each_is_made_of_its_place,
    they_take_turns,
    a_message_has_its_turn_however_it_is_sent,
    the_least_loaded_gets_it,
    what_waits_is_known,
    without_a_key_it_is_the_next_in_turn,
    each_has_a_mailbox_of_its_own,
    its_workers_are_set_up_as_it_says,
    a_caller_that_leaves_cancels,
    a_handle_of_a_worker_is_its_own,
    it_speaks_a_protocol,
    a_worker_that_waits_for_itself_is_told,
    replies_are_kept_by_the_worker,
);
both_ways_paused!(deadlines_hold);
both_ways_outside!(from_plain_threads, it_lives_where_it_says);
