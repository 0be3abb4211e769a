//! What a call through a protocol costs beside one of the actor's own: at most one allocation more. And what is left of a crowd: nothing.

#![allow(unreachable_pub, reason = "actors are written as their users write them")]

use actor_core::prelude::*;
use allocation_counter::measure;

#[actor]
trait Adder {
    fn plain(&mut self, n: u64) -> u64;
    async fn ready(&mut self, n: u64) -> u64;
    async fn waits(&mut self, n: u64) -> u64;
    fn later(&mut self, n: u64, reply: ReplyTo<u64>);
}

/// Its handle has the messages of the other.
#[actor(extends = Adder)]
trait Doubler: Adder {
    fn doubled(&mut self, n: u64) -> u64 {
        self.plain(2 * n)
    }
}

impl Doubler for Sum {}

#[actor]
struct Sum(u64);

#[actor]
impl Sum {
    pub fn own_plain(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
    pub async fn own_ready(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
    pub async fn own_waits(&mut self, n: u64) -> u64 {
        tokio::task::yield_now().await;
        self.0 += n;
        self.0
    }
    pub fn own_later(&mut self, n: u64, reply: ReplyTo<u64>) {
        let _ = reply.send(self.0 + n);
    }
}

impl Adder for Sum {
    fn plain(&mut self, n: u64) -> u64 {
        self.own_plain(n)
    }
    async fn ready(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
    async fn waits(&mut self, n: u64) -> u64 {
        tokio::task::yield_now().await;
        self.0 += n;
        self.0
    }
    fn later(&mut self, n: u64, reply: ReplyTo<u64>) {
        let _ = reply.send(self.0 + n);
    }
}

const ROUNDS: u64 = 1000;

/// Allocations of so many calls: what twice as many cost more, so that what is grown once cancels out.
macro_rules! allocations {
    ($runtime:ident, $call:expr) => {{
        let count = |rounds: u64| {
            measure(|| {
                $runtime.block_on(async {
                    for _ in 0..rounds {
                        $call.await.unwrap();
                    }
                });
            })
            .count_total
        };
        // What a busy machine makes different, as when a handler took long for once, only adds to it.
        let least = |rounds| (0..3).map(|_| count(rounds)).min().unwrap_or_default();
        count(ROUNDS);
        let few = least(ROUNDS);
        least(2 * ROUNDS).saturating_sub(few)
    }};
}

fn compare(direct: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let own = Sum(0).spawn_with(Spawn::new().direct(direct).on(runtime.handle()));
    let adder = AdderHandle::from(own.clone());
    let doubler = DoublerHandle::from(own.clone());
    let pairs = [
        ("plain", allocations!(runtime, own.own_plain(1)), allocations!(runtime, adder.plain(1))),
        ("ready", allocations!(runtime, own.own_ready(1)), allocations!(runtime, adder.ready(1))),
        ("waits", allocations!(runtime, own.own_waits(1)), allocations!(runtime, adder.waits(1))),
        ("later", allocations!(runtime, own.own_later(1)), allocations!(runtime, adder.later(1))),
        (
            "started",
            allocations!(runtime, own.own_plain(1).start()),
            allocations!(runtime, adder.plain(1).start()),
        ),
        (
            "told",
            allocations!(runtime, own.own_plain(1).tell()),
            allocations!(runtime, adder.plain(1).tell()),
        ),
        ("extended", allocations!(runtime, own.own_plain(2)), allocations!(runtime, doubler.doubled(1))),
        ("inherited", allocations!(runtime, own.own_plain(1)), allocations!(runtime, doubler.plain(1))),
    ];
    for (kind, of_its_own, of_protocol) in pairs {
        println!("direct {direct}, {kind}: {of_its_own} and {of_protocol} in {ROUNDS} calls");
        // A few are not the calls', such as of a handler that is timed now and then.
        assert!(of_protocol <= of_its_own + ROUNDS + ROUNDS / 50, "{kind}: {of_its_own}, {of_protocol}");
    }
}

#[test]
fn directly_at_most_one_more() {
    compare(true);
}

#[test]
fn queued_at_most_one_more() {
    compare(false);
}

#[actor]
struct Shop {
    open: bool,
    sold: u64,
}

#[actor]
impl Shop {
    pub fn count(&mut self) -> u64 {
        self.sold += 1;
        self.sold
    }
    pub fn open(&mut self, open: bool) {
        self.open = open;
    }
    #[message(when = self.open)]
    pub fn buy(&mut self) {
        self.sold += 1;
    }
    /// So many timers, none of which stays.
    pub fn arm(&mut self, timers: u64, ctx: &mut Context<Self>) {
        for key in 0..timers {
            ctx.after(key, std::time::Duration::from_secs(3600), ShopMessage::Count);
        }
        for key in 0..timers {
            assert!(ctx.cancel(key));
        }
    }
}

/// Bytes that are left when so many messages have come and gone.
fn left_of(crowd: u64, parks: bool) -> i64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shop = Shop { open: true, sold: 0 }.spawn_with(Spawn::new().unbounded().on(runtime.handle()));
    let come_and_go = |crowd: u64| {
        runtime.block_on(async {
            shop.open(!parks).await.unwrap();
            for _ in 0..crowd {
                if parks { shop.buy().tell().await.unwrap() } else { shop.count().tell().await.unwrap() }
            }
            shop.open(true).tell().await.unwrap();
            let sold = shop.count().await.unwrap();
            // A row may end with that message because its time is up: then the actor comes to rest in its next turn.
            tokio::task::yield_now().await;
            sold
        })
    };
    // What is made once, when the first ones come.
    come_and_go(10);
    let mut sold = 0;
    let left = measure(|| sold = come_and_go(crowd)).bytes_current;
    assert_eq!(sold, 10 + 1 + crowd + 1, "all of them came");
    left
}

#[test]
fn nothing_is_left_of_a_crowd() {
    for parks in [false, true] {
        let left = left_of(100_000, parks);
        assert!(left < 16_384, "{left} bytes, parked: {parks}");
    }
}

#[test]
fn nothing_is_left_of_many_timers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let shop = Shop { open: true, sold: 0 }.spawn_with(Spawn::new().on(runtime.handle()));
    runtime.block_on(async { shop.arm(10).await }).unwrap();
    let left = measure(|| runtime.block_on(async { shop.arm(100_000).await }).unwrap()).bytes_current;
    assert!(left < 4_096, "{left} bytes");
}
