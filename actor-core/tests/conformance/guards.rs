//! Messages that wait until they make sense.

use crate::kit::{Gate, Log, Way, ms, poll_once, settle, until};
use actor_core::prelude::*;
use actor_core::{ExitReason, Supervise};
use futures::future::join_all;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::time::sleep;

const ROOM: usize = 3;

#[actor(mailbox = 4)]
#[derive(Default)]
struct Buffer {
    items: VecDeque<u32>,
    most: usize,
    next: u32,
    word: String,
    closed: bool,
    asked: Arc<AtomicUsize>,
    gate: Gate,
    log: Log,
}

impl Buffer {
    fn spawned(way: Way) -> BufferHandle {
        Buffer::default().spawn_with(way.spawn())
    }
    fn asked(&self) {
        self.asked.fetch_add(1, SeqCst);
    }
}

struct Pair {
    a: u32,
    b: u32,
}

#[actor]
impl Buffer {
    #[message(when = self.items.len() < ROOM)]
    pub fn put(&mut self, item: u32) {
        self.items.push_back(item);
        self.most = self.most.max(self.items.len());
    }
    #[message(when = !self.items.is_empty())]
    pub fn take(&mut self) -> u32 {
        self.items.pop_front().unwrap()
    }
    #[message(when = { self.asked(); !self.items.is_empty() })]
    pub fn take_counted(&mut self) -> u32 {
        self.items.pop_front().unwrap()
    }
    #[message(when = { self.asked(); self.next == *n })]
    pub fn turn_counted(&mut self, n: u32) {
        self.next = n + 1;
    }
    #[message(when = !self.items.is_empty())]
    pub async fn take_slowly(&mut self) -> u32 {
        let item = self.items.pop_front().unwrap();
        self.gate.pass().await;
        item
    }
    #[message(when = self.next == *n)]
    pub fn turn(&mut self, n: u32) {
        self.next += 1;
        self.log.push(n);
    }
    #[message(when = self.word == word)]
    pub fn say(&mut self, word: &str) {
        self.log.push(word);
    }
    #[message(when = word.len() == self.word.len())]
    pub fn as_long(&mut self, word: Cow<'_, str>) {
        self.log.push(word);
    }
    #[message(when = *n == self.next && *b)]
    pub fn apart(&mut self, (n, b): (u32, bool), Pair { a: _, b: _ }: Pair) {
        self.log.push(format!("{n} {b}"));
    }
    #[message(when = *a + *b == self.next)]
    pub fn sum(&mut self, Pair { a, b }: Pair, _: u8) {
        self.log.push(a + b);
    }
    #[message(when = self.closed)]
    pub fn close(self) -> usize {
        self.items.len()
    }
    #[message(when = self.closed)]
    pub fn later(&mut self, reply: ReplyTo<u32>) {
        reply.send(7).unwrap();
    }
    #[message(when = panic!("bad guard"))]
    pub fn bad(&mut self) {}
    #[message(interleave, when = !self.items.is_empty())]
    pub fn peek(&mut self) -> u32 {
        *self.items.front().unwrap()
    }
    #[message(interleave, when = self.closed)]
    pub async fn peek_closed(&mut self) -> usize {
        tokio::task::yield_now().await;
        self.items.len()
    }
    #[message(interleave, when = !self.closed || panic!("bad guard while served"))]
    pub fn bad_when_closed(&mut self) {}
    #[message(interleave)]
    pub fn stock(&mut self, item: u32) {
        self.items.push_back(item);
    }
    pub async fn serve(&mut self, ctx: &mut Context<Self>) {
        let gate = self.gate.clone();
        ctx.serving(self, gate.pass()).await;
        self.log.push("served");
    }
    pub fn most(&self) -> usize {
        self.most
    }
    pub fn word(&mut self, word: &str) {
        self.word = word.to_owned();
    }
    pub fn set_next(&mut self, next: u32) {
        self.next = next;
    }
    pub fn shut(&mut self) {
        self.closed = true;
    }
    pub fn later_put(&mut self, ctx: &mut Context<Self>) {
        ctx.after("put", ms(10), BufferMessage::Put { item: 1 });
    }
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn fall(&mut self) {
        panic!("fell");
    }
}

async fn takers_wait_for_putters(way: Way) {
    let buffer = Buffer::spawned(way);
    let take = buffer.take().start();
    settle().await;
    buffer.put(5).await.unwrap();
    assert_eq!(take.await.unwrap(), 5);
    buffer.put(6).await.unwrap();
    assert_eq!(buffer.take().await.unwrap(), 6, "one that makes sense at once");
}

async fn never_over_or_under(way: Way) {
    let buffer = Buffer::spawned(way);
    let puts = join_all((0..200).map(|n| {
        let buffer = buffer.clone();
        async move { buffer.put(n).await.unwrap() }
    }));
    let takes = join_all((0..200).map(|_| {
        let buffer = buffer.clone();
        async move { buffer.take().await.unwrap() }
    }));
    let (_, mut taken) = tokio::join!(puts, takes);
    taken.sort_unstable();
    assert_eq!(taken, (0..200).collect::<Vec<_>>());
    assert!(buffer.most().await.unwrap() <= ROOM);
}

async fn first_come_first_served(way: Way) {
    let buffer = Buffer::spawned(way);
    let takes: Vec<_> = (0..4).map(|_| buffer.take().start()).collect();
    for item in 0..4 {
        buffer.put(item).await.unwrap();
    }
    assert_eq!(join_all(takes).await.into_iter().map(Result::unwrap).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

async fn those_that_wait_take_no_room(way: Way) {
    let buffer = Buffer::spawned(way);
    let takes: Vec<_> = (0..40).map(|_| tokio::spawn(buffer.clone().take_owned())).collect();
    settle().await;
    assert_eq!(buffer.most().await.unwrap(), 0, "others overtake them");
    for item in 0..40 {
        buffer.put(item).await.unwrap();
    }
    for take in takes {
        take.await.unwrap();
    }
}

impl BufferHandle {
    async fn take_owned(self) -> u32 {
        self.take().await.unwrap()
    }
}

async fn a_guard_over_arguments(way: Way) {
    let buffer = Buffer::default();
    let log = buffer.log.clone();
    let buffer = buffer.spawn_with(way.spawn());
    let turns: Vec<_> = [2, 0, 3, 1].map(|n| buffer.turn(n).start()).into();
    for turn in turns {
        turn.await.unwrap();
    }
    assert_eq!(log.take(), ["0", "1", "2", "3"]);
}

async fn arguments_of_all_kinds(way: Way) {
    let buffer = Buffer::default();
    let log = buffer.log.clone();
    let buffer = buffer.spawn_with(way.spawn());
    let calls = [
        buffer.say("good day").start(),
        buffer.as_long("four").start(),
        buffer.apart((9, true), Pair { a: 0, b: 0 }).start(),
        buffer.sum(Pair { a: 3, b: 4 }, 0).start(),
    ];
    settle().await;
    assert!(log.take().is_empty());
    buffer.word("good day").await.unwrap();
    buffer.word("five").await.unwrap();
    buffer.set_next(7).await.unwrap();
    buffer.set_next(9).await.unwrap();
    for call in calls {
        call.await.unwrap();
    }
    assert_eq!(log.take(), ["good day", "four", "7", "9 true"]);
}

async fn one_handler_lets_several_pass(way: Way) {
    let buffer = Buffer::spawned(way);
    let calls = [buffer.later().start(), buffer.later().start()];
    let last = buffer.close().start();
    settle().await;
    buffer.shut().await.unwrap();
    for call in calls {
        assert_eq!(call.await.unwrap(), 7);
    }
    assert_eq!(last.await.unwrap(), 0);
    assert!(matches!(buffer.stopped().await, ExitReason::Finished));
}

async fn async_ones(way: Way) {
    let buffer = Buffer::default();
    let gate = buffer.gate.clone();
    let buffer = buffer.spawn_with(way.spawn());
    let take = buffer.take_slowly().start();
    settle().await;
    assert_eq!(gate.arrivals(), 0);
    buffer.put(3).await.unwrap();
    gate.arrived(1).await;
    gate.open(1);
    assert_eq!(take.await.unwrap(), 3);
    buffer.put(4).await.unwrap();
    gate.open(1);
    assert_eq!(buffer.take_slowly().await.unwrap(), 4);
}

async fn ticks_and_handlers_that_wait_let_others_pass_too(way: Way) {
    let buffer = Buffer::default();
    let gate = buffer.gate.clone();
    let buffer = buffer.spawn_with(way.spawn());
    let take = buffer.take().start();
    buffer.later_put().await.unwrap();
    assert_eq!(take.await.unwrap(), 1);
    let mut take = buffer.take().start();
    let hold = buffer.hold().start();
    gate.arrived(1).await;
    assert!(poll_once(&mut take).await.is_none());
    let put = buffer.put(2).start();
    gate.open(1);
    hold.await.unwrap();
    put.await.unwrap();
    assert_eq!(take.await.unwrap(), 2);
}

async fn a_caller_that_gives_up_takes_nothing(way: Way) {
    let buffer = Buffer::spawned(way);
    let (dropped, kept) = (buffer.take().start(), buffer.take().start());
    assert!(matches!(buffer.take().timeout(ms(10)).await, Err(CallError::TimedOut { started: false })));
    drop(dropped);
    buffer.put(1).await.unwrap();
    buffer.put(2).await.unwrap();
    assert_eq!(kept.await.unwrap(), 1);
    assert_eq!(buffer.take().await.unwrap(), 2);
}

/// What a message carries is freed without its guard ever saying yes.
async fn what_is_given_up_is_forgotten(way: Way) {
    let buffer = Buffer::spawned(way);
    let word: Arc<()> = Arc::default();
    let keeper = Keeper(false).spawn_with(way.spawn());
    for _ in 0..1000 {
        drop(keeper.wait(Arc::clone(&word)).start());
        keeper.open(false).await.unwrap();
    }
    assert!(Arc::strong_count(&word) < 100, "{} are kept", Arc::strong_count(&word));
    drop(buffer);
}

#[actor]
struct Keeper(bool);

#[actor]
impl Keeper {
    #[message(when = self.0)]
    pub fn wait(&mut self, what: Arc<()>) {
        drop(what);
    }
    pub fn open(&mut self, open: bool) {
        self.0 = open;
    }
}

async fn tells_wait_too(way: Way) {
    let buffer = Buffer::default();
    let log = buffer.log.clone();
    let buffer = buffer.spawn_with(way.spawn());
    buffer.turn(1).tell().await.unwrap();
    buffer.turn(0).try_tell().unwrap();
    until(|| log.all().len() == 2).await;
    assert_eq!(log.take(), ["0", "1"]);
}

async fn a_stop_tries_until_nothing_moves(way: Way) {
    let buffer = Buffer::spawned(way);
    let takes = [buffer.take().start(), buffer.take().start()];
    settle().await;
    let put = buffer.put(1).start();
    buffer.stop();
    put.await.unwrap();
    let [first, second] = takes;
    assert_eq!(first.await.unwrap(), 1);
    assert!(matches!(second.await, Err(CallError::NotRunning)));
    assert!(matches!(buffer.stopped().await, ExitReason::Stopped));
}

async fn a_kill_answers_them(way: Way) {
    let buffer = Buffer::spawned(way);
    let take = buffer.take().start();
    settle().await;
    buffer.kill();
    assert!(matches!(take.await, Err(CallError::NotRunning)));
}

async fn the_last_handle_does_not_wait_for_a_guard(way: Way) {
    let buffer = Buffer::spawned(way);
    let stopped = buffer.stopped();
    let take = buffer.take().start();
    drop(buffer);
    assert!(take.await.unwrap_err().never_ran());
    assert!(matches!(stopped.await, ExitReason::Finished));
}

async fn a_panic_in_a_guard_is_its_messages(way: Way) {
    let buffer = Buffer::spawned(way);
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = buffer.bad().await else { panic!() };
    assert_eq!((panicked.message(), panicked.text()), (Some("bad"), "bad guard"));
    assert!(panicked.location().unwrap().to_string().contains("guards.rs"));
    assert!(matches!(buffer.stopped().await, ExitReason::Panicked(_)));
    let buffer = Buffer::spawned(way);
    buffer.bad().tell().await.unwrap();
    assert!(matches!(buffer.stopped().await, ExitReason::Panicked(_)));
}

/// A thousand of them are asked once each when something was handled, if the guard looks at the actor alone: one for all.
async fn what_waits_costs_little(way: Way) {
    let buffer = Buffer::default();
    let asked = Arc::clone(&buffer.asked);
    let buffer = buffer.spawn_with(way.spawn().unbounded());
    let takes: Vec<_> = (0..1000).map(|_| buffer.take_counted().start()).collect();
    settle().await;
    asked.store(0, SeqCst);
    for _ in 0..100 {
        buffer.most().await.unwrap();
    }
    assert!(asked.load(SeqCst) <= 100, "one verdict for all of a kind: {}", asked.load(SeqCst));
    asked.store(0, SeqCst);
    settle().await;
    assert_eq!(asked.load(SeqCst), 0, "nothing was handled, nothing is asked");
    drop(takes);
    let turns: Vec<_> = (1..=100).map(|n| buffer.turn_counted(n).start()).collect();
    settle().await;
    asked.store(0, SeqCst);
    buffer.most().await.unwrap();
    assert_eq!(asked.load(SeqCst), 100, "each for itself where it looks at arguments");
    drop(turns);
}

async fn while_a_handler_serves(way: Way) {
    let buffer = Buffer::default();
    let (gate, log) = (buffer.gate.clone(), buffer.log.clone());
    let buffer = buffer.spawn_with(way.spawn());
    let parked_before = buffer.peek().start();
    let not_served = buffer.take().start();
    settle().await;
    let serve = buffer.serve().start();
    gate.arrived(1).await;
    let parked_meanwhile = buffer.peek().start();
    let closed = buffer.peek_closed().start();
    settle().await;
    buffer.stock(4).await.unwrap();
    assert_eq!((parked_before.await.unwrap(), parked_meanwhile.await.unwrap()), (4, 4));
    assert!(log.take().is_empty());
    gate.open(1);
    serve.await.unwrap();
    assert_eq!(not_served.await.unwrap(), 4);
    buffer.shut().await.unwrap();
    assert_eq!(closed.await.unwrap(), 0);
}

async fn a_guard_that_panics_while_served(way: Way) {
    let buffer = Buffer { closed: true, ..Buffer::default() };
    let gate = buffer.gate.clone();
    let buffer = buffer.spawn_with(way.spawn());
    let serve = buffer.serve().start();
    gate.arrived(1).await;
    let Err(CallError::Interrupted(ExitReason::Panicked(panicked))) = buffer.bad_when_closed().await else {
        panic!()
    };
    assert_eq!(panicked.message(), Some("bad_when_closed"));
    assert!(matches!(serve.await, Err(CallError::Interrupted(ExitReason::Panicked(_)))));
    assert!(matches!(buffer.stopped().await, ExitReason::Panicked(_)));
}

async fn they_outlive_a_fall(way: Way) {
    let policy = Supervise::permanent().with(way.spawn());
    let buffer = Buffer::supervised(policy, Buffer::default);
    let take = buffer.take().start();
    settle().await;
    assert!(buffer.fall().await.is_err());
    buffer.put(8).await.unwrap();
    assert_eq!(take.await.unwrap(), 8);
}

/// One of the actor's own and one of a protocol, with the same name and options: each is kept back by its own guard alone.
async fn a_namesake_has_a_guard_of_its_own(way: Way) {
    #[actor]
    #[derive(Default)]
    struct Desk {
        coins: u32,
        notes: u32,
    }
    #[actor]
    impl Desk {
        #[message(when = self.coins > 0)]
        pub fn take(&mut self) -> u32 {
            self.coins -= 1;
            self.coins
        }
        pub fn bring(&mut self, coins: u32, notes: u32) {
            (self.coins, self.notes) = (self.coins + coins, self.notes + notes);
        }
    }
    #[actor]
    trait Purse {
        fn notes(&self) -> u32;
        #[message(when = self.notes() > 0)]
        fn take(&mut self) -> u32;
    }
    impl Purse for Desk {
        fn notes(&self) -> u32 {
            self.notes
        }
        fn take(&mut self) -> u32 {
            self.notes -= 1;
            self.notes
        }
    }
    let desk = Desk::default().spawn_with(way.spawn());
    let purse = PurseHandle::from(desk.clone());
    let (mut coin, note) = (desk.take().start(), purse.take().start());
    settle().await;
    desk.bring(0, 1).await.unwrap();
    assert_eq!(note.await.unwrap(), 0);
    assert!(poll_once(&mut coin).await.is_none());
    let mut note = purse.take().start();
    settle().await;
    desk.bring(1, 0).await.unwrap();
    assert_eq!(coin.await.unwrap(), 0);
    assert!(poll_once(&mut note).await.is_none());
}

/// A deadline of the call counts while it is parked.
async fn the_deadline_counts(way: Way) {
    let buffer = Buffer::spawned(way);
    let late = buffer.take().timeout(ms(20)).start();
    settle().await;
    sleep(ms(30)).await;
    buffer.put(1).await.unwrap();
    assert!(matches!(late.await, Err(CallError::TimedOut { started: false })));
    assert_eq!(buffer.take().await.unwrap(), 1);
}

both_ways!(
    takers_wait_for_putters,
    never_over_or_under,
    first_come_first_served,
    those_that_wait_take_no_room,
    a_guard_over_arguments,
    arguments_of_all_kinds,
    one_handler_lets_several_pass,
    async_ones,
    what_is_given_up_is_forgotten,
    tells_wait_too,
    a_stop_tries_until_nothing_moves,
    a_kill_answers_them,
    the_last_handle_does_not_wait_for_a_guard,
    a_panic_in_a_guard_is_its_messages,
    what_waits_costs_little,
    while_a_handler_serves,
    a_guard_that_panics_while_served,
    they_outlive_a_fall,
    a_namesake_has_a_guard_of_its_own,
);
both_ways_paused!(
    ticks_and_handlers_that_wait_let_others_pass_too,
    a_caller_that_gives_up_takes_nothing,
    the_deadline_counts,
);
